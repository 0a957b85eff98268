"""Parallel copies: code that was copied and then changed, and copies that tell themselves by their names."""

from __future__ import annotations

import json

import pytest

from apps.analysis.checks.codebase import one_codebase
from apps.catalog import State
from tests.analysis.making import facts_of

TRAIN = "from sklearn.svm import SVC\n\nmodel = SVC().fit(x, y)\n"
APP = "import flask\n\napp = flask.Flask(__name__)\n"


def function(name: str, of: str, lines: int = 15) -> str:
    body = "".join(f"    frame['{of}_{n}'] = frame['{of}_{n}'].clip(0, {n})\n" for n in range(lines))
    return f"def {name}(frame):\n{body}    return frame\n\n\n"


def module(of: str, *names: str, lines: int = 15) -> str:
    """A module with these functions and one of its own."""
    return "".join(function(name, f"{of}_{name}", lines) for name in (*names, f"only_{of}"))


def test_modules_that_were_copied_and_changed_are_partial() -> None:
    names = ("check_columns", "check_names", "move_bad_rows")
    files = {"checks/of_train.py": module("train", *names), "checks/of_predict.py": module("predict", *names, lines=16)}
    found = one_codebase.check(facts_of(files))
    assert found.state is State.PARTIAL
    assert "check_columns" in found.summary


@pytest.mark.parametrize(
    ("names", "lines"),
    [
        (("check_columns", "check_names"), 15),  # two of a name
        (("check_columns", "check_names", "move_bad_rows"), 40),  # of another size
        (("run", "load", "main"), 15),  # what everybody calls so
    ],
)
def test_modules_with_some_names_in_common_are_met(names: tuple[str, ...], lines: int) -> None:
    files = {"steps/clean.py": module("clean", *names), "steps/split.py": module("split", *names, lines=lines)}
    assert one_codebase.check(facts_of(files)).state is State.MET


@pytest.mark.parametrize(
    "copy",
    [
        {"run.sh": "python train.py\n", "run.sh.txt": "python train.py\n"},
        {"train.py.bak": TRAIN},
        {"src/clean.py": "x = 1\n", "build/lib/clean.py": "x = 1\n"},
        {"practice/training_v2.py": "x = 2\n"},
        {
            "notebooks/clean.ipynb": '{"cells": [{"cell_type": "code", "source": "x = 1"}]}',
            "notebooks/clean_script.py": "x = 1\n",
        },
        {
            "01-app/app.R": "library(shiny)\nshinyApp(ui, server)\n",
            "02-app-dev/app.R": "library(shiny)\nshinyApp(ui, s)\n",
        },
        {
            f"{folder}/{name}.yaml": f"kind: {folder}\n"
            for folder in ("argocd", "archived02")
            for name in ("gpu", "nodes")
        },
    ],
)
def test_names_and_folders_of_copies_are_partial(copy: dict[str, str | bytes]) -> None:
    found = one_codebase.check(facts_of({"train.py": TRAIN, "app.py": APP, **copy}))
    assert found.state is State.PARTIAL
    assert "by its name" in found.summary


HOOK = "".join(f"export const useName{n} = (given: string) => given.trim().slice({n}, {n + 9})\n" for n in range(9))


@pytest.mark.parametrize(
    "files",
    [
        {"infra/terraform/terraform.tfstate.backup": "{}", "infra/terraform/terraform.tfstate": "{}"},
        {"archived/look.py": "x = 1\n", "notes.txt": "x\n"},
        {"envs/dev/app.py": "x = 1\n", "envs/prod/app.py": "x = 2\n"},
        {"models/inception_v3.py": "x = 1\n", "build/lib/other.py": "x = 1\n"},
        {"page/src/key-quick-copy.tsx": "export const Copy = 1\n"},
        {
            "page/hooks/use-toast.ts": HOOK,
            "page/components/ui/use-toast.ts": HOOK,
            "admin/components/ui/card.tsx": HOOK,
        },
    ],
)
def test_what_only_looks_like_a_copy_is_met(files: dict[str, str | bytes]) -> None:
    assert one_codebase.check(facts_of({"train.py": TRAIN, **files})).state is State.MET


def test_a_copy_beside_the_plain_module_of_a_page_is_one() -> None:
    files = {"page/src/card.tsx": "export const a = 1\n", "page/src/card-copy.tsx": "export const b = 1\n"}
    assert one_codebase.check(facts_of({"train.py": TRAIN, **files})).state is State.PARTIAL


def test_a_missing_module_of_a_loose_script_is_partial() -> None:
    package = {"scripts/__init__.py": "", "scripts/load/__init__.py": "", "scripts/load/texts.py": "x = 1\n"}
    uses = "from scripts.load.texts import x\n"
    lacks = "from scripts.gone.lines import run\n\nrun()\n"
    files = {**package, "train.py": uses + TRAIN, "scripts/once.py": lacks}
    found = one_codebase.check(facts_of(files))
    assert found.state is State.PARTIAL
    assert "scripts.gone" in found.summary
    assert one_codebase.check(facts_of({**package, "train.py": uses + lacks + TRAIN})).state is State.UNMET


def test_a_module_beside_the_script_that_is_started_is_there_even_within_a_package() -> None:
    files = {
        "src/__init__.py": "",
        "src/start.py": "from items.shown import Shown\n" + TRAIN,
        "src/items/shown.py": "class Shown: pass\n",
        "worker/start.py": "from items.queue import Queue\n",
        "worker/items/queue.py": "class Queue: pass\n",
    }
    assert one_codebase.check(facts_of(files)).state is State.MET
    del files["src/items/shown.py"]
    assert one_codebase.check(facts_of(files)).state is not State.MET


def test_each_service_starts_in_its_own_folder() -> None:
    services = {
        "pay-api/api/rows.py": "x = 1\n",
        "pay-api/main.py": "from api.rows import x\n" + APP,
        "score-api/__init__.py": "",
        "score-api/api/__init__.py": "",
        "score-api/api/config/__init__.py": "",
        "score-api/api/config/paths.py": "x = 1\n",
        "score-api/main.py": "from api.config.paths import x\n" + TRAIN,
    }
    assert one_codebase.check(facts_of(services)).state is State.MET
    del services["score-api/api/config/__init__.py"], services["score-api/api/config/paths.py"]
    assert one_codebase.check(facts_of(services)).state is State.UNMET


@pytest.mark.parametrize(
    "first", ["import os\nos.environ['KEY'] = '1'\n", "from google.colab import userdata\nkey = userdata.get('KEY')\n"]
)
def test_cells_that_set_the_session_up_are_no_copies(first: str) -> None:
    rest = "".join(f"project_{n} = names['project_{n}'] or names['default_{n}']\n" for n in range(20))

    def files(cell: str) -> dict[str, str]:
        return {
            f"notebooks/{name}.ipynb": json.dumps(
                {"cells": [{"cell_type": "code", "source": cell}, {"cell_type": "code", "source": f"{name} = 1\n"}]}
            )
            for name in "ab"
        }

    assert one_codebase.check(facts_of(files(rest))).state is State.PARTIAL
    assert one_codebase.check(facts_of(files(first + rest))).state is State.MET


def test_an_extension_of_cython_is_no_missing_module() -> None:
    files = {
        "align/__init__.py": "from .align.core import path\n",
        "align/setup.py": "import setuptools\n",
        "models.py": "import align\n" + TRAIN,
    }
    assert one_codebase.check(facts_of(files)).state is not State.MET
    assert one_codebase.check(facts_of({**files, "align/core.pyx": "def path(): pass\n"})).state is State.MET


@pytest.mark.parametrize(
    ("name", "changed", "state"),
    [
        ("train_gpu", 32, State.PARTIAL),
        ("evaluate", 32, State.MET),  # of another name
        ("train_gpu", 60, State.MET),  # of another size
    ],
)
def test_a_module_that_varies_the_one_beside_it_is_a_copy(name: str, changed: int, state: State) -> None:
    files = {"train.py": function("main", "a", 30) + function("run", "b", 30)}
    files[f"{name}.py"] = function("main", "c", changed) + function("run", "d", changed)
    assert one_codebase.check(facts_of(files)).state is state


@pytest.mark.parametrize(("name", "state"), [("to_device", State.MET), ("Plotter", State.UNMET)])
def test_what_another_module_of_the_package_holds_is_not_missing(name: str, state: State) -> None:
    package = {"tools/__init__.py": "", "tools/devices.py": "def to_device(x): return x\n"}
    elsewhere = {"other.py": "class Plotter: pass\n"}
    code = f"from tools.devices import to_device\nfrom tools.utils import {name}\n{TRAIN}"
    deep = f"from tools.devices import to_device\nfrom tools.run.utils import {name}\n{TRAIN}"
    for source in (code, deep):
        found = one_codebase.check(facts_of({**package, **elsewhere, "train.py": source}))
        assert found.state is state, found.summary
