"""Images that are defined by other files than Dockerfiles."""

from __future__ import annotations

import pytest

from apps.analysis.checks.build_release_run import build, run
from apps.analysis.checks.dependencies import isolated, system
from apps.catalog import State
from tests.analysis.making import facts_of

TRAIN = {"train.py": "from sklearn.svm import SVC\nSVC().fit(x, y)\n", "requirements.txt": "scikit-learn==1.5.0\n"}
APPTAINER = """Bootstrap: docker
From: nvidia/cuda:12.1.0-runtime-ubuntu22.04

%post
    # what follows runs once
    apt-get update && apt-get install -y \\
        python3-pip
    pip install -r /app/requirements.txt

%files
    requirements.txt /app/requirements.txt
    train.py

%runscript
    exec python3 /app/train.py "$@"
"""
EARTHFILE = """VERSION 0.8
FROM python:3.12-slim

deps:
    RUN apt-get update && apt-get install -y ffmpeg
    COPY requirements.txt .
    RUN pip install -r requirements.txt

image:
    FROM +deps
    COPY . .
    CMD ["python", "train.py"]
    SAVE IMAGE ml:latest
"""
FILES = {"Singularity": APPTAINER, "train.def": APPTAINER, "apptainer.gpu": APPTAINER, "Earthfile": EARTHFILE}


@pytest.mark.parametrize("path", FILES)
def test_it_is_an_image_with_its_packages_and_its_command(path: str) -> None:
    facts = facts_of({**TRAIN, path: FILES[path]})
    assert [check.check(facts).state for check in (isolated, system, build, run)] == [State.MET] * 4


def test_files_of_an_apptainer_image_are_there_before_anything_runs() -> None:
    (file,) = facts_of({"a.def": APPTAINER}).dockerfiles
    assert [one.name for one in file.facts.instructions] == ["FROM", "COPY", "COPY", "RUN", "RUN", "ENTRYPOINT"]
    assert [one.line for one in file.facts.instructions] == [2, 11, 12, 6, 8, 15]


@pytest.mark.parametrize(
    ("path", "content"),
    [("exports.def", "LIBRARY model\nEXPORTS\n  predict @1\n"), ("singularity.md", APPTAINER), ("a.def", "From: me\n")],
)
def test_another_file_of_that_name_is_no_image(path: str, content: str) -> None:
    facts = facts_of({**TRAIN, path: content})
    assert not facts.dockerfiles
    assert isolated.check(facts).state is State.UNMET
