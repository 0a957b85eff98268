"""Distributions that share a namespace, build files of other languages, and what goes back without learning."""

from __future__ import annotations

import pytest

from apps.analysis import checks
from apps.analysis.paths import Role, role_of
from apps.catalog import State
from tests.analysis.making import facts_of

CHECKS = checks.load()

PROJECT = '[project]\nname = "weather-inference"\ndependencies = ["weather-transform", "skykit-data"]\n'
SHARED = {
    "pyproject.toml": PROJECT,
    "src/weather/inference/__init__.py": "",
    "src/weather/inference/state.py": "FIELDS = []\n",
    "src/weather/inference/run.py": (
        "import skykit.data as skd\nfrom weather.inference.state import FIELDS\nfrom weather.transform.fields import wrap\n\n\n"
        "def run():\n    return wrap(FIELDS, skd)\n"
    ),
}


def test_a_declared_distribution_of_the_own_namespace_is_no_missing_code() -> None:
    assert CHECKS["codebase.one-codebase"](facts_of(SHARED)).state is State.MET
    alone = {**SHARED, "pyproject.toml": PROJECT.replace('"weather-transform", ', "")}
    assert CHECKS["codebase.one-codebase"](facts_of(alone)).state is State.UNMET


def test_a_part_of_a_namespace_is_declared_by_its_name() -> None:
    assert CHECKS["dependencies.declared"](facts_of(SHARED)).state is State.MET


@pytest.mark.parametrize(
    ("code", "trains"),
    [
        ("def undo(self, state):\n    return self.filter.backward(state)\n", False),
        ("def step(engine, batch):\n    engine.backward(engine(batch))\n", True),
        ("def step(batch_loss):\n    batch_loss.backward()\n", True),
        ("def step(net, x):\n    net.backward(loss_of(x))\n", True),
        ("import torch\n\n\ndef step(net, x):\n    net.backward(x)\n", True),
    ],
)
def test_going_back_by_what_is_given_is_no_training_where_nothing_learns(code: str, trains: bool) -> None:
    assert facts_of({"steps.py": code}).profile.trains.holds is trains


PROJECT_FILE = '<Project><ItemGroup><PackageReference Include="Amazon.S3" Version="3.7.4" /></ItemGroup></Project>'


def test_code_in_c_sharp_is_declared_by_its_own_build_file() -> None:
    files = {"src/Store.cs": "using Amazon.S3;\nclass Store { }\n", "src/Store.csproj": PROJECT_FILE}
    assert CHECKS["dependencies.declared"](facts_of(files)).state is State.MET
    assert CHECKS["dependencies.declared"](facts_of({**files, "src/A.java": "class A { }\n"})).state is State.PARTIAL


def test_a_helper_in_python_weighs_little_beside_more_code_in_rust() -> None:
    rust = {f"src/part_{n}.rs": "pub fn run() {}\n" for n in range(3)}
    cargo = '[package]\nname = "server"\n\n[dependencies]\nactix-web = "4.8"\n'
    files = {**rust, "Cargo.toml": cargo, "convert.py": "import safetensors\n"}
    assert CHECKS["dependencies.declared"](facts_of(files)).state is State.PARTIAL


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("benches/throughput.rs", Role.TEST),
        ("benches/run.py", Role.SYSTEM),
        ("mirror.git/description", Role.VENDORED),
        (".github/workflows/ci.yml", Role.SYSTEM),
    ],
)
def test_roles_of_benches_and_of_repositories_in_the_repository(path: str, role: Role) -> None:
    assert role_of(path) is role


CHANGES = (
    "databaseChangeLog:\n  - changeSet:\n      id: 1\n      changes:\n        - sqlFile:\n            path: one.sql\n"
)
TABLE = "CREATE TABLE posts (id INT);\n"


@pytest.mark.parametrize("name", ["src/main/resources/database/changes.yml", "database/changelog-master.xml", "migrations/2024-01-01_posts/up.sql"])  # fmt: skip
def test_changes_of_a_schema_are_versioned_by_the_file_of_their_tool(name: str) -> None:
    files = {"one.sql": TABLE, name: CHANGES if name.endswith("yml") else TABLE}
    assert CHECKS["admin-processes.migrations"](facts_of(files)).state is State.MET
    assert CHECKS["admin-processes.migrations"](facts_of({"one.sql": TABLE})).state is State.PARTIAL


def test_a_list_of_releases_in_xml_versions_no_schema() -> None:
    for name, state in (("docs/changelog.xml", State.PARTIAL), ("src/main/liquibase/a/changelog.xml", State.MET)):
        files = {"one.sql": TABLE, name: "<document><release/></document>\n"}
        assert CHECKS["admin-processes.migrations"](facts_of(files)).state is state


def test_an_own_package_without_a_file_of_its_own_may_have_the_name_of_a_known_one() -> None:
    files = {
        "requirements.txt": "numpy\n",
        "datasets/Streets/streets.py": "import numpy\n",
        "datasets/Streets/coarse.py": "from datasets.Streets.streets import numpy\n",
    }
    assert CHECKS["dependencies.declared"](facts_of(files)).state is State.MET
    public = {**files, "load.py": "from datasets import load_dataset\n"}
    assert CHECKS["dependencies.declared"](facts_of(public)).state is not State.MET


@pytest.mark.parametrize(
    ("workflow", "state"),
    [
        ("acme/shared/.github/workflows/cd-pypi.yml@v2", State.MET),
        ("acme/shared/.github/workflows/docker-build.yml@main", State.MET),
        ("acme/shared/.github/workflows/qa-pytest.yml@v2", State.PARTIAL),
        ("acme/shared/.github/workflows/publish-docs.yml@v2", State.PARTIAL),
    ],
)
def test_a_workflow_that_others_keep_builds_what_its_name_says(workflow: str, state: State) -> None:
    job = f"on: push\njobs:\n  one:\n    uses: {workflow}\n"
    files = {**SHARED, ".github/workflows/publish.yml": job}
    assert CHECKS["build-release-run.build"](facts_of(files)).state is state
