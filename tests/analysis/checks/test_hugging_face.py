"""What code with the libraries of Hugging Face tells: trainers that measure, files that are loaded as data sets."""

from __future__ import annotations

import pytest

from apps.analysis.checks.codebase import evaluation, one_codebase
from apps.analysis.checks.disposability import startup
from apps.catalog import State
from tests.analysis.making import facts_of

TUNE = "import transformers\n\n\ndef tune(model, rows, held):\n    trainer = transformers.Trainer(model=model, train_dataset=rows{})\n    trainer.train()\n"


@pytest.mark.parametrize(
    ("given", "state"),
    [(", eval_dataset=held", State.PARTIAL), (", eval_dataset=None", State.UNMET), ("", State.UNMET)],
)
def test_a_trainer_that_is_given_data_to_measure_on_measures_while_it_trains(given: str, state: State) -> None:
    assert evaluation.check(facts_of({"tune.py": TUNE.format(given)})).state is state


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ("kind, data_files=files", State.MET),
        ("'csv', data_files={'train': path}", State.MET),
        ("'json', data_files='https://rows.example.net/rows.json'", State.UNMET),
        ("'acme/reviews', data_files='rows.json'", State.UNMET),
        ("name", State.UNMET),
    ],
)
def test_files_that_are_loaded_as_a_data_set_are_no_download(given: str, state: State) -> None:
    load = f"from datasets import load_dataset\n\n\ndef rows(kind, name, path, files):\n    return load_dataset({given})\n\n\n"
    assert startup.check(facts_of({"tune.py": load + TUNE.format("") + MAIN})).state is state


MAIN = "\n\nif __name__ == '__main__':\n    tune(None, rows('csv', '', '', []), None)\n"


def test_an_index_of_vectors_learns_its_cells_and_is_no_model() -> None:
    index = "import faiss\nimport torch\n\n\ndef build(rows):\n    index = make(rows)\n    index.train(rows)\n    index.add(rows)\n"
    assert not facts_of({"search.py": index}).profile.trains.holds
    assert facts_of({"search.py": index.replace("index.train", "learner.train")}).profile.trains.holds


def test_a_script_at_the_root_cannot_have_lost_a_module_beside_it() -> None:
    script = TUNE.format("") + "\n\ndef helped():\n    from .integrations import helper\n    return helper\n"
    assert one_codebase.check(facts_of({"train.py": script})).state is State.MET
    lost = one_codebase.check(facts_of({"lab/__init__.py": "", "lab/train.py": script}))
    assert lost.state is State.UNMET
    assert "integrations" in lost.summary
