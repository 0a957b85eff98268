"""What is installed decides, not what else lies in the repository."""

from __future__ import annotations

import pytest

from apps.analysis.checks.dependencies import declared, isolated, per_stage, pinned, system
from apps.catalog import State
from tests.analysis.making import facts_of

TRAIN = "from sklearn.svm import SVC\n\nSVC().fit([[1]], [1])\n"
SERVE = "import joblib\nfrom flask import Flask\n\napp = Flask(__name__)\nmodel = joblib.load('m')\n"


@pytest.mark.parametrize(
    ("installed", "expected"), [("requirements.txt", State.PARTIAL), ("requirements.lock", State.MET)]
)
def test_a_lock_that_the_image_does_not_install_fixes_nothing(installed: str, expected: State) -> None:
    facts = facts_of({
        "app.py": SERVE,
        "requirements.txt": "flask>=3.0\njoblib>=1.3\n",
        "requirements.lock": "flask==3.0.1\njoblib==1.3.2\n",
        "Dockerfile": f"FROM python:3.11\nCOPY . .\nRUN pip install -r {installed}\nCMD python app.py\n",
    })  # fmt: skip
    assert pinned.check(facts).state is expected


def test_without_an_image_the_lock_beside_the_list_counts() -> None:
    listed = {"requirements.txt": "flask>=3.0\n", "requirements.lock": "flask==3.0.1\n"}
    assert pinned.check(facts_of({"app.py": SERVE, **listed})).state is State.MET


@pytest.mark.parametrize(("added", "expected"), [("", State.UNMET), ("pytest==8.2.0\n", State.PARTIAL)])
def test_a_development_list_keeps_apart_only_what_it_adds(added: str, expected: State) -> None:
    listed = "flask==3.0.1\nscikit-learn==1.5.0\njoblib==1.3.2\n"
    facts = facts_of({
        "train.py": TRAIN,
        "app.py": SERVE,
        "requirements.txt": listed,
        "requirements-dev.txt": listed + added,
    })  # fmt: skip
    assert per_stage.check(facts).state is expected


def test_an_image_that_is_only_attached_brings_no_package() -> None:
    code = {"jobs/train.py": TRAIN + "import mlflow\n", "jobs/requirements.txt": "scikit-learn==1.5.0\n"}
    attached = "services:\n  tracker:\n    image: ghcr.io/mlflow/mlflow:v2.19.0\n"
    assert declared.check(facts_of({**code, "compose.yaml": attached})).state is State.PARTIAL
    base = "FROM ghcr.io/mlflow/mlflow:v2.19.0\nCMD python train.py\n"
    assert declared.check(facts_of({**code, "jobs/Dockerfile": base})).state is State.MET


@pytest.mark.parametrize(("path", "expected"), [("web/src/App.tsx", State.PARTIAL), ("static/app.js", State.MET)])
def test_a_page_that_is_built_declares_its_packages(path: str, expected: State) -> None:
    page = "import axios from 'axios';\nimport { Circle } from 'lucide-react';\n"
    facts = facts_of({"app.py": SERVE, "requirements.txt": "flask==3.0.1\njoblib==1.3.2\n", path: page})
    assert declared.check(facts).state is expected


def test_a_part_of_a_repository_without_a_revision_is_not_pinned() -> None:
    entry = "git+https://github.com/acme/tools{}#subdirectory=client\n"
    for revision, state in (("", State.PARTIAL), ("@1f3c9a2b7d5e4f6a8b9c0d1e2f3a4b5c6d7e8f90", State.MET)):
        listed = {"requirements.txt": "flask==3.0.1\njoblib==1.3.2\n" + entry.format(revision)}
        assert pinned.check(facts_of({"app.py": SERVE, **listed})).state is state


def test_the_platform_of_published_content_is_a_version_of_the_language() -> None:
    manifest = '{"version": 1, "platform": "4.2.2", "metadata": {"appmode": "shiny"}, "packages": {}}'
    assert system.check(facts_of({"app.R": "library(shiny)\n", "manifest.json": manifest})).state is State.PARTIAL
    plain = {"app.R": "library(shiny)\n", "manifest.json": '{"platform": "4.2.2"}'}
    assert system.check(facts_of(plain)).state is State.UNMET


STEPS = "from steps import step_of, clean, fit\n\nfirst = step_of(clean, base_image='{image}', packages_to_install=['pandas==1.3.3'])\nsecond = step_of(fit, base_image='registry.io/learn', packages_to_install=['xgboost'])\n"


def test_calls_that_make_steps_of_a_pipeline_choose_image_and_packages() -> None:
    facts = facts_of({"pipeline.py": STEPS.format(image="python:3.7"), "requirements.txt": "kfp==1.8.9\n"})
    assert isolated.check(facts).state is State.MET
    assert per_stage.check(facts).state is State.MET
    assert pinned.check(facts).state is State.PARTIAL
    assert system.check(facts).state is State.MET


def test_images_of_steps_without_a_version_float() -> None:
    facts = facts_of({"pipeline.py": STEPS.format(image="registry.io/prepare")})
    assert system.check(facts).state is State.PARTIAL


def test_a_function_that_is_deployed_with_its_runtime_is_an_environment() -> None:
    job = "deploy:\n  script:\n    - >\n      gcloud functions deploy run-train\n      --region=europe-west1 --runtime=python37\n"
    facts = facts_of({"main.py": "import pandas\n", "ci/base.yaml": job})
    assert (isolated.check(facts).state, system.check(facts).state) == (State.MET, State.MET)


def test_what_mlflow_writes_beside_a_model_is_no_environment_of_the_system() -> None:
    logged = {"model/MLmodel": "flavors: {}\n", "model/conda.yaml": "dependencies:\n- python=3.9\n- pip:\n  - mlflow\n"}
    facts = facts_of({"app.py": SERVE, "requirements.txt": "flask==3.0.1\njoblib==1.3.2\n", **logged})
    assert (pinned.check(facts).state, isolated.check(facts).state) == (State.MET, State.UNMET)


@pytest.mark.parametrize(
    ("image", "expected"),
    [("python:3", State.PARTIAL), ("docker.io/python:3-slim", State.PARTIAL), ("python:3.11-slim", State.MET)],
)
def test_an_image_of_any_python_3_has_no_version(image: str, expected: State) -> None:
    facts = facts_of({"app.py": SERVE, "Dockerfile": f"FROM {image}\nCOPY . .\nCMD python app.py\n"})
    assert system.check(facts).state is expected


def test_constraints_beside_a_list_fix_its_versions() -> None:
    files = {"app.py": SERVE, "requirements.txt": "-c constraints.txt\nflask\njoblib\n"}
    fixed = {**files, "constraints.txt": "flask==3.0.1\njoblib==1.3.2\nwerkzeug==3.0.0\n"}
    assert pinned.check(facts_of(fixed)).state is State.MET
    assert pinned.check(facts_of({**files, "constraints.txt": "flask==3.0.1\n"})).state is State.PARTIAL
    assert (
        pinned.check(facts_of({**files, "other/constraints.txt": "flask==3.0.1\njoblib==1.3.2\n"})).state
        is not State.MET
    )


def test_a_cell_that_installs_packages_of_the_system_is_a_command_in_prose() -> None:
    cells = '{{"cells": [{{"cell_type": "code", "source": ["!{}"]}}]}}'
    assert system.check(facts_of({"a.ipynb": cells.format("apt-get install -y ffmpeg")})).state is State.PARTIAL
    assert system.check(facts_of({"a.ipynb": cells.format("pip install ffmpeg")})).state is State.UNMET


@pytest.mark.parametrize(
    "files",
    [
        {"compose.yaml": "services:\n  app:\n    image: python:3.12-slim\n    command: python app.py\n"},
        {"nixpacks.toml": "[phases.setup]\naptPkgs = ['ffmpeg']\n"},
        {"site.yml": "- hosts: all\n  tasks:\n  - apt: {name: [ffmpeg, libgl1]}\n"},
        {"image.py": "import modal\n\nimage = modal.Image.debian_slim(python_version='3.12').apt_install('ffmpeg')\n"},
    ],
)
def test_what_brings_packages_of_the_system_is_known(files: dict[str, str]) -> None:
    assert system.check(facts_of({"app.py": "print(1)\n", **files})).state is State.MET


def test_images_of_other_services_bring_nothing_for_the_system() -> None:
    compose = "services:\n  db:\n    image: postgres:16\n"
    assert system.check(facts_of({"app.py": "print(1)\n", "compose.yaml": compose})).state is State.UNMET


def test_a_long_list_of_a_setup_declares() -> None:
    names = ["scikit-learn", *(f"part-{n}" for n in range(40))]
    named = f"from setuptools import setup\n\nREQUIRED = {names}\nsetup(name='x', install_requires=REQUIRED)\n"
    written = f"from setuptools import setup\n\nsetup(name='x', install_requires={names})\n"
    for setup in (named, written):
        assert declared.check(facts_of({"train.py": TRAIN, "setup.py": setup})).state is State.MET


def test_a_list_that_setup_names_declares() -> None:
    setup = "from setuptools import setup\n\n{} = ['scikit-learn']\nsetup(name='x', install_requires={})\n"
    assert declared.check(facts_of({"train.py": TRAIN, "setup.py": setup.format("REQ", "REQ")})).state is State.MET
    assert declared.check(facts_of({"train.py": TRAIN, "setup.py": setup.format("OTHER", "[]")})).state is State.UNMET


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("requirements copy.txt", State.UNMET),
        ("requirements_backup.txt", State.UNMET),
        ("requirements-serve.txt", State.PARTIAL),
    ],
)
def test_a_list_put_aside_pins_nothing(name: str, state: State) -> None:
    files = {"train.py": TRAIN, "requirements.txt": "scikit-learn\n", name: "scikit-learn==1.5.0\nflask==3.0.0\n"}
    assert pinned.check(facts_of(files)).state is state
    alone = {"train.py": TRAIN, "requirements copy.txt": "scikit-learn==1.5.0\n"}
    assert pinned.check(facts_of(alone)).state is State.MET
