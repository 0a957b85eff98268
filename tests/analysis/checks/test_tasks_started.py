"""Tasks that are told by the environment, by compose, by CI and by the command line of a framework; schemas of several services."""

from __future__ import annotations

import pytest

from apps.analysis.checks.admin_processes import backfill, migrations, retraining, tasks
from apps.catalog import State
from tests.analysis.making import facts_of

FIT = "import pandas as pd\nfrom sklearn.svm import SVC\n\nframe = pd.read_csv({})\nSVC().fit(frame, frame.y)\n"
FIXED = FIT.format("'d.csv'")
MODELS = "from django.db import models\n\nclass Prediction(models.Model):\n    y = models.FloatField()\n"


def test_training_that_the_environment_tells_its_data_can_be_repeated() -> None:
    told = {"train.py": "import os\n" + FIT.format("os.environ['TRAIN_DATA']")}
    assert retraining.check(facts_of(told)).state is State.MET
    settings = {
        "config.py": "import os\n\nDATA = os.getenv('DATA_PATH')\n",
        "train.py": "from config import DATA\n" + FIT.format("DATA"),
    }
    assert retraining.check(facts_of(settings)).state is State.MET
    secret = {"train.py": "import os\n\nkey = os.environ['API_KEY']\n" + FIXED}
    assert retraining.check(facts_of(secret)).state is State.PARTIAL


def test_a_service_of_compose_that_trains_is_run_by_its_name() -> None:
    compose = "services:\n  trainer:\n    build: .\n    command: python {}\n"
    files = {"train.py": FIXED, "other.py": "print(1)\n", "Dockerfile": "FROM python:3.12\nCOPY . .\n"}
    assert retraining.check(facts_of({**files, "compose.yaml": compose.format("train.py")})).state is State.MET
    assert retraining.check(facts_of({**files, "compose.yaml": compose.format("other.py")})).state is State.PARTIAL


@pytest.mark.parametrize("event", ["  workflow_dispatch: {}\n", "  workflow_dispatch:\n"])
def test_a_workflow_that_a_person_starts_trains_by_whatever_module(event: str) -> None:
    workflow = "on:\n{}jobs:\n  t:\n    steps:\n    - run: python src/{}.py\n"
    files = {"src/forest.py": FIXED, "src/notes.py": "print(1)\n"}
    path = ".github/workflows/t.yml"
    assert retraining.check(facts_of({**files, path: workflow.format(event, "forest")})).state is State.MET
    assert retraining.check(facts_of({**files, path: workflow.format(event, "notes")})).state is State.PARTIAL
    assert retraining.check(facts_of({**files, path: workflow.format("  push:\n", "forest")})).state is State.PARTIAL


def test_a_command_of_an_application_in_flask_is_a_task() -> None:
    app = "from flask import Flask\n\napp = Flask(__name__)\n\n@app.{}('load')\ndef load():\n    pass\n"
    assert tasks.check(facts_of({"app.py": app.format("cli.command")})).state is State.MET
    assert tasks.check(facts_of({"app.py": app.format("route")})).state is State.UNMET


def test_migrations_that_are_made_anew_wherever_it_runs_version_nothing() -> None:
    start = {"app/models.py": MODELS, "start.sh": "python manage.py makemigrations && python manage.py migrate\n"}
    assert migrations.check(facts_of(start)).state is State.PARTIAL
    assert (
        migrations.check(facts_of({"app/models.py": MODELS, "start.sh": "python manage.py runserver\n"})).state
        is State.UNMET
    )


def test_a_schema_of_prisma_without_migrations_is_pushed_as_it_is() -> None:
    schema = {"prisma/schema.prisma": "model P { id Int @id }\n", "run.sh": "npx prisma {}\n"}
    assert migrations.check(facts_of({**schema, "run.sh": "npx prisma db push\n"})).state is State.PARTIAL
    assert migrations.check(facts_of({**schema, "run.sh": "npx prisma migrate deploy\n"})).state is State.MET


def test_migrations_of_one_service_do_not_version_the_schema_of_another() -> None:
    image = 'FROM python:3.12\nCOPY . .\nCMD ["python", "main.py"]\n'
    versioned = {
        "alembic.ini": "[alembic]\n",
        "alembic/versions/0001_init.py": "from alembic import op\n\nop.create_table('p')\n",
    }
    made = "import sqlite3\n\nsqlite3.connect('b.db').execute('CREATE TABLE IF NOT EXISTS logs (q TEXT)')\n"
    services = {"a/Dockerfile": image, "b/Dockerfile": image, "b/db.py": made}
    one = {f"a/{path}": text for path, text in versioned.items()}
    assert migrations.check(facts_of({**services, **one})).state is State.PARTIAL
    assert migrations.check(facts_of({**services, **versioned})).state is State.MET
    shared = {f"{path}": text for path, text in services.items() if path != "b/db.py"}
    assert migrations.check(facts_of({**shared, **one, "a/db.py": made})).state is State.MET


def test_a_workflow_of_maintenance_that_a_person_starts_is_a_task() -> None:
    workflow = "name: {}\non:\n  {}:\njobs:\n  c:\n    steps:\n    - run: aws s3 rm s3://b/old --recursive\n"
    app = {"app.py": "from flask import Flask\n\napp = Flask(__name__)\n"}
    path = ".github/workflows/w.yml"
    assert tasks.check(facts_of({**app, path: workflow.format("Clean up", "workflow_dispatch")})).state is State.MET
    assert tasks.check(facts_of({**app, path: workflow.format("Clean up", "push")})).state is State.UNMET
    assert tasks.check(facts_of({**app, path: workflow.format("Tests", "workflow_dispatch")})).state is State.UNMET


STORES = "import chromadb\n\ndef fill():\n    chromadb.PersistentClient('x').get_or_create_collection('d').add(ids=['1'], documents=['x'])\n"


def test_a_management_command_rebuilds_what_its_application_stores() -> None:
    command = "from app.search import fill\n\nclass Command:\n    def handle(self):\n        fill()\n"
    files = {"app/search.py": STORES, "app/management/commands/rebuild.py": command}
    assert backfill.check(facts_of(files)).state is State.MET
    assert backfill.check(facts_of({"app/search.py": STORES, "app/views.py": command})).state is State.UNMET


def test_a_consumer_of_events_goes_back_to_none() -> None:
    code = "import os\nimport kafka\n\nsource = kafka.KafkaConsumer('t', bootstrap_servers=os.environ['K'])\nfill()\nprint('done')\n"
    assert backfill.check(facts_of({"consume.py": STORES + code})).state is State.UNMET
    assert (
        backfill.check(facts_of({"consume.py": STORES + code.replace("KafkaConsumer", "Topic")})).state is State.PARTIAL
    )
