"""Dependencies: declared, pinned, isolated, with their system needs, per stage."""

from __future__ import annotations

import pytest

from apps.analysis.checks.dependencies import declared, isolated, per_stage, pinned, system
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


@pytest.mark.parametrize(
    ("image", "state"),
    [
        ("apache/airflow:2.9.1", State.MET),
        ("quay.io/astronomer/astro-runtime:12.1.0", State.MET),
        ("astrocrpublic.azurecr.io/runtime:3.0-4", State.MET),
        ("team.azurecr.io/runtime:3.0-4", State.PARTIAL),
    ],
)
def test_a_managed_base_image_brings_its_packages(image: str, state: State) -> None:
    dag = {"dags/x.py": "from airflow import DAG\nimport pandas\nimport numpy\n"}
    dockerfile = f"FROM {image}\nRUN pip install pandas==2.2 numpy==2.1\n"
    assert declared.check(facts_of({**dag, "Dockerfile": dockerfile})).state is state


@pytest.mark.parametrize(("framework", "state"), [("sklearn", State.MET), ("mxnet", State.PARTIAL)])
def test_a_container_of_a_platform_brings_what_its_framework_is(framework: str, state: State) -> None:
    job = (
        f"from sagemaker.core import image_uris\nimage = image_uris.retrieve(framework='{framework}', region=region)\n"
    )
    files = {"job.py": job, "train.py": "import sklearn\n", "requirements.txt": "sagemaker==3.0\n"}
    assert declared.check(facts_of(files)).state is state


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


@pytest.mark.parametrize(
    ("revision", "state"),
    [("@main", State.PARTIAL), ("", State.PARTIAL), ("@v1.2.0", State.MET), ("@0123456789abcdef", State.MET)],
)
def test_a_repository_is_pinned_by_a_commit_or_a_version_and_not_by_a_branch(revision: str, state: State) -> None:
    for line in (
        f"git+https://example.org/a/tool.git{revision}#egg=tool",
        f"tool @ git+https://example.org/a/tool{revision}",
    ):
        found = pinned.check(facts_of({"a.py": "import tool\n", "requirements.txt": f"numpy==1.26.4\n{line}\n"}))
        assert found.state is state, line


def test_names_without_versions_are_unmet() -> None:
    assert pinned.check(facts_of({"requirements.txt": "a\nb\n"})).state is State.UNMET
    assert pinned.check(facts_of({"train.py": TRAIN})).state is State.UNMET


def test_a_setup_with_ranges_beside_a_pinned_list_is_abstract() -> None:
    files = {
        "setup.py": "from setuptools import setup\nsetup(install_requires=['a>=1'])\n",
        "requirements.txt": "a==1.2\n",
    }
    assert pinned.check(facts_of(files)).state is State.MET


def test_licences_in_a_setup_are_no_packages() -> None:
    setup = "from setuptools import setup\nlicences = {'mit': ['MIT License', 'OSI Approved :: MIT License']}\nsetup(extras_require={'a': ['b==1.2']})\n"
    assert pinned.check(facts_of({"setup.py": setup})).state is State.MET


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


# --- what unlabelled systems taught ---------------------------------------------------------------------------------
def test_a_list_declares_for_its_own_folder_only() -> None:
    files = {
        "api/app.py": "import flask\nimport pandas\n",
        "api/requirements.txt": "flask\n",
        "jobs/train.py": "import pandas\n",
        "jobs/requirements.txt": "pandas\n",
    }
    found = declared.check(facts_of(files))
    assert (found.state, "`pandas`" in found.summary) == (State.PARTIAL, True)
    assert ("api/app.py", 2) in {(place.path, place.line) for place in found.evidence}


def test_a_list_in_a_folder_without_code_declares_for_the_whole_repository() -> None:
    assert (
        declared.check(facts_of({"src/app.py": SERVE, "docker/requirements.txt": "flask\njoblib\n"})).state is State.MET
    )


def test_notebooks_that_explore_with_more_packages_do_not_make_the_manifest_miss_most() -> None:
    book = '{"cells": [{"cell_type": "code", "source": ["import seaborn, plotly, altair, bokeh"]}]}'
    found = declared.check(facts_of({"app.py": SERVE, "eda.ipynb": book, "requirements.txt": "flask\njoblib\n"}))
    assert found.state is State.PARTIAL


def test_members_of_a_declared_family_are_missing_but_not_most_of_it() -> None:
    code = "from langchain.schema import Document\nimport langchain_community\nimport langchain_text_splitters\n"
    assert declared.check(facts_of({"ask.py": code, "requirements.txt": "langchain\n"})).state is State.PARTIAL


def test_an_extra_that_is_asked_for_declares_what_it_is_named_after() -> None:
    files = {"run.py": "import uvicorn\nimport dask\n", "requirements.txt": "dask\nray[uvicorn]==2.9\n"}
    assert declared.check(facts_of(files)).state is State.MET


def test_a_script_beside_a_system_of_another_language_leaves_its_manifest_in_force() -> None:
    files = {
        "go.mod": "module x\nrequire github.com/gin-gonic/gin v1.9.0\n",
        "a.go": "package main\n",
        "b.go": "package main\n",
        "plot.py": "import matplotlib\n",
    }
    assert declared.check(facts_of(files)).state is State.PARTIAL


def test_the_container_that_a_job_names_brings_its_framework() -> None:
    job = (
        "import sagemaker\nfrom sagemaker.sklearn.estimator import SKLearn\n"
        "SKLearn(entry_point='train.py', framework_version='1.2-1')\n"
    )
    files = {"run.py": job, "train.py": "import sklearn, pandas\n", "requirements.txt": "sagemaker==2.2\n"}
    assert declared.check(facts_of(files)).state is State.MET


def test_managed_containers_without_any_manifest_are_half_of_it() -> None:
    job = "from sagemaker.sklearn import SKLearn\nSKLearn(framework_version='1.2-1')\nimport sagemaker\n"
    facts = facts_of({"run.py": job, "train.py": "import sklearn, pandas, joblib\n"})
    assert declared.check(facts).state is State.PARTIAL
    assert pinned.check(facts).state is State.PARTIAL
    assert isolated.check(facts).state is State.MET
    assert system.check(facts).state is State.MET


def test_an_unpinned_export_beside_a_lock_that_nothing_installs_counts_for_nothing() -> None:
    project = {
        "pyproject.toml": "[tool.poetry.dependencies]\nflask = '^3'\n",
        "poetry.lock": "",
        "requirements.txt": "flask\n",
    }
    assert pinned.check(facts_of(project)).state is State.MET
    image = {"Dockerfile": "FROM python:3.12\nRUN pip install -r requirements.txt\n"}
    assert pinned.check(facts_of(project | image)).state is State.PARTIAL


def test_ranges_in_an_input_whose_compiled_list_is_pinned_are_no_loose_entries() -> None:
    assert (
        pinned.check(facts_of({"requirements.in": "flask\n", "requirements.txt": "flask==3.0.0\n"})).state is State.MET
    )


def test_a_development_container_is_an_environment_with_a_base_image() -> None:
    facts = facts_of({".devcontainer.json": '{"image": "mcr.microsoft.com/devcontainers/python:3.10"}'})
    assert isolated.check(facts).state is State.MET
    assert system.check(facts).state is State.MET


def test_a_platform_file_leaves_the_environment_to_the_platform() -> None:
    assert isolated.check(facts_of({"Procfile": "web: gunicorn app:app\n", "app.py": SERVE})).state is State.UNMET


def test_bundles_declare_system_packages_too() -> None:
    bundle = "service: service:Svc\npython:\n  packages: [torch]\ndocker:\n  system_packages: [ffmpeg]\n"
    assert system.check(facts_of({"bentofile.yaml": bundle})).state is State.MET


def test_one_script_that_loads_trains_and_evaluates_is_one_stage() -> None:
    code = TRAIN + "from sklearn.metrics import accuracy_score\naccuracy_score([], [])\n"
    assert per_stage.check(facts_of({"main.py": code, "requirements.txt": "pandas\nscikit-learn\n"})).state is State.NA


def test_steps_of_an_orchestrator_are_stages_though_one_file_holds_them() -> None:
    code = "from prefect import task\n" + TRAIN + "def evaluate(model):\n    return model.score([], [])\n"
    assert per_stage.check(facts_of({"flow.py": code, "requirements.txt": "prefect\npandas\n"})).state is State.UNMET


def test_environments_named_after_stages_are_met_wherever_they_lie() -> None:
    files = {
        "train.py": TRAIN,
        "score.py": SERVE,
        "envs/environment_training/conda.yml": "dependencies:\n  - pip:\n    - pandas\n    - scikit-learn\n",
        "envs/environment_inference/conda.yml": "dependencies:\n  - pip:\n    - flask\n    - joblib\n",
    }
    assert per_stage.check(facts_of(files)).state is State.MET


def test_images_that_install_the_same_list_are_partial() -> None:
    files = {
        "train.py": TRAIN,
        "app.py": SERVE,
        "requirements.txt": "pandas\nflask\n",
        "Dockerfile": "FROM python:3.12\nRUN pip install -r requirements.txt\n",
        "Dockerfile.train": "FROM python:3.12\nRUN pip install -r requirements.txt\n",
    }
    assert per_stage.check(facts_of(files)).state is State.PARTIAL


def test_tools_that_an_image_adds_to_the_common_list_are_no_needs_of_a_stage() -> None:
    files = {
        "train.py": TRAIN,
        "app.py": SERVE,
        "requirements.txt": "pandas\nflask\n",
        "Dockerfile": "FROM python:3.12\nRUN pip install -r requirements.txt && pip install gunicorn\n",
        "Dockerfile.lab": "FROM python:3.12\nRUN pip install -r requirements.txt\nRUN pip install jupyterlab plotly\n",
    }
    assert per_stage.check(facts_of(files)).state is State.PARTIAL


def test_a_prediction_that_measures_the_fit_does_not_make_training_and_serving_one_stage() -> None:
    files = {
        "app/retrain.py": TRAIN + "model.predict(x_test)\n",
        "app/main.py": SERVE,
        "app/scoring.py": "import joblib\nmodel = joblib.load('m')\nmodel.predict([[1]])\n",
        "requirements.txt": "pandas\nflask\n",
    }
    assert per_stage.check(facts_of(files)).state is State.UNMET


def test_copies_of_the_one_list_for_experiments_are_no_lists_of_stages() -> None:
    files = {
        "api/main.py": SERVE,
        "api/requirements.txt": "flask\njoblib\n",
        "convert.ipynb": '{"cells": [{"cell_type": "code", "source": ["import pandas as pd\\n", "from sklearn.svm import SVC\\n", "SVC().fit([], [])"]}]}',
        "deploy/two-workers/requirements.txt": "flask\njoblib\nuvloop\n",
        "deploy/four-workers/requirements.txt": "flask\njoblib\nuvloop\n",
    }
    assert per_stage.check(facts_of(files)).state is State.UNMET


@pytest.mark.parametrize(
    "files",
    [
        {"requirements.txt": "python==3.6.12\ntorch==1.3.1\n"},
        {"package.json": '{"packageManager": "pnpm@10.33.0"}'},
        {"README.md": "# Set up\n```\npy -3.12 -m venv .venv\n```\n"},
        {"README.md": "# Set up\n```\npyenv install 3.11.4\n```\n"},
    ],
)
def test_a_version_of_the_language_without_an_image_is_partial(files: dict[str, str]) -> None:
    assert system.check(facts_of({"app.py": "import torch\n", **files})).state is State.PARTIAL
