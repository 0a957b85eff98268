"""What a system is: the claims on which every check's applicability rests."""

from __future__ import annotations

import time

import pytest

from tests.analysis.making import facts_of

TORCH = "import torch\n\nmodel = torch.nn.Linear(2, 1)\nloss = model(x).sum()\nloss.backward()\n"


def holds(claim: str, files: dict[str, str | bytes]) -> bool:
    return getattr(facts_of(files).profile, claim).holds


class TestTrains:
    @pytest.mark.parametrize(
        "source",
        [
            TORCH,
            "from sklearn.svm import SVC\n\nclf = SVC()\nclf.fit(x, y)\n",
            "import lightgbm as lgb\n\nbooster = lgb.train(params, data)\n",
            "from ultralytics import YOLO\n\nmodel = YOLO('yolov8n.pt')\nmodel.train(data='a.yaml')\n",
            "from transformers import Trainer\n\ntrainer = Trainer(model=model)\ntrainer.train()\n",
            "import tensorflow as tf\n\nwith tf.GradientTape() as tape:\n    pass\n",
            "from sagemaker.workflow.steps import TrainingStep\n\nstep = TrainingStep(name='t', estimator=e)\n",
            "from pyspark.ml.recommendation import ALS\n\nals = ALS(rank=10)\nmodel = als.fit(frame)\n",
            "import pickle\nfrom sklearn.metrics.pairwise import cosine_similarity\n\n"
            "pickle.dump(cosine_similarity(v), open('s.pkl', 'wb'))\n",
            "import numpy as np\nfrom sklearn.metrics.pairwise import cosine_similarity\n\n"
            "def save_similarities(v):\n    np.save('s.npy', cosine_similarity(v))\n",
            "query = 'CREATE OR REPLACE MODEL d.m OPTIONS(model_type=\"linear_reg\") AS SELECT 1'\n",
        ],
    )
    def test_whatever_the_framework(self, source: str) -> None:
        assert holds("trains", {"train.py": source})

    @pytest.mark.parametrize(
        "source",
        [
            "from sklearn.preprocessing import LabelEncoder\n\nle = LabelEncoder()\nle.fit(y)\n",
            "import torch\n\nmodel = torch.load('m.pt')\nmodel.eval()\nmodel.train(False)\n",
            "from scipy.optimize import minimize\n\nminimize(f, x0)\n",
            "import numpy as np\nfrom sklearn.metrics.pairwise import cosine_similarity\n\n"
            "cosine_similarity(v)\nnp.save('rows.npy', v)\n",
            "import matplotlib.pyplot as plt\n\nax = plt.gca()\nax.fit(view)\n",
            "from keras.preprocessing.image import ImageDataGenerator\n\ng = ImageDataGenerator()\ng.fit(x)\n",
        ],
    )
    def test_preparing_and_switching_modes_is_no_training(self, source: str) -> None:
        assert not holds("trains", {"prep.py": source})

    def test_a_front_end_that_fits_a_map_trains_nothing(self) -> None:
        assert not holds("trains", {"ui/map.js": "map.fit(bounds); chart.train(1)\n"})

    def test_tests_and_examples_beside_a_system_are_no_evidence(self) -> None:
        files = {
            "app.py": "import flask\n\napp = flask.Flask('a')\n",
            "tests/test_model.py": TORCH,
            "examples/train.py": TORCH,
        }
        assert not holds("trains", files)

    def test_a_repository_of_examples_is_judged_by_them(self) -> None:
        assert holds("trains", {"examples/train.py": TORCH})


class TestServes:
    @pytest.mark.parametrize(
        ("path", "content"),
        [
            ("app.py", "import streamlit as st\n\nst.title('x')\n"),
            ("service.py", "import bentoml\n\n@bentoml.service\nclass S: ...\n"),
            ("Dockerfile", 'FROM python:3.11\nCMD ["uvicorn", "main:app"]\n'),
            ("docker-compose.yml", "services:\n  model:\n    image: tensorflow/serving:2.14\n"),
            ("Procfile", "web: gunicorn app:app\n"),
            ("plumber.R", "pr <- plumber::plumb('api.R')\n"),
            ("score.py", "def init():\n    pass\n\ndef run(data):\n    return data\n"),
            ("stack.py", "from aws_cdk import aws_sagemaker as sm\n\nsm.CfnEndpoint(self, 'e')\n"),
            ("deploy.tf", 'resource "aws_sagemaker_endpoint" "e" {}\n'),
            ("service.yaml", "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\n"),
        ],
    )
    def test_by_a_server_or_an_endpoint_of_a_platform(self, path: str, content: str) -> None:
        assert holds("serves", {path: content, "a.py": "x = 1\n"})

    @pytest.mark.parametrize(
        ("path", "content"),
        [
            ("setup.sh", "pip install uvicorn gunicorn\n"),
            ("batch_score.py", "def init():\n    pass\n\ndef run(batch):\n    return batch\n"),
            ("README.md", "Run `uvicorn main:app`.\n"),
            ("stop.sh", "pkill gunicorn\n"),
        ],
    )
    def test_installing_stopping_or_scoring_in_batches_is_no_serving(self, path: str, content: str) -> None:
        assert not holds("serves", {path: content, "a.py": "x = 1\n"})


class TestOthers:
    def test_a_notebook_that_tries_a_language_model_makes_no_application_of_one(self) -> None:
        book = '{"cells": [{"cell_type": "code", "source": "import openai"}], "metadata": {}}'
        assert not holds("language_model", {"train.py": TORCH, "try.ipynb": book})
        assert holds("language_model", {"try.ipynb": book})

    def test_an_own_module_named_like_a_library_is_none(self) -> None:
        assert not holds(
            "language_model", {"agents/play.py": "x = 1\n", "main.py": "from agents import play\n" + TORCH}
        )

    def test_a_model_of_a_hub_is_loaded_but_not_own(self) -> None:
        files = {"app.py": "from transformers import pipeline\n\nask = pipeline('text-generation')\n"}
        assert holds("loads_model", files)
        assert not holds("own_model", files)

    def test_pickled_data_is_no_model(self) -> None:
        assert not holds("model", {"a.py": "import pickle\n\nrows = pickle.load(open('rows.pkl', 'rb'))\n"})
        assert holds("own_model", {"a.py": "import pickle\n\nmodel = pickle.load(open('m.pkl', 'rb'))\n"})

    @pytest.mark.parametrize(
        ("path", "content"),
        [
            ("models.py", "from sqlalchemy.orm import DeclarativeBase\n\nclass Row(DeclarativeBase): ...\n"),
            ("init.sql", "CREATE TABLE predictions (id int);\n"),
            ("Row.java", "@Entity\npublic class Row {}\n"),
            ("alembic.ini", "[alembic]\n"),
        ],
    )
    def test_a_schema_is_its_own_where_it_is_defined(self, path: str, content: str) -> None:
        assert holds("schema", {path: content, "a.py": "x = 1\n"})

    def test_reading_tables_of_others_defines_no_schema(self) -> None:
        assert not holds("schema", {"a.py": "import psycopg2\n\ncursor.execute('INSERT INTO t SELECT a FROM b')\n"})

    def test_stages_and_claims_are_shown_with_their_evidence(self) -> None:
        shown = facts_of({"train.py": TORCH}).profile.as_json()
        assert shown["trains"]["evidence"] == [{"path": "train.py", "line": 5}]
        stages = shown["stages"]
        assert isinstance(stages, dict)
        assert list(stages) == ["preprocessing", "training", "evaluation", "inference", "deployment"]
        assert stages["training"]["holds"]
        assert not stages["deployment"]["holds"]

    def test_many_files_that_name_a_language_model_cost_no_more_than_their_number(self) -> None:
        files = {f"{number}.yaml": "url: https://api.openai.com/v1\n" * 12 for number in range(1500)}
        facts = facts_of({**files, "main.go": "package main\n"})
        begun = time.process_time()
        assert facts.profile.language_model.holds
        assert time.process_time() - begun < 3
