"""A notebook's cells are read as code, at the lines of its file."""

from __future__ import annotations

import json

from apps.analysis.facts.extract import facts_of
from apps.analysis.paths import Kind


def book(*cells: str, **metadata: object) -> bytes:
    return json.dumps(
        {
            "cells": [{"cell_type": "code", "source": one.splitlines(keepends=True)} for one in cells],
            "metadata": metadata,
        },
        indent=1,
    ).encode()


def calls(content: bytes) -> list[str]:
    code = facts_of(Kind.NOTEBOOK, "a.ipynb", content).code
    assert code is not None
    return [call.name for call in code.calls]


def test_lines_are_those_of_the_file() -> None:
    content = book("import pandas as pd\nframe = pd.read_csv('a.csv')\n")
    code = facts_of(Kind.NOTEBOOK, "a.ipynb", content).code
    assert code is not None
    assert "read_csv" in content.decode().split("\n")[code.calls[0].line - 1]


def test_lines_of_decorators_are_those_of_the_file() -> None:
    content = book("import flask", "app = flask.Flask(__name__)\n\n@app.before_request\ndef note():\n    pass\n")
    code = facts_of(Kind.NOTEBOOK, "a.ipynb", content).code
    assert code is not None
    assert "before_request" in content.decode().split("\n")[code.defines[0].decorators[0].line - 1]


def test_a_half_written_cell_costs_only_itself() -> None:
    assert calls(book("for x in", "model.fit(x)")) == ["model.fit"]


def test_magics_and_shell_lines_are_no_python() -> None:
    content = book("%matplotlib inline\n!pip install torch\nmodel.fit(x)", "%%bash\nls | wc\n")
    facts = facts_of(Kind.NOTEBOOK, "a.ipynb", content)
    assert calls(content) == ["model.fit"]
    assert [command.text for command in facts.commands][-1] == "pip install torch"


def test_a_module_that_a_cell_writes_is_code() -> None:
    assert calls(book("%%writefile train.py\nmodel.fit(x)\n")) == ["model.fit"]
    assert calls(book("%%writefile notes.txt\nmodel.fit(x)\n", "y = f(1)")) == ["f"]


def test_another_language_holds_no_python() -> None:
    content = book("fit <- lm(y ~ x)", kernelspec={"language": "R", "name": "ir"})
    assert facts_of(Kind.NOTEBOOK, "a.ipynb", content).code is None


def test_equal_cells_have_equal_digests_whatever_the_comments() -> None:
    cell = "".join(f"frame['column_{n}'] = frame['column_{n}'].fillna({n})\n" for n in range(8))
    (first,) = facts_of(Kind.NOTEBOOK, "a.ipynb", book(cell)).blocks
    (second,) = facts_of(Kind.NOTEBOOK, "b.ipynb", book("# the same\n" + cell)).blocks
    assert first.digest == second.digest
