"""No server keeps a scan beyond its deadline, fills memory or disk, or leads git to another address."""

from __future__ import annotations

import os
import socket
import threading
import time
from ipaddress import ip_network
from pathlib import Path

import pytest

from apps.repositories.environment import Egress
from apps.repositories.errors import RepositoryError
from apps.repositories.fetch import fetch
from apps.repositories.policy import Rules, check_address
from tests.hostile.objects import Store
from tests.hostile.server import HOST, IP, TRICKS, serve
from tests.hostile.watching import MEGABYTE, Watch

LEDGER = os.environ.get("HOSTILE", "")
DEADLINE = 30 if LEDGER else 6
WAITED = 30 if LEDGER else 3  # seconds for what does nothing until then
ENDS_AT_DEADLINE = {"silent", "silent-body", "dripping", "dripping-headers", "silent-heads"}
CHOSEN = [
    "silent", "dripping", "endless-sideband", "endless-stored-pack", "million-heads", "endless-heads", "gzip-bomb", "401", "429", "500",
    "302", "307-later", "dumb", "bundle", "odd-heads", "error-band", "endless-headers", "reset",
]  # fmt: skip


@pytest.fixture(scope="module")
def elsewhere():
    """What a redirect must not reach: counts who comes."""
    listener = socket.create_server(("127.0.0.1", 0))
    came = []

    def count():
        while True:
            try:
                connection, who = listener.accept()
            except OSError:
                return
            came.append(who)
            connection.close()

    threading.Thread(target=count, daemon=True).start()
    yield f"https://127.0.0.1:{listener.getsockname()[1]}", came
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


@pytest.fixture(scope="module")
def forge(tmp_path_factory, elsewhere):
    folder = tmp_path_factory.mktemp("forge")
    server, ca_file = serve(folder, elsewhere=elsewhere[0])
    yield server.server_address[1], ca_file, folder
    server.shutdown()
    server.server_close()


@pytest.fixture
def bring(forge, tmp_path):
    port, ca_file, _ = forge
    rules = Rules(private_networks=(ip_network(f"{IP}/32"),), ports=frozenset({port}))

    def bring(path, *, seconds=DEADLINE, ca=str(ca_file), **more):
        address = check_address(f"https://{HOST}:{port}/{path}", rules=rules, resolver=lambda _: [IP])
        return fetch(
            address,
            mirrors=tmp_path / "mirrors",
            seconds=seconds,
            memory_mb=512,
            on_progress=lambda _: None,
            egress=Egress(ca_file=ca),
            **more,
        )

    return bring


@pytest.mark.parametrize("trick", TRICKS if LEDGER else CHOSEN)
def test_a_hostile_server_ends_in_one_sentence(trick, bring, elsewhere, tmp_path):
    seconds = WAITED if trick in ENDS_AT_DEADLINE else DEADLINE
    begun = time.monotonic()
    with Watch(tmp_path) as watch, pytest.raises(RepositoryError) as refusal:
        bring(f"{trick}/team/system", seconds=seconds)
    took = time.monotonic() - begun
    if LEDGER:
        with Path(LEDGER).open("a") as ledger:
            ledger.write(
                f"{took:6.1f} s {watch.memory // MEGABYTE:4} MB {watch.disk // MEGABYTE:4} MB disk  server {trick}: {refusal.value}\n"
            )
    assert took <= seconds + 5
    assert watch.memory <= 512 * MEGABYTE
    assert watch.disk <= 300 * MEGABYTE
    assert watch.children() == []
    assert elsewhere[1] == [], "git was led to another address"
    assert not [path for path in (tmp_path / "mirrors").iterdir() if path.is_dir()]
    assert not {"<", "\x1b", "127.0.0"} & set(str(refusal.value))
    assert IP not in str(refusal.value)
    if trick in ENDS_AT_DEADLINE:
        assert took >= seconds
        assert refusal.value.passing


@pytest.mark.parametrize(
    ("trick", "sentence", "passing", "patience"),
    [
        ("401", "Access denied", False, 0),
        ("403", "Access denied", False, 0),
        ("404", "There is no repository", False, 0),
        ("429", "asks for fewer requests", True, 120),
        ("500", "answered with a fault of its own", True, 0),
        ("302", "redirects elsewhere", False, 0),
    ],
)
def test_what_a_server_refuses_is_told_in_words(trick, sentence, passing, patience, bring):
    with pytest.raises(RepositoryError, match=sentence) as refusal:
        bring(f"{trick}/x", seconds=20)
    assert refusal.value.passing is passing
    assert (refusal.value.retry_after or 0) == patience


def test_a_certificate_that_nobody_vouches_for_is_refused(bring):
    with pytest.raises(RepositoryError, match="No secure connection"):
        bring("git/x.git", seconds=20, ca="")


def test_a_real_repository_is_fetched_over_the_same_way_even_if_the_filter_is_ignored(bring, forge):
    store = Store(forge[2] / "real.git")
    head = store.of({"a.py": "import os\n", "large.bin": (b"100644", store.put_zeros(21_000_000))})
    (store.path / "config").write_text(
        "[core]\n\trepositoryformatversion = 0\n\tbare = true\n[uploadpack]\n\tallowFilter = false\n"
    )
    assert bring("git/real.git", seconds=60).commit == head
