"""The inside of a confined child process: it limits itself, reads one request, and answers with frames."""

from __future__ import annotations

import os
import resource
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import msgspec

from apps.repositories.errors import RepositoryError
from apps.repositories.frames import Progress, Refusal, frame, outcome, part, read_frame
from apps.repositories.jail import confine

if TYPE_CHECKING:
    from collections.abc import Callable

Request = TypeVar("Request", bound="Limits")

MOST_DESCRIPTORS = 64  # open when the guard is forked
MEGABYTE = 1024 * 1024
NICENESS = 5  # pages and webhooks of the same machine come first
OURS = (sys.prefix, sys.base_prefix, str(Path(__file__).resolve().parents[1]))  # never the folder above: keys lie there


class Limits(msgspec.Struct, kw_only=True):
    """What every request names: seconds of processor time, memory in MB, and the largest file it may write in MB;
    the folders it may read and write beside what programs need, and whether it may speak to a network."""

    seconds: int
    memory_mb: int
    file_mb: int = 0
    reads: list[str] = []
    writes: list[str] = []
    network: bool = False


class Report:
    """What a child says while it works: how far it is, and results that are there before the end."""

    def __init__(self, sink: int) -> None:
        self._sink = sink

    def __call__(self, stage: str, share: float, detail: str) -> None:
        _write(self._sink, frame(Progress(stage, share, detail)))

    def give(self, content: object) -> None:
        _write(self._sink, frame(part(content)))


def serve(request_type: type[Request], work: Callable[[Request, Report], Any]) -> None:
    """Does `work` for the request on standard input; its result, or its `RepositoryError`, goes to standard output.

    A guard process kills the whole group when standard input ends, because then the parent is gone: unlike a thread
    it also does so while native code holds the interpreter, and unlike the kernel's own signal it takes along what
    this child has started.
    """
    source, sink = sys.stdin.buffer, os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever prints must not break the frames
    request = msgspec.msgpack.decode(read_frame(source), type=request_type)
    _limit(request)
    confine(reads=[*OURS, *request.reads], writes=request.writes, network=request.network)
    guard = os.fork()
    if guard == 0:
        _guard(source.fileno())
    try:
        answer: object = outcome(work(request, Report(sink)))
    except RepositoryError as problem:
        answer = Refusal(str(problem), problem.passing, problem.retry_after)
    except MemoryError:
        answer = Refusal(f"The repository needs more than the {request.memory_mb} MB of memory that a scan may use.")
    os.kill(guard, signal.SIGKILL)
    os.waitpid(guard, 0)
    _write(sink, frame(answer))


def _limit(limits: Limits) -> None:
    os.nice(NICENESS)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, limits.file_mb * MEGABYTE)
    _lower(resource.RLIMIT_CPU, limits.seconds)
    if sys.platform == "linux":  # elsewhere the limit is refused or counts shared libraries
        _lower(resource.RLIMIT_AS, limits.memory_mb * MEGABYTE)


def _lower(which: int, limit: int) -> None:
    _, hard = resource.getrlimit(which)
    limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(which, (limit, limit))


def _guard(source: int) -> NoReturn:
    os.closerange(source + 1, source + MOST_DESCRIPTORS)  # the parent waits for the other end of its pipes
    while os.read(source, 4096):
        pass
    os.killpg(0, signal.SIGKILL)
    os._exit(1)


def _write(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]
