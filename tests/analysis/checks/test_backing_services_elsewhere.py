"""Factor 4: services that code in other languages than Python reaches."""

from __future__ import annotations

import pytest

from apps.analysis.checks.backing_services import databases, model_registry, monitoring, queues, storage
from apps.catalog import State
from tests.analysis.making import facts_of

POOL = "import { Pool } from 'pg'\nconst place = {\n  host: process.env.DB_HOST || '%s',\n}\nexport const pool = new Pool(place)\n"
SPRING = "import org.springframework.data.mongodb.repository.MongoRepository;\ninterface Models extends MongoRepository<Model, String> {}\n"


def test_a_client_that_is_made_of_variables_a_few_lines_before_is_met() -> None:
    found = databases.check(facts_of({"src/db.ts": POOL % "localhost"}))

    assert found.state is State.MET
    assert "PostgreSQL" in found.summary
    assert (found.evidence[0].path, found.evidence[0].line) == ("src/db.ts", 3)


def test_a_default_that_names_a_host_of_production_is_partial() -> None:
    assert databases.check(facts_of({"src/db.ts": POOL % "db.prod.acme.io"})).state is State.PARTIAL


@pytest.mark.parametrize(
    "files",
    [
        {
            "src/redis.ts": "import Redis from 'ioredis'\nimport { host } from './config'\nexport default new Redis(host)\n",
            "src/config.ts": "export const host = process.env.REDIS_HOST\n",
        },
        {"src/main/java/Models.java": SPRING},
        {"go.mod": "module a\n\nrequire github.com/lib/pq v1.10.9\n", "store.go": 'var host = os.Getenv("PGHOST")\n'},
    ],
)
def test_variables_of_another_module_and_of_a_framework_are_met(files: dict[str, str | bytes]) -> None:
    assert databases.check(facts_of(files)).state is State.MET


def test_a_client_of_which_nothing_tells_where_it_leads_is_partial() -> None:
    files = {"src/db.ts": "import mongoose from 'mongoose'\nimport place from './place'\nmongoose.connect(place)\n"}
    assert databases.check(facts_of(files)).state is State.PARTIAL


def test_an_address_in_the_code_is_unmet() -> None:
    files = {"src/db.ts": "import mongoose from 'mongoose'\nmongoose.connect('mongodb://10.1.2.3/models')\n"}
    assert databases.check(facts_of(files)).state is State.UNMET


def test_a_type_alone_is_no_use() -> None:
    assert databases.check(facts_of({"src/a.ts": "import type { Pool } from 'pg'\n"})).state is State.NA


def test_a_bucket_that_the_framework_hands_in_is_met() -> None:
    source = 'import com.amazonaws.services.s3.AmazonS3;\nclass Store {\n  @Value("${aws.bucketName}")\n  private String bucket;\n}\n'
    assert storage.check(facts_of({"src/Store.java": source})).state is State.MET


def test_queues_and_tracers_of_a_platform_are_met() -> None:
    assert queues.check(facts_of({"src/q.ts": "import { SQSClient } from '@aws-sdk/client-sqs'\n"})).state is State.MET
    assert monitoring.check(facts_of({"src/t.ts": "import { Client } from 'langsmith'\n"})).state is State.MET


@pytest.mark.parametrize(
    ("source", "check"),
    [
        ("import { Inngest } from 'inngest'\nexport const jobs = new Inngest({ id: 'shop' })\n", queues.check),
        ("import { Client } from '@upstash/qstash'\nconst c = new Client({ token: process.env.T })\n", queues.check),
        ("import { Redis } from '@upstash/redis'\nexport const kept = Redis.fromEnv()\n", databases.check),
        ("import { Index } from '@upstash/vector'\nexport const texts = new Index()\n", databases.check),
    ],
)
def test_hosted_services_whose_clients_read_the_environment_are_met(source: str, check) -> None:
    assert check(facts_of({"src/jobs.ts": source})).state is State.MET


@pytest.mark.parametrize(
    ("shown", "state"), [("health, prometheus", State.MET), ("['*']", State.MET), ("health", State.NA)]
)
def test_figures_that_spring_is_told_to_show_are_met(shown: str, state: State) -> None:
    build = "dependencies {\n    implementation 'io.micrometer:micrometer-registry-prometheus'\n}\n"
    settings = f"management:\n  endpoints:\n    web:\n      exposure:\n        include: {shown}\n"
    files = {"build.gradle": build, "src/main/resources/application.yml": settings}
    assert monitoring.check(facts_of(files)).state is state
    assert monitoring.check(facts_of({**files, "build.gradle": "dependencies {\n}\n"})).state is State.NA


@pytest.mark.parametrize(
    ("resource", "state"), [("google_vertex_ai_metadata_store", State.MET), ("google_vertex_ai_endpoint", State.NA)]
)
def test_an_endpoint_of_a_cloud_is_no_registry(resource: str, state: State) -> None:
    assert model_registry.check(facts_of({"main.tf": f'resource "{resource}" "a" {{\n}}\n'})).state is state


def test_a_step_that_uploads_a_model_reaches_the_registry_of_vertex() -> None:
    code = "from kfp import dsl\nfrom google_cloud_pipeline_components.v1.model import ModelUploadOp\n\n@dsl.pipeline(name='a')\ndef flow(project: str):\n    ModelUploadOp(project=project, display_name='churn')\n"
    assert model_registry.check(facts_of({"flow.py": code})).state is State.MET
