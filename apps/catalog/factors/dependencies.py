"""Factor 2, Dependencies: its items, their criteria, rulings and remedies."""

from apps.catalog.types import Factor, Item

MANAGED_ENVIRONMENTS = (
    "Environment definitions of a managed platform (Anyscale cluster env, Azure ML environment, ZenML "
    "Docker settings) equal a Dockerfile."
)

FACTOR = Factor(
    number=2,
    slug="dependencies",
    name="Dependencies",
    short="Deps",
    question="Are all dependencies declared, pinned and isolated?",
    principle="Explicitly declare and isolate dependencies",
    items=(
        Item(
            id="dependencies.declared",
            title="Every imported package is declared",
            met=(
                "every third-party package that the code imports is declared in a manifest (requirements*.txt, "
                "pyproject, setup.cfg/py, Pipfile, conda yaml, package.json, pom.xml, go.mod, DESCRIPTION/renv…)."
            ),
            partial="a manifest exists but one or more imported packages are missing from it.",
            unmet="no manifest, or a manifest that misses most.",
            na="",
            rulings=(
                (
                    "Imports in tests, docs and examples do not count; notebooks do. A package that arrives only "
                    "through another package's dependencies is missing; one that a declared base image or managed "
                    "runtime brings (Airflow image, Spark, SageMaker container) is declared."
                ),
            ),
            remedy=(
                "Add each third-party package that the code imports to the manifest that is installed, also those "
                "that other packages happen to bring."
            ),
        ),
        Item(
            id="dependencies.pinned",
            title="Exact versions are locked",
            met=(
                "exact versions through a lock file (poetry.lock, uv.lock, Pipfile.lock, conda-lock, pinned `==` "
                "for all entries of the manifest that is installed, package-lock, go.sum…)."
            ),
            partial="some pinned, or ranges with bounds only.",
            unmet="no versions at all.",
            na="",
            rulings=("A README is no lock.",),
            remedy=(
                "Commit a lock file (uv, Poetry, Pipenv, pip-compile, conda-lock) and install from it, or pin "
                "every entry of the manifest with `==`."
            ),
        ),
        Item(
            id="dependencies.isolated",
            title="An isolated environment is defined",
            met=(
                "an isolated environment is defined (Dockerfile/devcontainer, conda environment, "
                "poetry/uv/pipenv/renv/tox/nox that makes one)."
            ),
            partial="only instructions or a Makefile/script that creates a venv.",
            unmet="nothing.",
            na="",
            rulings=(MANAGED_ENVIRONMENTS,),
            remedy=(
                "Define the environment itself in the repository: a Dockerfile, a devcontainer, a conda "
                "environment, or a tool such as uv, Poetry or tox that makes one."
            ),
        ),
        Item(
            id="dependencies.system",
            title="System packages and run-times are declared",
            met=(
                "system-level needs (OS packages, CUDA, compilers, JRE) are declared in executable form: "
                "`apt-get`/`apk`/`yum` in a Dockerfile, `packages.txt`/`apt.txt`, conda packages, nix, a CUDA or "
                "runtime base image with a version."
            ),
            partial="base image only with a floating tag (`latest`), or only in prose as commands.",
            unmet="nothing.",
            na="",
            rulings=(
                (
                    "na: never (a Python version is a system-level dependency too; "
                    "`requires-python`/`.python-version` alone is partial)."
                ),
                MANAGED_ENVIRONMENTS,
            ),
            remedy=(
                "Declare OS packages, CUDA and the language run-time in executable form: a base image with a "
                "version and `apt-get install` in the Dockerfile, or conda packages."
            ),
        ),
        Item(
            id="dependencies.per-stage",
            title="Each stage declares its own dependencies",
            met=(
                "stages declare their own needs (extras/groups, requirements-train/-serve/-dev, a Dockerfile or "
                "environment per stage)."
            ),
            partial="only dev/test is separated from run-time.",
            unmet="one list for everything though there are several stages.",
            na="one stage only.",
            rulings=(
                (
                    "One service with a dev group only is one stage (`na`); several Dockerfiles that install the same "
                    "list are `partial`."
                ),
            ),
            remedy=(
                "Split the dependencies by stage with extras, groups, one requirements file or one image per "
                "stage, so that serving does not install what only training needs."
            ),
        ),
    ),
)
