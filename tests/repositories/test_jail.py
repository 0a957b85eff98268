"""A confined child reaches no network, no other process and no file but those it needs, even when it is taken over."""

import os
from pathlib import Path

import pytest

from apps.repositories.jail import _filter, has_seccomp, landlock_version
from tests.repositories.test_children import wish

pytestmark = pytest.mark.skipif(not landlock_version() or not has_seccomp(), reason="this kernel confines nobody")


@pytest.mark.parametrize("family", ["inet", "inet6", "unix", "netlink"])
def test_a_child_without_network_opens_no_socket(family):
    assert wish("socket", answer=str, payload=family.encode()) == "PermissionError"


def test_a_child_that_fetches_may_open_sockets():
    assert wish("socket", answer=str, payload=b"inet", network=True) == "opened"


@pytest.mark.parametrize("call", ["ptrace", "unshare", "io_uring_setup", "bpf", "keyctl", "process_vm_readv"])
def test_a_child_changes_neither_the_system_nor_other_processes(call):
    assert wish("call", answer=str, payload=call.encode()) == "PermissionError"


def test_a_child_reads_no_file_but_what_programs_and_its_request_need(tmp_path):
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "file").write_text("mirror")
    (tmp_path / "secret-key").write_text("secret")
    given = {"reads": [str(tmp_path / "given")]}
    assert wish("read", answer=str, payload=bytes(tmp_path / "given" / "file"), **given) == "mirror"
    assert wish("read", answer=str, payload=bytes(tmp_path / "secret-key"), **given) == "PermissionError"
    assert wish("read", answer=str, payload=b"/etc/passwd", **given) == "PermissionError"


def test_a_child_cannot_read_the_environment_of_the_worker():
    """The database's address and the signing key are there, and both run as the same user."""
    assert wish("read", answer=str, payload=f"/proc/{os.getpid()}/environ".encode()) == "PermissionError"


def test_a_child_writes_only_where_its_request_says(tmp_path):
    for name in ("mirrors", "beside"):
        (tmp_path / name).mkdir()
    given = {"writes": [str(tmp_path / "mirrors")]}
    assert wish("touch", answer=str, payload=bytes(tmp_path / "mirrors" / "a"), **given) == "written"
    for path in (
        tmp_path / "beside" / "a",
        tmp_path / "a",
        "/tmp/twelvefold-jail-test",
        "/dev/shm/twelvefold-jail-test",
    ):
        assert wish("touch", answer=str, payload=os.fsencode(path), **given) == "PermissionError"
        assert not Path(path).exists()


def test_what_a_child_starts_is_confined_like_itself(tmp_path):
    assert "Permission denied" in wish("cat", answer=str, payload=b"/etc/passwd")
    assert wish("cat", answer=str, payload=b"/etc/hosts") != ""


def test_the_filter_refuses_foreign_architectures_and_falls_through_to_allow():
    steps = [tuple(_filter(1, [7, 9])[at : at + 8]) for at in range(0, 64, 8)]
    assert len(steps) == 8
    assert [step[2] for step in steps][4:6] == [2, 1], "each refused call jumps to the last step"
    assert steps[1][3] == 5, "another architecture jumps there too"
