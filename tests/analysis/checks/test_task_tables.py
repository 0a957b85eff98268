"""Tasks that the tables of a project's tools name, and the packages and environments that these tools declare."""

from __future__ import annotations

import pytest

from apps.analysis.checks.admin_processes import retraining, tasks
from apps.analysis.checks.build_release_run import build, run
from apps.analysis.checks.concurrency import process_types
from apps.analysis.checks.dependencies import declared, isolated, pinned, system
from apps.analysis.checks.dev_prod_parity import dependencies as shared
from apps.analysis.running import named_tasks
from apps.catalog import State
from tests.analysis.making import facts_of

CODE = {
    "app.py": "from fastapi import FastAPI\napp = FastAPI()\n",
    "train.py": "import pandas\nfrom sklearn.svm import SVC\nSVC().fit(pandas.read_csv('x.csv'), [])\n",
}
TABLES = {
    "pixi.toml": '[tasks]\nfit = "python train.py"\nserve = { cmd = ["uvicorn", "app:app"] }\n',
    "a/pixi.toml": '[feature.x.target.linux-64.tasks]\nfit = "python train.py"\n[feature.y.tasks.serve]\ncmd = "uvicorn app:app"\n',
    "pyproject.toml": '[tool.pixi.feature.x.tasks]\nfit = "python train.py"\nserve = "uvicorn app:app"\n',
    "hatch.toml": '[envs.default.scripts]\nfit = ["python train.py"]\nserve = "uvicorn app:app"\n',
    "b/pyproject.toml": '[tool.rye.scripts]\nfit = "python train.py"\nserve = { cmd = "uvicorn app:app" }\n',
    "poe_tasks.toml": '[tasks]\nfit.cmd = "python train.py"\nserve = "uvicorn app:app"\n',
    "Taskfile.yml": "tasks:\n  fit:\n    cmds: [python train.py]\n  serve:\n    cmd: uvicorn app:app\n",
    "taskfile.dist.yaml": "tasks:\n  fit: [python train.py]\n  serve: uvicorn app:app\n",
    ".mise.toml": '[tasks]\nfit = "python train.py"\n[tasks.serve]\nrun = "uvicorn app:app"\n',
    "ml.just": "fit:\n  python train.py\nserve:\n  uvicorn app:app\n",
    "tasks.py": "from invoke import task\n@task\ndef fit(c):\n    c.run('python train.py')\n@task\ndef serve(c):\n    c.run('uvicorn app:app')\n",
    "dodo.py": "def task_fit():\n    return {'actions': ['python train.py']}\ndef task_serve():\n    return {'actions': ['uvicorn app:app']}\n",
    "devbox.json": '{"packages": ["python@3.12"], "shell": {"scripts": {"fit": "python train.py", "serve": ["uvicorn app:app"]}}}',
    "anaconda-project.yml": "commands:\n  fit: {unix: python train.py}\n  serve: {unix: uvicorn app:app}\n",
}


@pytest.mark.parametrize("path", TABLES)
def test_a_task_of_a_table_declares_how_the_system_is_run(path: str) -> None:
    facts = facts_of({**CODE, path: TABLES[path]})
    assert sorted((one.name, one.command) for one in named_tasks.of(facts)) == [
        ("fit", "python train.py"),
        ("serve", "uvicorn app:app"),
    ]
    assert run.check(facts).state is State.MET
    assert process_types.check(facts).state is State.PARTIAL
    assert retraining.check(facts).state is State.MET


def test_what_a_task_says_beside_its_command_is_no_command() -> None:
    table = '[tasks.docs]\ncmd = "mkdocs build"\ncwd = "python train.py"\ninputs = ["uvicorn app:app"]\ndescription = "uvicorn app:app"\n'
    facts = facts_of({**CODE, "pixi.toml": table})
    assert [one.command for one in named_tasks.of(facts)] == ["mkdocs build"]
    assert run.check(facts).state is State.UNMET


def test_tables_of_development_alone_hold_no_maintenance() -> None:
    table = '[tool.poe.tasks]\n{} = "x"\nlint = "ruff check"\n'
    helping = facts_of({**CODE, "pyproject.toml": table.format("test")})
    assert tasks.check(helping).state is State.PARTIAL
    assert tasks.check(facts_of({**CODE, "pyproject.toml": table.format("reindex")})).state is State.MET


@pytest.mark.parametrize(
    "files",
    [
        {"setup.py": "from setuptools import setup\nsetup(entry_points={'console_scripts': ['fit=train:main']})\n"},
        {"setup.cfg": "[options.entry_points]\nconsole_scripts =\n    fit = train:main\n"},
    ],
)
def test_console_scripts_of_older_packages_declare_a_command(files: dict[str, str]) -> None:
    assert run.check(facts_of({**CODE, **files})).state is State.MET


PIXI = '[tasks]\nx = "y"\n[{}]\npandas = "==2.2.0"\nscikit-learn = "==1.5.0"\nfastapi = "==0.110.0"\n'


@pytest.mark.parametrize("table", ["dependencies", "feature.train.dependencies", "target.linux-64.dependencies"])
def test_packages_of_pixi_come_from_conda(table: str) -> None:
    facts = facts_of({**CODE, "pixi.toml": PIXI.format(table)})
    assert system.check(facts).state is State.MET
    assert declared.check(facts).state is State.MET
    assert pinned.check(facts).state is State.MET


def test_packages_of_pixi_that_come_from_pypi_are_none_of_the_system() -> None:
    facts = facts_of({**CODE, "pixi.toml": PIXI.format("pypi-dependencies")})
    assert system.check(facts).state is State.UNMET
    assert declared.check(facts).state is State.MET


def test_a_script_declares_its_packages_by_its_head() -> None:
    head = '# /// script\n# requires-python = ">=3.12"\n# dependencies = [\n#   "pandas==2.2.0",\n#   "scikit-learn",\n# ]\n# ///\n'
    code = {"train.py": head + CODE["train.py"]}
    facts = facts_of(code)
    assert [(one.name, one.line) for _, one in facts.dependencies] == [("pandas", 4), ("scikit-learn", 5)]
    assert declared.check(facts).state is State.MET
    assert declared.check(facts_of({"train.py": "# /// script\n" + CODE["train.py"]})).state is State.UNMET


def test_what_a_script_beside_a_project_says_of_itself_tells_nothing_of_the_system() -> None:
    head = '# /// script\n# dependencies = ["requests"]\n# ///\nimport requests\n'
    project = {
        "pyproject.toml": '[project]\nname = "a"\ndependencies = ["fastapi", "pandas", "scikit-learn"]\n',
        "uv.lock": "version = 1\n",
    }
    facts = facts_of({**CODE, **project, "scripts/ask.py": head})
    assert {check(facts).state for check in (declared.check, pinned.check, shared.check)} == {State.MET}
    assert pinned.check(facts_of({"scripts/ask.py": head})).state is State.UNMET


def test_an_exported_list_of_conda_is_exact_and_a_recipe_is_no_environment() -> None:
    listed = facts_of({**CODE, "requirements.txt": "pandas=2.2.0=py312_0\nscikit-learn=1.5.0=py312_0\nfastapi=0.1=0\n"})
    assert pinned.check(listed).state is State.MET
    assert isolated.check(listed).state is State.MET
    recipe = facts_of({**CODE, "recipe/meta.yaml": "requirements:\n  run: [pandas, scikit-learn, fastapi]\n"})
    assert declared.check(recipe).state is State.MET
    assert isolated.check(recipe).state is State.UNMET


def test_constraints_beside_a_list_fix_its_versions() -> None:
    files = {**CODE, "requirements.txt": "-c constraints.txt\npandas\nscikit-learn\n"}
    constrained = {**files, "constraints.txt": "pandas==2.2.0\nscikit-learn==1.5.0\nnumpy==1.26.0\n"}
    assert pinned.check(facts_of(constrained)).state is State.MET
    assert pinned.check(facts_of({**files, "constraints.txt": "pandas==2.2.0\n"})).state is State.PARTIAL


def test_modules_of_a_cluster_with_their_versions_are_needs_of_the_system() -> None:
    assert system.check(facts_of({**CODE, "run.sbatch": "module load cuda/12.1 python/3.11\n"})).state is State.MET
    assert system.check(facts_of({**CODE, "run.sbatch": "module load cuda\n"})).state is State.UNMET


@pytest.mark.parametrize(
    "files",
    [
        {"Pipfile": '[packages]\nfastapi = "*"\n[train]\npandas = "*"\nscikit-learn = "*"\n'},
        {"pyproject.toml": '[tool.flit.metadata]\nrequires = ["pandas", "fastapi"]\n[tool.flit.metadata.requires-extra]\nml = ["scikit-learn"]\n'},
    ],
)  # fmt: skip
def test_categories_and_extras_of_more_tools_declare_packages(files: dict[str, str]) -> None:
    assert declared.check(facts_of({**CODE, **files})).state is State.MET


def test_an_explicit_list_of_conda_fixes_what_it_names() -> None:
    built = "https://conda.anaconda.org/conda-forge/linux-64/{}-1.2.0-py312_0.conda#ab12\n"
    listed = "@EXPLICIT\n" + "".join(built.format(name) for name in ("pandas", "scikit-learn", "fastapi"))
    facts = facts_of({**CODE, "conda-linux-64.txt": listed})
    assert [check.check(facts).state for check in (declared, pinned, isolated, system)] == [State.MET] * 4


@pytest.mark.parametrize(
    ("files", "lock"),
    [
        ({"Project.toml": '[deps]\nFlux = "587475ba"\n[compat]\nFlux = "0.14"\n', "train.jl": ""}, "Manifest.toml"),
        ({"Cargo.toml": '[dependencies]\ncandle-core = "0.4"\n', "src/main.rs": ""}, "Cargo.lock"),
    ],
)
def test_packages_of_julia_and_rust_are_fixed_by_their_lock(files: dict[str, str], lock: str) -> None:
    assert pinned.check(facts_of({**files, lock: ""})).state is State.MET
    assert pinned.check(facts_of(files)).state is State.PARTIAL


def test_a_task_that_builds_the_image_builds_and_one_of_a_page_does_not() -> None:
    table = '[tool.poe.tasks]\nimage = "docker build -t a ."\n'
    assert build.check(facts_of({**CODE, "pyproject.toml": table})).state is State.MET
    page = '{"scripts": {"build": "ng build --prod"}}'
    assert build.check(facts_of({**CODE, "web/package.json": page})).state is State.PARTIAL
