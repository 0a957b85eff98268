"""Takes from this process what it does not need: system calls by seccomp, files by Landlock. Linux, without root.

Both are layers on top of the exact environment and the limits: where a kernel or a container lacks them, the child
works all the same, and `python manage.py check` says so.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import struct
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | 1  # EPERM: a parser that tries gets an error, and its file is given up
FOREIGN_CALLS = 0x40000000  # the x32 names of the same calls on x86-64

# Of each architecture its audit number and the calls by which a process speaks to a network, reads another process,
# changes what it sees of the system, or hands work to the kernel that no filter watches.
ARCHITECTURES = {
    "x86_64": (0xC000003E, {
        "socket": 41, "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "mount": 165, "unshare": 272,
        "setns": 308, "bpf": 321, "perf_event_open": 298, "add_key": 248, "request_key": 249, "keyctl": 250,
        "userfaultfd": 323, "open_by_handle_at": 304, "io_uring_setup": 425, "pidfd_open": 434, "pidfd_getfd": 438,
    }),
    "aarch64": (0xC00000B7, {
        "socket": 198, "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271, "mount": 40, "unshare": 97,
        "setns": 268, "bpf": 280, "perf_event_open": 241, "add_key": 217, "request_key": 218, "keyctl": 219,
        "userfaultfd": 282, "open_by_handle_at": 265, "io_uring_setup": 425, "pidfd_open": 434, "pidfd_getfd": 438,
    }),
}  # fmt: skip
BY_NETWORK = {"socket"}  # which a child that fetches must keep

# --- Landlock: the numbers are the same on every architecture --------------------------------------------------------
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
ASK_VERSION, PATH_BENEATH = 1, 1
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, TRUNCATE = 1, 2, 4, 8, 1 << 14
BITS_OF_VERSION = {1: 13, 2: 14, 3: 15, 4: 15}  # how many kinds of access each version knows; 16 from the fifth on
ABSTRACT_SOCKETS_AND_SIGNALS = 3
FILE_BITS = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE
# What a program of this machine needs to start and to find a host; nothing of ours is among it.
SYSTEM = (
    "/usr", "/lib", "/lib64", "/bin", "/opt", "/nix/store", "/dev/urandom", "/dev/random", "/dev/zero",
    "/etc/ld.so.cache", "/etc/ssl", "/etc/pki", "/etc/ca-certificates", "/etc/localtime", "/etc/resolv.conf",
    "/etc/hosts", "/etc/nsswitch.conf", "/etc/gai.conf", "/etc/host.conf", "/etc/services",
    "/run/systemd/resolve", "/sys/devices/system/cpu", "/proc/self", "/proc/meminfo", "/proc/cpuinfo",
)  # fmt: skip


def landlock_version() -> int:
    """Which Landlock this kernel has; 0 for none."""
    if sys.platform != "linux":
        return 0
    return max(0, _call(CREATE_RULESET, None, 0, ASK_VERSION))


def has_seccomp() -> bool:
    return sys.platform == "linux" and platform.machine() in ARCHITECTURES


def confine(*, reads: Iterable[str], writes: Iterable[str], network: bool) -> None:
    """From now on this process, and all it starts, opens files below `reads` and `writes` only, and no socket unless
    `network`. It cannot be undone."""
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        return
    _restrict_files([*SYSTEM, *reads], ["/dev/null", *writes])
    _restrict_calls(libc, BY_NETWORK if network else set())


def _restrict_calls(libc: ctypes.CDLL, kept: set[str]) -> None:
    if platform.machine() not in ARCHITECTURES:
        return
    architecture, calls = ARCHITECTURES[platform.machine()]
    refused = [number for name, number in calls.items() if name not in kept]
    program = _filter(architecture, refused)
    held = ctypes.create_string_buffer(program, len(program))

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("start", ctypes.c_void_p)]

    libc.prctl(
        PR_SET_SECCOMP,
        SECCOMP_MODE_FILTER,
        ctypes.byref(Program(len(program) // 8, ctypes.cast(held, ctypes.c_void_p))),
        0,
        0,
    )


def _filter(architecture: int, refused: list[int]) -> bytes:
    """The program for the kernel: 0x20 loads a word, 0x15 compares for equal, 0x35 for at least, 0x06 decides."""
    last = len(refused) + 5
    steps = [
        (0x20, 0, 0, 4),  # the architecture
        (0x15, 0, last - 2, architecture),
        (0x20, 0, 0, 0),  # the call's number
        (0x35, last - 4, 0, FOREIGN_CALLS),
        *((0x15, last - 5 - place, 0, number) for place, number in enumerate(refused)),
        (0x06, 0, 0, ALLOW),
        (0x06, 0, 0, REFUSE),
    ]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def _restrict_files(reads: Iterable[str], writes: Iterable[str]) -> None:
    version = landlock_version()
    if not version:
        return
    everything = (1 << BITS_OF_VERSION.get(version, 16)) - 1
    scoped = ABSTRACT_SOCKETS_AND_SIGNALS if version >= 6 else 0
    wanted = struct.pack("=QQQ", everything, 0, scoped)[: 24 if version >= 6 else 8]
    rules = _call(CREATE_RULESET, wanted, len(wanted), 0)
    if rules < 0:
        return
    try:
        for path in reads:
            _open(rules, path, EXECUTE | READ_FILE | READ_DIR)
        for path in writes:
            _open(rules, path, everything & ~EXECUTE)
        _call(RESTRICT_SELF, rules, 0)
    finally:
        os.close(rules)


def _open(rules: int, path: str, access: int) -> None:
    with contextlib.suppress(OSError):  # not every system has every folder
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            allowed = access if os.path.isdir(path) else access & FILE_BITS  # noqa: PTH112 - the child has no pathlib yet
            _call(ADD_RULE, rules, PATH_BENEATH, struct.pack("=Qi", allowed, descriptor), 0)
        finally:
            os.close(descriptor)


def _call(number: int, *arguments: object) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    sized = [ctypes.c_size_t(one) if isinstance(one, int) else one for one in arguments]
    return int(libc.syscall(ctypes.c_long(number), *sized))
