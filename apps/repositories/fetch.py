"""Brings one commit of a checked address into its bare mirror, a cache that may be deleted at any time."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from apps.repositories.cache import MEGABYTE, clean, forget, mirror_of, size_of
from apps.repositories.children import ChildCrashed, OutOfTime, ask
from apps.repositories.confined import Limits
from apps.repositories.environment import DIRECT, Egress, fetching_environment
from apps.repositories.errors import RepositoryError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from apps.repositories.frames import Progress
    from apps.repositories.policy import Address

Answer = TypeVar("Answer")

LARGEST_MB = 256  # what one fetch may bring, unless a deployment says otherwise
MEMORY_MB = 512  # of git, which reads packs in windows; an endless list of refs would take more
FULL_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
# What git accepts as a branch, less what would mean something else in a refspec.
BRANCH = re.compile(r"(?!.*(?:\.\.|@\{|//|\.lock$|/$|\.$))[^\x00-\x20\x7f~^:?*\[\\/][^\x00-\x20\x7f~^:?*\[\\]*")


class FetchRequest(Limits):
    """`known` is a commit that need not be fetched again; `commit` a full id instead of the branch's head."""

    url: str
    host: str
    mirror: str
    staging: str
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
    largest_mb: int = LARGEST_MB,
) -> Fetched:
    """Fetches in a confined child that is killed after `seconds`, or when it has written more than `largest_mb`.

    Raises `RepositoryError`.
    """
    if branch and not BRANCH.fullmatch(branch):
        raise RepositoryError(f"{branch!r} is not the name of a branch.")
    if commit and not FULL_ID.fullmatch(commit):
        raise RepositoryError("Name the commit by its full id of 40 or 64 hexadecimal digits.")
    return send(
        "apps.repositories.fetch_child",
        FetchRequest,
        {"branch": branch, "commit": commit, "known": known},
        answer=Fetched,
        address=address,
        mirrors=mirrors,
        seconds=seconds,
        memory_mb=memory_mb,
        on_progress=on_progress,
        on_tick=on_tick,
        egress=egress,
        largest_mb=largest_mb,
    )


def send(
    module: str,
    kind: type[FetchRequest],
    asked: Mapping[str, Any],
    *,
    answer: type[Answer],
    address: Address,
    mirrors: Path,
    seconds: float,
    memory_mb: int,
    on_progress: Callable[[Progress], None],
    on_tick: Callable[[], None],
    egress: Egress,
    largest_mb: int,
) -> Answer:
    """What a child that may speak to `address`, and write into `mirrors` alone, answers to what is `asked`."""
    mirrors.mkdir(parents=True, exist_ok=True)
    mirror = mirror_of(address, mirrors)
    staging = mirror.with_suffix(f".{secrets.token_hex(4)}.new")
    request = kind(
        **asked,
        url=address.url,
        host=address.host,
        mirror=str(mirror),
        staging=str(staging),
        seconds=int(seconds) + 1,
        memory_mb=min(memory_mb, MEMORY_MB),
        file_mb=largest_mb,
        reads=[address.url] if address.is_local else [egress.ca_file] if egress.ca_file else [],
        writes=[str(mirrors)],
        network=not address.is_local,
    )
    try:
        return ask(
            module,
            request,
            answer=answer,
            environment=fetching_environment(address, mirrors, egress),
            seconds=seconds,
            on_progress=on_progress,
            on_tick=_weighed(mirror, staging, largest_mb, on_tick),
        )
    except OutOfTime as problem:
        raise RepositoryError("The repository could not be fetched before the deadline.", passing=True) from problem
    except ChildCrashed as problem:
        raise RepositoryError("Fetching the repository stopped unexpectedly.", passing=True) from problem
    finally:  # a child that was killed cleans up nothing
        forget(staging)


def _weighed(mirror: Path, staging: Path, largest_mb: int, on_tick: Callable[[], None]) -> Callable[[], None]:
    """`on_tick`, which also ends the fetch when the disk holds too much of it: many files pass the limit on each."""
    before = size_of(mirror)

    def tick() -> None:
        if size_of(staging) + max(0, size_of(mirror) - before) > largest_mb * MEGABYTE:
            clean(mirror)
            raise RepositoryError(too_large(largest_mb))
        on_tick()

    return tick


def too_large(largest_mb: int) -> str:
    return f"The repository is too large to be fetched: more than {largest_mb} MB."
