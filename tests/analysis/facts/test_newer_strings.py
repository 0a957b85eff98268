"""Formatted strings of Python 3.12: what an older parser reads of them."""

from __future__ import annotations

import ast
import json

import pytest

from apps.analysis.facts.extract import facts_of
from apps.analysis.facts.newer_strings import rewritten
from apps.analysis.paths import Kind


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("""f"{row["name"]}: {count}\"""", '''f"""{row['name']}: {count}"""'''),
        ("""f'{row['name']:>{sizes['name']}}'""", """f'''{row["name"]:>{sizes["name"]}}'''"""),
        ("""f"{"\\n".join(rows)}\"""", '''f"""{' '.join(rows)}"""'''),
        (
            """f"{", ".join(f"{one["id"]}" for one in rows)}\"""",
            '''f"""{', '.join(f'{one["id"]}' for one in rows)}"""''',
        ),
        ("""f"{f"it's {row["id"]}"}\"""", '''f"""{f'it s {row["id"]}'}"""'''),
        ('f"{\n  x  # the name\n}"', 'f"""{\n  x  \n}"""'),
        ("""x = 'it\\'s'  # it's\ny = rf"\\d{row["id"]}\"""", '''x = 'it\\'s'  # it's\ny = rf"""\\d{row['id']}"""'''),
    ],
)
def test_expressions_get_quotes_that_their_string_does_not_have(written: str, read: str) -> None:
    assert rewritten(written) == read
    assert ast.parse(read)


@pytest.mark.parametrize(
    "source",
    [
        """f"{row['name']} {{not}} {'#' * 3}" """,
        """x = "{" + y["a"] + "}" """,
        'f"{open',
        """f"{f"{f"{x}"}"}\"""",
        'f"{"""two\nlines"""}"',
        "f'{",
        """f"{x:>{""",
        """f"{"a""",
        'f"' + "{a:" * 3000 + '"',
        'f"{a:{b:{c:{d}}}}"',
    ],
)
def test_other_strings_stay_as_they_are(source: str) -> None:
    assert rewritten(source) == source


def test_a_file_with_such_strings_is_read_whole() -> None:
    source = (
        b"import os, mlflow\n"
        b"def train(row):\n"
        b"    mlflow.set_tracking_uri(\n"
        b'        f"http://{os.environ["MLFLOW_HOST"]}"\n'
        b"    )\n"
        b"    model.fit(row)\n"
    )
    facts = facts_of(Kind.PYTHON, "train.py", source)
    assert not facts.unparsed
    assert facts.code
    assert {(call.name, call.line) for call in facts.code.calls} >= {("mlflow.set_tracking_uri", 3), ("model.fit", 6)}


def test_a_cell_with_such_strings_is_read_and_a_broken_one_is_not() -> None:
    cells = ['print(f"{row["name"]}")\nmodel.fit(row)\n', 'f"{row["a"]}" model.predict(\n', "x = 1\n"]
    book = {
        "cells": [{"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in cells],
        "metadata": {"kernelspec": {"language": "python"}},
    }
    facts = facts_of(Kind.NOTEBOOK, "train.ipynb", json.dumps(book).encode())
    assert facts.code
    assert [call.last for call in facts.code.calls] == ["print", "fit"]


def test_several_exceptions_need_no_brackets() -> None:
    facts = facts_of(Kind.PYTHON, "a.py", b"try:\n    load()\nexcept ValueError, http.Error, OSError:\n    save()\n")
    assert not facts.unparsed
    assert facts.code
    assert [call.name for call in facts.code.calls] == ["load", "save"]
