"""Why a repository could not be read, in one sentence for people."""

from __future__ import annotations


class RepositoryError(Exception):
    """`str()` is a sentence for people that echoes no internals. `passing`: trying again later may help."""

    def __init__(self, message: str, *, passing: bool = False) -> None:
        super().__init__(message)
        self.passing = passing


class AddressRefused(RepositoryError):  # noqa: N818 - it names what happened
    """The URL policy does not let this address be contacted."""
