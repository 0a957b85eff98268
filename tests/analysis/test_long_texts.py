"""Whoever writes a repository chooses how long a text is, and what is repeated in it: it is gone through once, and what
is kept of it is not many times as long."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, SupportsIndex

import msgspec
import pytest

from apps.analysis.checks.admin_processes import migrations
from apps.analysis.deployment import environments
from apps.analysis.events import file_sinks
from apps.analysis.facts import manifests, notebook, tree
from apps.analysis.facts.commands import of_groovy, of_shell
from apps.analysis.facts.extract import facts_of
from apps.analysis.facts.signals import python_imports
from apps.analysis.packages import manifests as installing
from apps.analysis.packages import sharing
from apps.analysis.paths import kind_of, role_of
from apps.analysis.running import starts
from apps.analysis.state import artefact_names

if TYPE_CHECKING:
    from collections.abc import Callable

MANY = 200_000
KEY = "k" * 190
KEYS = 57


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("go.mod", "\n" * MANY),
        ("description", "Imports: " + "a(" * MANY),
        ("jenkinsfile", "sh" + " " * MANY),
        (".env", f"a=x{' ' * MANY}y"),
        ("a.csproj", "<PackageReference " + "a" * MANY),
        ("a.go", "/*" + "\n" * MANY),
        ("a.go", "/*\n" * MANY),
        ("train.py", "'/*'" + "\n" * MANY),
        ("a.yaml", f"a: {'{{' * 900}\n" * 1000),
        ("a.yaml", f"a: {'{%' * 900}\n" * 1000),
        ("requirements.txt", f"a{' ' * 1900}?\n" * 1000),
        ("requirements.txt", f"git+{'git+a/' * 300}!\n" * 1000),
        ("requirements.txt", f"git+a@{'1' * 1900}!\n" * 1000),
        ("pyproject.toml", f"[tool.poetry.dependencies]\na = '{'1.1' * 1300}!'\n"),
        ("book.ipynb", f'{{"cells": [{{"cell_type": "code", "source": "{" " * MANY}x"}}]}}'),
        ("readme.md", f"token:str{' ' * 3900}\n" * 500),
        ("readme.md", "token:" + "\t" * 3900 + "\n"),
        ("a.ini", "[DEFAULT]\n" + "".join(f"k{n}=1\n[s{n}]\n" for n in range(10_000))),
    ],
)
def test_the_readers_go_through_a_text_once(name: str, content: str) -> None:
    """Each of these took minutes, or all memory."""
    assert facts_of(kind_of(name), name, content.encode()).lines


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (migrations._FILES, f"alembic/{'1' * 480}!"),
        (artefact_names.LOOKUP_TEXT, "imagenet_class" * 35),
        (environments._SETS, "env/dev/" * 61),
        (installing._REFERENCE, f"env create{' ' * 3900}"),
        (installing._REFERENCE, f"env create{'a' * 3900}"),
        (installing._REFERENCE, "-r" * 1900),
        (sharing._NAMED_LIST, "-renvironment" * 100),
        (file_sinks._REDIRECT, f"tee -{'a' * 3900}"),
        (starts._SCRIPT_PATH, "a/" * 1900),
    ],
)
def test_expressions_go_through_a_text_once(pattern: str | re.Pattern[str], text: str) -> None:
    """They are asked of thousands of paths, commands and values, and each took up to a fifth of a second."""
    search = re.compile(pattern, re.IGNORECASE).search if isinstance(pattern, str) else pattern.search
    assert not any(search(f"{text}{number}") for number in range(1000))


def test_the_role_of_a_path_is_told_at_once() -> None:
    assert role_of("a" * 100_000)


class Passed(str):  # noqa: SLOT000 - it holds a number
    """A text that counts the letters which it passes where it looks for others."""

    letters = 0

    def count(self, sought: str, start: SupportsIndex | None = 0, end: SupportsIndex | None = None) -> int:
        stop = len(self) if end is None else int(end)
        self.letters += stop - int(start or 0)
        return super().count(sought, start, stop)

    def find(self, sought: str, start: SupportsIndex | None = 0, end: SupportsIndex | None = None) -> int:
        found = super().find(sought, start, end)
        self.letters += (found if found >= 0 else len(self)) - int(start or 0)
        return found


@pytest.mark.parametrize(
    ("read", "line"),
    [
        (manifests.of_pom, "<dependency><artifactId>a</artifactId></dependency>\n"),
        (manifests.of_csproj, '<PackageReference Include="a" Version="1">\n'),
        (manifests.of_gradle, "api 'a:b:1'\n"),
        (manifests.of_sbt, '"a" % "b" % "1"\n'),
        (manifests.of_go_mod, "a.io/b v1\n"),
        (manifests.of_description, "Imports: a\n"),
        (of_groovy, "sh 'a'\n"),
        (python_imports, "import a\n"),
    ],
)
def test_lines_are_counted_once(read: Callable[[str], list[Any]], line: str) -> None:
    text = Passed(line * 1000)
    assert [one.line for one in read(text)] == list(range(1, 1001))
    assert text.letters <= 6 * len(text)  # a few passes, however many lines


def test_a_key_that_is_escaped_is_not_looked_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "MOST_PASSED", 100_000)
    text = Passed("{\n" + ",".join(f'"\\u0061{number}": 1' for number in range(5000)) + "}")
    assert len(tree.of_json(text.encode(), text)) == 5000
    assert text.letters <= 100_000 + len(text)


def test_a_line_of_a_notebook_that_is_escaped_is_not_looked_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notebook, "MOST_PASSED", 1000)
    finder = notebook._LineFinder(b'"a\n"' + b" " * 2000 + b'\n"b\n"')
    assert [finder.line_of(line) for line in ("a\n", "c\n", "b\n")] == [1, 1, 1]  # the first in vain was the last


def test_a_command_that_is_continued_is_put_together_up_to_a_length() -> None:
    first, last = of_shell("a \\\n" * MANY + "b <<E\nc\nE\nd\n")
    assert (len(first.text), last.text) == (1000, "d")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.yaml", "".join(f"{{{KEY}: " for _ in range(KEYS)) + f"[{'x,' * 19_000}]" + "}" * KEYS),
        ("a.json", "".join(f'{{"{KEY}":' for _ in range(KEYS)) + f"[{'1,' * 19_000}1]" + "}" * KEYS),
        ("a.toml", "a = " + "".join(f"{{{KEY} = " for _ in range(KEYS)) + f"[{'1,' * 19_000}1]" + "}" * KEYS),
        ("a.yaml", f"a: &a '{'x' * 3990}'\nb: [{'*a,' * 19_000}]"),
        ("a.ini", f"[DEFAULT]\na={'x' * 3990}\n" + "".join(f"[s{number}]\n" for number in range(10_000))),
        ("a.py", f"import {'a' * 40_000} as b\n" + "b.c(1)\n" * 4000),
        ("a.py", f"from {'a' * 40_000} import " + ",".join(f"b{number}" for number in range(4000))),
        ("a.py", f"class {'a' * 40_000}:\n" + " b(1)\n" * 4000),
    ],
)
def test_a_short_file_is_not_kept_at_any_length(name: str, content: str) -> None:
    """What stands once in it was repeated in each of its values: it took up to a gigabyte."""
    assert len(content) < 300_000
    assert len(msgspec.msgpack.encode(facts_of(kind_of(name), name, content.encode()))) < 2 * tree.MOST_CHARACTERS
