"""Python of other versions, and half written: what of it can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from apps.analysis.facts import code, other_python
from apps.analysis.facts.extract import facts_of
from apps.analysis.paths import Kind

if TYPE_CHECKING:
    import ast

    from apps.analysis.facts.model import FileFacts

PYTHON_2 = """\
def train(path):
    try:
        return load(path, rows=10)
    except IOError, problem:
        raise ValueError, 'none'
"""


def _read(source: str) -> FileFacts:
    return facts_of(Kind.PYTHON, "train.py", source.encode())


@pytest.mark.parametrize(
    "source",
    [
        'def train(path):\n    print "reading %s" % path\n    return load(path, rows=10)\n',
        PYTHON_2,
        "def train[T](path: T) -> T:\n    return load(path, rows=10)\n",
        "def train(path):\n\tif path:\n                return load(path, rows=10)\n",
    ],
)
def test_another_version_of_the_language_is_read_whole(source: str) -> None:
    facts = _read(source)
    assert not facts.unparsed
    assert facts.code
    assert [(call.args, call.kwargs) for call in facts.code.calls if call.name == "load"] == [(["$path"], {"rows": 10})]


def test_a_broken_line_costs_no_more_than_itself() -> None:
    facts = _read("import joblib\nmodel = joblib.load('model.pkl')\nx = {'a': int()),\n}\nmodel.predict(rows)\n")
    assert facts.unparsed
    assert facts.code
    assert [call.args for call in facts.code.calls if call.name == "joblib.load"] == [["model.pkl"]]
    assert [call.line for call in facts.code.calls if call.last == "predict"] == [5]


def test_what_is_no_python_at_all_is_read_by_patterns() -> None:
    facts = _read("import torch\n" + "{% if x %}torch.save(a b\n" * 60)
    assert facts.unparsed
    assert facts.code
    assert facts.code.imports[0].module == "torch"


def test_long_sources_are_tried_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []
    parse = code.tree_of

    def counted(text: str) -> ast.Module:
        tried.append(len(text))
        return parse(text)

    monkeypatch.setattr(code, "tree_of", counted)
    assert other_python.read("x = 1\n" * 60_000 + "a b\n" * 30) is None
    assert sum(tried) < 2 * other_python.MOST_PARSED
