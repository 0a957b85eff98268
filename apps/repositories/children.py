"""The outside of a confined child process: starts it, listens with a deadline, and leaves nothing of it behind."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from apps.repositories.errors import RepositoryError
from apps.repositories.frames import FrameBuffer, Outcome, Part, Progress, Refusal, decode_message, frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

    from apps.repositories.confined import Limits

Result = TypeVar("Result")

CODE = Path(__file__).resolve().parents[2]
PIECE = 256 * 1024
STDERR_KEPT = 4000
TICK = 1.0


class ChildCrashed(Exception):  # noqa: N818 - it names what happened
    """The child ended without an answer, or with nonsense. `str()` is for people, `complaint` for logs."""

    def __init__(self, message: str, complaint: str = "") -> None:
        super().__init__(message)
        self.complaint = complaint


class OutOfTime(ChildCrashed):
    """The child was killed at its deadline."""


def ask(
    module: str,
    request: Limits,
    *,
    answer: type[Result],
    environment: dict[str, str],
    seconds: float,
    on_progress: Callable[[Progress], None],
    on_tick: Callable[[], None] = lambda: None,
    on_part: Callable[[msgspec.Raw], None] = lambda _part: None,
) -> Result:
    """What `python -m module` answers to `request`.

    `on_tick` is called at least once a second, `on_part` with each result that comes before the answer. Whatever a
    callback raises ends the child and passes through.
    Raises `RepositoryError` as the child does, `OutOfTime` after `seconds`, `ChildCrashed` for any other end.
    """
    with _started(module, environment) as child:
        listener = _Listener(child, frame(request), time.monotonic() + seconds)
        for message in listener.messages(on_tick):
            if isinstance(message, Progress):
                on_progress(message)
            elif isinstance(message, Part):
                on_part(message.content)
            elif isinstance(message, Refusal):
                raise RepositoryError(message.message, passing=message.passing, retry_after=message.retry_after)
            else:
                return _decoded(message, answer)
        child.wait()
        raise ChildCrashed(_how_it_ended(child.returncode), listener.complaint)


@contextlib.contextmanager
def _started(module: str, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    child = subprocess.Popen(
        [sys.executable, "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        cwd=CODE,
        start_new_session=True,
    )
    try:
        yield child
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        for stream in (child.stdin, child.stdout, child.stderr):
            with contextlib.suppress(OSError):
                stream.close()  # type: ignore[union-attr]
        child.wait()


def _decoded(message: Outcome, answer: type[Result]) -> Result:
    try:
        return msgspec.msgpack.decode(message.content, type=answer)
    except (msgspec.MsgspecError, UnicodeDecodeError) as problem:
        raise ChildCrashed("The scan gave an answer that cannot be read.", str(problem)) from problem


def _how_it_ended(code: int) -> str:
    if code == -signal.SIGXCPU:
        return "The scan used up its processor time."
    if code < 0:
        return f"The scan was ended by {signal.Signals(-code).name}."
    return "The scan stopped unexpectedly."


class _Listener:
    """Writes the request and reads frames without ever waiting on one pipe alone."""

    def __init__(self, child: subprocess.Popen[bytes], request: bytes, deadline: float) -> None:
        self._child = child
        self._unsent = memoryview(request)
        self._deadline = deadline
        self._stderr = b""
        self._frames = FrameBuffer()
        self._selector = selectors.DefaultSelector()

    @property
    def complaint(self) -> str:
        """The end of what the child wrote to standard error."""
        return self._stderr.decode(errors="replace").strip()

    def messages(self, on_tick: Callable[[], None]) -> Iterator[Any]:
        child = self._child
        with self._selector as selector:
            for stream, event in (
                (child.stdin, selectors.EVENT_WRITE),
                (child.stdout, selectors.EVENT_READ),
                (child.stderr, selectors.EVENT_READ),
            ):
                os.set_blocking(stream.fileno(), False)  # type: ignore[union-attr]
                selector.register(stream, event)  # type: ignore[arg-type]
            while child.stdout in {key.fileobj for key in selector.get_map().values()}:
                left = self._deadline - time.monotonic()
                if left <= 0:
                    raise OutOfTime("The scan took longer than its deadline.", self.complaint)
                for key, _ in selector.select(min(left, TICK)):
                    yield from self._serve(key.fileobj)  # type: ignore[arg-type]
                on_tick()

    def _serve(self, stream: BinaryIO) -> Iterator[Any]:
        if stream is self._child.stdin:
            self._send(stream)
            return
        piece = os.read(stream.fileno(), PIECE)
        if not piece:
            self._selector.unregister(stream)
        elif stream is self._child.stderr:
            self._stderr = (self._stderr + piece)[-STDERR_KEPT:]
        else:
            try:
                yield from map(decode_message, self._frames.feed(piece))
            except ValueError as problem:
                raise ChildCrashed("The scan gave an answer that cannot be read.", str(problem)) from problem

    def _send(self, stream: BinaryIO) -> None:
        try:
            self._unsent = self._unsent[os.write(stream.fileno(), self._unsent) :]
        except BrokenPipeError:
            self._unsent = self._unsent[:0]
        if not self._unsent:
            self._selector.unregister(stream)  # it stays open: its end tells the child that its parent is gone
