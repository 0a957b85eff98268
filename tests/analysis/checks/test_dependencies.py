"""Dependencies: declared, pinned, isolated, with their system needs, per stage."""

from __future__ import annotations

from apps.analysis.checks.dependencies import declared, isolated, per_stage, pinned, system
from apps.analysis.packages.imports import of_python as third_party
from apps.catalog import State
from tests.analysis.making import facts_of

TRAIN = "import pandas as pd\nfrom sklearn.svm import SVC\n\nSVC().fit(pd.read_csv('x.csv'), [])\n"
SERVE = "import joblib\nfrom flask import Flask\n\napp = Flask(__name__)\nmodel = joblib.load('m')\n"


# --- declared -------------------------------------------------------------------------------------------------------
def test_packages_are_declared_under_the_name_of_their_distribution() -> None:
    code = "import yaml, cv2, bs4, dotenv\nfrom PIL import Image\nfrom google.cloud import storage\n"
    listed = "PyYAML\nopencv-python-headless\nbeautifulsoup4\nPillow\ngoogle_cloud_storage\npython-dotenv\n"
    assert declared.check(facts_of({"app.py": code, "requirements.txt": listed})).state is State.MET


def test_a_package_that_only_another_one_brings_is_missing() -> None:
    found = declared.check(
        facts_of(
            {"train.py": TRAIN + "import numpy\nimport scipy\n", "requirements.txt": "pandas\nscikit-learn\nscipy"}
        )
    )
    assert found.state is State.PARTIAL
    assert "`numpy`" in found.summary
    assert any((place.path, place.line) == ("train.py", 5) for place in found.evidence)


def test_a_manifest_that_misses_most_declares_nothing() -> None:
    found = declared.check(facts_of({"app.py": TRAIN + SERVE, "requirements.txt": "pandas\n"}))
    assert found.state is State.UNMET


def test_code_without_a_manifest_is_unmet_and_the_readme_is_cited() -> None:
    found = declared.check(facts_of({"train.py": TRAIN, "README.md": "Run `pip install pandas scikit-learn`."}))
    assert found.state is State.UNMET
    assert found.evidence[0].path == "README.md"


def test_own_modules_guarded_imports_and_python_2_names_are_no_packages() -> None:
    files = {
        "src/app/main.py": "import urllib2, json\nimport loaders\nfrom app.models import Net\nfrom .x import y\n"
        "try:\n    import cupy\nexcept ImportError:\n    cupy = None\n",
        "src/app/models.py": "",
        "src/app/__init__.py": "",
        "src/app/loaders.py": "",
    }
    assert third_party(facts_of(files)) == []


def test_a_folder_named_like_a_package_does_not_hide_it() -> None:
    found = third_party(facts_of({"mlflow/train.py": "import mlflow\n", "main.py": "import mlflow\n"}))
    assert [one.module for one in found] == ["mlflow"]


def test_a_managed_base_image_brings_its_packages() -> None:
    files = {
        "dags/x.py": "from airflow import DAG\n",
        "Dockerfile": "FROM apache/airflow:2.9.1\nRUN pip install pandas==2.2\n",
    }
    assert declared.check(facts_of(files)).state is State.MET


def test_the_standard_library_alone_needs_no_manifest() -> None:
    assert declared.check(facts_of({"app.py": "import json\n"})).state is State.MET


def test_an_empty_repository_declares_nothing() -> None:
    assert declared.check(facts_of({})).state is State.UNMET


def test_r_code_needs_a_description_or_a_lock() -> None:
    assert declared.check(facts_of({"model.R": "library(xgboost)\n"})).state is State.UNMET


# --- pinned ---------------------------------------------------------------------------------------------------------
def test_a_lock_pins_a_manifest_of_ranges() -> None:
    files = {"pyproject.toml": '[tool.poetry.dependencies]\npandas = "^2.0"\n', "poetry.lock": "[[package]]\n"}
    assert pinned.check(facts_of(files)).state is State.MET


def test_all_entries_with_exact_versions_are_pinned() -> None:
    assert pinned.check(facts_of({"requirements.txt": "a==1.0\nb==2.1\n"})).state is State.MET


def test_one_loose_entry_makes_it_partial_and_is_cited() -> None:
    found = pinned.check(facts_of({"requirements.txt": "a==1.0\nb\n"}))
    assert (found.state, found.evidence[0].line) == (State.PARTIAL, 2)


def test_an_image_that_installs_a_loose_package_beside_the_list_is_partial() -> None:
    files = {
        "requirements.txt": "a==1.0\n",
        "Dockerfile": "FROM python:3.11\nRUN pip install -r requirements.txt psycopg2\n",
    }
    assert pinned.check(facts_of(files)).state is State.PARTIAL


def test_names_without_versions_are_unmet() -> None:
    assert pinned.check(facts_of({"requirements.txt": "a\nb\n"})).state is State.UNMET
    assert pinned.check(facts_of({"train.py": TRAIN})).state is State.UNMET


def test_a_setup_with_ranges_beside_a_pinned_list_is_abstract() -> None:
    files = {
        "setup.py": "from setuptools import setup\nsetup(install_requires=['a>=1'])\n",
        "requirements.txt": "a==1.2\n",
    }
    assert pinned.check(facts_of(files)).state is State.MET


# --- isolated -------------------------------------------------------------------------------------------------------
def test_images_conda_files_and_project_tools_isolate() -> None:
    for path, text in {
        "Dockerfile": "FROM python:3.11\n",
        "environment.yml": "dependencies:\n  - python=3.11\n  - pandas\n",
        "pyproject.toml": "[tool.poetry]\nname = 'x'\n",
        "renv.lock": "{}",
        "tox.ini": "[testenv]\ndeps = pytest\n",
    }.items():
        assert isolated.check(facts_of({path: text})).state is State.MET, path


def test_instructions_for_an_environment_are_partial() -> None:
    assert isolated.check(facts_of({"README.md": "    python3 -m venv .venv\n", "a.py": TRAIN})).state is State.PARTIAL
    assert isolated.check(facts_of({"Makefile": "venv:\n\tpython -m venv .venv\n"})).state is State.PARTIAL


def test_a_list_alone_does_not_isolate_and_neither_does_a_chart() -> None:
    chart = "dependencies:\n  - name: redis\n    version: 1.0.0\n"
    assert isolated.check(facts_of({"requirements.txt": "a==1\n", "chart/Chart.yaml": chart})).state is State.UNMET


# --- system ---------------------------------------------------------------------------------------------------------
def test_a_versioned_base_image_or_system_packages_are_declared() -> None:
    assert system.check(facts_of({"Dockerfile": "FROM python:3.11\n"})).state is State.MET
    assert system.check(facts_of({"Dockerfile": "FROM python\nRUN apt-get install -y gcc\n"})).state is State.MET
    assert system.check(facts_of({"packages.txt": "libgl1\n"})).state is State.MET


def test_a_floating_base_or_a_version_of_the_language_is_partial() -> None:
    assert system.check(facts_of({"Dockerfile": "FROM python:latest\n"})).state is State.PARTIAL
    assert system.check(facts_of({"pyproject.toml": "[project]\nrequires-python = '>=3.11'\n"})).state is State.PARTIAL
    assert system.check(facts_of({"README.md": "apt-get install libgl1\n", "a.py": ""})).state is State.PARTIAL


def test_packages_for_an_image_that_a_bundler_writes_are_declared() -> None:
    for path, text in {
        "bentofile.yaml": "docker:\n  system_packages: [ffmpeg]\n",
        "cog.yaml": "build:\n  system_packages: [ffmpeg]\n",
    }.items():
        found = system.check(facts_of({path: text, "service.py": "import bentoml\n"}))
        assert (found.state, found.evidence[0].path) == (State.MET, path)


def test_no_word_about_the_system_is_unmet() -> None:
    assert system.check(facts_of({"train.py": TRAIN, "requirements.txt": "pandas\n"})).state is State.UNMET


# --- per stage ------------------------------------------------------------------------------------------------------
def test_lists_of_their_own_for_stages_are_met() -> None:
    files = {
        "train.py": TRAIN,
        "app.py": SERVE,
        "requirements-train.txt": "pandas\n",
        "requirements-serve.txt": "flask\n",
    }
    assert per_stage.check(facts_of(files)).state is State.MET


def test_extras_for_a_stage_are_met() -> None:
    extras = "[project]\ndependencies = ['pandas']\n[project.optional-dependencies]\nserve = ['flask']\n"
    assert per_stage.check(facts_of({"train.py": TRAIN, "app.py": SERVE, "pyproject.toml": extras})).state is State.MET


def test_a_development_list_alone_is_partial() -> None:
    files = {
        "train.py": TRAIN,
        "app.py": SERVE,
        "requirements.txt": "pandas\nflask\n",
        "requirements-dev.txt": "pytest\n",
    }
    assert per_stage.check(facts_of(files)).state is State.PARTIAL


def test_one_list_for_training_and_serving_is_unmet() -> None:
    found = per_stage.check(facts_of({"train.py": TRAIN, "app.py": SERVE, "requirements.txt": "pandas\nflask\n"}))
    assert found.state is State.UNMET


def test_a_service_alone_is_one_stage() -> None:
    assert per_stage.check(facts_of({"app.py": SERVE, "requirements.txt": "flask\n"})).state is State.NA
