"""The URL policy: which addresses git may contact, decided before any connection and again at every scan."""

from __future__ import annotations

import hashlib
import re
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from django.utils.translation import gettext as _

from apps.repositories.errors import AddressRefused
from apps.repositories.host_names import LONGEST_HOST, as_ascii
from apps.repositories.networks import Network, is_opened, is_public

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

LONGEST_URL = 500
HTTPS_PORT = 443
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# A name with at least one dot whose last label is no number: so 127.1, 0x7f000001 and 2130706433 never match.
HOST = re.compile(rf"(?:{LABEL}\.)+(?:[a-z]{{2,63}}|xn--[a-z0-9-]{{1,59}})", re.ASCII)
# No query, fragment, credentials or backslash; of the percent escapes only the space, which one large forge needs.
PATH = r"(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%20)+)+/?"
HTTPS_URL = re.compile(
    rf"https://(?P<host>[^\s/?#@:\\%\[\]]+)(?::(?P<port>[0-9]{{1,5}}))?(?P<path>{PATH})", re.IGNORECASE
)
# What forges offer beside https, to say which address is meant: its port, if it names one, is not that of https.
SSH_URL = re.compile(
    rf"(?P<ssh>ssh://)?git@(?P<host>{HOST.pattern})(?(ssh)(?::[0-9]{{1,5}})?)[:/](?P<path>[A-Za-z0-9._~/-]+)", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Rules:
    """What one deployment allows beside https to the public internet, and which names are its own."""

    local_roots: tuple[Path, ...] = ()
    private_networks: tuple[Network, ...] = ()
    ports: frozenset[int] = frozenset({HTTPS_PORT})
    own_hosts: frozenset[str] = frozenset()


STRICTEST = Rules()


@dataclass(frozen=True, slots=True)
class Address:
    """A checked address. `host` and `ips` are empty for a local repository, whose `url` is an absolute path."""

    url: str
    host: str = ""
    ips: tuple[str, ...] = ()
    port: int = HTTPS_PORT

    @property
    def is_local(self) -> bool:
        return not self.host

    @property
    def digest(self) -> str:
        """Names the mirror: 64 hexadecimal digits."""
        return hashlib.sha256(self.url.encode()).hexdigest()


def host_of(url: str) -> str:
    """The host that `url` names, without asking whether it may be contacted; empty for a path of this machine."""
    match = HTTPS_URL.fullmatch(url)
    return match["host"].lower() if match else ""


def resolve(host: str) -> list[str]:
    """Every address of `host`; `OSError` when it has none or the resolver does not answer."""
    found = socket.getaddrinfo(host, HTTPS_PORT, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def check_address(url: str, *, rules: Rules = STRICTEST, resolver: Callable[[str], list[str]] = resolve) -> Address:
    """The address that git may contact, its host pinned to the addresses checked here. Raises `AddressRefused`."""
    if not url or len(url) > LONGEST_URL:
        raise AddressRefused(_("A repository address has between 1 and %(most)s characters.") % {"most": LONGEST_URL})
    if not url.isprintable():
        raise AddressRefused(_("A repository address has no control characters."))
    if url.startswith(("/", "file://")):
        return _local(url, [root.resolve() for root in rules.local_roots])
    return _remote(url, rules, resolver)


def _local(url: str, roots: list[Path]) -> Address:
    raw = unquote(url.removeprefix("file://")) if url.startswith("file://") else url
    if not raw.startswith("/") or "\0" in raw:
        raise AddressRefused(_("Only addresses that begin with https:// can be scanned."))
    if not roots:
        raise AddressRefused(
            _("Only addresses that begin with https:// can be scanned, unless LOCAL_REPOSITORY_ROOTS opens a folder.")
        )
    path = Path(raw).resolve()
    if not any(path.is_relative_to(root) for root in roots):
        raise AddressRefused(_("This folder is not among those that LOCAL_REPOSITORY_ROOTS opens."))
    return Address(str(path))


def _remote(url: str, rules: Rules, resolver: Callable[[str], list[str]]) -> Address:
    if url[:8].lower() != "https://":
        ssh = SSH_URL.fullmatch(url)
        if ssh is None:
            raise AddressRefused(_("Only addresses that begin with https:// can be scanned."))
        raise AddressRefused(
            _("Only addresses that begin with https:// can be scanned, like https://%(place)s.")
            % {"place": f"{ssh['host']}/{ssh['path']}"}
        )
    match = HTTPS_URL.fullmatch(url)
    if match is None or {".", ".."} & set(match["path"].split("/")):
        raise AddressRefused(
            _("This is not a repository address: it takes the form https://host/path, without user or password.")
        )
    host = as_ascii(match["host"])
    if len(host) > LONGEST_HOST or not HOST.fullmatch(host):
        raise AddressRefused(_("The host's name is not one that can be looked up."))
    if host in rules.own_hosts:
        raise AddressRefused(_("This is an address of Twelvefold itself, not of a repository."))
    port = int(match["port"] or HTTPS_PORT)
    if port not in rules.ports:
        raise AddressRefused(_("The port in this address may not be used."))
    shown = f"{host}:{port}" if port != HTTPS_PORT else host
    return Address(f"https://{shown}{match['path']}", host, _approved(host, rules, resolver), port)


def _approved(host: str, rules: Rules, resolver: Callable[[str], list[str]]) -> tuple[str, ...]:
    """Every address of `host`, all of which may be contacted: one that may not spoils the rest."""
    try:
        ips = resolver(host)
    except (OSError, UnicodeError):
        ips = []
    if not ips:
        raise AddressRefused(_("The host %(host)s could not be found.") % {"host": host}, passing=True)
    private = [ip for ip in ips if not is_public(ip)]
    if private and not _all_opened(private, rules, resolver):
        raise AddressRefused(_("The host %(host)s is not on the public internet.") % {"host": host})
    return tuple(ips)


def _all_opened(ips: Iterable[str], rules: Rules, resolver: Callable[[str], list[str]]) -> bool:
    """Whether the deployment opened all these private addresses, and none of them is where it lives itself."""
    if not rules.private_networks or not all(is_opened(ip, rules.private_networks) for ip in ips):
        return False
    own: set[str] = set()
    for name in rules.own_hosts:
        try:
            own.update(resolver(name))
        except (OSError, UnicodeError):
            continue
    return own.isdisjoint(ips)
