"""Development, CI and production are alike."""

from __future__ import annotations

from apps.analysis.checks.dev_prod_parity import backing_services, dependencies
from apps.catalog import State
from tests.analysis.making import facts_of

COMPOSE = "services:\n  api: {build: .}\n  db: {image: '%s'}\n"


# --- dependencies -----------------------------------------------------------------------------------------------------
def test_one_lock_or_one_pinned_list_is_shared() -> None:
    locked = {"pyproject.toml": '[tool.poetry.dependencies]\npandas = "^2.0"\n', "poetry.lock": "[[package]]\n"}
    assert dependencies.check(facts_of(locked)).state is State.MET
    assert dependencies.check(facts_of({"requirements.txt": "a==1.0\nb==2.0\n"})).state is State.MET


def test_a_shared_list_without_versions_drifts() -> None:
    found = dependencies.check(facts_of({"requirements.txt": "a\nb\n"}))
    assert (found.state, found.evidence[0].path) == (State.PARTIAL, "requirements.txt")


def test_an_exact_version_within_the_range_of_another_list_agrees() -> None:
    files = {"pyproject.toml": "[project]\ndependencies = ['a>=1.0']\n", "requirements.txt": "a==1.4\n"}
    assert dependencies.check(facts_of(files)).state is State.MET


def test_an_image_that_installs_a_package_of_the_list_without_its_version_is_partial() -> None:
    image = "FROM python:3.11\nRUN pip install -r requirements.txt && pip install a\n"
    assert dependencies.check(facts_of({"requirements.txt": "a==1.0\n", "Dockerfile": image})).state is State.PARTIAL


def test_without_a_list_nothing_is_shared() -> None:
    assert dependencies.check(facts_of({"train.py": "import pandas\n"})).state is State.UNMET


# --- backing services -------------------------------------------------------------------------------------------------
def test_servers_of_a_version_are_met_and_floating_ones_partial() -> None:
    assert backing_services.check(facts_of({"compose.yaml": COMPOSE % "postgres:16.4"})).state is State.MET
    found = backing_services.check(facts_of({"compose.yaml": COMPOSE % "postgres"}))
    assert (found.state, found.evidence[0].line) == (State.PARTIAL, 3)


def test_a_file_database_in_place_of_a_server_is_unmet() -> None:
    code = 'import os\nURL = os.environ.get("DATABASE_URL", "sqlite:///local.db")\n'
    files = {"app.py": code, "compose.yaml": COMPOSE % "postgres:16.4"}
    found = backing_services.check(facts_of(files))
    assert (found.state, found.evidence[0].path) == (State.UNMET, "app.py")


def test_code_without_services_has_none_to_match() -> None:
    assert backing_services.check(facts_of({"train.py": "import torch\n"})).state is State.NA
