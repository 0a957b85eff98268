"""Factor 11: what is logged, how, and where it goes."""

from __future__ import annotations

import json

import pytest

from apps.analysis.checks.logs import centralised, no_local_files, requests, system_events, training_metrics
from apps.catalog import State
from tests.analysis.making import facts_of

TRAIN = "from sklearn.linear_model import Ridge\nmodel = Ridge()\nmodel.fit(x, y)\n"
API = "import logging\nfrom fastapi import FastAPI\nlogger = logging.getLogger(__name__)\napp = FastAPI()\n"
LOGGER = (
    "import logging\nlogging.basicConfig(level='INFO')\nlogger = logging.getLogger(__name__)\nlogger.info('started')\n"
)


class TestSystemEvents:
    def test_a_configured_logger_is_met(self) -> None:
        assert system_events.check(facts_of({"app.py": LOGGER})).state is State.MET

    def test_a_logger_that_brings_its_configuration_is_met(self) -> None:
        source = "from loguru import logger\nlogger.info('started')\n"
        assert system_events.check(facts_of({"app.py": source})).state is State.MET

    @pytest.mark.parametrize(
        "files",
        [
            {"train.py": "print('started')\n"},
            {"app.py": "import logging\nlogger = logging.getLogger(__name__)\nlogger.info('started')\n"},
            {"app.py": LOGGER, "train.py": "print('a')\n", "load.py": "print('b')\n"},
            {"app.py": LOGGER.replace("level='INFO'", "filename='app.log'")},
        ],
        ids=["prints only", "nothing configures", "a lesser part", "only into a file"],
    )
    def test_weaker_forms_are_partial(self, files: dict[str, str]) -> None:
        assert system_events.check(facts_of(files)).state is State.PARTIAL

    def test_silence_is_unmet_whatever_a_notebook_prints(self) -> None:
        notebook = json.dumps({"cells": [{"cell_type": "code", "source": "print(1)"}], "metadata": {}})
        assert system_events.check(facts_of({"app.py": API, "eda.ipynb": notebook})).state is State.UNMET

    def test_prints_that_an_orchestrator_keeps_are_met(self) -> None:
        source = "from prefect import task\n@task(log_prints=True)\ndef train():\n    print('started')\n"
        assert system_events.check(facts_of({"flow.py": source})).state is State.MET

    @pytest.mark.parametrize(
        ("files", "state"),
        [
            ({"app.py": LOGGER + API, "a.py": LOGGER, "train.py": TRAIN + "print('a')\n"}, State.PARTIAL),
            ({"app.py": API + "import core\n", "core.py": LOGGER, "scripts/copy.py": "print('a')\n"}, State.MET),
            ({"app.py": API + "import core\n", "core.py": LOGGER, **{f"b{n}.py": "print('a')\n" for n in range(4)}}, State.PARTIAL),
            ({"app.py": API + "import a, b\n", "a.py": LOGGER, "b.py": "print('a')\n"}, State.PARTIAL),
        ],
        ids=["training that only prints", "a script beside", "many scripts beside", "half of what serves"],
    )  # fmt: skip
    def test_every_main_stage_has_to_log(self, files: dict[str, str], state: State) -> None:
        assert system_events.check(facts_of(files)).state is state

    def test_no_orchestrator_keeps_what_a_server_prints(self) -> None:
        flow = "import kfp\ndef step():\n    print('a')\n"
        assert system_events.check(facts_of({"flow.py": flow})).state is State.MET
        found = system_events.check(facts_of({"flow.py": flow, "app.py": API + "print('b')\n"}))
        assert (found.state, found.evidence[0].path) == (State.PARTIAL, "app.py")

    def test_jobs_of_a_platform_keep_what_their_scripts_print(self) -> None:
        job = "$schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json\ncommand: python train.py\n"
        assert system_events.check(facts_of({"train.py": "print('a')\n", "jobs/train.yml": job})).state is State.MET

    def test_what_functions_of_a_platform_print_is_kept(self) -> None:
        lambdas = {f"api/lambda/{n}.js": "console.log('a');\n" for n in "abc"}
        files = lambdas | {"steps.py": "import sagemaker.workflow\n" + LOGGER}
        assert system_events.check(facts_of(files)).state is State.MET

    def test_a_set_up_that_the_package_lacks_configures_nothing(self) -> None:
        source = (
            "import logging\nfrom core.logs import setup_logging\nsetup_logging()\n"
            "logger = logging.getLogger(__name__)\nlogger.info('started')\n"
        )
        assert system_events.check(facts_of({"core/app.py": source})).state is State.PARTIAL

    def test_a_logarithm_is_no_log(self) -> None:
        assert system_events.check(facts_of({"app.py": "import math\nmath.log(2)\n"})).state is State.UNMET


class TestTrainingMetrics:
    def test_no_training_is_na(self) -> None:
        assert training_metrics.check(facts_of({"app.py": API})).state is State.NA

    @pytest.mark.parametrize(
        "metrics",
        [
            "import mlflow\nmlflow.log_metric('r2', score)\n",
            "import logging\nlogging.basicConfig()\nlogging.info('loss %s', loss)\n",
            "import logging\nlogging.basicConfig()\nlogging.info('pixel AUROC: %.4f', area)\n",
            "import structlog\nstructlog.configure()\nlog = structlog.get_logger()\nlog.info('trained', accuracy=area)\n",
            "import trackio\ntrackio.log({'area': area})\n",
        ],
    )
    def test_a_tracker_or_a_logger_is_met(self, metrics: str) -> None:
        assert training_metrics.check(facts_of({"train.py": TRAIN + metrics})).state is State.MET

    @pytest.mark.parametrize(
        "metrics",
        ["print('accuracy', accuracy)\n", "from torch.utils.tensorboard import SummaryWriter\nSummaryWriter('runs')\n"],
    )
    def test_prints_and_local_files_are_partial(self, metrics: str) -> None:
        assert training_metrics.check(facts_of({"train.py": TRAIN + metrics})).state is State.PARTIAL

    def test_silence_is_unmet(self) -> None:
        assert training_metrics.check(facts_of({"train.py": TRAIN})).state is State.UNMET


class TestRequests:
    def test_nothing_that_serves_is_na(self) -> None:
        assert requests.check(facts_of({"train.py": TRAIN})).state is State.NA

    def test_a_logged_prediction_is_met(self) -> None:
        source = (
            API
            + "@app.post('/predict')\ndef predict(x: float):\n    prediction = model.predict([[x]])\n    logger.info(f'predicted {prediction}')\n    return prediction\n"
        )
        assert requests.check(facts_of({"app.py": source})).state is State.MET

    def test_a_default_access_log_is_partial(self) -> None:
        files = {"app.py": API, "Dockerfile": 'FROM python:3.11\nCMD ["uvicorn", "app:app"]\n'}
        assert requests.check(facts_of(files)).state is State.PARTIAL

    def test_a_middleware_is_partial(self) -> None:
        source = API + "@app.middleware('http')\nasync def log(request, call_next):\n    logger.info(request.url)\n"
        assert requests.check(facts_of({"app.py": source})).state is State.PARTIAL

    def test_a_server_that_logs_no_request_is_unmet(self) -> None:
        source = (
            "from flask import Flask\napp = Flask(__name__)\n@app.route('/')\ndef home():\n    return 'x'\napp.run()\n"
        )
        assert requests.check(facts_of({"app.py": source, "Procfile": "web: gunicorn app:app\n"})).state is State.UNMET

    @pytest.mark.parametrize(
        "files",
        [
            {
                "stack.ts": "import * as sagemaker from 'aws-cdk-lib/aws-sagemaker';\nnew sagemaker.CfnEndpoint(this, 'E', {});\nconst one = {\n  dataCaptureConfig: capture,\n};\n"
            },
            {"app.py": API, "Metrics.cs": 'client.TrackMetric("Prediction.Score", output.Score, properties);\n'},
        ],
        ids=["captured by the endpoint", "sent to telemetry"],
    )
    def test_answers_that_code_of_other_languages_captures_are_met(self, files: dict[str, str]) -> None:
        assert requests.check(facts_of(files)).state is State.MET

    def test_telemetry_that_tells_no_answer_is_no_record_of_one(self) -> None:
        files = {"app.py": API, "Metrics.cs": 'client.TrackEvent("Started");\n// client.TrackMetric("Score", 1);\n'}
        assert requests.check(facts_of(files)).state is State.PARTIAL

    def test_a_log_line_that_only_speaks_of_answers_is_no_record(self) -> None:
        source = (
            API
            + "@app.post('/predict')\ndef predict(x: float):\n    logger.info('starting prediction')\n    return model.predict([[x]])\n"
        )
        assert requests.check(facts_of({"app.py": source})).state is State.PARTIAL


class TestNoLocalFiles:
    def test_streams_only_are_met(self) -> None:
        assert no_local_files.check(facts_of({"app.py": LOGGER})).state is State.MET

    @pytest.mark.parametrize(
        "files",
        [
            {"app.py": "import logging\nlogging.FileHandler('app.log')\nlogging.StreamHandler()\n"},
            {"app.py": "from loguru import logger\nlogger.add('app.log')\n"},
            {"app.py": LOGGER + "logger.addHandler(logging.FileHandler('app.log'))\n"},
            {"app.py": LOGGER, "run.sh": "python train.py > train.log 2>&1\n"},
            {"app.py": LOGGER, "run.sh": 'LOG="out/$NAME.txt"\nexec &> >(tee -a "$LOG")\n'},
            {"app.py": LOGGER, "Dockerfile": "FROM apache/airflow:2.10.5\n"},
            {"app.py": LOGGER + "print(1)\n", "infolog.py": "def init(name):\n    file = open(name, 'a')\n"},
            {"app.py": LOGGER, "nginx.conf": "http {\n  access_log /var/log/nginx/access.log;\n}\n"},
        ],
        ids=[
            "in addition",
            "beside stderr",
            "beside the stream of the root",
            "a redirection",
            "a redirection to what is called a log",
            "the images of an orchestrator",
            "a module of logs",
            "a server beside the app",
        ],
    )
    def test_files_beside_a_stream_are_partial(self, files: dict[str, str]) -> None:
        assert no_local_files.check(facts_of(files)).state is State.PARTIAL

    def test_airflow_that_keeps_its_logs_elsewhere_writes_no_file(self) -> None:
        image = "FROM apache/airflow:2.10.5\n"
        compose = "services:\n  a:\n    build: .\n    environment:\n      AIRFLOW__LOGGING__REMOTE_LOGGING: 'True'\n"
        files = {"app.py": LOGGER, "Dockerfile": image, "compose.yaml": compose}
        assert no_local_files.check(facts_of(files)).state is State.MET

    @pytest.mark.parametrize(
        "files",
        [
            {"Dockerfile": "FROM apache/airflow:2.10.5\nENV AIRFLOW__LOGGING__REMOTE_LOGGING=True\n"},
            {"chart.yaml": "image: apache/airflow:2.10.5\nconfig:\n  logging:\n    remote_logging: 'True'\n"},
        ],
    )
    def test_airflow_is_told_by_its_image_and_its_chart_too(self, files: dict[str, str]) -> None:
        assert no_local_files.check(facts_of({"app.py": LOGGER, **files})).state is State.MET

    def test_torchserve_writes_log_files_unless_it_is_told_otherwise(self) -> None:
        start = "torchserve --start --model-store models"
        files = {"app.py": LOGGER, "run.sh": f"{start}\n"}
        assert no_local_files.check(facts_of(files)).state is State.PARTIAL
        assert no_local_files.check(facts_of({**files, "run.sh": f"{start} --log-config x.xml\n"})).state is State.MET

    def test_files_only_are_unmet_though_something_prints(self) -> None:
        source = "import logging\nlogging.basicConfig(filename='app.log')\nlogging.info('x')\nprint('done')\n"
        assert no_local_files.check(facts_of({"app.py": source})).state is State.UNMET

    def test_a_path_from_a_variable_that_must_be_set_is_no_choice(self) -> None:
        source = "import logging, os\nlogging.basicConfig(filename={})\nlogging.info('x')\n"
        must, may = source.format("os.environ['LOG']"), source.format("os.environ.get('LOG')")
        assert no_local_files.check(facts_of({"app.py": must})).state is State.UNMET
        assert no_local_files.check(facts_of({"app.py": may})).state is State.PARTIAL

    def test_a_sink_that_is_given_as_a_stream_is_no_file(self) -> None:
        source = "import sys\nfrom loguru import logger\nlogger.add(sys.stdout)\nlogger.add(**config)\n"
        assert no_local_files.check(facts_of({"app.py": source})).state is State.MET


class TestCentralised:
    def test_nothing_deployed_is_na(self) -> None:
        assert centralised.check(facts_of({"train.py": TRAIN})).state is State.NA

    def test_a_logging_driver_is_met(self) -> None:
        compose = "services:\n  api:\n    build: .\n    logging:\n      driver: awslogs\n"
        assert centralised.check(facts_of({"docker-compose.yml": compose, "app.py": API})).state is State.MET

    def test_a_platform_that_keeps_stdout_is_met(self) -> None:
        block = 'resource "google_cloud_run_service" "api" {\n}\n'
        assert centralised.check(facts_of({"main.tf": block})).state is State.MET

    def test_a_handler_that_ships_is_partial(self) -> None:
        source = LOGGER + "import watchtower\nlogger.addHandler(watchtower.CloudWatchLogHandler())\n"
        assert centralised.check(facts_of({"app.py": source})).state is State.PARTIAL

    @pytest.mark.parametrize(
        ("path", "text", "state"),
        [
            ("src/logback.xml", '<appender name="A" class="com.github.loki4j.logback.Loki4jAppender">', State.PARTIAL),
            ("src/logback.xml", '<appender name="A" class="ch.qos.logback.core.ConsoleAppender">', State.UNKNOWN),
            ("src/Log.cs", "var log = new LoggerConfiguration().WriteTo.Seq(url).CreateLogger();\n", State.PARTIAL),
            ("src/log.ts", "logger.add(new LokiTransport({ host }));\n", State.PARTIAL),
        ],
    )
    def test_what_ships_logs_in_other_languages_is_partial(self, path: str, text: str, state: State) -> None:
        deployed = {"docker-compose.yml": "services:\n  api:\n    build: .\n", "src/App.java": "class App {}\n"}
        assert centralised.check(facts_of({**deployed, path: text})).state is state

    def test_files_only_are_unmet(self) -> None:
        compose = "services:\n  api:\n    build: .\n"
        source = "import logging\nlogging.basicConfig(filename='app.log')\nlogging.info('x')\n"
        files = {"docker-compose.yml": compose, "Dockerfile": "FROM python:3.11\nCMD python app.py\n", "app.py": source}
        assert centralised.check(facts_of(files)).state is State.UNMET

    def test_a_deployment_that_does_not_tell_is_unknown(self) -> None:
        compose = "services:\n  api:\n    build: .\n"
        files = {"docker-compose.yml": compose, "Dockerfile": "FROM python:3.11\nCMD python app.py\n", "app.py": LOGGER}
        assert centralised.check(facts_of(files)).state is State.UNKNOWN

    @pytest.mark.parametrize(
        ("chart", "state"), [("loki-stack", State.MET), ("fluent-bit", State.MET), ("tempo", State.UNKNOWN), ("vectordb", State.UNKNOWN)]
    )  # fmt: skip
    def test_a_chart_that_collects_streams_is_met(self, chart: str, state: State) -> None:
        manifest = f"apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    chart: {chart}\n    targetRevision: 2.1.0\n"
        deployed = {"docker-compose.yml": "services:\n  api:\n    build: .\n", "app.py": LOGGER}
        assert centralised.check(facts_of({**deployed, "apps/logs.yaml": manifest})).state is state
        install = f"#!/bin/sh\nhelm upgrade --install logs acme/{chart} -n logs\n"
        assert centralised.check(facts_of({**deployed, "install.sh": install})).state is state


def test_a_log_file_whose_path_is_made_before_it_is_opened_is_seen() -> None:
    code = "import os\nlogged = os.path.join(out, 'train.log')\nwith open(logged, 'w') as file:\n    file.write('loss')\nprint('loss')\n"
    found = no_local_files.check(facts_of({"train.py": code}))
    assert (found.state, found.evidence[0].line) == (State.PARTIAL, 3)
    assert no_local_files.check(facts_of({"train.py": code.replace("train.log", "out.json")})).state is State.MET


def test_the_log_file_that_hydra_keeps_counts_where_loggers_write_and_nothing_says_otherwise() -> None:
    code = "import hydra, logging\nlogger = logging.getLogger(__name__)\n@hydra.main(config_name='config')\ndef main(cfg):\n    logger.info('begun')\n"
    assert no_local_files.check(facts_of({"train.py": code})).state is State.PARTIAL
    quiet = {
        "train.py": code,
        "conf/config.yaml": "defaults:\n  - override hydra/job_logging: none\nhydra/job_logging: none\n",
    }
    assert no_local_files.check(facts_of(quiet)).state is State.MET


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("import os\nwith open(os.path.join(args.out, 'log.txt'), 'a') as f:\n    f.write('loss')\nprint('loss')\n", State.PARTIAL),
        ("from pathlib import Path\nwith (Path(args.out) / 'log.txt').open('a') as f:\n    f.write('loss')\nprint('loss')\n", State.PARTIAL),
        ("import os\nwith open(os.path.join(args.out, 'result.txt'), 'a') as f:\n    f.write('loss')\n", State.MET),
        ("class App_Logger:\n    def log(self, path, told):\n        with open(file=path, mode='a+') as f:\n            f.write(told)\n", State.UNMET),
        ("class Catalog:\n    def add(self, path, told):\n        with open(file=path, mode='a+') as f:\n            f.write(told)\n", State.MET),
    ],
    ids=["a joined path", "a path that is opened", "another joined path", "a function that logs", "a function that keeps"],
)  # fmt: skip
def test_log_files_that_are_written_by_hand(code: str, state: State) -> None:
    assert no_local_files.check(facts_of({"train.py": code})).state is state


def test_the_colours_of_hydras_logs_keep_its_file() -> None:
    code = "import hydra, logging\nlogger = logging.getLogger(__name__)\n@hydra.main(config_name='config')\ndef main(cfg):\n    logger.info('begun')\n"
    config = "defaults:\n  - override hydra/job_logging: {}\n"
    for logs, state in (("colorlog", State.PARTIAL), ("stdout", State.MET)):
        files = {"train.py": code, "conf/config.yaml": config.format(logs)}
        assert no_local_files.check(facts_of(files)).state is state


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({"app.py": API, "Dockerfile": "FROM python:3.11\nCMD uvicorn app:app\n"}, State.UNKNOWN),
        ({"train.py": TRAIN, "Dockerfile": "FROM python:3.11\nCMD python train.py\n"}, State.NA),
        ({"app.py": API, "frontend/vercel.json": "{}"}, State.UNKNOWN),
        ({"app.py": API, "dashboard/vercel.json": "{}"}, State.UNKNOWN),
        ({"app.py": API, "vercel.json": "{}"}, State.MET),
        ({"app.py": API, "app.yaml": "runtime: python311\n"}, State.MET),
        ({"app.py": API, "configs/app.yaml": "log_level: info\n"}, State.UNKNOWN),
        ({"app.py": API, ".github/workflows/push.yml": "jobs:\n  push:\n    steps:\n      - run: git push https://a:b@huggingface.co/spaces/acme/app main\n"}, State.MET),
        ({"run.py": "x = 1\n", "stack.sh": "zenml orchestrator register o --flavor=vertex\n"}, State.MET),
        ({"app.R": "library(shiny)\nshinyApp(ui, server)\n", "manifest.json": '{"metadata": {"appmode": "shiny"}}'}, State.MET),
        ({"a.py": "x = 1\n", "template/databricks.yml.tmpl": "bundle:\n  name: a\n"}, State.MET),
    ],
    ids=["an image that serves", "an image that trains", "pages on a platform", "a dashboard on a platform", "an app on a platform", "an app on App Engine", "the settings of an app", "a Space", "a stack", "Posit Connect", "a template of a bundle"],
)  # fmt: skip
def test_who_keeps_the_streams_of_what_is_deployed(files: dict[str, str], state: State) -> None:
    assert centralised.check(facts_of(files)).state is state


def test_an_own_function_that_prints_metrics_is_no_tracker() -> None:
    files = {
        "train.py": f"from common.report import log_metrics\n{TRAIN}log_metrics({{'loss': 1}})\n",
        "common/report.py": "def log_metrics(metrics):\n    print('metrics', metrics)\n",
    }
    assert training_metrics.check(facts_of(files)).state is State.PARTIAL
    tracked = files | {"common/report.py": "import mlflow\ndef log_metrics(m):\n    mlflow.log_metrics(m)\n"}
    assert training_metrics.check(facts_of(tracked)).state is State.MET


def test_a_saved_path_that_is_printed_is_no_metric() -> None:
    code = "from sklearn.svm import SVC\nSVC().fit(x, y)\nprint(f'Model saved to {path}')\n"
    assert training_metrics.check(facts_of({"train.py": code})).state is State.UNMET


def test_a_logger_in_one_of_many_trainers_that_print_is_partial() -> None:
    fit = "from sklearn.svm import SVC\nimport logging\nlogging.basicConfig()\nSVC().fit(x, y)\n"
    logs = {"a.py": f"{fit}logging.info('accuracy %s', score)\n"}
    assert training_metrics.check(facts_of(logs)).state is State.MET
    others = {f"{name}.py": f"{fit}print('accuracy', score)\n" for name in "bcde"}
    assert training_metrics.check(facts_of({**logs, **others})).state is State.PARTIAL


def test_a_function_of_a_platform_keeps_no_prints_that_others_make() -> None:
    handler = "import steps\ndef lambda_handler(event, context):\n    return steps.one(event)\n"
    silent = {"handler.py": handler, "steps.py": "def one(event):\n    return 1\n", "train.py": "print('fitted')\n"}
    assert system_events.check(facts_of(silent)).state is State.PARTIAL
    tells = {**silent, "steps.py": "def one(event):\n    print('asked')\n    return 1\n"}
    assert system_events.check(facts_of(tells)).state is State.MET


@pytest.mark.parametrize(
    ("line", "state"), [('echo "saved" >> "$LOG_FILE"', State.MET), ('python serve.py >> "$LOG_FILE"', State.PARTIAL)]
)
def test_a_script_that_tells_of_itself_is_not_the_app(line: str, state: State) -> None:
    files = {"app.py": LOGGER, "backup.sh": f"LOG_FILE=out.txt\n{line}\n"}
    assert no_local_files.check(facts_of(files)).state is state


@pytest.mark.parametrize(
    ("line", "state"),
    [
        ("logging.info('=== Validation metrics ===')", State.PARTIAL),
        ("logging.info('evaluating the model')", State.PARTIAL),
        ("logging.info(f'validation loss {loss:.3f}')", State.MET),
        ("logging.info(report)", State.MET),
    ],
)
def test_a_heading_that_a_logger_tells_is_no_metric(line: str, state: State) -> None:
    source = f"{TRAIN}import logging\nlogging.basicConfig()\n{line}\nprint('accuracy', accuracy)\n"
    assert training_metrics.check(facts_of({"train.py": source})).state is state
