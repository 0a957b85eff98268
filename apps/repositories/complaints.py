"""What git's complaints mean, in one sentence for people."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from apps.repositories.errors import RepositoryError

# The first that matches decides; {host} is the host's name. True: trying again later may help.
MEANINGS: tuple[tuple[str, str, bool], ...] = (
    (
        r"returned error: 30[1278]|unable to update url base",
        "The address redirects elsewhere; give the final one.",
        False,
    ),
    (r"returned error: 429", "{host} asks for fewer requests; the scan is tried again later.", True),
    (r"returned error: 5\d\d", "{host} answered with a fault of its own.", True),
    (
        r"returned error: 40[13]|Authentication failed|could not read (?:Username|Password)|terminal prompts disabled",
        "Access denied: the repository is private or does not exist.",
        False,
    ),
    (
        r"returned error: 404|[Rr]epository .*not found",
        "There is no repository at this address, or it is private.",
        False,
    ),
    (
        r"does not appear to be a git repository|not valid: is this a git repository|not a git repository",
        "There is no git repository at this address.",
        False,
    ),
    (r"couldn't find remote ref|[Rr]emote branch .* not found", "The repository has no such branch.", False),
    (r"not our ref|unadvertised object", "There is no such commit in this repository.", False),
    (r"Could not resolve host", "The host {host} could not be found.", True),
    (
        r"Failed to connect|Couldn't connect|Connection (?:refused|timed out|reset)|No route|[Nn]etwork is unr",
        "The host {host} could not be reached.",
        True,
    ),
    (r"SSL|TLS|certificate", "No secure connection to {host} could be made.", True),
    (r"Operation too slow|less than \d+ bytes/sec", "{host} sent too slowly.", True),
    (r"No space left on device", "The disk of this machine is full.", True),
    (
        r"[Oo]ut of memory|failed to map|mmap failed|unable to create thread",
        "The repository needs too much memory.",
        False,
    ),
    (r"early EOF|hung up|RPC failed|unexpected disconnect", "The connection to {host} broke off.", True),
    (
        r"fsck error|bad object|invalid index-pack|inflate: data stream error",
        "The repository holds damaged objects.",
        False,
    ),
)


RETRY_AFTER = re.compile(r"<= Recv header: retry-after: *([^\r\n]+)", re.IGNORECASE)


def seconds_asked(headers: str) -> float:
    """How long the host asked to be left alone, in seconds or until a date; 0 when it did not."""
    asked = RETRY_AFTER.findall(headers)
    if not asked:
        return 0
    value = asked[-1].strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError, OverflowError):
        return 0


def explain(complaint: str, host: str) -> RepositoryError | None:
    """The error for what git wrote to standard error; None when it is not understood."""
    for pattern, message, passing in MEANINGS:
        if re.search(pattern, complaint):
            return RepositoryError(message.format(host=host or "this machine"), passing=passing)
    return None
