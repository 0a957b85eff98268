"""Verdicts on one-off tasks, migrations, retraining and rebuilding."""

from __future__ import annotations

import pytest

from apps.analysis.checks.admin_processes import backfill, migrations, retraining, same_environment, tasks
from apps.catalog import State
from tests.analysis.making import facts_of

TRAIN = "from sklearn.svm import SVC\nmodel = SVC()\nmodel.fit(x, y)\n"
TORCH_STEP = "import torch\nclass Net:\n    def update(self, x):\n        loss = self.net(x)\n        loss.backward()\n        self.optimizer.step()\n"
FLAGS = (
    "import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('--data')\nargs = parser.parse_args()\n"
)
NOTEBOOK = '{"cells": [{"cell_type": "code", "source": ["from sklearn.svm import SVC\\n", "m = SVC()\\n", "m.fit(x, y)\\n", "x.to_csv(\'data/processed/x.csv\')"]}], "metadata": {}}'
ENTITY = "from sqlalchemy.orm import DeclarativeBase\nclass Base(DeclarativeBase):\n    pass\nclass Row(Base):\n    __tablename__ = 'row'\n"
INDEXING = "from langchain_community.vectorstores import Chroma\ndef build(docs):\n    Chroma.from_documents(docs, persist_directory='index')\n"
MAIN = "if __name__ == '__main__':\n    build(1)\n"


# --- tasks
@pytest.mark.parametrize(
    "files",
    [
        {"Makefile": "backup:\n\tpg_dump db > out.sql\n"},
        {"scripts/export_users.py": "def main():\n    print(1)\nif __name__ == '__main__':\n    main()\n"},
        {"app/management/commands/prune.py": "class Command:\n    pass\n"},
        {
            "cli.py": "import typer\napp = typer.Typer()\n@app.command()\ndef prune():\n    pass\n@app.command()\ndef load():\n    pass\n"
        },
        {"compose.yaml": "services:\n  db-init:\n    image: app\n    command: create users\n"},
    ],
)
def test_a_maintenance_command_is_met(files):
    assert tasks.check(facts_of(files)).state is State.MET


def test_helpers_of_development_are_partial():
    assert (
        tasks.check(facts_of({"scripts/lint.sh": "ruff check\n", "Makefile": "test:\n\tpytest\n"})).state
        is State.PARTIAL
    )


@pytest.mark.parametrize(
    ("name", "script", "state"),
    [
        ("stream.sh", "cd src\nstreamlit run pages.py\n", State.PARTIAL),
        ("up.bat", "docker build -t app .\ndocker compose -f compose.yaml up\n", State.PARTIAL),
        ("fill.sh", "docker compose up -d db\npython fill.py\n", State.MET),
    ],
)
def test_a_script_that_ends_with_starting_the_system_is_no_task(name, script, state):
    assert tasks.check(facts_of({name: script, "app.py": "x = 1\n"})).state is state


def test_tasks_in_notebooks_are_partial():
    assert tasks.check(facts_of({"clean.ipynb": NOTEBOOK})).state is State.PARTIAL


def test_the_training_script_is_no_maintenance_task():
    assert tasks.check(facts_of({"train.py": TRAIN + "if __name__ == '__main__':\n    pass\n"})).state is State.UNMET


# --- migrations
def test_a_migration_tool_is_met():
    facts = facts_of({"models.py": ENTITY, "alembic.ini": "[alembic]\nscript_location = alembic\n"})
    assert migrations.check(facts).state is State.MET


def test_creating_tables_at_start_is_partial():
    assert (
        migrations.check(facts_of({"models.py": ENTITY + "Base.metadata.create_all(engine)\n"})).state is State.PARTIAL
    )


def test_sql_scripts_run_by_hand_are_partial():
    assert migrations.check(facts_of({"db/init.sql": "CREATE TABLE runs (id int);\n"})).state is State.PARTIAL


def test_a_schema_that_nothing_manages_is_unmet():
    assert migrations.check(facts_of({"models.py": ENTITY})).state is State.UNMET


def test_no_schema_needs_no_migrations():
    assert migrations.check(facts_of({"train.py": TRAIN})).state is State.NA


# --- retraining
@pytest.mark.parametrize(
    "files",
    [
        {"train.py": FLAGS + TRAIN},
        {"train.py": TRAIN, "Makefile": "train:\n\tpython train.py\n"},
        {"train.py": TRAIN, "dvc.yaml": "stages:\n  train:\n    cmd: python train.py\n"},
        {"dags/fit.py": "from airflow import DAG\ndag = DAG('fit')\n" + TRAIN},
    ],
)
def test_training_by_one_command_is_met(files):
    assert retraining.check(facts_of(files)).state is State.MET


def test_a_script_with_its_inputs_written_into_it_is_partial():
    assert retraining.check(facts_of({"train.py": TRAIN})).state is State.PARTIAL


def test_python_2_with_flags_is_met():
    code = "import argparse\nfrom sklearn.svm import SVC\nparser = argparse.ArgumentParser()\nprint 'fit'\nmodel.fit(x, y)\n"
    assert retraining.check(facts_of({"train.py": code})).state is State.MET


def test_training_in_notebooks_is_unmet():
    assert retraining.check(facts_of({"fit.ipynb": NOTEBOOK})).state is State.UNMET


def test_what_does_not_train_is_not_retrained():
    assert retraining.check(facts_of({"main.py": "print(1)\n"})).state is State.NA


# --- backfill
def test_a_command_that_takes_what_to_rebuild_is_met():
    assert backfill.check(facts_of({"build_index.py": FLAGS + INDEXING + MAIN})).state is State.MET


def test_a_script_with_fixed_inputs_is_partial():
    assert backfill.check(facts_of({"build_index.py": INDEXING + MAIN})).state is State.PARTIAL


def test_derived_data_made_by_notebooks_is_unmet():
    assert backfill.check(facts_of({"prepare.ipynb": NOTEBOOK})).state is State.UNMET


def test_a_queue_task_that_an_endpoint_calls_is_no_command():
    code = "from celery import shared_task\n" + INDEXING.replace("def build", "@shared_task\ndef build")
    assert backfill.check(facts_of({"tasks/index_tasks.py": code})).state is State.UNMET


def test_style_sheets_in_a_folder_called_features_are_no_derived_data():
    assert backfill.check(facts_of({"src/features/login/login.css": "a {}", "train.py": TRAIN})).state is State.NA


# --- same environment
def test_tasks_in_the_image_of_the_application_are_met():
    facts = facts_of({"Makefile": "reindex:\n\tdocker compose run --rm api python -m app.reindex\n"})
    assert same_environment.check(facts).state is State.MET


def test_tasks_with_a_lock_are_met():
    facts = facts_of({"Makefile": "reindex:\n\tpython reindex.py\n", "poetry.lock": "[[package]]\nname = 'x'\n"})
    assert same_environment.check(facts).state is State.MET


def test_tasks_in_an_unpinned_environment_are_partial():
    facts = facts_of({"Makefile": "reindex:\n\tpython reindex.py\n", "requirements.txt": "pandas\n"})
    assert same_environment.check(facts).state is State.PARTIAL


def test_notebooks_beside_a_pinned_list_are_partial():
    facts = facts_of({"fit.ipynb": NOTEBOOK, "requirements.txt": "pandas==2.0\nnumpy==1.26\n"})
    assert same_environment.check(facts).state is State.PARTIAL


def test_without_tasks_there_is_no_environment_to_share():
    assert same_environment.check(facts_of({"README.md": "hello"})).state is State.NA


def test_the_script_by_which_training_starts_is_shown_before_the_module_that_fits():
    files = {
        "engine.py": "def fit(model, x, y):\n    model.fit(x, y)\n" + TRAIN,
        "train.py": "import engine\nif __name__ == '__main__':\n    engine.fit(m, x, y)\n",
    }
    found = retraining.check(facts_of(files))
    assert found.state is State.PARTIAL
    assert found.evidence[0].path == "train.py"
    assert tasks.check(facts_of(files)).evidence[0].path == "train.py"


def test_a_command_with_a_switch_only_has_its_inputs_written_into_it():
    code = (
        "import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('--reset', action='store_true')\n"
        "args = parser.parse_args()\ndb.add_documents(chunks)\n"
    )
    assert backfill.check(facts_of({"populate_database.py": code})).state is State.PARTIAL
    assert (
        backfill.check(facts_of({"populate_database.py": code.replace("--reset', action='store_true", "--data")})).state
        is State.MET
    )


def test_steps_in_a_notebook_fix_no_environment_for_tasks():
    notebook = '{"cells": [{"cell_type": "code", "source": ["from sagemaker.workflow.pipeline import Pipeline\\n", "Pipeline(name=n, steps=s)"]}], "metadata": {}}'
    assert same_environment.check(facts_of({"train.py": TRAIN, "pipeline.ipynb": notebook})).state is State.PARTIAL


def test_a_training_script_with_flags_is_shown_and_a_download_is_no_training():
    files = {
        "net/model.py": TORCH_STEP,
        "scripts/train.py": FLAGS
        + "from net.model import Net\nif __name__ == '__main__':\n    Net().update(args.data)\n",
        "download.sh": "python download.py train-set\n",
    }
    found = retraining.check(facts_of(files))
    assert found.state is State.MET
    assert [place.path for place in found.evidence] == ["scripts/train.py"]


@pytest.mark.parametrize(
    "command",
    ["ssh gpu-box 'cd jobs && python backfill.py'", "cd /home/ann/jobs && python backfill.py", "~/envs/old/bin/python ~/jobs/backfill.py", "git clone git@acme.io:jobs.git && python jobs/backfill.py"],
)  # fmt: skip
def test_tasks_that_run_in_another_place_share_no_environment(command: str) -> None:
    files = {"app.py": "print(1)\n", "Makefile": f"backfill:\n\t{command}\n"}
    assert same_environment.check(facts_of(files)).state is State.UNMET
    both = files | {"Makefile": f"backfill:\n\t{command}\n\nexport:\n\tpython export.py\n"}
    assert same_environment.check(facts_of(both)).state is State.PARTIAL


SAVE = "def save(x):\n    x.to_parquet('data/features.parquet')\n"
ENTRY = "if __name__ == '__main__':\n    main()\n"


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({"jobs/embed.py": FLAGS + "import torch\ntorch.save(embeddings, args.data)\n"}, State.MET),
        ({"embed.py": "import pickle\ndef main():\n    pickle.dump(x, open('embeddings.pkl', 'wb'))\n" + ENTRY}, State.PARTIAL),
        ({"01_clean.R": "write.csv(df, 'data/clean.csv')\n"}, State.PARTIAL),
        ({"clean.Rmd": "```{r}\nwrite.csv(df, 'data/clean.csv')\n```\n"}, State.UNMET),
        ({"_targets.R": "list(tar_target(features, make(raw)))\n"}, State.MET),
        ({"dbt_project.yml": "name: a\n", "run.py": "x = 1\n"}, State.MET),
        ({"src/Etl.scala": "object Etl { def main(args: Array[String]) { df.write.parquet(args(0)) } }\n"}, State.MET),
        ({"main.py": FLAGS + "from store import save\nsave(args.data)\n", "store.py": SAVE}, State.MET),
        ({"main.py": "from steps.store import save\ndef main():\n    save(x)\n" + ENTRY, "steps/store.py": SAVE}, State.PARTIAL),
        ({"train.py": TRAIN + SAVE + "save(x)\n"}, State.PARTIAL),
        ({"api.py": "from fastapi import FastAPI\napp = FastAPI()\n" + SAVE}, State.UNMET),
        ({"core/management/commands/refresh.py": "class Command:\n    def handle(self):\n        index.upsert(vectors)\n"}, State.MET),
        ({"app.py": "import chromadb\ncol = chromadb.PersistentClient('db').create_collection('a')\ncol.add(documents=docs)\n"}, State.UNMET),
        ({"app.py": "from langchain_community.vectorstores import FAISS\nindex = FAISS.from_texts(texts, e)\n"}, State.NA),
        ({"app.py": "import streamlit as st\nst.download_button('a', df.to_csv(index=False))\n"}, State.NA),
        ({"train.py": TRAIN + "import pickle\npickle.dump(m, open('feature_encoder.pkl', 'wb'))\n"}, State.NA),
    ],
)  # fmt: skip
def test_derived_data_in_every_form(files, state):
    assert backfill.check(facts_of(files)).state is state


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({"scripts/clean_up.R": "unlink('old')\n"}, State.PARTIAL),
        ({"scripts/clean_up.R": "args <- commandArgs(trailingOnly = TRUE)\nunlink(args[1])\n"}, State.MET),
        ({"etl/refresh.qmd": "```{r}\nwrite.csv(x, 'x.csv')\n```\n"}, State.PARTIAL),
        ({"app.py": "import kedro\n", "src/a/pipelines/data_processing/pipeline.py": "from kedro.pipeline import node\n"}, State.MET),
        ({"app.py": "import kedro\n", "src/a/pipelines/model/pipeline.py": "from kedro.pipeline import node\n"}, State.UNMET),
    ],
)  # fmt: skip
def test_tasks_in_r_and_of_kedro(files, state):
    assert tasks.check(facts_of(files)).state is state


def test_a_notebook_that_cannot_be_read_is_one_all_the_same():
    assert tasks.check(facts_of({"clean.ipynb": "{"})).state is State.PARTIAL


NUMBERED = {"models.py": ENTITY, "sql/migrations/001_first.sql": "CREATE TABLE a (id int);\n"}
RUNNER = "import psycopg\ncur.execute('CREATE TABLE schema_migrations (version int)')\n"


@pytest.mark.parametrize(
    ("files", "state"),
    [
        (NUMBERED, State.PARTIAL),
        (NUMBERED | {"package.json": '{"dependencies": {"node-pg-migrate": "7.0.0"}}'}, State.MET),
        (NUMBERED | {"Makefile": "migrate:\n\tdbmate up\n"}, State.MET),
        (NUMBERED | {"run.py": RUNNER}, State.MET),
        ({"supabase/migrations/20240101_first.sql": "CREATE TABLE a (id int);\n"}, State.MET),
        ({"db.ts": "const User = sequelize.define('User', {});\nawait sequelize.sync({ alter: true });\n"}, State.PARTIAL),
        ({"db.ts": "const User = sequelize.define('User', {});\n"}, State.UNMET),
        ({"app.py": "from pymongo import MongoClient\nMongoClient().db.rows.create_index('city')\n"}, State.PARTIAL),
        ({"app.py": "frame.create_index('city')\n"}, State.NA),
        ({"etl.R": "dbWriteTable(con, 'rows', x)\n"}, State.PARTIAL),
        ({"index.py": "client.create_or_update_index(index)\n"}, State.PARTIAL),
    ],
)  # fmt: skip
def test_who_changes_a_schema(files, state):
    assert migrations.check(facts_of(files)).state is state


def test_a_module_that_shows_how_it_is_used_is_no_task() -> None:
    files: dict[str, str | bytes] = {
        "app/embedding.py": "class Embedder:\n    def embed(self, text):\n        return text\nif __name__ == '__main__':\n    print(Embedder().embed('a'))\n",
        "app/api.py": "from fastapi import FastAPI\nfrom app.embedding import Embedder\napp = FastAPI()\nEmbedder()\n",
    }
    assert tasks.check(facts_of(files)).state is State.UNMET
    assert tasks.check(facts_of({**files, "app/api.py": "import fastapi\n"})).state is State.MET


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({}, State.MET),
        ({"dbt/models/rows.sql": "CREATE TABLE rows (a int);\n"}, State.MET),
        ({"load.py": "import pandas\npandas.read_csv('a.csv').to_sql('raw', engine)\n"}, State.PARTIAL),
        ({"raw.sql": "CREATE TABLE raw (a int);\n"}, State.PARTIAL),
        ({"dbt/load.py": "import pandas\npandas.read_csv('a.csv').to_sql('raw', engine)\n"}, State.PARTIAL),
        ({"raw.sql": "CREATE TABLE raw (a int);\n", "alembic.ini": "[alembic]\n"}, State.MET),
    ],
)
def test_dbt_versions_what_it_derives_and_not_the_tables_that_it_reads(more: dict[str, str], state: State) -> None:
    store = "from sqlalchemy import create_engine\nimport os\nengine = create_engine(os.environ['URL'])\n"
    files = {"dbt/dbt_project.yml": "name: a\n", "store.py": store, "dbt/models/a.sql": "select 1\n"}
    assert migrations.check(facts_of({**files, **more})).state is state


@pytest.mark.parametrize(
    "path", ["docker-entrypoint.sh", "deploy/entrypoint-api.sh", ".devcontainer/scripts/create.sh"]
)
def test_what_a_container_runs_when_it_starts_is_no_task(path: str) -> None:
    served = {"app.py": "from flask import Flask\napp = Flask(__name__)\n", path: '#!/bin/sh\nset -e\nexec "$@"\n'}
    assert tasks.check(facts_of(served)).state is State.UNMET
    assert tasks.check(facts_of({**served, "scripts/purge.sh": "psql -f purge.sql\n"})).state is State.MET
