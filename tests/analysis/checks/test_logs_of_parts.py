"""Factor 11: logs of which only a part is told, or that go elsewhere than it seems."""

from __future__ import annotations

import json

import pytest

from apps.analysis.checks.logs import no_local_files, requests, system_events, training_metrics
from apps.catalog import State
from tests.analysis.making import facts_of

API = "from fastapi import FastAPI\nimport joblib, logging\nlogging.basicConfig(level=logging.INFO)\nlogger = logging.getLogger('api')\napp = FastAPI()\nmodel = joblib.load('m.joblib')\n"
TOLD = f"{API}@app.post('/predict')\ndef predict(x: float):\n    y = model.predict([[x]])\n    logger.info('predicted %s', y)\n    return y\n"
SILENT = f"{API}@app.post('/predict')\ndef predict(x: float):\n    return model.predict([[x]])\n"
IMAGE = 'FROM python:3.12\nCOPY . .\nCMD ["uvicorn", "app:app"]\n'
FIT = "from sklearn.svm import SVC\nmodel = SVC().fit(x, y)\n"


class TestRequests:
    def test_one_of_two_services_that_predict_is_partial(self) -> None:
        files = {"a/app.py": TOLD, "a/Dockerfile": IMAGE, "b/app.py": SILENT, "b/Dockerfile": IMAGE}
        assert requests.check(facts_of(files)).state is State.PARTIAL
        assert requests.check(facts_of({**files, "b/app.py": TOLD})).state is State.MET

    def test_a_gateway_beside_the_service_that_predicts_need_not(self) -> None:
        gateway = "from fastapi import FastAPI\nimport requests\napp = FastAPI()\n@app.get('/x')\ndef ask():\n    return requests.get('http://a').json()\n"
        files = {"a/app.py": TOLD, "a/Dockerfile": IMAGE, "b/app.py": gateway, "b/Dockerfile": IMAGE}
        assert requests.check(facts_of(files)).state is State.MET

    def test_an_access_log_that_is_switched_off_tells_nothing(self) -> None:
        silent = {"app.py": SILENT, "Dockerfile": IMAGE.replace('app"]', 'app", "--no-access-log"]')}
        by_code = {"app.py": f"{SILENT}import uvicorn\nuvicorn.run(app, access_log=False)\n"}
        assert requests.check(facts_of({"app.py": SILENT, "Dockerfile": IMAGE})).state is State.PARTIAL
        assert requests.check(facts_of(silent)).state is State.UNMET
        assert requests.check(facts_of(by_code)).state is State.UNMET

    @pytest.mark.parametrize(("function", "state"), [("send_to_evidently", State.MET), ("ask_shop", State.PARTIAL)])
    def test_answers_that_are_posted_to_a_monitor_are_kept(self, function: str, state: State) -> None:
        source = f"import os, requests\n{API}def {function}(prediction):\n    requests.post(os.environ['ADDRESS'], json=[prediction])\n@app.post('/predict')\ndef predict(x: float):\n    prediction = model.predict([[x]])\n    {function}(prediction)\n    return prediction\n"
        assert requests.check(facts_of({"app.py": source})).state is state


class TestTrainingMetrics:
    def test_a_tracker_of_a_notebook_is_none_of_the_scripts_that_train(self) -> None:
        notebook = '{"cells": [{"cell_type": "code", "source": ["import wandb\\nwandb.init()"]}]}'
        files = {"train.py": f"{FIT}print('accuracy', model.score(x, y))\n", "try.ipynb": notebook}
        both = notebook.replace("wandb.init()", "wandb.init()\\nfrom sklearn.svm import SVC\\nSVC().fit(x, y)")
        assert training_metrics.check(facts_of(files)).state is State.PARTIAL
        assert training_metrics.check(facts_of({**files, "try.ipynb": both})).state is State.MET

    @pytest.mark.parametrize(("logger", "state"), [("WandbLogger", State.MET), ("CSVLogger", State.PARTIAL)])
    def test_hydra_names_the_logger_in_its_configuration(self, logger: str, state: State) -> None:
        source = "import hydra, pytorch_lightning as pl\n@hydra.main(config_path='conf')\ndef main(cfg):\n    pl.Trainer(logger=hydra.utils.instantiate(cfg.logger)).fit(model, data)\n"
        config = f"logger:\n  _target_: pytorch_lightning.loggers.{logger}\n"
        assert training_metrics.check(facts_of({"train.py": source, "conf/config.yaml": config})).state is state

    def test_a_logger_that_writes_a_file_only_and_boards_that_are_far(self) -> None:
        source = f"import logging\nlogging.basicConfig({{}}level='INFO')\n{FIT}logging.info('accuracy %f', model.score(x, y))\n"
        board = f"from torch.utils.tensorboard import SummaryWriter\nwriter = SummaryWriter('{{}}')\n{FIT}"
        assert (
            training_metrics.check(facts_of({"train.py": source.format("filename='a.log', ")})).state is State.PARTIAL
        )
        assert training_metrics.check(facts_of({"train.py": source.format("")})).state is State.MET
        assert training_metrics.check(facts_of({"train.py": board.format("gs://foxes/runs")})).state is State.MET
        assert training_metrics.check(facts_of({"train.py": board.format("runs")})).state is State.PARTIAL


class TestNoLocalFiles:
    def test_a_copy_of_stdout_in_a_file_is_partial_and_stdout_in_a_file_unmet(self) -> None:
        tee = "import sys\nclass Tee:\n    def __init__(self, path):\n        self.out = sys.stdout\n        self.file = open(path, 'w')\n    def write(self, text):\n        self.out.write(text)\n        self.file.write(text)\n"
        use = f"import sys\nfrom tee import Tee\nsys.stdout = Tee('seen.txt')\n{FIT}print(1)\n"
        only = f"import sys\nsys.stdout = open('seen.txt', 'w')\n{FIT}print(1)\n"
        wrapped = f"import io, sys\nsys.stdout = io.TextIOWrapper(sys.stdout.buffer)\n{FIT}print(1)\n"
        assert no_local_files.check(facts_of({"tee.py": tee, "train.py": use})).state is State.PARTIAL
        assert no_local_files.check(facts_of({"train.py": only})).state is State.UNMET
        assert no_local_files.check(facts_of({"train.py": wrapped})).state is State.MET

    def test_a_file_that_callers_may_leave_out_is_optional(self) -> None:
        source = "import logging\ndef begin(log_file{}):\n    logger = logging.getLogger('x')\n    if log_file:\n        logger.addHandler(logging.FileHandler(log_file))\n    logger.info('on')\n"
        assert no_local_files.check(facts_of({"log.py": source.format("=None")})).state is State.PARTIAL
        assert no_local_files.check(facts_of({"log.py": source.format("='a.log'")})).state is State.UNMET


def test_modules_that_are_handed_a_logger_log() -> None:
    made = "import pino from 'pino'\nexport const logger = pino({ level: 'info' })\n"
    calls = {f"src/{name}.ts": "import { logger } from './log'\nlogger.info('done')\n" for name in "abc"}
    prints = {f"src/{name}.ts": "console.log('done')\n" for name in "xy"}
    server = {"src/server.js": "const app = express();\napp.listen(3000);\n"}
    assert system_events.check(facts_of({**server, "src/log.ts": made, **calls, **prints})).state is State.MET
    assert system_events.check(facts_of({**server, **calls, **prints})).state is State.PARTIAL


class TestOthers:
    @pytest.mark.parametrize(
        ("line", "asks", "state"),
        [
            ("logger.info('done', { id: result.rows[0].user_id });", "", State.PARTIAL),
            ("logger.info('done', { result });", "await client.chat.completions.create({ messages });", State.MET),
            ("logger.info('scored', { probability });", "", State.MET),
            (
                "logger.info('ready', labels.length);",
                "await client.chat.completions.create({ messages });",
                State.PARTIAL,
            ),
        ],
    )
    def test_a_result_is_an_answer_where_a_model_is_asked(self, line: str, asks: str, state: State) -> None:
        begin = "const OpenAI = require('openai');\nconst express = require('express');\nconst app = express();\n"
        script = f"{begin}app.post('/a', async (req, res) => {{\n  {asks}\n  {line}\n}});\napp.listen(3000);\n"
        files = {"server.js": script, "package.json": '{"dependencies": {"openai": "4.0.0", "express": "4.0.0"}}'}
        assert requests.check(facts_of(files)).state is state

    def test_middleware_that_lets_in_who_may_come_tells_of_no_request(self) -> None:
        guard = "from starlette.middleware.base import BaseHTTPMiddleware\nclass {}(BaseHTTPMiddleware):\n    async def dispatch(self, request, call_next):\n        {}\n        return await call_next(request)\n"
        files = {"app.py": SILENT + guard.format("Guard", "allow(request)"), "Dockerfile": IMAGE}
        found = requests.check(facts_of(files))
        assert "access log" in found.summary
        told = SILENT + guard.format("Guard", "logger.info(request.url)")
        assert "Requests are logged" in requests.check(facts_of({**files, "app.py": told})).summary


class TestFiles:
    def test_a_text_of_logs_that_is_added_to_by_hand_is_a_log_file(self) -> None:
        source = f"{TOLD}def note(text):\n    with open('logs.txt', 'a') as out:\n        out.write(text)\n"
        assert no_local_files.check(facts_of({"app.py": source})).state is State.PARTIAL
        other = source.replace("logs.txt", "blogs.txt")
        assert no_local_files.check(facts_of({"app.py": other})).state is State.MET

    @pytest.mark.parametrize(
        ("service", "state"),
        [
            ("build: .\n    command: celery -A jobs worker --logfile=logs/celery.log", State.PARTIAL),
            ("build: .\n    command: celery -A jobs worker --loglevel=info", State.MET),
            ("build: .\n    volumes: ['./logs:/app/logs']", State.PARTIAL),
            ("build: .\n    volumes: ['/var/log:/var/log:ro']", State.MET),
            ("image: confluentinc/cp-zookeeper:7.5.0\n    volumes: ['zoo-log:/var/lib/zookeeper/log']", State.MET),
        ],
    )
    def test_what_compose_tells_a_server_and_mounts_into_it(self, service: str, state: State) -> None:
        files = {"app.py": TOLD, "compose.yaml": f"services:\n  other:\n    {service}\n"}
        assert no_local_files.check(facts_of(files)).state is state


@pytest.mark.parametrize(("path", "state"), [("app.py", State.UNMET), ("train.py", State.PARTIAL)])
def test_what_a_service_prints_when_it_answers_tells_nothing_of_training(path: str, state: State) -> None:
    told = "\n\ndef tell():\n    print('Drift detected')\n"
    files = {
        "train.py": "import joblib\nfrom sklearn.linear_model import LogisticRegression\n\nmodel = LogisticRegression()\nmodel.fit(x, y)\njoblib.dump(model, 'model.pkl')\n",
        "app.py": "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.post('/predict')\ndef predict(row: dict):\n    return model.predict(row)\n",
    }
    files[path] += told
    assert training_metrics.check(facts_of(files)).state is state


@pytest.mark.parametrize(("line", "state"), [("", State.UNMET), ("print('asked')\n    ", State.PARTIAL)])
def test_answers_that_a_notebook_beside_the_service_shows_are_none_of_its_own(line: str, state: State) -> None:
    asks = "from langchain_openai import ChatOpenAI\n\nllm = ChatOpenAI()\nfound = llm.invoke('Hello')\nprint(found.content)\n"
    notebook = json.dumps({"cells": [{"cell_type": "code", "source": asks}]})
    service = f"from langchain_openai import ChatOpenAI\nfrom quart import Quart\n\napp = Quart(__name__)\nllm = ChatOpenAI()\n\n\n@app.post('/chat')\nasync def chat():\n    {line}return await llm.ainvoke('Hello')\n"
    image = 'FROM python:3.12\nCMD ["hypercorn", "app:app"]\n'  # writes an access log only when told to
    assert requests.check(facts_of({"app.py": service, "Dockerfile": image, "lab.ipynb": notebook})).state is state
