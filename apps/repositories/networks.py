"""Which IP addresses lead to the public internet, and which must not be contacted whatever a deployment allows."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _networks(*texts: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(text) for text in texts)


# `ipaddress.is_private` and `is_global` each let some of these through.
FORBIDDEN_NETWORKS = _networks(
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16",
    "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24",
    "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",
    "240.0.0.0/4",
)  # fmt: skip
# Of IPv6 only global unicast may pass, and of that neither tunnels (Teredo, 6to4), documentation nor protocol ranges.
GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
FORBIDDEN_UNICAST = _networks("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
# What no setting opens: metadata services of clouds, links, groups, and addresses that hide another one.
NEVER = _networks(
    "0.0.0.0/8", "100.100.100.200/32", "168.63.129.16/32", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4",
    "::/128", "::/96", "::ffff:0:0/96", "64:ff9b::/32", "2001::/32", "2002::/16", "fd00:ec2::254/128", "fe80::/10",
    "fec0::/10", "ff00::/8",
)  # fmt: skip
LOOPBACK6 = ipaddress.ip_address("::1")


def is_public(ip: str) -> bool:
    """Whether `ip` lies outside every range that leads into a private network or back to this machine."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return not _lies_in(address, FORBIDDEN_NETWORKS)
    if address.scope_id is not None or address not in GLOBAL_UNICAST:
        return False
    return not _lies_in(address, FORBIDDEN_UNICAST)


def is_opened(ip: str, networks: Iterable[Network]) -> bool:
    """Whether a deployment opened the private network of `ip`: there are addresses that nobody can open."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.scope_id is not None:
        return False
    if _lies_in(address, NEVER) and address != LOOPBACK6:
        return False
    return _lies_in(address, networks)


def _lies_in(address: ipaddress.IPv4Address | ipaddress.IPv6Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks)
