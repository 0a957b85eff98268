"""Factor 10: backing services of the same type and version in all environments."""

from __future__ import annotations

import pytest

from apps.analysis.checks.dev_prod_parity import backing_services
from apps.catalog import State
from tests.analysis.making import facts_of

Files = dict[str, str | bytes]

ENGINES = "services:\n  db:\n    image: %s\n  cache:\n    image: redis:7.2\n"


class TestBackingServices:
    def test_pinned_engines_are_met(self) -> None:
        assert backing_services.check(facts_of({"compose.yaml": ENGINES % "postgres:16.1"})).state is State.MET

    @pytest.mark.parametrize("image", ["postgres", "qdrant/qdrant:latest", "mongo:latest"])
    def test_floating_engines_are_partial(self, image: str) -> None:
        found = backing_services.check(facts_of({"compose.yaml": ENGINES % image}))
        assert found.state is State.PARTIAL
        assert image in found.summary

    def test_two_versions_of_an_engine_are_partial(self) -> None:
        files: Files = {"compose.yaml": ENGINES % "postgres:16.1", "compose.prod.yaml": ENGINES % "postgres:13.2"}
        assert backing_services.check(facts_of(files)).state is State.PARTIAL

    def test_a_server_of_no_named_version_is_partial(self) -> None:
        code = "import os\nimport psycopg2\nconnection = psycopg2.connect(os.environ['DATABASE_URL'])\n"
        assert backing_services.check(facts_of({"app.py": code})).state is State.PARTIAL

    @pytest.mark.parametrize(
        "files",
        [
            {"infra/main.tf": 'resource "aws_s3_bucket" "data" {}\nresource "aws_ecs_service" "api" {}\n'},
            {"infra/stack.ts": "import * as cdk from 'aws-cdk-lib';\nnew s3.Bucket(this, 'data');\n"},
            {"template.yaml": "Resources:\n  Users:\n    Type: AWS::DynamoDB::Table\n"},
        ],
    )
    def test_managed_services_that_infrastructure_code_defines_are_met(self, files: Files) -> None:
        assert backing_services.check(facts_of(files)).state is State.MET

    def test_managed_services_that_only_a_client_reaches_do_not_apply(self) -> None:
        code = "from google.cloud import bigquery\nbigquery.Client().query('select 1')\n"
        assert backing_services.check(facts_of({"app.py": code})).state is State.NA

    def test_sqlite_unless_a_server_is_set_is_unmet(self) -> None:
        code = "import os\nfrom sqlalchemy import create_engine\nengine = create_engine(os.getenv('DATABASE_URL', 'sqlite:///local.db'))\n"
        files: Files = {"db.py": code, "requirements.txt": "sqlalchemy==2.0.0\npsycopg2-binary==2.9.9\n"}
        assert backing_services.check(facts_of(files)).state is State.UNMET

    def test_a_file_database_in_place_of_the_server_of_compose_is_unmet(self) -> None:
        code = 'import os\nURL = os.environ.get("DATABASE_URL", "sqlite:///local.db")\n'
        found = backing_services.check(facts_of({"app.py": code, "compose.yaml": ENGINES % "postgres:16.4"}))
        assert (found.state, found.evidence[0].path) == (State.UNMET, "app.py")

    def test_a_store_that_is_shared_or_local_by_a_branch_is_unmet(self) -> None:
        code = "from pathlib import Path\n\ntry:\n    STORE_DIR = Path('/efs/shared/models')\nexcept OSError:\n    STORE_DIR = Path(ROOT_DIR, 'models')\n"
        found = backing_services.check(facts_of({"config.py": code}))
        assert found.state is State.UNMET
        assert {place.line for place in found.evidence} == {4, 6}

    @pytest.mark.parametrize(
        "code",
        [
            "x = 1\n",
            "import wandb\nwandb.init(project='x')\n",
            "from langchain_community.vectorstores import FAISS\nindex = FAISS.load_local('index', embeddings)\n",
            "from transformers import AutoModel\nmodel = AutoModel.from_pretrained('bert-base-uncased')\n",
        ],
    )
    def test_hosted_services_and_files_alone_do_not_apply(self, code: str) -> None:
        assert backing_services.check(facts_of({"app.py": code})).state is State.NA

    @pytest.mark.parametrize(
        "files",
        [
            {
                "settings/dev.py": "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'db.sqlite3'}}\n",
                "settings/prod.py": "DATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql', 'HOST': HOST}}\n",
            },
            {
                "store.py": "import sqlite3\nfrom google.cloud import firestore\ndef remote():\n    return firestore.Client()\ndef here():\n    return sqlite3.connect('a.db')\n",
            },
            {"data.py": "use_aws = bool(bucket)\nload(from_aws=use_aws)\n"},
            {
                "stacks/local.sh": "zenml stack register local -a default -o default\n",
                "stacks/prod.sh": "zenml stack register aws -a s3_store -o kubeflow\n",
            },
            {"conf/config.yaml": "data:\n  prefix:\n    local: .data/delta\n    cloud: s3://our-data/delta\n"},
            {
                "store.py": "class LocalStorage(Storage):\n    pass\nclass S3Storage(Storage):\n    pass\n",
            },
            {
                "store.py": "import chromadb\ndef client(host):\n    if host:\n        return chromadb.HttpClient(host=host)\n    return chromadb.PersistentClient(path='index')\n",
            },
            {
                "app.py": "x = 1\n",
                "application-dev.yml": "spring:\n  datasource:\n    url: jdbc:h2:mem:a\n",
                "application-prod.yml": "spring:\n  datasource:\n    url: jdbc:postgresql://db/a\n",
            },
            {"app.py": "x = 1\n", ".env.dev": "DATABASE_URL=sqlite:///a.db\n", ".env.prod": "DATABASE_URL=postgresql://db/a\n"},
            {
                "train.py": "import os, mlflow\nmlflow.set_tracking_uri(os.getenv('MLFLOW_TRACKING_URI', 'file:./mlruns'))\n",
                "compose.yaml": "services:\n  mlflow:\n    image: ghcr.io/mlflow/mlflow:v2.9.0\n",
            },
            {
                "run.py": "x = 1\n",
                "local.sh": "zenml artifact-store register here --flavor=local\n",
                "prod.sh": "zenml artifact-store register there --flavor=s3\n",
            },
            {
                "settings.py": "class Settings(BaseSettings):\n    vector_store: str = 'chroma'\n",
                "index.py": "from qdrant_client import QdrantClient\nclient = QdrantClient(url=settings.url)\n",
            },
        ],
    )  # fmt: skip
    def test_an_engine_of_another_type_by_setting_client_or_class_is_unmet(self, files: Files) -> None:
        assert backing_services.check(facts_of(files)).state is State.UNMET

    @pytest.mark.parametrize(
        "files",
        [
            {"app.py": "class LocalModel(Model):\n    pass\nclass AzureModel(Model):\n    pass\n"},
            {"app.py": "x = 1\n", "tests/conftest.py": "class LocalStorage:\n    pass\nclass S3Storage:\n    pass\n"},
            {"settings.py": "class Settings(BaseSettings):\n    vector_store: str = 'chroma'\n"},
            {"show.py": "import sqlite3\nfrom rich.table import Table\nsqlite3.connect('a.db')\nTable('a')\n"},
            {
                "store.py": "class S3:\n    def __init__(self, storage_type):\n        self.storage_type = storage_type\n"
            },
            {"settings.py": "class Settings(BaseSettings):\n    storage_type: str\n"},
            {"conf/config.yaml": "run:\n  local: true\n  name: s3://our-data/delta\n"},
            {
                "app.py": "x = 1\n",
                ".env.dev": "DATABASE_URL=postgresql://a/x\n",
                ".env.prod": "DATABASE_URL=postgresql://b/x\n",
            },
        ],
    )
    def test_names_that_choose_no_other_engine_are_not_unmet(self, files: Files) -> None:
        assert backing_services.check(facts_of(files)).state is not State.UNMET

    @pytest.mark.parametrize(
        ("files", "state"),
        [
            ({"app.py": "import sqlite3\nconnection = sqlite3.connect('local.db')\n"}, State.MET),
            ({"app.py": "import chromadb\nclient = chromadb.PersistentClient(path='index')\n"}, State.PARTIAL),
            (
                {
                    "compose.yaml": "services:\n  db:\n    build: db\n",
                    "db/Dockerfile": "FROM postgres:16.1\n",
                    "app.py": "x = 1\n",
                },
                State.MET,
            ),
            ({"Makefile": "cache:\n\tdocker run -d -p 6379:6379 redis\n", "app.py": "x = 1\n"}, State.PARTIAL),
            (
                {
                    "chart/Chart.yaml": "name: a\ndependencies:\n- name: postgresql\n  version: 12.1.2\n",
                    "app.py": "x = 1\n",
                },
                State.MET,
            ),
            (
                {
                    "compose.yaml": ENGINES % "postgres:16.1",
                    ".github/workflows/ci.yml": "jobs:\n  test:\n    services:\n      db:\n        image: postgres:13\n",
                },
                State.PARTIAL,
            ),
        ],
    )
    def test_versions_are_found_wherever_they_are_named(self, files: Files, state: State) -> None:
        assert backing_services.check(facts_of(files)).state is state


@pytest.mark.parametrize(
    ("default", "state"),
    [
        ("${DB_URL:jdbc:h2:mem:shop;DB_CLOSE_DELAY=-1}", State.UNMET),
        ("${DB_URL:jdbc:postgresql://localhost:5432/shop}", State.MET),
        ("${DB_URL}", State.MET),
    ],
)
@pytest.mark.parametrize("variable", ["DB_URL", "SPRING_DATASOURCE_URL"])
def test_a_default_within_the_process_is_of_another_type_than_the_server(
    default: str, state: State, variable: str
) -> None:
    spring = f"spring:\n  datasource:\n    url: {default}\n"
    compose = f"services:\n  api:\n    build: .\n    environment:\n      {variable}: jdbc:postgresql://db:5432/shop\n  db:\n    image: postgres:16.3\n"
    files = {
        "src/main/java/a/A.java": "class A {}\n",
        "src/main/resources/application.yml": spring,
        "docker-compose.yml": compose,
    }
    assert backing_services.check(facts_of(files)).state is state
