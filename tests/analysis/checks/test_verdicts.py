"""Verdicts that were once false, each by the least that shows it: `item`, the files, and what a careful reader says."""

from __future__ import annotations

import pytest

from apps.analysis import checks
from apps.catalog import State
from tests.analysis.making import facts_of

MET, PARTIAL, UNMET, NA, UNKNOWN = State.MET, State.PARTIAL, State.UNMET, State.NA, State.UNKNOWN

LOGGER = "import logging\nlogging.basicConfig(level='INFO')\nlogger = logging.getLogger(__name__)\n"
FLASK = "from flask import Flask\napp = Flask(__name__)\n"
UWSGI = 'FROM python:3.11\nCOPY . .\nCMD ["uwsgi", "--ini", "uwsgi.ini"]\n'
GPT2 = "from transformers import GPT2LMHeadModel\nmodel = GPT2LMHeadModel.from_pretrained('gpt2')\n"
SUMMARIES = (
    "from transformers import pipeline\n\n\nclass Model:\n    def __init__(self, name, task):\n"
    "        self.model = pipeline(task, model=name)\n\n\nclass Short(Model):\n    def __init__(self):\n"
    "        super().__init__(name='t5-small', task='summarization')\n"
)
INIDB = (
    "services:\n  db:\n    image: postgres:16\n    volumes:\n      - ./init.sql:/docker-entrypoint-initdb.d/init.sql\n"
)
INIT = "CREATE OR REPLACE VIEW daily AS SELECT 1;\n"
FLAGS = (
    "import argparse\nfrom kafka import KafkaProducer\nparser = argparse.ArgumentParser()\n"
    "parser.add_argument('--bootstrap_servers', default='localhost:9092')\ngiven = vars(parser.parse_args())\n"
    "producer = KafkaProducer(bootstrap_servers=given['bootstrap_servers'])\n"
)
AIRFLOW = "[core]\nexecutor = LocalExecutor\n[celery]\nbroker_url = redis://redis:6379/0\n"

CASES = {
    "a model that writes text is a language model, and nothing measures it": ("codebase.evaluation", {"app.py": GPT2}, UNMET),
    "a base class makes the pipeline of a task that writes text": ("codebase.evaluation", {"app.py": SUMMARIES}, UNMET),
    "a classifier of a hub is no behaviour of the system": (
        "codebase.evaluation",
        {"app.py": "from transformers import pipeline\nmodel = pipeline('image-classification')\nmodel('a.png')\n"},
        NA,
    ),
    "the network of an encoder is weights": (
        "processes.vocabulary-external",
        {"serve.py": GPT2, "weights/encoder_net.h5": b"\x89HDF", "weights/vae.ckpt.index": b"\x00"},
        NA,
    ),
    "a server whose flag names conda is started": (
        "port-binding.service",
        {"serve.sh": "mlflow models serve -m models:/churn/1 -p 5003 --no-conda\n"},
        MET,
    ),
    "the workers of uWSGI stand in its own file": (
        "concurrency.inference",
        {"app.py": FLASK, "Dockerfile": UWSGI, "uwsgi.ini": "[uwsgi]\nhttp = :5000\nprocesses = 4\n"},
        MET,
    ),
    "uWSGI with one process could take more": (
        "concurrency.inference",
        {"app.py": FLASK, "Dockerfile": UWSGI, "uwsgi.ini": "[uwsgi]\nhttp = :5000\nprocesses = 1\n"},
        PARTIAL,
    ),
    "uWSGI logs requests by itself": ("logs.requests", {"app.py": FLASK, "Dockerfile": UWSGI}, PARTIAL),
    "nginx before a silent server logs requests": (
        "logs.requests",
        {
            "app.py": FLASK,
            "Dockerfile": 'FROM python:3.11\nCMD ["gunicorn", "app:app"]\n',
            "proxy/Dockerfile": "FROM nginx:1.27\nCOPY nginx.conf /etc/nginx/\n",
        },
        PARTIAL,
    ),
    "a cluster's inference service carries no log away": (
        "logs.centralised",
        {"isvc.yaml": "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata:\n  name: churn\n"},
        UNKNOWN,
    ),
    "a helper that prints beside a server that logs": (
        "logs.system-events",
        {"app.py": f"{FLASK}{LOGGER}logger.info('started')\n", "download.py": "print('downloaded')\n"},
        MET,
    ),
    "a function of the repository that logs for the others": (
        "logs.system-events",
        {
            "tell.py": "from loguru import logger\n\n\ndef log(message):\n    logger.info(message)\n",
            "one.py": "from tell import log\nlog('a')\nprint('b')\n",
            "two.py": "from tell import log\nlog('a')\n",
            "three.py": "print('c')\n",
        },
        MET,
    ),
    "state in a filled dictionary that a route changes": (
        "processes.share-nothing",
        {"app.py": f"{FLASK}state = {{'status': 'idle'}}\n\n\n@app.post('/start')\ndef start():\n    state['status'] = 'on'\n"},
        UNMET,
    ),
    "flags taken out of the namespace as a dictionary": ("backing-services.queues", {"produce.py": FLAGS}, MET),
    "the broker of an executor that has none": ("backing-services.queues", {"airflow.cfg": AIRFLOW}, NA),
    "the broker of Airflow on Celery": (
        "backing-services.queues",
        {"airflow.cfg": AIRFLOW.replace("Local", "Celery")},
        PARTIAL,
    ),
    "a chat's address from the environment alerts": (
        "backing-services.monitoring",
        {"train.py": "import os\nurl = os.environ.get('SLACK_URL')\n"},
        MET,
    ),
    "scripts that the database runs at its first start": (
        "admin-processes.migrations",
        {"docker-compose.yml": INIDB, "init.sql": INIT},
        PARTIAL,
    ),
    "a container that is only spoken of shares no environment": (
        "admin-processes.same-environment",
        {"build.sh": 'log_info "then: docker run -p 80:80 churn"\n', "export.py": "if __name__ == '__main__':\n    run()\n"},
        PARTIAL,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("item", "files", "state"), CASES.values(), ids=CASES.keys())
def test_a_careful_reader_agrees(item: str, files: dict[str, str | bytes], state: State) -> None:
    finding = checks.load()[item](facts_of(files))
    assert finding.state is state, finding.summary
