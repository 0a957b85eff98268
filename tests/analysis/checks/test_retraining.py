"""Verdicts on what starts training again, and on where its metrics go."""

from __future__ import annotations

import json

import pytest

from apps.analysis.checks.admin_processes import retraining
from apps.analysis.checks.logs import training_metrics
from apps.catalog import State
from tests.analysis.making import facts_of

FIT = "from sklearn.svm import SVC\ndef learn():\n    model = SVC()\n    model.fit(x, y)\n"
MAIN = "if __name__ == '__main__':\n    learn()\n"
TRACKED = "import mlflow\ndef keep(y):\n    mlflow.log_metric('price', y)\n"
FLAGGED = (
    "import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('--rows')\nargs = parser.parse_args()\n"
)
SERVED = "from fastapi import FastAPI\nfrom told import keep\napp = FastAPI()\n@app.post('/predict')\ndef predict(x: dict):\n    keep(x)\n"


@pytest.mark.parametrize(
    ("trigger", "state"),
    [
        ("on:\n  push:\n    branches: [main]\n", State.PARTIAL),
        ("on:\n  workflow_dispatch:\n", State.MET),
        ("on: [push, workflow_dispatch]\n", State.MET),
        ("on: workflow_dispatch\n", State.MET),
        ("on:\n  schedule:\n    - cron: '0 3 * * *'\n", State.MET),
    ],
)
def test_a_workflow_retrains_where_somebody_can_start_it(trigger, state):
    workflow = trigger + "jobs:\n  learn:\n    steps:\n      - run: python train.py\n"
    files = {"train.py": FIT + MAIN, ".github/workflows/learn.yml": workflow}
    assert retraining.check(facts_of(files)).state is state


def test_a_task_retrains_whatever_its_name_if_it_runs_what_trains():
    files = {"core/learning.py": FIT, "run.py": "from core.learning import learn\n" + MAIN}
    assert retraining.check(facts_of(files)).state is State.PARTIAL
    started = files | {"Makefile": "nightly:\n\tpython run.py\n"}
    assert retraining.check(facts_of(started)).state is State.MET
    other = files | {"report.py": "print(1)\n", "Makefile": "nightly:\n\tpython report.py\n"}
    assert retraining.check(facts_of(other)).state is State.PARTIAL


def test_metrics_of_answers_are_none_of_training():
    files = {"train.py": FIT + MAIN, "app.py": SERVED, "told.py": TRACKED}
    assert training_metrics.check(facts_of(files)).state is State.UNMET
    both = files | {"train.py": "from told import keep\n" + FIT + "    keep(model.score(x, y))\n" + MAIN}
    assert training_metrics.check(facts_of(both)).state is State.MET


def test_metadata_of_a_step_is_tracked():
    code = "from zenml import log_metadata, step\n" + FIT + "    log_metadata(metadata={'r2': 1})\n"
    assert training_metrics.check(facts_of({"train.py": code})).state is State.MET


def test_a_pipeline_retrains_nothing_where_only_notebooks_train():
    nodes = (
        "from kedro.pipeline import node, pipeline\nmade = pipeline([node(clean, 'a', 'b'), node(merge, 'b', 'c')])\n"
    )
    fit = json.dumps({"cells": [{"cell_type": "code", "source": FIT}]})
    assert retraining.check(facts_of({"pipeline.py": nodes, "fit.ipynb": fit})).state is State.UNMET
    assert retraining.check(facts_of({"pipeline.py": nodes + FIT, "fit.ipynb": fit})).state is State.MET
    runs = {"run.sh": "jupyter nbconvert --execute fit.ipynb\n"}
    assert retraining.check(facts_of({"pipeline.py": nodes, "fit.ipynb": fit, **runs})).state is State.MET


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({"train.R": "args <- commandArgs()\nm <- ranger(y ~ ., d)\n"}, State.MET),
        (
            {"tools/Stem.java": "class Stem { void main(String[] args) { stem(args[0]); } }\n", "fit.py": FIT},
            State.PARTIAL,
        ),
    ],
)
def test_what_reads_the_command_line_retrains_where_its_language_trains(files: dict[str, str], state: State) -> None:
    assert retraining.check(facts_of(files)).state is state


OPTIONS = "import argparse\n\n\ndef {0}():\n    parser = argparse.ArgumentParser()\n    parser.add_argument('--config')\n    return parser.parse_args()\n"
STARTS = "import torch\nfrom lab.options import {0}\n\n\ndef train(opt, loss):\n    loss.backward()\n\n\nif __name__ == '__main__':\n    train({1}, 1)\n"


@pytest.mark.parametrize(
    ("name", "given", "state"),
    [
        ("parse_opt", "parse_opt()", State.MET),
        ("get_arguments", "get_arguments()", State.MET),
        ("parse_opt", "'configs/a.yaml'", State.PARTIAL),
        ("opened", "opened()", State.PARTIAL),
        ("parse", "parse()", State.MET),
        ("parse", "tree.parse('configs/a.xml')", State.PARTIAL),
    ],
)
def test_a_script_may_have_its_flags_read_by_a_function_of_another_module(name: str, given: str, state: State) -> None:
    options = OPTIONS.format(name) if name != "opened" else "def opened():\n    return open('a.yaml').read()\n"
    found = facts_of({"lab/options.py": options, "train.py": STARTS.format(name, given)})
    assert retraining.check(found).state is state


def test_a_script_may_have_its_flags_read_by_a_class_of_options() -> None:
    options = "import argparse\n\n\nclass TrainOptions:\n    def parse(self):\n        return argparse.ArgumentParser().parse_args()\n"
    files = {"lab/options.py": options, "train.py": STARTS.format("TrainOptions", "TrainOptions().parse()")}
    assert retraining.check(facts_of(files)).state is State.MET


def test_a_function_that_adds_to_a_parser_reads_no_flags_for_its_callers() -> None:
    options = "def modify_options(parser):\n    parser.add_argument('--size')\n    return parser.parse_known_args()\n"
    files = {"lab/options.py": options, "train.py": STARTS.format("modify_options", "modify_options(None)")}
    assert retraining.check(facts_of(files)).state is State.PARTIAL


@pytest.mark.parametrize(("begin", "state"), [(FLAGGED, State.MET), ("", State.PARTIAL)])
def test_likenesses_are_computed_anew_by_the_script_that_keeps_them(begin: str, state: State) -> None:
    code = "import pickle\nfrom sklearn.metrics.pairwise import cosine_similarity\n{}if __name__ == '__main__':\n    pickle.dump(cosine_similarity(rows), out)\n"
    assert retraining.check(facts_of({"scripts/likenesses.py": code.format(begin)})).state is state
