"""Why a repository could not be read, in one sentence for people."""

from __future__ import annotations


class RepositoryError(Exception):
    """`str()` is a sentence for people that echoes no internals.

    `passing`: trying again later may help, after `retry_after` seconds if the host said so.
    """

    def __init__(self, message: str, *, passing: bool = False, retry_after: float = 0) -> None:
        super().__init__(message)
        self.passing = passing
        self.retry_after = retry_after


class AddressRefused(RepositoryError):  # noqa: N818 - it names what happened
    """The URL policy does not let this address be contacted."""
