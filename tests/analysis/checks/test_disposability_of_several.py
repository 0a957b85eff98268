"""Verdicts on stopping and resuming where the system has several parts."""

from __future__ import annotations

import pytest

from apps.analysis.checks.build_release_run import run
from apps.analysis.checks.disposability import resume, shutdown, startup
from apps.analysis.checks.logs import no_local_files
from apps.catalog import State
from tests.analysis.making import facts_of

TORCH = (
    "import torch\nmodel = Net()\noptimizer = torch.optim.SGD(model.parameters(), lr=0.1)\nfor batch in batches:\n"
    "    loss = model(batch)\n    loss.backward()\n    optimizer.step()\n"
)


def test_one_trainer_of_many_that_goes_on_from_a_checkpoint_is_partial():
    arguments = "told = TrainingArguments(output_dir='out')\ntrainer = Trainer(args=told)\n"
    trainer = f"from transformers import Trainer, TrainingArguments\n{arguments}"
    again = {"a/train.py": f"{trainer}trainer.train(resume_from_checkpoint=True)\n"}
    over = {f"{name}/train.py": f"{trainer}trainer.train()\n" for name in "bc"}
    assert resume.check(facts_of(again)).state is State.MET
    assert resume.check(facts_of({**again, **over})).state is State.PARTIAL


def test_trainers_that_share_what_goes_on_from_a_checkpoint_all_do():
    shared = "def go_on(optimizer, kept):\n    optimizer.load_state_dict(kept)\n"
    trainers = {f"{name}.py": f"from shared import go_on\n{TORCH}go_on(optimizer, kept)\n" for name in "abc"}
    assert resume.check(facts_of({**trainers, "shared.py": shared})).state is State.MET


def test_a_managed_endpoint_beside_a_page_that_nothing_stops_is_partial():
    page = {"page.py": "import streamlit as st\nst.title('a')\n"}
    endpoint = {
        "out.py": "from sagemaker.sklearn.model import SKLearnModel\nmodel = SKLearnModel(model_data=place)\n"
        "model.deploy(initial_instance_count=1, instance_type='ml.t2.medium', endpoint_name='a')\n"
    }
    assert shutdown.check(facts_of(page)).state is State.UNMET
    assert shutdown.check(facts_of({**page, **endpoint})).state is State.PARTIAL


@pytest.mark.parametrize(
    ("saving", "state"),
    [
        ("from kept.hooks import SaveModelCheckpoint\nhook = SaveModelCheckpoint()\n", State.PARTIAL),
        ("def snapshot(net):\n    net.save(name)\n", State.PARTIAL),
        ("def finish(net):\n    net.save(name)\n", State.UNMET),
    ],
)
def test_snapshots_under_names_of_ones_own_are_checkpoints(saving, state):
    assert resume.check(facts_of({"train.py": saving + TORCH})).state is state


@pytest.mark.parametrize(
    ("cached", "state"), [("enable_cache=True", State.PARTIAL), ("enable_cache=False", State.UNMET)]
)
def test_a_pipeline_of_tfx_may_take_over_its_steps(cached, state):
    code = f"from tfx.orchestration import pipeline\npipeline.Pipeline(pipeline_name='a', components=steps, {cached})\n"
    assert resume.check(facts_of({"flow.py": code, "train.py": TORCH})).state is state


@pytest.mark.parametrize(
    ("name", "state"),
    [("docker-compose.dev.yml", State.MET), ("compose.pages.yml", State.PARTIAL)],
)
def test_what_installs_only_for_who_develops_is_no_start_of_the_system(name, state):
    pages = "services:\n  pages:\n    image: node:22\n    command: sh -c 'npm ci && npm run dev'\n    volumes: ['.:/here']\n"
    served = "services:\n  api:\n    build: .\n    command: uvicorn app:app\n"
    image = "FROM python:3.12\nCOPY . .\nRUN pip install -r requirements.txt\n"
    app = "from fastapi import FastAPI\n\napp = FastAPI()\n"
    facts = facts_of(
        {
            "app.py": app,
            "requirements.txt": "fastapi==0.1\n",
            "Dockerfile": image,
            "docker-compose.yml": served,
            name: pages,
        }
    )
    assert startup.check(facts).state is state
    assert run.check(facts).state is state


@pytest.mark.parametrize(
    ("source", "state"),
    [
        ("export const job = inngest.createFunction({ id: 'index' }, { event: 'asked' }, run)\n", State.MET),
        ("import { Queue } from 'bullmq'\nqueue.add('index', texts, { attempts: 3 })\n", State.MET),
        ("import { Queue } from 'bullmq'\nqueue.add('index', texts, { attempts: 1 })\n", State.UNMET),
        ("import { Queue } from 'bullmq'\nconst http = { retries: 3 }\n", State.UNMET),
        ("const game = { attempts: 3 }\n", State.UNMET),
    ],
)
def test_jobs_of_a_queue_are_tried_again(source, state):
    files = {"train.py": TORCH, "src/jobs.ts": source}
    assert resume.check(facts_of(files)).state is state


@pytest.mark.parametrize(
    ("script", "state"),
    [
        ("airflow db migrate\nairflow scheduler &\nairflow webserver\n", State.PARTIAL),
        ("airflow db migrate\nexec airflow standalone\n", State.MET),
        ("exec celery -A app worker\n", State.MET),
        ("python score.py\n", State.NA),
        ("airflow dags list\n", State.NA),
    ],
)
def test_workers_that_the_script_of_an_image_starts_run_for_long(script: str, state: State) -> None:
    image = "FROM python:3.12\nCOPY . .\nENTRYPOINT ['./entrypoint.sh']\n".replace("'", '"')
    facts = facts_of({"Dockerfile": image, "entrypoint.sh": f"#!/bin/sh\n{script}", "score.py": "print(1)\n"})
    assert shutdown.check(facts).state is state
    logs = State.PARTIAL if "scheduler" in script or "standalone" in script else State.MET
    assert no_local_files.check(facts).state is logs


@pytest.mark.parametrize(("retries", "state"), [("max_retries: 3", State.MET), ("max_retries: 0", State.UNMET)])
def test_batches_of_an_endpoint_that_are_tried_again_go_on(retries: str, state: State) -> None:
    told = f"name: main\nendpoint_name: churn\nretry_settings:\n  {retries}\n"
    assert resume.check(facts_of({"train.py": TORCH, "endpoints/batch.yml": told})).state is state


@pytest.mark.parametrize(
    ("address", "state"),
    [
        ("f'http://{host}:8000/monitor?window={window}'", State.MET),
        ("host + '/models'", State.MET),
        ("'https://data.example.org/wines.csv'", State.UNMET),
        ("'https://data.example.org/wines.zip?raw=1'", State.UNMET),
    ],
)
def test_a_page_that_asks_a_service_downloads_no_data_at_start(address: str, state: State) -> None:
    page = f"import os\nimport requests\nimport streamlit as st\nhost = os.getenv('API', 'localhost')\nwindow = st.number_input('rows')\nif st.button('Go'):\n    st.write(requests.get({address}, timeout=9).text)\n"
    found = startup.check(facts_of({"page.py": page}))
    assert found.state is state, found.summary


def test_a_server_that_asks_while_it_is_loaded_waits_at_start() -> None:
    code = "import requests\nfrom fastapi import FastAPI\napp = FastAPI()\nrows = requests.get('https://data.example.org/rows').json()\n"
    assert startup.check(facts_of({"app.py": code})).state is State.UNMET
