"""No check crashes, whatever stands where it expects something else."""

from __future__ import annotations

import ast
import keyword
import re
import time
from functools import cache
from pathlib import Path

import pytest

from apps import analysis
from apps.analysis import checks
from apps.analysis.checks.concurrency import process_types
from apps.analysis.code import copy_names
from tests.analysis.making import facts_of

ODD_PYTHON = ("[1, 'a']", "[[]]", "-1.5")
ODD_YAML = ("[1, a]", "{k: [~]}", "~", "-1")
WORDS_OF_A_CALL = 6


@cache
def _constants() -> list[str]:
    """Every text in the engine: the names of the calls, arguments and keys that it asks for are among them."""
    sources = [path.read_text(encoding="utf-8") for path in Path(analysis.__file__).parent.rglob("*.py")]
    nodes = [node for source in sources for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
    return sorted({node.value for node in nodes if isinstance(node.value, str)})


def _names() -> list[str]:
    dotted = [one.replace("*", "x") for one in _constants() if re.fullmatch(r"[\w*]+(\.[\w*]+)+", one)]
    return [one for one in dotted if all(_is_name(part) for part in one.split("."))]


def _words() -> list[str]:
    return [one for one in _constants() if one.islower() and len(one) < 30 and _is_name(one)]


def _is_name(word: str) -> bool:
    return word.isidentifier() and not keyword.iskeyword(word)


def _module(odd: str) -> str:
    names, words = _names(), _words()
    lines = [f"import {one.split('.')[0]}" for one in names]
    for number, name in enumerate(names):
        given = [words[(number * WORDS_OF_A_CALL + step) % len(words)] for step in range(WORDS_OF_A_CALL)]
        keywords = ", ".join(f"{one}={odd}" for one in dict.fromkeys(given))
        lines += [f"made_{number} = {name}({odd}, {odd}, {keywords})", f"{name}()"]
    lines += [f"x.connect({one}={odd})" for one in words]
    lines += [f"{one} = {odd}" for one in words]
    return "\n".join(lines)


@pytest.mark.parametrize("odd", ODD_PYTHON)
def test_no_check_crashes_over_an_odd_literal_in_any_call_it_asks_for(odd: str) -> None:
    facts = facts_of({"train.py": _module(odd), "Dockerfile": "FROM python\nCMD []\n"})
    for check in checks.load().values():
        assert check(facts).summary


_YAML = (
    "compose.yaml",
    "k8s/deployment.yaml",
    ".github/workflows/ci.yml",
    "dvc.yaml",
    "params.yaml",
    "environment.yml",
    "Chart.yaml",
    "values.yaml",
    "template.yaml",
    "serverless.yml",
    "conf/base/catalog.yml",
)


@pytest.mark.parametrize("odd", ODD_YAML)
def test_no_check_crashes_over_an_odd_value_of_any_key_it_asks_for(odd: str) -> None:
    flat = "".join(f"{one}: {odd}\n" for one in _words())
    deep = "services:\n  a:\n" + "".join(f"    {one}: {odd}\n" for one in _words())
    facts = facts_of({"app.py": "import os\n"} | {path: deep if "/" not in path else flat for path in _YAML})
    for check in checks.load().values():
        assert check(facts).summary


def test_thousands_of_versions_of_a_file_are_compared_by_name_once() -> None:
    files: dict[str, str | bytes] = {f"src/m{number}_v2.py": f"x = {number}\n" for number in range(4000)}
    files["src/m0.py"] = "x = 0\n"
    begun = time.process_time()
    assert [file.path for file in copy_names.copies(facts_of(files))] == ["src/m0_v2.py"]
    assert time.process_time() - begun < 20  # seconds; each with each took twice as long


def test_endless_names_of_workloads_cost_no_more_than_their_length() -> None:
    name = "_" * 4000
    workloads = "".join(
        f"---\nkind: Deployment\nmetadata:\n  name: z{name}{number}\nspec:\n  template: {{}}\n" for number in range(100)
    )
    facts = facts_of({"k8s.yaml": workloads})
    begun = time.process_time()
    process_types.check(facts)
    assert time.process_time() - begun < 10  # seconds; it took forty
