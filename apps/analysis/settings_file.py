"""What a repository says of itself in `.twelvefold.toml`: what to leave out, which folder is the system, exceptions.

Nothing in it gives points: exceptions are proposals, and a value that is wrong has no effect but one sentence.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from apps.analysis.claims import CLAIMS
from apps.analysis.facts.tree import LONGEST_TOML_KEY
from apps.analysis.patterns import Patterns
from apps.analysis.snapshot import EXECUTABLE, REGULAR
from apps.catalog import ITEMS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from apps.analysis.snapshot import Entry, Snapshot

NAME = ".twelvefold.toml"
LARGEST = 64_000  # bytes
MOST_PATTERNS, LONGEST_PATTERN = 100, 200
MOST_EXCEPTIONS, LONGEST_REASON = 100, 1000
MOST_PROBLEMS = 20
LONGEST_QUOTE = 60


class Proposal(msgspec.Struct, frozen=True):
    """An exception that the repository asks for. It holds when a person accepts it, `until` that day."""

    item: str
    reason: str
    until: date


class Settings(msgspec.Struct):
    """`path` is where the file lies, '' without one. `root` and `exclude` are relative to its folder."""

    path: str = ""
    root: str = ""
    exclude: list[str] = []
    profile: dict[str, bool] = {}
    proposals: list[Proposal] = []
    problems: list[str] = []

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]

    def left_out(self, paths: Iterable[str]) -> dict[str, str]:
        """Those of `paths` that are to be left out, each with the pattern that says so."""
        if not self.exclude:
            return {}
        prefix = f"{self.folder}/" if self.folder else ""
        patterns = Patterns(self.exclude)
        found = ((path, patterns.first(path.removeprefix(prefix))) for path in paths if path.startswith(prefix))
        return {path: pattern for path, pattern in found if pattern}

    def unread(self) -> list[dict[str, str]]:
        """The sentences about wrong values, as a scan lists what it could not use."""
        return [{"path": self.path, "reason": problem} for problem in self.problems[:MOST_PROBLEMS]]

    def as_json(self) -> dict[str, Any]:
        """What held, as it is stored and shown; empty without a file."""
        if not self.path:
            return {}
        return {
            "path": self.path,
            "root": self.root,
            "exclude": self.exclude,
            "profile": self.profile,
            "proposals": [
                {"item": one.item, "reason": one.reason, "until": one.until.isoformat()} for one in self.proposals
            ],
        }


def settings_of(snapshot: Snapshot, subfolder: str = "") -> Settings:
    """The settings nearest to the system: in `subfolder`, else in the folders above it. `root` counts without one."""
    entries = {entry.path: entry for entry in snapshot.entries if entry.path.endswith(NAME)}
    entry = next((entries[path] for path in _places(subfolder) if path in entries), None)
    if entry is None:
        return Settings()
    refusal = _refused(entry)
    content = b"" if refusal else dict(snapshot.read([entry.blob])).get(entry.blob, b"")
    settings = parse(content, entry.path)
    if refusal:
        settings.problems.append(refusal)
    if subfolder:
        settings.root = ""
    elif settings.root and not any(one.path.startswith(f"{settings.root}/") for one in snapshot.entries):
        settings.problems.append(f"root: there is no folder {_quoted(settings.root)} in the repository.")
        settings.root = ""
    return settings


def _places(subfolder: str) -> Iterator[str]:
    folder = subfolder
    while folder:
        yield f"{folder}/{NAME}"
        folder = folder.rpartition("/")[0]
    yield NAME


def _refused(entry: Entry) -> str:
    if entry.mode not in {REGULAR, EXECUTABLE}:
        return "The settings are no regular file, and are not followed elsewhere."
    if entry.size is None:
        return "The settings are absent from this copy of the repository."
    return f"The settings are larger than {LARGEST // 1000} kB." if entry.size > LARGEST else ""


def parse(content: bytes, path: str = NAME) -> Settings:
    """The settings that `content` holds; each wrong value leaves one sentence and nothing else."""
    import tomllib  # loads slowly, and few repositories have settings

    settings = Settings(path)
    try:
        table = tomllib.loads(_bounded(content.decode()))
    except RecursionError:
        settings.problems.append("The settings are nested too deeply.")
        return settings
    except ValueError as problem:
        settings.problems.append(f"The settings are not valid TOML: {_plain(str(problem))}.")
        return settings
    readers: dict[str, Callable[[Settings, Any], None]] = {
        "exclude": _exclude,
        "root": _root,
        "profile": _profile,
        "exception": _exceptions,
    }
    for key, value in table.items():
        if key in readers:
            readers[key](settings, value)
        else:
            settings.problems.append(f"{_quoted(key)} is no setting; there are {', '.join(readers)}.")
    return settings


def _bounded(text: str) -> str:
    if LONGEST_TOML_KEY.search(text):
        raise ValueError("a key has too many parts")
    return text


def _exclude(settings: Settings, value: object) -> None:
    if not isinstance(value, list):
        settings.problems.append("exclude: a list of patterns is expected.")
        return
    for pattern in value[:MOST_PATTERNS]:
        complaint = _bad_pattern(pattern)
        if complaint:
            settings.problems.append(f"exclude: {_quoted(pattern)} {complaint}.")
        else:
            settings.exclude.append(pattern)
    if len(value) > MOST_PATTERNS:
        settings.problems.append(f"exclude: only the first {MOST_PATTERNS} patterns count.")


def _bad_pattern(pattern: object) -> str:
    if not isinstance(pattern, str):
        return "is no pattern"
    if not pattern.strip("/ ") or not pattern.isprintable() or len(pattern) > LONGEST_PATTERN:
        return f"is empty, longer than {LONGEST_PATTERN} characters or not printable"
    if pattern.startswith("!") or {".", ".."} & set(pattern.split("/")):
        return "names no path below the settings"
    return ""


def _root(settings: Settings, value: object) -> None:
    folder = value.strip("/") if isinstance(value, str) else ""
    if not folder or not folder.isprintable() or {"", ".", ".."} & set(folder.split("/")):
        settings.problems.append(f"root: {_quoted(value)} is no folder of the repository, like services/ranker.")
    else:
        settings.root = folder


def _profile(settings: Settings, value: object) -> None:
    if not isinstance(value, dict):
        settings.problems.append("profile: a table is expected, [profile].")
        return
    for claim, holds in value.items():
        if claim not in CLAIMS:
            settings.problems.append(f"profile: {_quoted(claim)} is no claim; there are {', '.join(CLAIMS)}.")
        elif not isinstance(holds, bool):
            settings.problems.append(f"profile: {claim} is true or false.")
        else:
            settings.profile[claim] = holds


def _exceptions(settings: Settings, value: object) -> None:
    if not isinstance(value, list):
        settings.problems.append("exception: tables are expected, [[exception]].")
        return
    for number, one in enumerate(value[:MOST_EXCEPTIONS], start=1):
        complaint = _bad_exception(one, {proposal.item for proposal in settings.proposals})
        if complaint:
            settings.problems.append(f"exception {number}: {complaint}.")
        else:
            settings.proposals.append(Proposal(one["item"], one["reason"].strip(), one["until"]))
    if len(value) > MOST_EXCEPTIONS:
        settings.problems.append(f"exception: only the first {MOST_EXCEPTIONS} count.")


def _bad_exception(one: object, known: set[str]) -> str:
    if not isinstance(one, dict):
        return "a table with item, reason and until is expected"
    odd = [key for key in one if key not in {"item", "reason", "until"}]
    item, reason, until = one.get("item"), one.get("reason"), one.get("until")
    if odd:
        return f"{_quoted(odd[0])} is none of item, reason and until"
    if not isinstance(item, str) or item not in ITEMS:
        return f"item: {_quoted(item)} is no item of the catalogue"
    if item in known:
        return f"there is one for {item} already"
    if not isinstance(reason, str) or not reason.strip() or len(reason) > LONGEST_REASON:
        return f"reason: a text of at most {LONGEST_REASON} characters is expected"
    if not reason.replace("\n", " ").replace("\t", " ").isprintable():
        return "reason: it holds characters that cannot be shown"
    if not isinstance(until, date) or isinstance(until, datetime):
        return "until: a date like 2027-01-31 is expected, without quotes"
    return ""


def _plain(text: str) -> str:
    return "".join(character if character.isprintable() else "·" for character in text)[:200].rstrip(".")


def _quoted(value: object) -> str:
    text = value if isinstance(value, str) else "that" if isinstance(value, list | dict) else str(value)
    shown = "".join(character if character.isprintable() else "·" for character in text)
    return f"`{shown[:LONGEST_QUOTE]}{'…' if len(shown) > LONGEST_QUOTE else ''}`"
