"""Packages of R tell by their DESCRIPTION, their checks and their folders what others tell by other files."""

from __future__ import annotations

import pytest

from apps.analysis import checks
from apps.analysis.paths import Role, role_of
from apps.catalog import State
from tests.analysis.making import facts_of

CHECKS = checks.load()

DESCRIPTION = (
    "Package: curves\nVersion: 1.0\nDepends:\n    R (>= 4.1.0)\nImports:\n    rstan\nSuggests:\n    testthat\n"
)
PACKAGE = {
    "DESCRIPTION": DESCRIPTION,
    "R/estimate.R": "library(rstan)\nestimate <- function(data) {\n  fit <- sampling(stanmodels$curve, data)\n  fit\n}\n",
    "R/preprocess.R": "prepare <- function(data) {\n  na.omit(data)\n}\n",
    "data-raw/make.R": "library(curves)\nsaveRDS(curves::simulate(), 'curve.rds')\n",
}
CHECKED = "on: push\njobs:\n  check:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: r-lib/actions/check-r-package@v2\n"


def test_the_version_of_r_is_declared_by_the_description() -> None:
    assert CHECKS["dependencies.system"](facts_of(PACKAGE)).state is State.PARTIAL
    without = DESCRIPTION.replace("    R (>= 4.1.0)\n", "    methods\n")
    assert CHECKS["dependencies.system"](facts_of({**PACKAGE, "DESCRIPTION": without})).state is State.UNMET


def test_what_is_only_suggested_is_kept_apart_as_development() -> None:
    assert CHECKS["dependencies.per-stage"](facts_of(PACKAGE)).state is State.PARTIAL
    without = DESCRIPTION.partition("Suggests")[0]
    assert CHECKS["dependencies.per-stage"](facts_of({**PACKAGE, "DESCRIPTION": without})).state is State.UNMET


def test_a_package_needs_no_declaration_of_itself() -> None:
    assert CHECKS["dependencies.declared"](facts_of(PACKAGE)).state is State.MET


@pytest.mark.parametrize("step", ["uses: r-lib/actions/check-r-package@v2", "run: R CMD check --as-cran .", "run: Rscript -e 'devtools::check()'"])  # fmt: skip
def test_a_check_builds_the_package_first(step: str) -> None:
    files = {**PACKAGE, ".github/workflows/check.yaml": CHECKED.replace("uses: r-lib/actions/check-r-package@v2", step)}
    assert CHECKS["build-release-run.build"](facts_of(files)).state is State.MET
    assert CHECKS["build-release-run.build"](facts_of(PACKAGE)).state is State.PARTIAL


def test_vignettes_are_documents() -> None:
    assert role_of("vignettes/usage.Rmd") is Role.DOCS


def test_a_search_key_of_a_site_and_a_database_of_ci_open_nothing() -> None:
    parts = ("43da98192225", "3a06c4dfab7b", "53f2410e")
    key = "".join(parts)
    site = f"template:\n  params:\n    docsearch:\n      api_key: {key}\n"
    assert CHECKS["config.secrets"](facts_of({"_pkgdown.yml": site})).state is State.MET
    assert CHECKS["config.secrets"](facts_of({"settings.yml": site})).state is State.UNMET
    for name, state in (
        ("apiKey", State.MET),
        ("searchApiKey", State.MET),
        ("password", State.UNMET),
        ("accessToken", State.UNMET),
    ):
        page = f"export default {{\n  algolia: {{ {name}: '{key}' }},\n}};\n"
        assert CHECKS["config.secrets"](facts_of({"docs/docusaurus.config.ts": page})).state is state


def test_what_ci_tells_the_database_that_it_starts_is_weak() -> None:
    parts = ("Curves4", "TheWin!")
    password = "".join(parts)
    workflow = f"on: push\njobs:\n  test:\n    services:\n      sql:\n        image: mssql\n        env:\n          SA_PASSWORD: {password}\n"
    assert CHECKS["config.secrets"](facts_of({".github/workflows/test.yml": workflow})).state is State.PARTIAL
    assert CHECKS["config.secrets"](facts_of({"deploy.yml": workflow})).state is State.UNMET


def test_chores_by_the_clock_are_no_processes() -> None:
    clocked = (
        "on:\n  schedule:\n    - cron: '0 6 * * 1'\njobs:\n  one:\n    steps:\n      - run: Rscript scripts/run.R\n"
    )
    chore, work = ".github/workflows/check-vendored.yaml", ".github/workflows/forecast.yaml"
    assert CHECKS["concurrency.process-types"](facts_of({**PACKAGE, chore: clocked})).state is State.UNMET
    assert CHECKS["concurrency.process-types"](facts_of({**PACKAGE, work: clocked})).state is State.PARTIAL


@pytest.mark.parametrize(
    ("command", "state"),
    [
        ("python train.py", State.PARTIAL),
        ("pip list\n          python -u jobs/predict_all.py --to out", State.PARTIAL),
        ("python -m posts.train", State.PARTIAL),
        ("python tools/check_links.py", State.UNMET),
        ("python tools/report.py --train", State.UNMET),
    ],
)
def test_the_work_of_the_system_is_no_chore_whatever_its_workflow_is_called(command: str, state: State) -> None:
    clocked = (
        f"on:\n  schedule:\n    - cron: '0 6 * * 1'\njobs:\n  one:\n    steps:\n      - run: |\n          {command}\n"
    )
    for name in ("data-checks", "publish"):
        files = {"train.py": "import torch\n", f".github/workflows/{name}.yml": clocked}
        assert CHECKS["concurrency.process-types"](facts_of(files)).state is state


RHINO = {
    "app.R": "# The entry of the application.\nrhino::app()\n",
    "app/main.R": "box::use(shiny[NS, tags])\nui <- function(id) {\n  tags$p(id)\n}\n",
}


def test_an_application_of_rhino_serves_and_a_folder_of_that_name_does_not() -> None:
    served = facts_of(RHINO)
    assert served.profile.serves.holds
    assert CHECKS["port-binding.service"](served).state is State.MET
    assert not facts_of({"zoo.R": "path <- rhino_app\nprint(rhino$app)\n"}).profile.serves.holds


FIT = "library(caret)\nfit <- caret::train(y ~ ., data = rows, method = 'rf', trControl = trainControl({}))\n"


@pytest.mark.parametrize(
    ("control", "state"),
    [
        ("method = 'repeatedcv', number = 10", State.PARTIAL),
        ('method="cv"', State.PARTIAL),
        ("number = 5, method = 'LOOCV'", State.PARTIAL),
        ("method = 'none'", State.UNMET),
    ],
)
def test_a_model_that_is_validated_while_it_is_fitted_is_measured_there(control: str, state: State) -> None:
    assert CHECKS["codebase.evaluation"](facts_of({"fit.R": FIT.format(control)})).state is state


ACTIVATE = "local({\n  cache <- Sys.getenv('CACHE')\n  setwd('/srv/library')\n})\n"


def test_what_renv_and_packrat_write_is_no_code_of_the_system() -> None:
    assert role_of("renv/activate.R") is Role.VENDORED
    assert role_of("api/packrat/init.R") is Role.VENDORED
    assert role_of("R/activate.R") is Role.SYSTEM
    written = {"fit.R": FIT.format(""), "renv/activate.R": ACTIVATE, "renv.lock": "{}\n"}
    assert CHECKS["config.environment"](facts_of(written)).state is State.NA


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({}, State.MET),
        ({"Dockerfile": "FROM rocker/r-ver:4.3.1\nCOPY renv.lock .\nRUN Rscript -e 'renv::restore()'\n"}, State.MET),
        ({"Dockerfile": "FROM rocker/r-ver:4.3.1\nRUN Rscript -e 'install.packages(\"caret\")'\n"}, State.PARTIAL),
        ({"Dockerfile": "FROM rocker/r-ver:4.3.1\nRUN install2.r --error caret\n"}, State.PARTIAL),
        ({"Dockerfile": "FROM rocker/r-ver:4.3.1\nRUN install2.r --error --ncpus 4 caret\n"}, State.PARTIAL),
        ({"Dockerfile": "FROM rocker/r-ver:4.3.1\nRUN install2.r --error --ncpus 4 renv\n"}, State.MET),
        ({"Dockerfile": "FROM rocker/r-ver:4.3.1\nRUN R -e 'install.packages(\"renv\"); renv::restore()'\n"}, State.MET),
    ],
)  # fmt: skip
def test_a_lock_of_r_is_shared_unless_an_image_installs_beside_it(files: dict[str, str], state: State) -> None:
    found = facts_of({"fit.R": FIT.format(""), "renv.lock": '{"R": {"Version": "4.3.1"}}\n', **files})
    assert CHECKS["dev-prod-parity.dependencies"](found).state is state
