"""Factor 3: credentials, parameters and settings of the environment."""

from __future__ import annotations

import json

import pytest

from apps.analysis.checks.config import environment, hyperparameters, secrets, training_parameters
from apps.catalog import State
from tests.analysis.making import facts_of

KEY = "9fK2" + "xQ7vLm3Zt8Rw5Ny1Bc6Hd4Gj0Ps"  # joined here, so that no scanner takes it for a real one
SERVICE = "from fastapi import FastAPI\nimport joblib\n\napp = FastAPI()\nmodel = joblib.load('model.joblib')\n"


class TestSecrets:
    def test_none_is_met(self) -> None:
        assert secrets.check(facts_of({"app.py": "import os\nkey = os.environ['API_KEY']\n"})).state is State.MET

    def test_a_real_one_is_unmet_and_not_repeated(self) -> None:
        found = secrets.check(facts_of({"config.py": f'weather_api_key = "{KEY}"\n'}))
        assert found.state is State.UNMET
        assert KEY not in found.summary
        assert (found.evidence[0].path, found.evidence[0].line) == ("config.py", 1)

    @pytest.mark.parametrize("path", ["README.md", "notebooks/a.ipynb", "docs/setup.md"])
    def test_a_real_one_is_unmet_in_documentation_too(self, path: str) -> None:
        token = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
        text = (
            json.dumps({"cells": [{"cell_type": "code", "source": f"token = '{token}'"}]})
            if path.endswith("b")
            else f"`{token}`\n"
        )
        assert secrets.check(facts_of({"app.py": "x = 1\n", path: text})).state is State.UNMET

    def test_weak_passwords_of_a_local_service_are_partial(self) -> None:
        compose = "services:\n  db:\n    image: postgres\n    environment:\n      POSTGRES_PASSWORD: postgres\n"
        assert secrets.check(facts_of({"docker-compose.yml": compose})).state is State.PARTIAL

    def test_placeholders_in_an_example_file_and_in_documentation_are_met(self) -> None:
        files = {
            ".env.example": "OPENAI_API_KEY=your-key-here\n",
            "README.md": "export API_KEY=your-api-key\n",
            "a.py": "x = 1\n",
        }
        assert secrets.check(facts_of(files)).state is State.MET

    def test_a_made_up_password_of_a_test_is_met(self) -> None:
        assert (
            secrets.check(facts_of({"app.py": "x = 1\n", "tests/test_app.py": f'password = "{KEY}"\n'})).state
            is State.MET
        )

    def test_hashes_and_references_are_no_credentials(self) -> None:
        text = "image: repo@sha256:0f3c1b2a9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a3b2c1d0e9f8a7b6c5d4e3f2a\npassword: ${DB_PASSWORD}\n"
        assert secrets.check(facts_of({"values.yaml": text})).state is State.MET

    def test_a_repository_without_text_cannot_tell(self) -> None:
        assert secrets.check(facts_of({})).state is State.UNKNOWN


FIT = "model.fit(x, y, epochs={epochs}, batch_size={batch})\n"


class TestTrainingParameters:
    def test_flags_are_met(self) -> None:
        source = (
            "import argparse\nimport keras\n\nparser = argparse.ArgumentParser()\nparser.add_argument('--epochs', type=int, default=3)\n"
            "parser.add_argument('--batch-size', type=int, default=8)\nargs = parser.parse_args()\nmodel = keras.Sequential()\n"
            + FIT.format(epochs="args.epochs", batch="args.batch_size")
        )
        assert training_parameters.check(facts_of({"train.py": source})).state is State.MET

    def test_literals_are_unmet_and_named(self) -> None:
        found = training_parameters.check(
            facts_of({"train.py": "import keras\n\nmodel = keras.Sequential()\n" + FIT.format(epochs=20, batch=64)})
        )
        assert found.state is State.UNMET
        assert "`epochs` (`train.py:4`)" in found.summary

    def test_some_flags_and_some_literals_are_partial(self) -> None:
        source = "import os\nimport keras\n\nmodel = keras.Sequential()\n" + FIT.format(
            epochs="int(os.environ['EPOCHS'])", batch=64
        )
        found = training_parameters.check(facts_of({"train.py": source}))
        assert found.state is State.PARTIAL
        assert "batch_size" in found.summary

    def test_a_tracked_file_without_override_is_partial(self) -> None:
        source = "import keras, yaml\n\nparams = yaml.safe_load(open('params.yaml'))\nmodel = keras.Sequential()\nmodel.fit(x, y, epochs=params['epochs'])\n"
        assert (
            training_parameters.check(
                facts_of({"train.py": source, "params.yaml": "epochs: 3\nlearning_rate: 0.1\n"})
            ).state
            is State.PARTIAL
        )

    def test_declared_parameters_of_a_pipeline_are_met(self) -> None:
        source = "import keras, yaml\n\nparams = yaml.safe_load(open('params.yaml'))\nmodel = keras.Sequential()\nmodel.fit(x, y, epochs=params['epochs'])\n"
        stages = "stages:\n  train:\n    cmd: python train.py\n    params:\n    - epochs\n"
        files = {"train.py": source, "params.yaml": "epochs: 3\n", "dvc.yaml": stages}
        assert training_parameters.check(facts_of(files)).state is State.MET

    def test_literals_that_a_launch_gives_to_the_flags_of_training_are_partial(self) -> None:
        source = (
            "import argparse\nimport keras\n\nparser = argparse.ArgumentParser()\nparser.add_argument('--epochs', type=int, default=3)\n"
            "args = parser.parse_args()\nmodel = keras.Sequential()\nmodel.fit(x, y, epochs=args.epochs)\n"
        )
        launch = "from sagemaker.tensorflow import TensorFlow\n\nparameters = {'epochs': 20}\nestimator = TensorFlow(entry_point='train.py', hyperparameters=parameters)\nestimator.fit()\n"
        notebook = json.dumps({"cells": [{"cell_type": "code", "source": launch}]})
        found = training_parameters.check(facts_of({"code/train.py": source, "pipeline.ipynb": notebook}))
        assert found.state is State.PARTIAL
        assert "pipeline.ipynb" in {place.path for place in found.evidence}

    def test_hydra_overrides_its_files(self) -> None:
        source = "import hydra\nimport keras\n\n@hydra.main(config_path='conf', config_name='config')\ndef main(cfg):\n    model = keras.Sequential()\n    model.fit(x, y, epochs=cfg.epochs)\n"
        assert (
            training_parameters.check(facts_of({"train.py": source, "conf/config.yaml": "epochs: 3\nlr: 0.1\n"})).state
            is State.MET
        )

    def test_parameters_of_the_model_stand_in_where_a_library_has_no_others(self) -> None:
        source = "from sklearn.linear_model import Ridge\n\nmodel = Ridge(alpha=0.5)\nmodel.fit(x, y)\n"
        assert training_parameters.check(facts_of({"train.py": source})).state is State.UNMET

    def test_a_service_of_a_ready_model_has_none(self) -> None:
        assert training_parameters.check(facts_of({"app.py": SERVICE})).state is State.NA


class TestHyperparameters:
    def test_settings_read_from_the_environment_are_met(self) -> None:
        source = (
            "from langchain_openai import ChatOpenAI\nfrom pydantic_settings import BaseSettings\n\nclass Settings(BaseSettings):\n    llm_model: str = 'gpt-4o'\n"
            "    temperature: float = 0.1\n\nsettings = Settings()\nllm = ChatOpenAI(model=settings.llm_model, temperature=settings.temperature)\n"
        )
        assert hyperparameters.check(facts_of({"rag.py": source})).state is State.MET

    def test_literals_of_a_language_model_are_unmet(self) -> None:
        source = "from langchain_openai import ChatOpenAI\n\nllm = ChatOpenAI(model='gpt-4o', temperature=0.1)\n"
        found = hyperparameters.check(facts_of({"rag.py": source}))
        assert found.state is State.UNMET
        assert "temperature" in found.summary

    def test_a_model_chosen_from_a_table_in_a_module_of_parameters_is_partial(self) -> None:
        files = {
            "config.py": "import langchain_openai\n\nMODELS = {'small': Model(id='gpt-4o-mini')}\nDEFAULT_MODEL = MODELS['small']\n",
            "rag.py": "from langchain_openai import ChatOpenAI\n\nllm = ChatOpenAI(model='gpt-4o', temperature=0.1)\n",
        }
        assert hyperparameters.check(facts_of(files)).state is State.PARTIAL

    def test_of_a_pair_what_comes_from_a_flag_decides(self) -> None:
        source = (
            "import argparse\nfrom sklearn.feature_extraction.text import CountVectorizer\nfrom sklearn.svm import SVC\n\nparser = argparse.ArgumentParser()\n"
            "parser.add_argument('--ngrams', type=int)\nargs = parser.parse_args()\nwords = CountVectorizer(ngram_range=(1, args.ngrams))\nmodel = SVC().fit(words.fit_transform(x), y)\n"
        )
        assert hyperparameters.check(facts_of({"train.py": source})).state is State.MET

    def test_bounds_of_a_measured_temperature_are_no_parameter(self) -> None:
        source = "from sklearn.ensemble import RandomForestClassifier\nLIMITS = {'temperature': (41.0, 101.0)}\nRandomForestClassifier().fit(x, y)\n"
        found = hyperparameters.check(facts_of({"constants.py": source}))
        assert "temperature" not in found.summary

    def test_what_is_computed_and_epsilons_are_no_parameters_of_a_model(self) -> None:
        flags = "import argparse\nimport torch\n\nparser = argparse.ArgumentParser()\nparser.add_argument('--hidden-size', type=int)\nargs = parser.parse_args()\n"
        source = (
            "net = torch.nn.LSTM(4, hidden_size=args.hidden_size)\nnet(x).sum().backward()\n\ndef weigh(x, epsilon=1e-5):\n"
            "    alpha = torch.ones(x.size(0))\n    alpha = alpha / alpha.sum(1)\n    return alpha\n"
        )
        assert hyperparameters.check(facts_of({"train.py": flags + source})).state is State.MET

    def test_sizes_that_a_loaded_file_takes_the_place_of_are_no_literals(self) -> None:
        source = (
            "import argparse, json\nimport tensorflow as tf\nfrom tensorflow.contrib.training import HParams\n\nparser = argparse.ArgumentParser()\nparser.add_argument('--temperature', type=float)\n"
            "args = parser.parse_args()\nhparams = HParams(n_layer=12, n_head=12)\nhparams.override_from_dict(json.load(open('hparams.json')))\n"
            "tf.train.Saver().restore(session, 'model')\nsample(temperature=args.temperature)\n"
        )
        assert hyperparameters.check(facts_of({"sample.py": source})).state is State.MET

    def test_a_grid_in_the_code_is_unmet(self) -> None:
        source = "from sklearn.svm import SVC\n\nmodel = SVC(C=0.3, kernel='rbf')\nmodel.fit(x, y)\n"
        assert hyperparameters.check(facts_of({"train.py": source})).state is State.UNMET

    def test_layers_written_into_a_network_are_unmet(self) -> None:
        source = "import torch\n\nnet = torch.nn.Linear(4, 64)\nloss = net(x).sum()\nloss.backward()\n"
        assert hyperparameters.check(facts_of({"train.py": source})).state is State.UNMET

    def test_a_module_of_parameters_is_partial(self) -> None:
        files = {
            "config.py": "MAX_DEPTH = 5\nN_ESTIMATORS = 100\n",
            "train.py": "from sklearn.ensemble import RandomForestClassifier\nimport config\n\nmodel = RandomForestClassifier(max_depth=config.MAX_DEPTH, n_estimators=config.N_ESTIMATORS)\nmodel.fit(x, y)\n",
        }
        assert hyperparameters.check(facts_of(files)).state is State.PARTIAL

    def test_transparency_of_a_plot_is_no_parameter_of_a_model(self) -> None:
        assert (
            hyperparameters.check(
                facts_of({"app.py": SERVICE + "import matplotlib.pyplot as plt\nplt.scatter(x, y, alpha=0.5)\n"})
            ).state
            is State.NA
        )


class TestEnvironment:
    def test_variables_with_local_defaults_are_met(self) -> None:
        source = (
            "import os\n\nuri = os.environ.get('MLFLOW_URI', 'http://localhost:5000')\nbucket = os.environ['BUCKET']\n"
        )
        assert environment.check(facts_of({"app.py": source})).state is State.MET

    @pytest.mark.parametrize(
        "value",
        [
            "/home/anna/data.csv",
            "C:\\\\data\\\\train.csv",
            "10.2.0.7",
            "s3://prod-bucket/data",
            "http://models.internal:8080/v1",
        ],
    )
    def test_a_literal_is_unmet_and_named(self, value: str) -> None:
        found = environment.check(facts_of({"app.py": f"where = '{value}'\n"}))
        assert found.state is State.UNMET
        assert found.evidence[0].line == 1

    def test_a_production_bucket_as_a_default_is_partial(self) -> None:
        source = "import os\n\nbucket = os.environ.get('BUCKET', 's3://acme-prod/models')\n"
        assert environment.check(facts_of({"app.py": source})).state is State.PARTIAL

    def test_some_of_both_is_partial(self) -> None:
        source = "import os\n\nbucket = os.environ['BUCKET']\nhost = 'http://10.0.0.3:9000'\n"
        assert environment.check(facts_of({"app.py": source})).state is State.PARTIAL

    def test_one_whole_host_in_code_is_partial_beside_many_settings(self) -> None:
        reads = "".join(f"a{n} = os.environ['STORE_{n}_URL']\n" for n in range(30))
        files = {"app.py": f"import os\n{reads}", "desk.py": "BASE = 'https://api.desk.acme.io'\n"}
        found = environment.check(facts_of(files))
        assert found.state is State.PARTIAL
        assert "https://api.desk.acme.io" in found.summary

    def test_one_local_host_in_code_is_an_oversight_beside_many_settings(self) -> None:
        reads = "".join(f"a{n} = os.environ['STORE_{n}_URL']\n" for n in range(30))
        files = {"app.py": f"import os\n{reads}", "desk.py": "BASE = 'http://localhost:9200'\n"}
        assert environment.check(facts_of(files)).state is State.MET

    def test_a_server_that_code_binds_with_nothing_from_outside_is_unmet(self) -> None:
        source = "from flask import Flask\n\napp = Flask(__name__)\napp.run(host='0.0.0.0')\n"
        found = environment.check(facts_of({"app.py": source}))
        assert found.state is State.UNMET
        assert found.evidence[0].line == 4

    def test_a_file_per_environment_is_partial(self) -> None:
        files = {
            "config/prod.yaml": "s3_bucket: acme-prod\nregion: eu-west-1\n",
            "app.py": "import yaml\n\nyaml.safe_load(open('config/prod.yaml'))\n",
        }
        assert environment.check(facts_of(files)).state is State.PARTIAL

    def test_paths_within_the_repository_and_public_data_do_not_count(self) -> None:
        source = "a = './data/train.csv'\nb = 'https://raw.githubusercontent.com/x/y/data.csv'\nc = 'models/m.pkl'\n"
        assert environment.check(facts_of({"app.py": source})).state is State.NA

    def test_paths_that_a_managed_platform_prescribes_do_not_count(self) -> None:
        assert environment.check(facts_of({"score.py": "path = '/opt/ml/processing/model'\n"})).state is State.NA


def test_links_to_documentation_are_no_settings_of_an_environment() -> None:
    facts = facts_of(
        {"app.py": "HELP = 'https://orchestra.io/docs/concepts/'\nMORE = 'https://docs.orchestra.io/guide'\n"}
    )
    assert environment.check(facts).state is State.NA


def test_a_list_of_brokers_is_judged_as_its_parts() -> None:
    facts = facts_of({"app.py": "import kafka\nclient = kafka.connect(bootstrap_servers=['broker-1.acme.io:9092'])\n"})
    assert environment.check(facts).state is State.UNMET


def test_a_default_that_names_the_bucket_of_one_owner_is_partial() -> None:
    code = "import os\nBUCKET = os.environ.get('BUCKET', 'acme-models-42')\nHOST = os.environ['HOST']\n"
    assert environment.check(facts_of({"app.py": code})).state is State.PARTIAL
    assert environment.check(facts_of({"app.py": code.replace("acme-models-42", "test")})).state is State.MET


class TestWhereTheSystemIs:
    def test_a_bucket_that_code_opens_by_its_name_is_partial_beside_settings(self) -> None:
        code = (
            "import os\nfrom azure.storage.blob import BlobServiceClient\n"
            "client = BlobServiceClient(os.environ['STORAGE_URL'], credential=os.environ['STORAGE_CREDENTIAL'])\n"
            "container = client.get_container_client({})\n"
        )
        fixed = facts_of({"app.py": code.format("'prediction-log'")})
        assert environment.check(fixed).state is State.PARTIAL
        given = facts_of({"app.py": code.format("os.environ['CONTAINER']")})
        assert environment.check(given).state is State.MET

    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            ('String url = "https://scoring.internal.net/v1/execute";', State.UNMET),
            ('String url = System.getenv().getOrDefault("URL", "https://scoring.internal.net/v1");', State.MET),
            ('String url = "https://docs.example.org/guide";', State.NA),
        ],
    )
    def test_an_address_in_a_service_of_another_language_counts(self, line: str, expected: State) -> None:
        code = "@RestController\nclass Scores {\n    " + line + "\n}\n"
        assert environment.check(facts_of({"src/main/java/Scores.java": code})).state is expected

    def test_the_default_of_a_described_field_of_settings_can_be_overridden(self) -> None:
        code = (
            "from pydantic import Field\nfrom pydantic_settings import BaseSettings\n\n"
            "class Settings({}):\n    db_url: str = Field(default='postgresql://localhost:5432/scores', description='Where.')\n"
        )
        assert environment.check(facts_of({"settings.py": code.format("BaseSettings")})).state is State.MET
        assert environment.check(facts_of({"settings.py": code.format("object")})).state is State.UNMET

    def test_a_script_that_takes_the_port_from_a_variable_counts(self) -> None:
        image = {"main.py": SERVICE, "Dockerfile": 'FROM python:3.11\nENTRYPOINT ["/entrypoint.sh"]\n'}
        script = "exec uvicorn main:app --host 0.0.0.0 --port {}\n"
        given = facts_of({**image, "entrypoint.sh": script.format('"$PORT"')})
        assert environment.check(given).state is State.MET
        fixed = facts_of({**image, "entrypoint.sh": script.format("8000")})
        assert environment.check(fixed).state is State.NA

    def test_settings_of_a_search_by_embeddings_are_parameters_of_a_model(self) -> None:
        code = (
            "from pydantic_settings import BaseSettings\nfrom sentence_transformers import SentenceTransformer\n\n"
            "class Settings(BaseSettings):\n    embedding_model: str = 'all-MiniLM-L6-v2'\n    top_k: int = 5\n\n"
            "settings = Settings()\nmodel = SentenceTransformer(settings.embedding_model)\n"
        )
        assert hyperparameters.check(facts_of({"search.py": code})).state is State.MET

    def test_passwords_of_examples_are_dummies_in_other_languages_too(self) -> None:
        assert secrets.check(facts_of({"README.md": '{"password": "contraseña123"}\n'})).state is not State.UNMET


def test_a_name_of_a_parameter_sets_none_where_there_is_no_model() -> None:
    source = "import django\n\n\ndef tone(grade):\n    return {'A': 'good', 'C': 2}.get(grade)\n\n\nC = 2\n"
    assert hyperparameters.check(facts_of({"pages.py": source})).state is State.NA


@pytest.mark.parametrize("default", ["-3!f+5a776u=j$f-4q-2+i", "-k2v9s8d7f6g5h4j3k2l1"])
def test_the_key_of_a_new_project_is_weak_also_as_a_default_on_lines_of_its_own(default: str) -> None:
    source = f'import os\nSECRET_KEY = os.environ.get(\n    "SECRET_KEY",\n    "django-insecure{default}",\n)\n'
    assert secrets.check(facts_of({"core/settings.py": source})).state is State.PARTIAL


@pytest.mark.parametrize(
    ("host", "state"),
    [("models.abc.eu-west-1.rds.amazonaws.com", State.UNMET), ("localhost", State.PARTIAL), ("db", State.PARTIAL)],
)
def test_a_plain_password_of_a_server_elsewhere_opens_something(host: str, state: State) -> None:
    code = f"import psycopg2\nconnection = psycopg2.connect(user='ml', password='sentimentdata', host='{host}')\n"
    assert secrets.check(facts_of({"db.py": code})).state is state


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("'dbname=rents user=rents password=rents-password host=localhost port=5432'", State.PARTIAL),
        ("'Server=tcp:sql.acme.io;Database=x;Uid=ann;Password=kX9w2Lq8Rz;'", State.UNMET),
        ("f'host={HOST} password={PASSWORD} dbname=rents'", State.MET),
    ],
)
def test_passwords_among_the_named_parts_of_a_connection(text: str, state: State) -> None:
    assert secrets.check(facts_of({"load.py": f"import click\n\nDSN = {text}\n"})).state is state


def test_the_key_of_a_new_project_is_real_where_nothing_else_is_asked_for() -> None:
    key = "django-insecure" + "-q8^hkg(buh19bduvz7u"
    assert secrets.check(facts_of({"core/settings.py": f"SECRET_KEY = '{key}'\n"})).state is State.UNMET
    asked = f"import os\nSECRET_KEY = os.getenv('SECRET_KEY', '{key}')\n"
    assert secrets.check(facts_of({"core/settings.py": asked})).state is State.PARTIAL
