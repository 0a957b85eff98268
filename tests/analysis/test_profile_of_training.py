"""Training as it shows in many libraries, platforms and languages."""

from __future__ import annotations

import pytest

from tests.analysis.making import facts_of


def trains(files: dict[str, str | bytes]) -> bool:
    return facts_of(files).profile.trains.holds


@pytest.mark.parametrize(
    "source",
    [
        "from statsmodels.tsa.arima.model import ARIMA\n\nmodel = ARIMA(series)\nfitted = model.fit()\n",
        "import statsmodels.api as sm\n\nfitted = sm.OLS(y, x).fit()\n",
        "from ray.rllib.algorithms.ppo import PPOConfig\n\nalgo = PPOConfig().build()\nalgo.train()\n",
        "import keras_hub\n\nbert = keras_hub.models.BertClassifier.from_preset('small')\nbert.fit(rows)\n",
        "from oumi.train import train\n\ntrain(config)\n",
        "from pycaret.classification import *\n\nsetup(frame, target='y')\nbest = compare_models()\n",
        "from mmengine.runner import Runner\n\nrunner = Runner.from_cfg(options)\nrunner.train()\n",
        "import cv2\n\nfaces = cv2.face.LBPHFaceRecognizer_create()\nfaces.train(images, labels)\n",
        "from river import linear_model\n\nmodel = linear_model.LogisticRegression()\nmodel.learn_one(x, y)\n",
        "from statsforecast import StatsForecast\n\nsales = StatsForecast(models=models)\nsales.fit(frame)\n",
        "from azure.ai.ml import automl\n\njob = automl.classification(compute='c', training_data=data)\n",
        "from vertexai.tuning import sft\n\njob = sft.train(source_model='g', train_dataset='d')\n",
        "from kubeflow.training import TrainingClient\n\nTrainingClient().create_job(name='a')\n",
        "from airflow.providers.google.cloud.operators.vertex_ai import custom_job\n\n"
        "task = custom_job.CreateCustomContainerTrainingJobOperator(task_id='t')\n",
    ],
)
def test_libraries_and_platforms_that_fit(source: str) -> None:
    assert trains({"job.py": source})


@pytest.mark.parametrize(
    "source",
    [
        "import statsmodels.api as sm\n\nfitted = sm.load('m.pkl')\n",
        "from ray.rllib.models import ModelCatalog\n\nmodel = ModelCatalog.get()\nmodel.train()\n",
        "import torch\n\nmodel = torch.load('m.pt')\nmodel.train()\n",
        "from shop import *\n\ncreate_model('shoe')\ncompare_models()\n",
        "import cv2\n\nfaces = cv2.CascadeClassifier('f.xml')\n",
        "from fastai.learner import load_learner\n\nlearner = load_learner('export.pkl')\nlearner.predict(image)\n",
        "from fastai.vision.all import *\n\nlearner = load_learner('export.pkl')\nlearner.predict(image)\n",
    ],
)
def test_loading_and_switching_modes_fit_nothing(source: str) -> None:
    assert not trains({"job.py": source})


@pytest.mark.parametrize(
    "line",
    [
        "m <- kmeans(x, centers = 3)",
        "m <- auto.arima(sales)",
        "m <- naiveBayes(y ~ ., data = d)",
        "topics <- LDA(terms, k = 3)",
        "found <- tune_grid(flow, resamples = folds)",
        "m <- h2o.automl(y = 'y', training_frame = d)",
    ],
)
def test_r_has_many_names_for_it(line: str) -> None:
    assert trains({"model.R": f"{line}\n"})
    assert not trains({"model.R": f"# {line}\n"})
    assert not trains({"Model.java": f"class A {{ void f() {{ {line}; }} }}\n"})


class TestCommands:
    @pytest.mark.parametrize(
        "command",
        [
            "yolo task=detect mode=train data=a.yaml model=yolov8n.pt",
            "python yolov5/train.py --img 640 --weights yolov5s.pt",
            "accelerate launch --num_processes 2 train_text_to_image.py",
            "aws sagemaker create-training-job --cli-input-json file://job.json",
            "gcloud ai custom-jobs create --region=r --config=job.yaml",
        ],
    )
    def test_commands_train_also_by_programs_of_a_repository_fetched_beside(self, command: str) -> None:
        assert trains({"run.sh": f"{command}\n"})

    def test_a_notebook_may_give_them(self) -> None:
        book = '{"cells": [{"cell_type": "code", "source": "!python yolov7/train.py --epochs 3"}], "metadata": {}}'
        training = facts_of({"train.ipynb": book}).profile.stages["training"]
        assert training.holds

    def test_a_program_that_lies_here_is_judged_by_what_it_does(self) -> None:
        assert not trains({"run.sh": "python train.py\n", "train.py": "print('to be done')\n"})

    def test_predicting_by_the_same_program_is_no_training(self) -> None:
        assert not trains({"run.sh": "yolo task=detect mode=predict model=best.pt\n"})


def test_joined_tables_are_no_model_that_is_asked() -> None:
    source = "import pandas as pd\n\nframe = pd.concat(parts)\nframe = frame.sample(n=10)\n"
    assert not facts_of({"flow.py": source}).profile.stages["inference"].holds


@pytest.mark.parametrize("module", ["tensorflow.keras.models", "keras.models", "allennlp.models"])
def test_a_network_that_is_a_model_is_no_table(module: str) -> None:
    assert not facts_of({"net.py": f"from {module} import Model\n\nclass Net(Model): ...\n"}).profile.schema.holds


def test_a_model_of_django_is_a_table() -> None:
    source = "from django.db import models\n\nclass Row(models.Model): ...\n"
    assert facts_of({"models.py": source}).profile.schema.holds


@pytest.mark.parametrize("name", ["loss_valid", "best_val_dice"])
def test_a_quality_may_be_named_the_other_way_round(name: str) -> None:
    learn = "import torch\n\nloss = net(x).sum()\nloss.backward()\n"
    evaluation = "evaluation"
    assert facts_of({"train.py": f"{learn}{name} = []\n"}).profile.stages[evaluation].holds
    assert not facts_of({"train.py": f"{learn}loss_train = []\n"}).profile.stages[evaluation].holds


def test_a_program_called_eval_measures() -> None:
    learn = "import torch\n\nloss = net(x).sum()\nloss.backward()\n"
    ask = (
        "import torch\n\nnet = torch.load('n.pt')\nnet.eval()\nmean = compare(net, load())\nprint(mean)\nwrite(mean)\n"
    )
    assert facts_of({"train.py": learn, "eval.py": ask}).profile.stages["evaluation"].holds


def test_a_platform_chooses_and_trains_a_model() -> None:
    source = (
        "from google.cloud import automl_v1beta1 as automl\n\n"
        "client = automl.AutoMlClient()\nclient.create_model(parent, model)\n"
    )
    assert trains({"train_model.py": source})
    assert not trains(
        {"register.py": "import boto3\n\nclient = boto3.client('sagemaker')\nclient.create_model(name)\n"}
    )


def test_an_application_that_fits_for_whoever_asks_infers() -> None:
    learn = "from surprise import KNNBasic\n\nalgo = KNNBasic()\nalgo.fit(rows)\nst.write(algo.sim)\n"
    source = f"import streamlit as st\n{learn}"
    assert facts_of({"app.py": source}).profile.stages["inference"].holds
    assert not facts_of({"train.py": source.replace("streamlit", "shop")}).profile.stages["inference"].holds


@pytest.mark.parametrize(
    ("bases", "inner", "expected"),
    [
        ("BaseEstimator, TransformerMixin", "return self", False),
        ("BaseEstimator, TransformerMixin", "self.model.fit(x, y)", True),
        ("ClassifierMixin, TransformerMixin", "return self", True),
        ("BaseEstimator, ClassifierMixin", "return self", True),
    ],
)
def test_a_class_that_only_transforms_trains_nothing(bases: str, inner: str, *, expected: bool) -> None:
    source = (
        "from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin\n"
        f"class Answers({bases}):\n    def fit(self, x, y=None):\n        {inner}\n"
        "answers = Answers(model=model)\nanswers.fit(rows)\n"
    )
    assert trains({"app.py": source}) is expected


@pytest.mark.parametrize(
    ("line", "trains"),
    [
        ("found.fit(x_train, y_train)", True),
        ("found.fit(self.X_train, self.y_train)", True),
        ("found.fit(X=X_train_scaled, y=y_train)", True),
        ("scaler.fit(x_train, y_train)", False),
        ("found.fit(x_train)", False),
        ("found.fit(x_train, y_train)\n    return found.transform(x_train)", False),
        ("found.fit(x_train, y_train)\n    return found.predict(found.transform(x_train))", True),
        ("found.fit(box, size)", False),
    ],
)
def test_what_is_fitted_to_inputs_and_answers_trains_whoever_made_it(line: str, trains: bool) -> None:
    found = "from importlib import import_module\ndef run(name):\n    found = import_module(name).get_model()\n"
    assert facts_of({"flow.py": f"{found}    {line}\n"}).profile.trains.holds is trains
