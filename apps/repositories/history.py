"""Brings the commits that stand for a branch's past into its mirror."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from apps.repositories.environment import DIRECT, Egress
from apps.repositories.errors import RepositoryError
from apps.repositories.fetch import BRANCH, FULL_ID, LARGEST_MB, FetchRequest, send
from apps.repositories.sampling import Sample  # noqa: TC001 - requests are decoded by their annotations

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from apps.repositories.frames import Progress
    from apps.repositories.policy import Address


class HistoryRequest(FetchRequest):
    """`moments` are seconds from 1970, the newest first; `depth` is how far back commits are asked for. `chosen` are
    the samples of an earlier answer, which hold while they exist."""

    moments: list[int] = []
    depth: int = 1
    chosen: list[Sample] = []


class History(msgspec.Struct, frozen=True):
    """The samples that the mirror now holds, newest first."""

    samples: list[Sample]


def fetch_history(
    address: Address,
    *,
    mirrors: Path,
    branch: str,
    moments: Sequence[int],
    chosen: Sequence[Sample] = (),
    depth: int,
    seconds: float,
    memory_mb: int,
    on_progress: Callable[[Progress], None],
    on_tick: Callable[[], None] = lambda: None,
    egress: Egress = DIRECT,
    largest_mb: int = LARGEST_MB,
) -> list[Sample]:
    """The commit that led `branch` at each of `moments`, in the mirror. Raises `RepositoryError`."""
    if branch and not BRANCH.fullmatch(branch):
        raise RepositoryError(f"{branch!r} is not the name of a branch.")
    if not all(FULL_ID.fullmatch(one.commit) for one in chosen):
        raise RepositoryError("Name commits by their full ids of 40 or 64 hexadecimal digits.")
    return send(
        "apps.repositories.history_child",
        HistoryRequest,
        {"branch": branch, "moments": list(moments), "depth": depth, "chosen": list(chosen)},
        answer=History,
        address=address,
        mirrors=mirrors,
        seconds=seconds,
        memory_mb=memory_mb,
        on_progress=on_progress,
        on_tick=on_tick,
        egress=egress,
        largest_mb=largest_mb,
    ).samples
