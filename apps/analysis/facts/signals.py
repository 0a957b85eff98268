"""Finds the named patterns in files without a structural parser.

A pattern is matched line by line; each name is kept at most `MOST_OF_ONE` times per file, or some `TIMES` as often.
"""

from __future__ import annotations

import re
from functools import cache, cached_property
from heapq import heapify, heappop, heapreplace
from itertools import groupby, islice
from operator import itemgetter
from typing import TYPE_CHECKING

from apps.analysis.expressions import expression
from apps.analysis.facts.letters import folded, in_ascii
from apps.analysis.facts.lines import LongTexts
from apps.analysis.facts.model import Import, Signal
from apps.analysis.facts.required import Alternative, alternatives_of
from apps.analysis.facts.search import Words
from apps.analysis.facts.signal_patterns import PATTERNS
from apps.analysis.paths import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST_OF_ONE = 12
LINES_BEHIND = 3  # a word that a match may reach, beside the one before: `\s` takes ends of lines too
MOST_LINES = 300  # with words, of which a file is searched line by line and not as a whole
SPANNING = frozenset({"import", "space", "space-image", "space-version"})  # may take any number of lines
_TOLD_IN_COMMENTS = frozenset({"server", "route", "health"})  # as plumber has it
_NEVER: tuple[str, ...] = ()
_OF_C = ("//", "/*", "* ")
_COMMENTS = {Kind.R: ("#",), Kind.JAVA: _OF_C, Kind.SCALA: _OF_C, Kind.GO: _OF_C, Kind.SCRIPT: _OF_C}
MOST_MATCHES = 300  # that are looked at, those in comments among them
WIDEST = 200  # characters before a comment
TIMES = {"import": 6, "log-call": 3, "parameter": 2}  # of names that one file holds more often


def of(kind: Kind, text: str) -> list[Signal]:
    found: list[Signal] = []
    patterns = _patterns(kind)
    held = patterns.words.held_by(in_ascii(text).encode(errors="replace"))
    looked_at = _Text(text, held)
    for name, alternatives in patterns.met(held):
        seekers = [seeker for one in alternatives if (seeker := _seeker(name, one, looked_at))]
        matches = islice(_matches(seekers), MOST_MATCHES)
        written = (match for match in matches if not is_comment(kind, name, _begin(match, text)))
        kept = islice(written, MOST_OF_ONE * TIMES.get(name, 1))
        found.extend(_told(name, match, text) for match in kept)
    return found


def is_comment(kind: Kind, name: str, line: str) -> bool:
    """Whether the line, from its first letter on, is a comment, of a pattern for which comments say nothing."""
    return line.startswith(_COMMENTS.get(kind, _NEVER)) and name not in _TOLD_IN_COMMENTS


def _start(match: re.Match[str]) -> int:
    return match.start() + len(match.group(0)) - len(match.group(0).lstrip())


def _begin(match: re.Match[str], text: str) -> str:
    """How the line begins on which the match does."""
    line = text.rfind("\n", 0, _start(match)) + 1
    return text[line : line + WIDEST].lstrip()


def _told(name: str, match: re.Match[str], text: str) -> Signal:
    start = _start(match)
    line = text.count("\n", 0, start) + 1
    end = text.find("\n", start)
    whole = text[text.rfind("\n", 0, start) + 1 : end if end >= 0 else None].strip()
    return Signal(name, line, whole[:300])


def prepare() -> None:
    """Compiles what files of any kind may meet."""
    for kind in {kind for kinds, _ in PATTERNS.values() for kind in kinds}:
        _patterns(kind).prepare()


class _Patterns:
    """Those for files of a kind."""

    def __init__(self, kind: Kind) -> None:
        self._alternatives = [
            (name, one)
            for name, (kinds, pattern) in PATTERNS.items()
            if kind in kinds
            for one in alternatives_of(pattern, re.MULTILINE)
        ]
        self._always = [number for number, (_, one) in enumerate(self._alternatives) if not one.words]
        self._by_word: dict[str, list[int]] = {}
        in_case: dict[bool, set[str]] = {False: set(), True: set()}
        for number, (_, one) in enumerate(self._alternatives):
            for word in one.words:
                self._by_word.setdefault(word, []).append(number)
            in_case[one.in_any_case].update(one.words, *one.others)
        self.words = Words(in_case[False], in_case[True])

    def met(self, held: frozenset[str]) -> Iterator[tuple[str, list[Alternative]]]:
        """(name, alternatives) of the patterns that a text which holds these words may match, in their order."""
        numbers = {*self._always, *(number for word in held for number in self._by_word.get(word, ()))}
        met = [self._alternatives[number] for number in sorted(numbers)]
        for name, named in groupby(met, key=itemgetter(0)):
            yield name, [one for _, one in named if not any(held.isdisjoint(others) for others in one.others)]

    def prepare(self) -> None:
        """Compiles all of them."""
        self.words.prepare()
        for _, one in self._alternatives:
            expression(one.pattern, re.MULTILINE).search  # noqa: B018 - it is compiled when it is first asked for


_patterns = cache(_Patterns)


class _Text:
    """A text with the words of the patterns that it holds, in any case where an alternative does not mind it."""

    def __init__(self, plain: str, held: frozenset[str]) -> None:
        self.plain, self._held = plain, held

    def for_words(self, one: Alternative) -> str:
        """The text to look for the alternative's words in, with the places of the plain one."""
        return self._folded if one.in_any_case else self.plain

    def held(self, one: Alternative, words: frozenset[str]) -> frozenset[str]:
        found = words & self._held
        return frozenset(map(str.lower, found)) if one.in_any_case else found

    @cached_property
    def _folded(self) -> str:
        return folded(self.plain)


class _InStretches:
    """Looks for one alternative of an expression in stretches of a text."""

    def __init__(self, pattern: str, text: str, stretches: list[tuple[int, int]]) -> None:
        self._pattern, self._text = expression(pattern, re.MULTILINE), text
        self._stretches = stretches[::-1]

    def next(self, position: int) -> re.Match[str] | None:
        """The first match from there on. Positions never fall."""
        while self._stretches:
            start, end = self._stretches[-1]
            if found := self._pattern.search(self._text, max(start, position), end):
                return found
            self._stretches.pop()
        return None


class _AtWords:
    """Looks for one alternative where the words stand that it begins with."""

    def __init__(self, one: Alternative, text: _Text) -> None:
        self._pattern, self._text = expression(one.pattern, re.MULTILINE), text.plain
        words, within = text.held(one, one.words), text.for_words(one)
        self._places = sorted((place for word in words for place in _places(word, within)), reverse=True)

    def next(self, position: int) -> re.Match[str] | None:
        """The first match from there on. Positions never fall."""
        while self._places:
            place = self._places[-1]
            if place >= position and (found := self._pattern.match(self._text, place)):
                return found
            self._places.pop()
        return None


def _places(word: str, text: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1)


def _seeker(name: str, one: Alternative, text: _Text) -> _InStretches | _AtWords | None:
    if one.at_word:
        return _AtWords(one, text)
    stretches = _around(one, text) if one.words and name not in SPANNING else [(0, len(text.plain))]
    return _InStretches(one.pattern, text.plain, stretches) if stretches else None


def _matches(seekers: Sequence[_InStretches | _AtWords]) -> Iterator[re.Match[str]]:
    """What the whole expression finds: the match that begins first, of several the first alternative's; then what
    begins behind its end."""
    waiting = [(found.start(), number, found) for number, one in enumerate(seekers) if (found := one.next(0))]
    heapify(waiting)
    position = 0
    while waiting:
        start, number, match = waiting[0]
        if start >= position:
            yield match
            position = max(match.end(), start + 1)
        if found := seekers[number].next(position):
            heapreplace(waiting, (found.start(), number, found))
        else:
            heappop(waiting)


def _around(one: Alternative, looked_at: _Text) -> list[tuple[int, int]]:
    """Stretches of whole lines that hold what the alternative needs, each with the lines that a blank may reach."""
    text, others = looked_at.for_words(one), [looked_at.held(one, words) for words in one.others]
    lines: list[tuple[int, int]] = []
    for word in looked_at.held(one, one.words):
        at = text.find(word)
        while at >= 0:
            start, behind = text.rfind("\n", 0, at), text.find("\n", at)
            end = behind
            if one.spans:
                start = text.rfind("\n", 0, max(start, 0))
                for _ in range(LINES_BEHIND):
                    end = text.find("\n", end + 1) if end >= 0 else end
            stretch = (start + 1, end if end >= 0 else len(text))
            if all(any(text.find(other, *stretch) >= 0 for other in words) for words in others):
                lines.append(stretch)
                if len(lines) > MOST_LINES:
                    return [(0, len(text))]
            at = text.find(word, max(behind, at + 1)) if behind >= 0 else -1
    stretches: list[tuple[int, int]] = []
    for start, end in sorted(lines):
        last = stretches[-1] if stretches else (-1, -1)
        if start <= last[1]:
            stretches[-1] = (last[0], max(last[1], end))
        else:
            stretches.append((start, end))
    return stretches


# --- Python that the syntax tree cannot read (Python 2, templates): imports and the most telling calls by pattern -----
_PYTHON_IMPORT = expression(
    r"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import[ \t]*(?:\(([^)]{0,4000})|([\w*, \t]+))|import[ \t]+([\w., \t]+))",
    re.MULTILINE,
)
_NAME = expression(r"\s*([A-Za-z_*][\w.]*)(?:\s+as\s+\w+)?\s*$")
_TO_LINE_END = expression(r"#.*")
_GUARD = expression(r"^[ \t]*(?:try|if (?:\w+\.)?TYPE_CHECKING):[ \t]*\n\Z", re.MULTILINE)
_PYTHON_CALL = expression(r"(?:(?<![\w.])|(?<=[)\]]\.))([A-Za-z_][\w.]*+)\s*+\(")  # one start for each dotted name


def python_imports(text: str) -> list[Import]:
    """What each import statement asks for, also of Python 2. Behind a `try:` the program may do without. In a long text
    whoever indents shows an example; at the margin, quotes that were misread would hide too much."""
    found, long_texts = list[Import](), LongTexts(text)
    line, seen = 1, 0
    for match in _import_statements(text):
        if text[match.start()] in " \t" and long_texts.hold(match.start()):
            continue
        line, seen = line + text.count("\n", seen, match.start()), match.start()
        module, within, beside, modules = match.groups()
        base = f"{module}." if module and not module.endswith(".") else module or ""
        listed = _TO_LINE_END.sub("", within or beside or modules or "").split(",")
        names = [_NAME.match(one) for one in listed if one.strip()]
        guarded = bool(_GUARD.search(text, max(0, match.start() - 80), match.start()))
        if all(names):  # lines of a text begin so, too
            found.extend(Import(f"{base}{name.group(1)}", line, guarded) for name in names if name)
    return found


def _import_statements(text: str) -> Iterator[re.Match[str]]:
    """What `_PYTHON_IMPORT` finds in lines that hold its word, which are few."""
    start, at = 0, text.find("import")
    while at >= 0:
        start = max(text.rfind("\n", start, at) + 1, start)
        match = _PYTHON_IMPORT.match(text, start)
        if match:
            yield match
        start = text.find("\n", match.end() if match else at) + 1
        at = text.find("import", start) if start else -1


def python_calls(text: str, names: dict[str, str]) -> list[tuple[str, int]]:
    """(dotted callee, line), the first name resolved through `names`; comments and docstrings are not told apart."""
    found: list[tuple[str, int]] = []
    line, seen = 1, 0
    for match in islice(_PYTHON_CALL.finditer(text), 3000):
        head, _, rest = match.group(1).partition(".")
        dotted = f"{names.get(head, head)}.{rest}" if rest else names.get(head, head)
        line, seen = line + text.count("\n", seen, match.start()), match.start()
        found.append((dotted, line))
    return found
