"""What patterns tell of files that no parser reads."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.analysis.facts import signals
from apps.analysis.facts.signal_patterns import PATTERNS
from apps.analysis.facts.signals import python_imports
from apps.analysis.paths import Kind

OWN = Path(signals.__file__).parent  # full of the words that the patterns look for
TEXTS = {path.name: path.read_text(encoding="utf-8") for path in sorted(OWN.glob("*.py"))}
TEXTS["broken lines"] = (
    "model.fit\n\n\n(\n)\nconst {\n  a,\n  b,\n  c,\n  d,\n  e\n} = require('mongoose')\nnew Schema\n(\nfrom\n'x'"
)
TEXTS["many lines"] = "new train\n" * (signals.MOST_LINES + 2) + "model.fit(x)\n"
TEXTS["one line"] = "extends Table[;" * 40
TEXTS["any case"] = (
    "Port = 8080\nrow.PORT=8081, port = 1\nInsert\n\n\n\n\n\nInto\n\nPREDICTIONS\n"
    "create\n\n\n\n\n\nor replace Table x\nx!pred\u0131ct\n(\n"
    "In\u017fert Into x.PRED\u0130CTIONS\n\u0130\u0131nsert into predict\n\u0131n\u017fert into predict\n"
)
OTHER_SPELLINGS = [{}, {"s": "\u017f"}, {"I": "\u0130", "k": "\u212a"}, {"i": "\u0131", "S": "\u017f"}, {"i": "\u0130"}]


def test_imports_that_a_docstring_shows_are_none() -> None:
    shown = '"""Use it.\n\n    from x import y\n"""\nimport numpy\n\n\ndef f():\n'
    told = "    '''Like\n    import that.\n    import it\n    '''\n    import torch\nimport os\n"
    assert [one.module for one in python_imports(shown + told)] == ["numpy", "torch", "os"]


def test_imports_at_the_margin_are_found_behind_quotes_that_mislead() -> None:
    assert [one.module for one in python_imports("a = b  # not '''\nimport numpy\n")] == ["numpy"]


def test_calls_of_code_without_a_syntax_tree_are_found_by_their_whole_names() -> None:
    text = (
        "import torch.nn as nn\nprint nn.Linear(1)\nmake().fit (x)\nrows[0].save(y)\n" + "a" + ".a" * 50 + "\nend()\n"
    )
    found = signals.python_calls(text, {"nn": "torch.nn"})
    assert found == [("torch.nn.Linear", 2), ("make", 3), ("fit", 3), ("save", 4), ("end", 6)]


@pytest.mark.parametrize("name", PATTERNS)
def test_looking_around_words_finds_what_looking_everywhere_finds(name: str) -> None:
    kinds, pattern = PATTERNS[name]
    everywhere = re.compile(pattern, re.MULTILINE)
    most = signals.MOST_OF_ONE * signals.TIMES.get(name, 1)
    for text in TEXTS.values():
        found = [one.line for one in signals.of(min(kinds), text) if one.name == name]
        assert found == _lines(min(kinds), name, everywhere, text)[:most]


@pytest.mark.parametrize("name", [name for name in PATTERNS if name not in signals.SPANNING - {"import"}])
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_looking_for_each_alternative_alone_finds_what_all_of_them_find_at_once(name: str, data: st.DataObject) -> None:
    kinds, pattern = PATTERNS[name]
    everywhere = re.compile(pattern, re.MULTILINE)
    hits = st.from_regex(everywhere, alphabet=st.characters(min_codepoint=32, max_codepoint=126))
    lines = st.lists(st.lists(hits, max_size=3).map(" ".join), max_size=4)
    spelled = str.maketrans(data.draw(st.sampled_from(OTHER_SPELLINGS)))
    text = "\n".join(line.translate(spelled) for line in data.draw(lines))
    most = signals.MOST_OF_ONE * signals.TIMES.get(name, 1)
    found = [one.line for one in signals.of(min(kinds), text) if one.name == name]
    assert found == _lines(min(kinds), name, everywhere, text)[:most]


def _lines(kind: Kind, name: str, everywhere: re.Pattern[str], text: str) -> list[int]:
    """Lines where the expression finds something that is no comment."""
    starts = [one.start() + len(one[0]) - len(one[0].lstrip()) for one in everywhere.finditer(text)]
    lines = [text.count("\n", 0, start) + 1 for start in starts]
    texts = text.split("\n")
    return [line for line in lines if not signals.is_comment(kind, name, texts[line - 1].strip())]


@pytest.mark.parametrize(
    ("kind", "text", "lines"),
    [
        (Kind.R, "#' uses future::plan()\nfuture::plan(multisession)\n", [2]),
        (Kind.JAVA, "/** An ExecutorService.\n * ExecutorService of ours\n */\nExecutorService own;\n", [4]),
        (Kind.GO, "// go func() is not used\nx := 1 // go func()\n", [2]),
    ],
)
def test_comments_tell_nothing(kind: Kind, text: str, lines: list[int]) -> None:
    assert [one.line for one in signals.of(kind, text) if one.name == "parallel"] == lines


def test_what_plumber_reads_is_told_in_comments() -> None:
    assert [one.name for one in signals.of(Kind.R, "#* @get /health\nfunction() 'ok'\n")] == ["route", "health"]


def test_a_word_may_begin_with_the_end_of_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(signals.PATTERNS, "two-lines", ({Kind.GO}, r"\w\nabc\s*yz"))
    monkeypatch.setattr(signals, "_patterns", signals._Patterns)
    found = signals.of(Kind.GO, "a\nabc\n\n\n\n\n\nb\nabc yz\n")
    assert [(one.name, one.line) for one in found] == [("two-lines", 8)]


@pytest.mark.parametrize(
    ("kind", "unit", "end"),
    [
        (Kind.SCRIPT, " ", "const{}= require("),
        (Kind.SCRIPT, "savePrediction", ""),
        (Kind.R, "load_model_", ""),
        (Kind.GROOVY, "TAG", ""),
        (Kind.SCALA, "enablePlugins(", "Play"),
        (Kind.GO, ".runner" + " " * 2000, ".runner"),
        (Kind.PROSE, "`./a", ".sh"),
        (Kind.TEXT, "train", ""),
        (Kind.GO, "fit(", ""),
        (Kind.GO, ".Run(" + " " * 20_000, ""),
    ],
)
def test_a_long_line_of_the_words_that_patterns_look_for_takes_no_longer_than_its_length(
    kind: Kind, unit: str, end: str
) -> None:
    text = f"const{unit * (60_000 // len(unit))}{end}"
    begun = time.process_time()
    signals.of(kind, text)
    assert time.process_time() - begun < 3


def test_imports_are_read_by_pattern_over_lines_and_not_out_of_texts() -> None:
    source = (
        "from shop.models import (\n    Item,  # sold\n    Order as Sold,\n)\nimport numpy as np, json\n"
        "from .k import (a)\n"
        "from . import views\ntry:\n    import cupy\nexcept ImportError:\n    cupy = None\n"
        'def f():\n    """This\n    import is split in two, and\n    from the import of things, more.\n    """\n'
    )
    found = [(one.module, one.line, one.guarded) for one in python_imports(source)]
    assert found == [
        ("shop.models.Item", 1, False), ("shop.models.Order", 1, False), ("numpy", 5, False), ("json", 5, False),
        (".k.a", 6, False), (".views", 7, False), ("cupy", 9, True),
    ]  # fmt: skip
