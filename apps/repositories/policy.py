"""The URL policy: which addresses git may contact, decided before any connection and again at every scan."""

from __future__ import annotations

import hashlib
import ipaddress
import re
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from apps.repositories.errors import AddressRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

LONGEST_URL = 500
LONGEST_HOST = 253
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# A name with at least one dot whose last label is no number: so 127.1, 0x7f000001 and 2130706433 never match.
HOST = rf"(?:{LABEL}\.)+(?:[a-z]{{2,63}}|xn--[a-z0-9-]{{1,59}})"
# No query, fragment, credentials or backslash; of the percent escapes only the space, which one large forge needs.
PATH = r"(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%20)+)+/?"
HTTPS_URL = re.compile(rf"https://(?P<host>{HOST})(?::443)?(?P<path>{PATH})", re.IGNORECASE | re.ASCII)

# `ipaddress.is_private` and `is_global` each let some of these through.
FORBIDDEN_NETWORKS = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24",
        "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",
        "240.0.0.0/4",
    )
)  # fmt: skip
# Of IPv6 only global unicast may pass, and of that neither tunnels (Teredo, 6to4), documentation nor protocol ranges.
GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
FORBIDDEN_UNICAST = tuple(
    ipaddress.ip_network(network)
    for network in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
)


@dataclass(frozen=True, slots=True)
class Address:
    """A checked address. `host` and `ips` are empty for a local repository, whose `url` is an absolute path."""

    url: str
    host: str = ""
    ips: tuple[str, ...] = ()

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
    found = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(ip: str) -> bool:
    """Whether `ip` lies outside every range that leads into a private network or back to this machine."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in FORBIDDEN_NETWORKS)
    if address.scope_id is not None or address not in GLOBAL_UNICAST:
        return False
    return not any(address in network for network in FORBIDDEN_UNICAST)


def check_address(
    url: str, *, local_roots: Iterable[Path] = (), resolver: Callable[[str], list[str]] = resolve
) -> Address:
    """The address that git may contact, its host pinned to the addresses checked here.

    `local_roots` are the folders below which repositories of this machine may be read; usually none.
    Raises `AddressRefused`.
    """
    if not url or len(url) > LONGEST_URL:
        raise AddressRefused(f"A repository address has between 1 and {LONGEST_URL} characters.")
    if any(ord(character) < 0x20 or ord(character) == 0x7F for character in url):
        raise AddressRefused("A repository address has no control characters.")
    if url.startswith(("/", "file://")):
        return _local(url, [root.resolve() for root in local_roots])
    return _remote(url, resolver)


def _local(url: str, roots: list[Path]) -> Address:
    raw = unquote(url.removeprefix("file://")) if url.startswith("file://") else url
    if not roots or not raw.startswith("/") or "\0" in raw:
        raise AddressRefused("Only addresses that begin with https:// can be scanned.")
    path = Path(raw).resolve()
    if not any(path.is_relative_to(root) for root in roots):
        raise AddressRefused("This folder is not among those that may be scanned.")
    return Address(str(path))


def _remote(url: str, resolver: Callable[[str], list[str]]) -> Address:
    if not url[:8].lower() == "https://":
        raise AddressRefused("Only addresses that begin with https:// can be scanned.")
    match = HTTPS_URL.fullmatch(url)
    if match is None or {".", ".."} & set(match["path"].split("/")):
        raise AddressRefused(
            "This is not a repository address: it takes the form https://host/path, without user, password or port."
        )
    host = match["host"].lower()
    if len(host) > LONGEST_HOST:
        raise AddressRefused("The host's name is too long.")
    try:
        ips = resolver(host)
    except (OSError, UnicodeError):
        ips = []
    if not ips:
        raise AddressRefused(f"The host {host} could not be found.", passing=True)
    if not all(is_public(ip) for ip in ips):
        raise AddressRefused(f"The host {host} is not on the public internet.")
    return Address(f"https://{host}{match['path']}", host, tuple(ips))
