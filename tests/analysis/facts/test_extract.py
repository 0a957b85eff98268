"""What is asked of a file's content before any parser sees it."""

from __future__ import annotations

import pytest

from apps.analysis.facts.extract import SMALLEST_BUNDLE, facts_of
from apps.analysis.paths import Kind

LINE = "const net=tf.sequential();net.fit(x,y);app.listen(3000);"


def test_code_that_a_tool_wrote_for_browsers_is_searched_for_credentials_alone() -> None:
    bundle = LINE * (SMALLEST_BUNDLE // len(LINE) + 1) + 'var k="AKIA' + 'Q3EGRI7XTWS5P2LO";'
    found = facts_of(Kind.SCRIPT, "app.js", bundle.encode())
    assert (found.unparsed, found.signals) == ("minified code", [])
    assert len(found.secrets) == 1


def test_a_long_script_that_somebody_wrote_is_read() -> None:
    written = f"{LINE}\n" * (SMALLEST_BUNDLE // len(LINE) + 1)
    found = facts_of(Kind.SCRIPT, "app.js", written.encode())
    assert not found.unparsed
    assert {"train", "server"} <= {one.name for one in found.signals}


@pytest.mark.parametrize("head", ["# dependencies = 5\n", "# ]\n", "# a = [[1], {}\n"])
def test_what_a_script_says_of_itself_wrongly_takes_nothing_from_its_code(head: str) -> None:
    facts = facts_of(Kind.PYTHON, "a.py", f"# /// script\n{head}# ///\nimport torch\nx = 1\n".encode())
    assert not facts.unparsed
    assert not facts.dependencies
    assert facts.code
    assert [one.name for one in facts.code.assigns] == ["x"]


def test_an_odd_table_of_pixi_takes_nothing_from_the_project() -> None:
    text = b"[tool.pixi]\nfeature = 1\n[project]\ndependencies = ['torch==2.0.0']\n"
    assert [one.name for one in facts_of(Kind.TOML, "pyproject.toml", text).dependencies] == ["torch"]


def test_what_is_written_in_a_decorator_is_read_but_no_route() -> None:
    source = (
        b"@dag(default_args={'retries': 2}, schedule='/daily/')\n"
        b"@click.option('--url', default=os.getenv('DATABASE_URL'))\n"
        b"def run(): pass\n"
    )
    facts = facts_of(Kind.PYTHON, "daily.py", source)
    assert facts.code
    assert [(one.name, one.value) for one in facts.code.assigns] == [("retries", 2)]
    assert [(call.name, call.args) for call in facts.code.calls] == [("os.getenv", ["DATABASE_URL"])]
    assert not facts.code.texts


def test_what_a_with_statement_makes_has_its_name() -> None:
    facts = facts_of(Kind.PYTHON, "serve.py", b"with Triton(config=c) as server, open('x'):\n    server.serve()\n")
    assert facts.code
    assert [(call.last, call.target) for call in facts.code.calls] == [
        ("Triton", "server"),
        ("open", ""),
        ("serve", ""),
    ]
