"""Only addresses that lead to the public internet, or to allow-listed folders, may be contacted."""

import socket

import pytest

from apps.repositories.errors import AddressRefused
from apps.repositories.networks import is_public
from apps.repositories.policy import Rules, check_address


def public(host):
    return ["140.82.121.4"]


def nobody_may_ask(host):
    raise AssertionError(f"{host} was looked up before it was refused")


@pytest.mark.parametrize(
    ("url", "stored"),
    [
        ("https://example.org/team/system", "https://example.org/team/system"),
        ("HTTPS://Example.ORG/Team/System.git", "https://example.org/Team/System.git"),
        ("https://example.org:443/team/system/", "https://example.org/team/system/"),
        ("https://dev.example.org/org/a%20project/_git/system", "https://dev.example.org/org/a%20project/_git/system"),
        ("https://xn--bcher-kva.example/~alice/system", "https://xn--bcher-kva.example/~alice/system"),
    ],
)
def test_public_addresses_pass_and_their_host_is_pinned(url, stored):
    address = check_address(url, resolver=public)
    assert (address.url, address.ips, address.is_local) == (stored, ("140.82.121.4",), False)


REFUSED = [
    "", "x" * 501,
    "https://", "https:///path", "https://example.org", "https://example.org/", "example.org/team/system",
    "ext::sh -c id", "ext://sh", "file:///etc", "/srv/x", "--upload-pack=id", "-u", "ssh://-oProxyCommand=id/x",
    "git@example.org:team/system", "git://example.org/x", "http://example.org/x", "https::http://example.org/x",
    "https://example.org/x\n", "https://example.org/x%0a", "https://example.org/\tx", "https://example.org/x\0",
    "https://example.org/x%00", "https://user@example.org/x", "https://user:secret@example.org/x",
    "https://ok\\@127.0.0.1/", "https://example.org#@127.0.0.1/x", "https://example.org?@127.0.0.1/x",
    "https://example.org/x?a=b", "https://example.org/x#a", "https://2130706433/x", "https://0x7f000001/x",
    "https://127.1/x", "https://0177.0.0.1/x", "https://127.0.0.1/x", "https://①②⑦.0.0.1/x", "https://[::1]/x",
    "https://[::ffff:127.0.0.1]/x", "https://localhost/x", "https://example.org:8443/x", "https://example.org:22/x",
    "https://ex\u0430mple.org/x", f"https://{'a' * 64}.org/x", f"https://{'a.' * 200}org/x", "https://-x.example.org/x",
    "https://example.org/../x", "https://example.org/a/./x", "https://example.org/a//x", "https://example.org/%2e%2e/x",
    "https://exa_mple.org/x", "https://example.org./x", " https://example.org/x", "https://example.org /x",
]  # fmt: skip


@pytest.mark.parametrize("url", REFUSED)
def test_everything_else_is_refused_before_any_look_up(url):
    with pytest.raises(AddressRefused) as refusal:
        check_address(url, resolver=nobody_may_ask)
    assert not refusal.value.passing


PRIVATE = [
    "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.0.1", "168.63.129.16", "169.254.169.254", "172.16.0.1",
    "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:140.82.121.4",
    "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "fc00::1", "fe80::1",
    "fe80::1%eth0", "fec0::1", "ff02::1", "3fff::1", "nonsense", "",
]  # fmt: skip


@pytest.mark.parametrize("ip", PRIVATE)
def test_addresses_that_lead_inside_are_not_public(ip):
    assert not is_public(ip)


@pytest.mark.parametrize(
    "ip", ["140.82.121.4", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::1"]
)
def test_addresses_of_the_internet_are_public(ip):
    assert is_public(ip)


def test_one_private_address_among_public_ones_is_enough_to_refuse():
    with pytest.raises(AddressRefused, match="not on the public internet"):
        check_address("https://example.org/x", resolver=lambda host: ["140.82.121.4", "10.0.0.1"])


@pytest.mark.parametrize("problem", [socket.gaierror("no such host"), UnicodeError("label too long")])
def test_a_host_that_cannot_be_found_may_be_found_later(problem):
    def fails(host):
        raise problem

    with pytest.raises(AddressRefused, match="could not be found") as refusal:
        check_address("https://example.org/x", resolver=fails)
    assert refusal.value.passing


def test_folders_of_this_machine_are_refused_unless_allow_listed(tmp_path):
    with pytest.raises(AddressRefused):
        check_address(str(tmp_path))
    address = check_address(str(tmp_path / "system"), rules=Rules(local_roots=(tmp_path,)))
    assert address.is_local
    assert address == check_address(f"file://{tmp_path}/system", rules=Rules(local_roots=(tmp_path,)))


def test_no_path_or_link_leads_out_of_an_allow_listed_folder(tmp_path):
    (tmp_path / "allowed").mkdir()
    (tmp_path / "secret").mkdir()
    (tmp_path / "allowed" / "link").symlink_to(tmp_path / "secret")
    for path in ("link", "../secret", "link/../../secret", "%2e%2e/secret"):
        with pytest.raises(AddressRefused):
            check_address(f"file://{tmp_path}/allowed/{path}", rules=Rules(local_roots=(tmp_path / "allowed",)))
