"""Backing services that tracked settings locate, that a variable switches on, or that are none."""

from __future__ import annotations

import pytest

from apps.analysis.checks.backing_services import databases, model_registry, monitoring, queues, storage
from apps.catalog import State
from tests.analysis.making import facts_of

FEAST = "from feast import FeatureStore\n\nstore = FeatureStore(repo_path='fs')\n"


@pytest.mark.parametrize(
    ("stores", "state"),
    [
        ("online_store:\n  type: redis\n  connection_string: store.acme.net:6379\n", State.PARTIAL),
        ("online_store:\n  type: redis\n  connection_string: ${REDIS_URL}\n", State.MET),
        ("provider: local\nonline_store:\n  type: sqlite\n  path: data/online.db\n", State.UNMET),
    ],
)
def test_the_file_of_a_feature_repository_locates_its_stores(stores: str, state: State) -> None:
    files = {"serve.py": FEAST, "fs/feature_store.yaml": stores}
    assert databases.check(facts_of(files)).state is state


def test_a_connection_of_streamlit_comes_from_its_secrets() -> None:
    page = "import streamlit as st\n\nrows = st.connection('postgresql', type='sql').query('select 1')\n"
    assert databases.check(facts_of({"app.py": page})).state is State.MET


def test_an_application_in_a_folder_named_website_is_no_document() -> None:
    settings = "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'db.sqlite3'}}\n"
    assert databases.check(facts_of({"website/settings.py": settings})).state is State.UNMET
    assert databases.check(facts_of({"docs/settings.py": settings, "main.py": "print(1)\n"})).state is State.NA


def test_dagshub_sets_the_address_of_mlflow() -> None:
    code = "import dagshub, mlflow\n\ndagshub.init(repo_owner='jane', repo_name='churn', mlflow=True)\nmlflow.log_metric('a', 1)\n"
    assert model_registry.check(facts_of({"train.py": code})).state is State.UNMET
    assert (
        model_registry.check(facts_of({"train.py": "import mlflow\n\nmlflow.log_metric('a', 1)\n"})).state is State.MET
    )


def test_a_trainer_reports_to_what_a_flag_or_a_command_names() -> None:
    trains = "from transformers import Trainer, TrainingArguments\n\nTrainer(args=TrainingArguments('out'{})).train()\n"
    flag = "import argparse\np = argparse.ArgumentParser()\np.add_argument('--report-to', default='wandb')\nargs = p.parse_args()\n"
    chosen = flag + trains.format(", report_to=args.report_to")
    assert model_registry.check(facts_of({"train.py": chosen})).state is State.MET
    command = {"train.py": trains.format(""), "run.sh": "python train.py --report_to wandb\n"}
    assert model_registry.check(facts_of(command)).state is State.MET
    assert model_registry.check(facts_of({"train.py": trains.format("")})).state is State.NA


def test_tracing_that_code_switches_on_is_monitoring() -> None:
    traced = "import os\n\nos.environ['LANGCHAIN_TRACING_V2'] = '{}'\n"
    assert monitoring.check(facts_of({"app.py": traced.format("true")})).state is State.MET
    assert monitoring.check(facts_of({"app.py": traced.format("false")})).state is State.NA


def test_mail_to_users_is_no_alert() -> None:
    mail = "import os, smtplib\n\ndef {}(text):\n    smtplib.SMTP(os.environ['SMTP_HOST']).sendmail('a', 'b', text)\n"
    assert monitoring.check(facts_of({"app.py": mail.format("send_alert")})).state is State.MET
    assert monitoring.check(facts_of({"app.py": mail.format("send_code")})).state is State.NA


def test_a_conversation_in_slack_is_no_alert() -> None:
    token = "import os\nfrom {} import App\n\napp = App(token=os.environ['SLACK_BOT_TOKEN'])\n"
    assert monitoring.check(facts_of({"app.py": token.format("slack_bolt")})).state is State.NA
    assert monitoring.check(facts_of({"app.py": token.format("notes")})).state is State.MET


def test_mail_of_airflow_about_failures_counts_where_it_is_on() -> None:
    dag = "from airflow import DAG\n\nwith DAG('x', default_args={{'email': ['ops@acme.com'], 'email_on_failure': {}}}):\n    pass\n"
    assert monitoring.check(facts_of({"dags/x.py": dag.format(True)})).state is State.PARTIAL
    assert monitoring.check(facts_of({"dags/x.py": dag.format(False)})).state is State.NA


def test_a_bucket_with_a_plain_default_name_is_nobodys() -> None:
    code = (
        "import os, boto3\n\nboto3.client('s3').download_file(os.getenv('BUCKET', '{}'), os.environ['KEY'], '/tmp/m')\n"
    )
    assert storage.check(facts_of({"load.py": code.format("models")})).state is State.MET
    assert storage.check(facts_of({"load.py": code.format("acme-models-prod")})).state is State.PARTIAL


@pytest.mark.parametrize("reads", ["os.listdir('images/cats')", "glob.glob('images/*.png')"])
def test_a_folder_that_training_goes_through_is_where_its_data_lie(reads: str) -> None:
    train = f"import glob, os\nfrom sklearn.svm import SVC\n\nnames = {reads}\nSVC().fit(read(names), labels)\n"
    assert storage.check(facts_of({"train.py": train})).state is State.UNMET
    assert storage.check(facts_of({"train.py": train.replace("SVC().fit", "print")})).state is State.NA
    flag = "import sys\n" + train.replace("'images/cats'", "sys.argv[1]").replace("'images/*.png'", "sys.argv[1]")
    assert storage.check(facts_of({"train.py": flag})).state is State.PARTIAL


def test_one_value_in_a_module_named_for_settings_stands_in_a_tracked_file() -> None:
    code = "import mlflow\nfrom {0} import ADDRESS\n\nmlflow.set_tracking_uri(ADDRESS)\n"
    address = "ADDRESS = 'http://tracker.acme.net:5000'\n"
    assert (
        model_registry.check(facts_of({"train.py": code.format("config"), "config.py": address})).state is State.PARTIAL
    )
    assert model_registry.check(facts_of({"train.py": code.format("base"), "base.py": address})).state is State.UNMET


def test_a_bot_that_alerts_is_monitoring() -> None:
    bot = "import os, requests\n\ndef {}(text):\n    requests.post(f\"https://api.telegram.org/bot{{os.environ['BOT']}}/sendMessage\")\n"
    assert monitoring.check(facts_of({"bot.py": bot.format("send_alert")})).state is State.MET
    assert monitoring.check(facts_of({"bot.py": bot.format("answer")})).state is State.NA


@pytest.mark.parametrize(
    ("set_to", "imported", "state"),
    [
        ("- LANGCHAIN_TRACING_V2=${LANGCHAIN_TRACING_V2-false}", "langchain.chains", State.MET),
        ("- LANGSMITH_TRACING=true", "langgraph.graph", State.MET),
        ("LANGSMITH_TRACING: true", "langchain_core.prompts", State.MET),
        ("- LANGCHAIN_TRACING_V2=false", "langchain.chains", State.NA),
        ("- LANGCHAIN_PROJECT=shop", "langchain.chains", State.NA),
        ("- LANGCHAIN_TRACING_V2=true", "chains", State.NA),
    ],
)
def test_tracing_that_a_deployment_switches_on_is_monitoring(set_to: str, imported: str, state: State) -> None:
    compose = f"services:\n  api:\n    build: .\n    environment:\n      {set_to}\n"
    files = {"app.py": f"import {imported}\n", "docker-compose.yml": compose}
    assert monitoring.check(facts_of(files)).state is state


@pytest.mark.parametrize(
    ("flag", "state"),
    [
        ("--slack_url", State.MET),
        ("--slack-webhook-url", State.MET),
        ("--slack_channel_history", State.NA),
        ("--url", State.NA),
    ],
)
def test_a_channel_whose_address_a_flag_takes_is_monitoring(flag: str, state: State) -> None:
    code = f"import argparse\n\np = argparse.ArgumentParser()\np.add_argument('{flag}')\n"
    assert monitoring.check(facts_of({"train.py": code})).state is state


@pytest.mark.parametrize(
    ("source", "queue", "database"),
    [
        ("terraform-google-modules/pubsub/google", State.MET, State.NA),
        ("terraform-aws-modules/sqs/aws", State.MET, State.NA),
        ("terraform-aws-modules/rds/aws//modules/db_instance", State.NA, State.MET),
        ("terraform-aws-modules/vpc/aws", State.NA, State.NA),
        ("./modules/pubsub/google", State.NA, State.NA),
    ],
)
def test_a_module_of_a_public_registry_brings_the_service_it_is_named_for(
    source: str, queue: State, database: State
) -> None:
    facts = facts_of(
        {"app.py": "print(1)\n", "main.tf": f'module "x" {{\n  source  = "{source}"\n  version = "5.0"\n}}\n'}
    )
    assert queues.check(facts).state is queue
    assert databases.check(facts).state is database


def test_a_logger_that_wraps_a_tracker_is_one() -> None:
    code = "import mlxu\n\nlogger = mlxu.WandBLogger(config=flags.logger)\n"
    assert model_registry.check(facts_of({"train.py": code})).state is State.MET
