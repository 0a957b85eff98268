"""Language models, schemas and jobs as they show in further libraries."""

from __future__ import annotations

import pytest

from apps.analysis.checks.admin_processes import migrations
from apps.analysis.findings import State
from tests.analysis.making import facts_of


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("a.py", "from google.adk.agents import Agent\n\nroot = Agent(name='a')\n"),
        (
            "a.py",
            "from azure.ai.inference import ChatCompletionsClient\n\nclient = ChatCompletionsClient(endpoint, key)\n",
        ),
        ("a.py", "from strands import Agent\n\nagent = Agent()\n"),
        ("a.py", "from huggingface_hub import InferenceClient\n\nInferenceClient().text_generation('x')\n"),
        ("run.sh", "python -m sglang.launch_server --model-path acme/small\n"),
    ],
)
def test_further_libraries_and_servers_of_language_models(path: str, content: str) -> None:
    assert facts_of({path: content}).profile.language_model.holds


def test_a_client_of_a_hub_that_classifies_pictures_is_no_language_model() -> None:
    source = "from huggingface_hub import InferenceClient\n\nInferenceClient().image_classification('a.png')\n"
    profile = facts_of({"a.py": source}).profile
    assert profile.model.holds
    assert not profile.language_model.holds


def test_tables_that_gorm_makes_are_made_at_start() -> None:
    facts = facts_of({"main.go": "package main\n\nfunc f(db *gorm.DB) { db.AutoMigrate(&Row{}) }\n"})
    assert facts.profile.schema.holds
    assert migrations.check(facts).state is State.PARTIAL


def test_tables_of_entity_framework_are_migrated_by_it() -> None:
    context = "public class ShopContext : DbContext { public DbSet<Row> Rows { get; set; } }\n"
    files: dict[str, str | bytes] = {"Data/ShopContext.cs": context}
    assert facts_of(files).profile.schema.holds
    step = "public partial class Initial : Migration {}\n"
    assert migrations.check(facts_of({**files, "Migrations/20260101120000_Initial.cs": step})).state is State.MET


def test_tables_of_bigquery_are_the_systems_where_it_makes_them() -> None:
    source = "from google.cloud import bigquery\n\nclient = bigquery.Client()\nclient.create_table(table)\n"
    assert facts_of({"a.py": source}).profile.schema.holds
    assert not facts_of({"a.py": source.replace("create_table(table)", "query(text)")}).profile.schema.holds


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("a.py", "from apscheduler.schedulers.blocking import BlockingScheduler\n\nBlockingScheduler().start()\n"),
        ("a.py", "from google.cloud import aiplatform\n\naiplatform.PipelineJob(display_name='a').run()\n"),
        ("_targets.R", "library(targets)\n\nlist(tar_target(rows, read()))\n"),
        ("job.yml", "$schema: https://azuremlschemas.azureedge.net/latest/pipelineJob.schema.json\n"),
    ],
)
def test_further_schedulers_run_jobs(path: str, content: str) -> None:
    assert facts_of({path: content, "b.py": "x = 1\n"}).profile.batch.holds


def test_a_pipeline_of_driverless_ai_is_a_model() -> None:
    source = "class A { void f() throws Exception { MojoPipeline model = MojoPipelineService.loadPipeline(file); } }\n"
    assert facts_of({"A.java": source}).profile.loads_model.holds
    assert not facts_of({"A.java": source.replace("MojoPipelineService", "Files")}).profile.loads_model.holds


def test_kotlin_loads_a_model_for_a_phone() -> None:
    source = "import org.tensorflow.lite.Interpreter\n\nval asked = Interpreter(loadModelFile(assets))\n"
    assert facts_of({"A.kt": source}).profile.loads_model.holds
    assert not facts_of({"A.kt": source.replace("loadModelFile(assets)", "source")}).profile.loads_model.holds


@pytest.mark.parametrize(
    ("code", "kept"),
    [
        ("from text_server.models import Model\n\n\nclass Classification(Model):\n    pass\n", False),
        ("from . import models\n\n\nclass Classification(models.Model):\n    pass\n", False),
        ("from django.db import models\n\n\nclass Score(models.Model):\n    pass\n", True),
        ("from tortoise.models import Model\n\n\nclass Score(Model):\n    pass\n", True),
    ],
)
def test_only_the_models_of_a_mapper_are_tables(code: str, kept: bool) -> None:
    assert facts_of({"server/parts.py": code}).profile.schema.holds is kept
