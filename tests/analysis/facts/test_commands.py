"""Commands of Makefiles, as they are run."""

from __future__ import annotations

import tracemalloc

import pytest

from apps.analysis.facts.commands import of_make


def texts(makefile: str) -> list[str]:
    return [one.text for one in of_make(makefile) if one.text and one.target]


def test_a_recipe_that_goes_on_over_lines_is_one_command_where_it_begins() -> None:
    found = [
        one
        for one in of_make("serve:\n\tuvicorn app:app \\\n\t  --workers 4 \\\n\t  --port 80\n\techo done\n")
        if one.text
    ]
    assert [(one.text, one.line) for one in found] == [("uvicorn app:app --workers 4 --port 80", 2), ("echo done", 5)]


def test_a_variable_that_names_a_program_is_filled_in_and_others_are_left() -> None:
    makefile = (
        "PY := $(VENV)/bin/python3\nDC = docker compose\nTAG = v1\nup:\n\t$(DC) up -d\n\t@${PY} train.py --tag $(TAG)\n"
    )
    assert texts(makefile) == ["docker compose up -d", "$(VENV)/bin/python3 train.py --tag $(TAG)"]


@pytest.mark.parametrize("said", ['echo "Build it"', "printf 'one' && echo 'two'"])
def test_what_a_recipe_tells_first_does_not_hide_what_it_runs(said: str) -> None:
    assert texts(f"build:\n\t@{said} && \\\n\tdocker build .\n") == ["docker build ."]


def test_a_recipe_that_only_tells_is_left() -> None:
    assert texts('help:\n\t@echo "docker build"\n') == ['echo "docker build"']


def test_lines_are_not_put_together_without_end() -> None:
    found = of_make("all:\n" + "\ttouch a && \\\n" * 1000)
    assert max(len(one.text) for one in found) <= 1000
    assert len(found) > 10


def test_a_target_of_many_dependencies_has_its_recipe() -> None:
    found = of_make("help:\n\techo\ntrain: \\\n" + "  data/of/one/year.csv \\\n" * 30 + "  last\n\tpython train.py\n")
    assert [(one.text, one.target) for one in found if one.text] == [("echo", "help"), ("python train.py", "train")]


def test_a_long_name_of_a_program_is_not_multiplied() -> None:
    tracemalloc.start()
    of_make(f"A = {'/' * 100_000}python\nB = {'/' * 400}python\nx:\n\t{'$(A)' * 10_000}\n\t{'$(B)' * 10_000}\n")
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


def test_what_a_target_has_made_before_it_is_a_command_and_files_are_not() -> None:
    made = of_make("serve: venv model.pkl data/x.csv\n\tpython serve.py\n")
    assert [one.text for one in made] == ["make venv", "python serve.py"]
    assert [one.text for one in of_make("serve: PORT = 80\nrun port='80':\n\tpython x.py\n")] == ["", "", "python x.py"]
