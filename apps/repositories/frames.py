"""What a confined child and its parent say to each other: msgpack messages, each after its length."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from typing import BinaryIO

LENGTH_BYTES = 4
LARGEST_FRAME = 512 * 1024 * 1024


class Progress(msgspec.Struct, tag=True, frozen=True):
    """`share` is how much of this stage is done, 0 to 1."""

    stage: str
    share: float
    detail: str = ""


class Part(msgspec.Struct, tag=True, frozen=True):
    """One of several results, given as soon as it is there; `content` is of the type that the parent expects."""

    content: msgspec.Raw


class Refusal(msgspec.Struct, tag=True, frozen=True):
    """The work cannot be done; `message` is for people. `passing`: trying again later may help."""

    message: str
    passing: bool = False
    retry_after: float = 0


class Outcome(msgspec.Struct, tag=True, frozen=True):
    """The work is done; `content` is a message of the type that the parent expects."""

    content: msgspec.Raw


Message = Progress | Part | Refusal | Outcome
decode_message = msgspec.msgpack.Decoder(Message).decode


def frame(message: object) -> bytes:
    body = msgspec.msgpack.encode(message)
    return len(body).to_bytes(LENGTH_BYTES, "big") + body


def outcome(content: object) -> Outcome:
    return Outcome(_raw(content))


def part(content: object) -> Part:
    return Part(_raw(content))


def _raw(content: object) -> msgspec.Raw:
    return msgspec.Raw(msgspec.msgpack.encode(content))


def read_frame(stream: BinaryIO) -> bytes:
    """The body of the next frame; `EOFError` when the stream ends before it is complete."""
    length = int.from_bytes(_exactly(stream, LENGTH_BYTES), "big")
    return _exactly(stream, length)


def _exactly(stream: BinaryIO, count: int) -> bytes:
    read = stream.read(count)
    if len(read) < count:
        raise EOFError
    return read


class FrameBuffer:
    """Collects what arrives in pieces and gives it back as whole frames. `ValueError` for a frame that is too long."""

    def __init__(self) -> None:
        self._collected = bytearray()

    def feed(self, piece: bytes) -> list[bytes]:
        self._collected += piece
        whole = []
        while len(self._collected) >= LENGTH_BYTES:
            length = int.from_bytes(self._collected[:LENGTH_BYTES], "big")
            if length > LARGEST_FRAME:
                raise ValueError("frame too long")
            if len(self._collected) < LENGTH_BYTES + length:
                break
            whole.append(bytes(self._collected[LENGTH_BYTES : LENGTH_BYTES + length]))
            del self._collected[: LENGTH_BYTES + length]
        return whole
