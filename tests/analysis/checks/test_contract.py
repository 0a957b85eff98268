"""What holds for every check, whoever wrote it."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from apps.analysis import checks
from apps.analysis.findings import MOST_EVIDENCE, Finding
from apps.catalog import ITEMS, State
from tests.analysis.making import facts_of

if TYPE_CHECKING:
    from apps.analysis.repository import Facts

CHECKS = checks.load()
SECTIONS = ["What it does", "Why it matters", "How to adopt it", "References"]

EMPTY: dict[str, str | bytes] = {}
BROKEN: dict[str, str | bytes] = {
    "train.py": "def train(:\n  model.fit(",
    "serve.py": b"\xff\xfe\x00\x01import flask",
    "explore.ipynb": '{"cells": [{"cell_type": "code", "source": 7}, 3, null], "metadata": []}',
    "half.ipynb": '{"cells": [',
    "config.yaml": "a: [1, {b: *nowhere\n",
    "docker-compose.yml": "services:\n  - not\n  - a mapping\n",
    "deploy.yaml": "kind: Deployment\nspec: 3\n",
    "pyproject.toml": "[tool.poetry\nname=",
    "package.json": '{"dependencies": []}',
    "requirements.txt": "===\n-r missing.txt\n@@@\n",
    "Dockerfile": "FROM\nCMD [\nRUN \\\n",
    "Procfile": "web\n:\n",
    "Makefile": "\tno target\n:::\n",
    "main.tf": 'resource "x" {{{',
    ".env": "=\nNAME\n",
    "pom.xml": "<project><dependency>",
    "environment.yml": "dependencies: 5\n",
    "model.pkl": b"\x80\x04",
}
# Small systems of different kinds; together they touch every factor.
CORPUS: dict[str, dict[str, str | bytes]] = {
    "a service": {
        "app/main.py": (
            "import logging, os\nimport joblib\nfrom fastapi import FastAPI\n\napp = FastAPI()\nlogging.basicConfig()\n"
            "model = joblib.load(os.environ['MODEL_PATH'])\n\n@app.get('/health')\ndef health():\n    return 'ok'\n\n"
            "@app.post('/predict')\ndef predict(row: list[float]):\n    logging.info('asked %s', row)\n    return model.predict([row])\n"
        ),
        "Dockerfile": 'FROM python:3.11-slim\nRUN apt-get update && apt-get install -y libgomp1\nCOPY . .\nRUN pip install -r requirements.txt\nEXPOSE 8000\nCMD ["uvicorn", "app.main:app", "--host", "0.0.0.0", "--port", "8000"]\n',
        "docker-compose.yml": "services:\n  api:\n    build: .\n    ports: ['8000:8000']\n    environment:\n      MODEL_PATH: /models/m.joblib\n",
        "requirements.txt": "fastapi==0.110.0\nuvicorn==0.29.0\njoblib==1.3.2\nscikit-learn==1.4.0\n",
        ".github/workflows/ci.yml": "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: pip install -r requirements.txt && pytest\n",
    },
    "a training script": {
        "train.py": (
            "import argparse\nimport mlflow\nimport torch\n\nparser = argparse.ArgumentParser()\nparser.add_argument('--lr', type=float, default=0.1)\n"
            "parser.add_argument('--epochs', type=int, default=3)\nargs = parser.parse_args()\nmodel = torch.nn.Linear(4, 1)\n"
            "optimizer = torch.optim.SGD(model.parameters(), lr=args.lr)\nfor epoch in range(args.epochs):\n    loss = model(torch.rand(2, 4)).sum()\n"
            "    loss.backward()\n    optimizer.step()\n    mlflow.log_metric('loss', loss.item())\ntorch.save(model.state_dict(), 'model.pt')\n"
        ),
        "data.py": "import pandas\n\n\ndef load_data(path):\n    return pandas.read_csv(path).dropna()\n",
        "requirements.txt": "torch\nmlflow\npandas\n",
    },
    "notebooks": {
        "churn.ipynb": '{"cells": [{"cell_type": "code", "source": ["from sklearn.linear_model import LogisticRegression\\n", "model = LogisticRegression(C=0.5)\\n", "model.fit(x, y)\\n", "print(model.score(x, y))"]}], "metadata": {}}',
    },
    "an application of a language model": {
        "rag.py": (
            "import os\nfrom langchain_openai import ChatOpenAI\nfrom langchain_community.vectorstores import Qdrant\nimport streamlit as st\n\n"
            "llm = ChatOpenAI(model='gpt-4o', temperature=0.1)\n\ndef answer(question):\n    return llm.invoke(question)\n\nst.write(answer(st.text_input('?')))\n"
        ),
        "requirements.txt": "langchain-openai\nstreamlit\n",
        "Procfile": "web: streamlit run rag.py --server.port $PORT\n",
    },
    "a pipeline": {
        "dags/score.py": (
            "import os\nfrom airflow import DAG\nfrom airflow.operators.python import PythonOperator\nimport boto3\nimport joblib\n\n"
            "def score():\n    boto3.client('s3').download_file(os.environ['BUCKET'], 'model.joblib', '/tmp/model.joblib')\n"
            "    model = joblib.load('/tmp/model.joblib')\n    print(model.predict([[1]]))\n\n"
            "with DAG('score', default_args={'retries': 2}) as dag:\n    PythonOperator(task_id='score', python_callable=score)\n"
        ),
        "Dockerfile": "FROM apache/airflow:2.9.0\nCOPY dags /opt/airflow/dags\n",
        "alembic.ini": "[alembic]\nscript_location = migrations\n",
        "main.tf": 'variable "region" {}\nresource "aws_ecs_service" "score" {\n  name = "score"\n}\n',
    },
}  # fmt: skip


@pytest.fixture(params=CORPUS, scope="module")
def system(request: pytest.FixtureRequest) -> Facts:
    return facts_of(CORPUS[request.param])


@pytest.mark.parametrize("item", CHECKS)
def test_its_documentation_page_is_whole(item: str) -> None:
    page = import_module(checks.module_of(item)).__doc__ or ""
    claim = page.strip().split("\n\n", 1)[0]
    assert claim.endswith(".")
    assert "\n" not in claim.strip() or len(claim) < 240
    assert re.findall(r"^## (.+)$", page, re.MULTILINE) == SECTIONS
    sections = re.split(r"^## .+$", page, flags=re.MULTILINE)[1:]
    assert all(len(section.strip()) > 40 for section in sections), "a section is empty"
    assert "```" in sections[2], "adopting it wants an example"
    assert all(line.startswith("- ") for line in sections[3].strip().split("\n") if not line.startswith("  "))


@pytest.mark.parametrize("item", CHECKS)
def test_an_empty_repository_is_never_met(item: str) -> None:
    assert CHECKS[item](facts_of(EMPTY)).state is not State.MET


@pytest.mark.parametrize("item", CHECKS)
def test_broken_files_do_not_break_it(item: str) -> None:
    found = CHECKS[item](facts_of(BROKEN))
    assert isinstance(found, Finding)
    assert found.summary.endswith(".")


@pytest.mark.parametrize("item", CHECKS)
def test_its_finding_says_and_shows_what_decides(item: str, system: Facts) -> None:
    found = CHECKS[item](system)
    assert found.summary.endswith("."), found.summary
    assert len(found.evidence) <= MOST_EVIDENCE
    assert all(place.path in system.by_path for place in found.evidence)
    assert all(0 <= place.line <= system.by_path[place.path].facts.lines for place in found.evidence)
    if found.state in {State.MET, State.PARTIAL} and item not in WITHOUT_PLACES:
        assert found.evidence, f"{found.state} without evidence: {found.summary}"
    if found.state in {State.PARTIAL, State.UNMET}:
        assert found.remedy.endswith("."), "what would make it met?"
        assert found.effort is not None


# Their `met` is an absence: nothing was found, nowhere.
WITHOUT_PLACES = frozenset(
    {"config.secrets", "logs.no-local-files", "processes.share-nothing", "processes.model-external"}
)


def test_every_check_judges_an_item_of_the_catalogue() -> None:
    folder = checks.__path__[0]
    modules = {
        path.relative_to(folder).with_suffix("").as_posix().replace("/", ".").replace("_", "-")
        for path in Path(folder).rglob("*.py")
        if path.name != "__init__.py"
    }
    assert modules <= set(ITEMS)
    assert modules == set(CHECKS)


@pytest.mark.parametrize("item", CHECKS)
def test_it_reads_no_file_and_no_other_check(item: str) -> None:
    code = Path(import_module(checks.module_of(item)).__file__ or "").read_text().split('"""', 2)[2]
    assert not re.search(r"^\s*(?:from|import) apps\.analysis\.checks\b", code, re.MULTILINE)
    assert not re.search(r"^\s*(?:import|from) (?:os|subprocess|pathlib|socket)\b|\bopen\(", code, re.MULTILINE)
