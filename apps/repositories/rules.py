"""What this deployment's settings say of the addresses that may be contacted and of the way there."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings

from apps.repositories.environment import Egress
from apps.repositories.policy import HTTPS_PORT, Rules

if TYPE_CHECKING:
    from apps.teams.tokens import Credential


def address_rules() -> Rules:
    """The ports of our own services stay closed, whatever `ALLOWED_PORTS` says."""
    return Rules(
        local_roots=tuple(settings.LOCAL_REPOSITORY_ROOTS),
        private_networks=tuple(settings.ALLOWED_PRIVATE_NETWORKS),
        ports=frozenset(settings.ALLOWED_PORTS) - _service_ports(),
        own_hosts=_own_hosts(),
    )


def egress(credential: Credential | None = None) -> Egress:
    return Egress(proxy=settings.EGRESS_PROXY, ca_file=settings.FORGE_CA_FILE, credential=credential)


def _own_hosts() -> frozenset[str]:
    """The names under which the pages and the backing services answer; of a wildcard nobody knows which are ours."""
    names = [*settings.ALLOWED_HOSTS, *(host for host, _ in _services()), socket.gethostname()]
    plain = (name.lower().strip("[]") for name in names if name and not name.startswith((".", "*")))
    return frozenset(name for name in plain if "/" not in name)


def _service_ports() -> set[int]:
    return {port for _, port in _services()} - {HTTPS_PORT}


def _services() -> list[tuple[str, int]]:
    database = settings.DATABASES["default"]
    broker = urlsplit(settings.BROKER_URL)
    proxy = urlsplit(settings.EGRESS_PROXY)
    return [
        (str(database.get("HOST") or ""), int(database.get("PORT") or 5432)),
        (broker.hostname or "", broker.port or 6379),
        (proxy.hostname or "", proxy.port or 0),
    ]
