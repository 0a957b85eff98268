"""No hostile address leads to a connection, a look-up it does not need, or a process; each is refused in words."""

from __future__ import annotations

import socket
import subprocess
import threading
from ipaddress import ip_network

import pytest

from apps.repositories.environment import Egress
from apps.repositories.errors import AddressRefused, RepositoryError
from apps.repositories.fetch import fetch
from apps.repositories.policy import Address, Rules, check_address
from apps.repositories.rules import address_rules, egress
from tests.hostile import addresses

EVERY = addresses.every()
NAMED = addresses.named()


class Network:
    """Records what would leave this process: look-ups, connections and programs."""

    def __init__(self, answers: dict[str, list[str]]) -> None:
        self.answers = answers
        self.asked: list[str] = []
        self.left: list[object] = []

    def look_up(self, host, *_, **__):
        self.asked.append(host)
        if host not in self.answers:
            raise socket.gaierror("no such host")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 443)) for ip in self.answers[host]]

    def leave(self, *arguments, **_):
        self.left.append(arguments)
        raise AssertionError(f"something left: {arguments}")


@pytest.fixture
def network(monkeypatch):
    made = Network(dict(NAMED))
    monkeypatch.setattr(socket, "getaddrinfo", made.look_up)
    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, made.leave)
    monkeypatch.setattr(subprocess, "Popen", made.leave)
    return made


def scan(url, rules, mirrors):
    """What a scan does with an address."""
    address = check_address(url, rules=rules)
    fetch(address, mirrors=mirrors, seconds=5, memory_mb=512, on_progress=lambda _: None)


def test_there_are_hundreds_of_different_hostile_addresses():
    assert len({url for url, _ in EVERY}) + len(NAMED) >= 500


def test_hostile_addresses_are_refused_before_anything_leaves(network, tmp_path):
    for url, sentence in EVERY:
        with pytest.raises(AddressRefused) as refusal:
            scan(url, Rules(), tmp_path)
        assert sentence in str(refusal.value), url
        assert not refusal.value.passing, url
        assert "127.0.0.1" not in str(refusal.value)
    assert network.asked == []
    assert network.left == []


def test_names_that_lead_inside_are_looked_up_once_and_never_contacted(network, tmp_path):
    for host, ips in NAMED:
        with pytest.raises(AddressRefused) as refusal:
            scan(f"https://{host}/team/system", Rules(), tmp_path)
        assert addresses.PRIVATE in str(refusal.value)
        assert not any(ip in str(refusal.value) for ip in ips if len(ip) > 4), "the answer tells what lies inside"
    assert network.asked == [host for host, _ in NAMED]
    assert network.left == []


def test_nothing_opens_metadata_services_links_groups_and_addresses_that_hide_others(network, tmp_path):
    everything = Rules(private_networks=(ip_network("0.0.0.0/0"), ip_network("::/0")))
    closed = ["0.0.0.0", "100.100.100.200", "168.63.129.16", "169.254.169.254", "224.0.0.1", "255.255.255.255",
              "::", "::7f00:1", "::ffff:127.0.0.1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "fd00:ec2::254", "fe80::1%eth0",
              "fec0::1", "ff02::1"]  # fmt: skip
    for ip in closed:
        network.answers["inside.example.org"] = [ip]
        with pytest.raises(AddressRefused, match=addresses.PRIVATE):
            scan("https://inside.example.org/x", everything, tmp_path)
    assert network.left == []


def test_a_private_forge_is_reached_only_in_the_networks_and_at_the_ports_that_were_opened(settings, network):
    settings.ALLOWED_PRIVATE_NETWORKS = [ip_network("10.20.0.0/16")]
    settings.ALLOWED_PORTS = [443, 8443]
    network.answers |= {"git.corp.example": ["10.20.0.7"], "wiki.corp.example": ["10.30.0.7"]}
    address = check_address("https://git.corp.example:8443/ml/ranker", rules=address_rules())
    assert (address.url, address.ips, address.port) == ("https://git.corp.example:8443/ml/ranker", ("10.20.0.7",), 8443)
    with pytest.raises(AddressRefused, match=addresses.PRIVATE):
        check_address("https://wiki.corp.example/x", rules=address_rules())
    with pytest.raises(AddressRefused, match=addresses.PORT):
        check_address("https://git.corp.example:9443/x", rules=address_rules())


def test_our_own_hosts_and_the_ports_of_our_services_stay_closed(settings, network, monkeypatch):
    settings.ALLOWED_HOSTS = ["board.corp.example", ".corp.example"]
    settings.ALLOWED_PRIVATE_NETWORKS = [ip_network("10.0.0.0/8")]
    settings.ALLOWED_PORTS = [443, 5432, 6390, 3128]
    settings.BROKER_URL = "redis://queue.corp.example:6390/0"
    settings.EGRESS_PROXY = "http://proxy.corp.example:3128"
    monkeypatch.setitem(settings.DATABASES, "default", {"HOST": "db.corp.example", "PORT": 5432})
    network.answers |= {"alias.corp.example": ["10.0.0.5"], "db.corp.example": ["10.0.0.5"]}
    for host in ("board.corp.example", "BOARD.corp.example", "db.corp.example", "queue.corp.example"):
        with pytest.raises(AddressRefused, match=addresses.OWN):
            check_address(f"https://{host}/x", rules=address_rules())
    for port in (5432, 6390, 3128):
        with pytest.raises(AddressRefused, match=addresses.PORT):
            check_address(f"https://git.corp.example:{port}/x", rules=address_rules())
    with pytest.raises(AddressRefused, match=addresses.PRIVATE):
        check_address("https://alias.corp.example/x", rules=address_rules())
    assert network.left == []


@pytest.mark.parametrize(
    ("typed", "looked_up"),
    [
        ("b\u00fccher.example", "xn--bcher-kva.example"),
        ("B\u00dcCHER.example", "xn--bcher-kva.example"),
        ("\u4f8b\u3048.example", "xn--r8jz45g.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("stra\u00dfe.example", "xn--strae-oqa.example"),
    ],
)
def test_international_names_are_kept_as_what_is_looked_up(typed, looked_up, network):
    network.answers[looked_up] = [addresses.PUBLIC]
    assert check_address(f"https://{typed}/x").url == f"https://{looked_up}/x"


class Listener:
    """Counts connections at one address of this machine."""

    def __init__(self, ip, port=0):
        self.socket = socket.create_server((ip, port))
        self.port = self.socket.getsockname()[1]
        self.came = 0
        self.first = b""
        threading.Thread(target=self._count, daemon=True).start()

    def _count(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.came += 1
            with connection:
                connection.settimeout(2)
                self.first = self.first or connection.recv(100)


@pytest.fixture
def listen():
    made = []

    def listen(ip, port=0):
        made.append(Listener(ip, port))
        return made[-1]

    yield listen
    for one in made:
        one.socket.shutdown(socket.SHUT_RDWR)
        one.socket.close()


def attempt(address, mirrors, **more):
    with pytest.raises(RepositoryError):
        fetch(address, mirrors=mirrors, seconds=20, memory_mb=512, on_progress=lambda _: None, **more)


def test_git_connects_to_the_checked_address_even_when_the_name_has_moved_meanwhile(listen, tmp_path):
    checked = listen("127.0.0.2")
    moved = listen("127.0.0.1", checked.port)  # what every resolver says of this name
    attempt(Address(f"https://localhost:{checked.port}/x", "localhost", ("127.0.0.2",), checked.port), tmp_path)
    assert checked.came >= 1
    assert moved.came == 0


def test_a_name_is_looked_up_once_for_the_check_and_the_connection(monkeypatch):
    answers = iter([[addresses.PUBLIC], ["127.0.0.1"]])
    address = check_address("https://forge.example/x", resolver=lambda host: next(answers))
    assert address.ips == (addresses.PUBLIC,)
    assert next(answers) == ["127.0.0.1"], "nobody asked a second time"


def test_through_a_proxy_git_asks_the_proxy_and_nobody_else(listen, tmp_path, settings):
    proxy, forge = listen("127.0.0.2"), listen("127.0.0.3")
    settings.EGRESS_PROXY = f"http://127.0.0.2:{proxy.port}"
    address = Address(f"https://forge.example:{forge.port}/x", "forge.example", ("127.0.0.3",), forge.port)
    attempt(address, tmp_path, egress=egress())
    assert proxy.first.startswith(f"CONNECT forge.example:{forge.port} ".encode())
    assert forge.came == 0


def test_the_environment_cannot_name_a_proxy(listen, tmp_path, monkeypatch):
    proxy, forge = listen("127.0.0.2"), listen("127.0.0.3")
    for name in ("https_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.2:{proxy.port}")
    attempt(Address(f"https://forge.example:{forge.port}/x", "forge.example", ("127.0.0.3",), forge.port), tmp_path)
    assert (proxy.came, forge.came >= 1) == (0, True)


def test_without_settings_nothing_private_is_open(settings):
    settings.LOCAL_REPOSITORY_ROOTS = []
    rules = address_rules()
    assert (rules.private_networks, rules.ports, rules.local_roots) == ((), frozenset({443}), ())
    assert egress() == Egress()
