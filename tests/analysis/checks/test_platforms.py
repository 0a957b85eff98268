"""Definitions that platforms and tools of a project read: releases in clusters, jobs, workspaces, studies."""

from __future__ import annotations

import pytest

from apps.analysis.checks.build_release_run import run
from apps.analysis.checks.codebase import deployment, preprocessing
from apps.analysis.checks.concurrency import process_types
from apps.analysis.checks.dependencies import declared, isolated, pinned
from apps.analysis.checks.disposability import resume, startup
from apps.analysis.checks.logs import no_local_files
from apps.analysis.checks.port_binding import declared as port_declared
from apps.analysis.running import servers
from apps.catalog import State
from tests.analysis.making import facts_of

API = "from fastapi import FastAPI\napp = FastAPI()\n"


def test_a_release_of_a_chart_deploys_and_declares_its_port() -> None:
    release = "kind: HelmRelease\nspec:\n  chart: {spec: {chart: web}}\n  values:\n    image: {repository: team/api}\n    containerPort: 8080\n"
    facts = facts_of(
        {"app.py": API, "Dockerfile": 'FROM python:3.12\nCMD ["uvicorn", "app:app"]\n', "api.yaml": release}
    )
    assert deployment.check(facts).state is State.MET
    assert port_declared.check(facts).state is State.MET


def test_the_commands_of_a_job_of_azure_ml_are_declared_ones() -> None:
    job = "$schema: https://azuremlschemas.azureedge.net/latest/pipelineJob.schema.json\njobs:\n  prep:\n    code: src\n    command: python prep.py --raw ${{inputs.raw}}\n"
    assert run.check(facts_of({"src/prep.py": "x = 1\n", "pipeline.yml": job})).state is State.MET
    other = job.replace("$schema: https://azuremlschemas.azureedge.net/latest/pipelineJob.schema.json\n", "")
    assert run.check(facts_of({"src/prep.py": "x = 1\n", "pipeline.yml": other})).state is not State.MET


def test_a_program_named_for_preparing_that_writes_data_prepares_it() -> None:
    code = (
        "import pandas as pd\nfrom sklearn.svm import SVC\ndata = pd.read_csv(raw)\ndata[data.x > 1].to_parquet(out)\n"
    )
    train = "from sklearn.svm import SVC\nSVC().fit(x, y)\n"
    assert preprocessing.check(facts_of({"prep.py": code, "train.py": train})).state is State.MET
    assert preprocessing.check(facts_of({"report.py": code, "train.py": train})).state is not State.MET


WORKSPACE = {
    "pyproject.toml": '[project]\nname = "jobs"\ndependencies = ["models", "pyyaml==6.0"]\n[tool.uv.workspace]\nmembers = ["models"]\n',
    "models/pyproject.toml": '[project]\nname = "models"\ndependencies = ["pandas==2.2.0"]\n',
    "models/src/models/__init__.py": "import pandas\n",
    "job.py": "import models\nimport pandas\nimport yaml\n",
}


def test_a_member_of_a_workspace_is_no_dependency_and_brings_its_own() -> None:
    assert declared.check(facts_of(WORKSPACE)).state is State.MET
    assert pinned.check(facts_of(WORKSPACE)).state is State.MET
    alone = {**WORKSPACE, "models/pyproject.toml": WORKSPACE["models/pyproject.toml"].replace('"models"', '"others"')}
    assert declared.check(facts_of(alone)).state is State.PARTIAL


@pytest.mark.parametrize(("command", "state"), [("uv sync --frozen", State.MET), ("uv pip install -e .", State.UNMET)])
def test_a_job_that_makes_the_environment_of_the_project_isolates_it(command: str, state: State) -> None:
    project = '[project]\nname = "x"\ndependencies = ["torch"]\n'
    ci = f"jobs:\n  test:\n    steps:\n      - run: {command}\n"
    files = {"app.py": "import torch\n", "pyproject.toml": project, ".github/workflows/ci.yml": ci}
    assert isolated.check(facts_of(files)).state is state


def test_a_study_that_is_stored_and_loaded_again_goes_on() -> None:
    code = "import optuna\nstudy = optuna.create_study(storage=url, study_name='s', load_if_exists={})\nstudy.optimize(f)\n"
    train = "from sklearn.svm import SVC\nSVC().fit(x, y)\n"
    assert resume.check(facts_of({"tune.py": code.format("True"), "train.py": train})).state is State.MET
    assert resume.check(facts_of({"tune.py": code.format("False"), "train.py": train})).state is not State.MET


def test_spring_writes_its_log_file_beside_the_stream() -> None:
    java = '@SpringBootApplication\nclass App { static Logger log = LoggerFactory.getLogger(App.class); void run() { log.info("up"); } }\n'
    files = {"src/main/java/App.java": java, "src/main/resources/application.properties": "logging.file=/tmp/app.log\n"}
    assert no_local_files.check(facts_of(files)).state is State.PARTIAL


def test_a_route_of_next_is_no_server_of_its_own() -> None:
    route = "export async function POST(request: Request) {\n  return Response.json({})\n}\n"
    assert servers.of(facts_of({"app/api/login/route.ts": route})) == []
    assert servers.of(facts_of({"server.ts": "const app = express()\napp.listen(3000)\n"}))


@pytest.mark.parametrize("serves", [False, True])
def test_data_that_a_training_script_fetches_is_no_matter_of_a_service_beside_it(serves: bool) -> None:
    train = "import torch\nfrom torchvision import datasets\ndata = datasets.MNIST('data', download=True)\noptimizer = torch.optim.SGD(m, lr=0.1)\nfor x in data:\n    m(x).backward()\n    optimizer.step()\n"
    service = {"app.py": API, "Dockerfile": 'FROM python:3.12\nCMD ["uvicorn", "app:app"]\n'} if serves else {}
    found = startup.check(facts_of({"train.py": train, **service}))
    assert found.state is (State.MET if serves else State.UNMET)


def test_a_build_tool_alone_is_half_an_environment() -> None:
    assert (
        isolated.check(facts_of({"package.json": '{"dependencies": {"express": "4"}}', "a.ts": "x\n"})).state
        is State.PARTIAL
    )


@pytest.mark.parametrize(
    ("clock", "state"), [("  schedule:\n    - cron: '0 5 * * *'\n", State.MET), ("  push:\n", State.UNMET)]
)
def test_jobs_that_ci_runs_by_the_clock_are_processes(clock: str, state: State) -> None:
    job = "on:\n{}jobs:\n  {}:\n    steps:\n      - run: python -m {}\n"
    workflows = {f".github/workflows/{name}.yml": job.format(clock, name, name) for name in ("features", "training")}
    code = {"training.py": "from sklearn.svm import SVC\nSVC().fit(x, y)\n", "features.py": "print()\n"}
    assert process_types.check(facts_of({**code, **workflows})).state is state
