"""Brings one commit of a checked address into its bare mirror, a cache that may be deleted at any time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from apps.repositories.cache import mirror_of
from apps.repositories.children import ChildCrashed, OutOfTime, ask
from apps.repositories.confined import Limits
from apps.repositories.environment import DIRECT, Egress, fetching_environment
from apps.repositories.errors import RepositoryError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from apps.repositories.frames import Progress
    from apps.repositories.policy import Address

LARGEST_PACK_MB = 1024
FULL_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
# What git accepts as a branch, less what would mean something else in a refspec.
BRANCH = re.compile(r"(?!.*(?:\.\.|@\{|//|\.lock$|/$|\.$))[^\x00-\x20\x7f~^:?*\[\\/][^\x00-\x20\x7f~^:?*\[\\]*")


class FetchRequest(Limits):
    """`known` is a commit that need not be fetched again; `commit` a full id instead of the branch's head."""

    url: str
    host: str
    mirror: str
    branch: str = ""
    commit: str = ""
    known: str = ""


class Fetched(msgspec.Struct, frozen=True):
    """`known`: the head is the commit that was known; the mirror may not hold it."""

    commit: str
    known: bool


def fetch(
    address: Address,
    *,
    mirrors: Path,
    branch: str = "",
    commit: str = "",
    known: str = "",
    seconds: float,
    memory_mb: int,
    on_progress: Callable[[Progress], None],
    on_tick: Callable[[], None] = lambda: None,
    egress: Egress = DIRECT,
) -> Fetched:
    """Fetches in a confined child that is killed after `seconds`. Raises `RepositoryError`."""
    if branch and not BRANCH.fullmatch(branch):
        raise RepositoryError(f"{branch!r} is not the name of a branch.")
    if commit and not FULL_ID.fullmatch(commit):
        raise RepositoryError("Name the commit by its full id of 40 or 64 hexadecimal digits.")
    mirrors.mkdir(parents=True, exist_ok=True)
    request = FetchRequest(
        url=address.url,
        host=address.host,
        mirror=str(mirror_of(address, mirrors)),
        branch=branch,
        commit=commit,
        known=known,
        seconds=int(seconds) + 1,
        memory_mb=memory_mb,
        file_mb=LARGEST_PACK_MB,
    )
    try:
        return ask(
            "apps.repositories.fetch_child",
            request,
            answer=Fetched,
            environment=fetching_environment(address, mirrors, egress),
            seconds=seconds,
            on_progress=on_progress,
            on_tick=on_tick,
        )
    except OutOfTime as problem:
        raise RepositoryError("The repository could not be fetched before the deadline.", passing=True) from problem
    except ChildCrashed as problem:
        raise RepositoryError("Fetching the repository stopped unexpectedly.", passing=True) from problem
