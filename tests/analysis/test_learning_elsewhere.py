"""Training in other languages, in databases and by declarations, and what a command that trains takes."""

from __future__ import annotations

import pytest

from apps.analysis import checks
from apps.analysis.learning import measuring, stages
from apps.catalog import State
from tests.analysis.making import facts_of

CHECKS = checks.load()


def trains(files: dict[str, str | bytes]) -> bool:
    return facts_of(files).profile.trains.holds


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("fit.R", "library(forecast)\nfit <- auto.arima(y)\n"),
        ("fit.R", "library(e1071)\nm <- naiveBayes(y ~ ., data = d)\n"),
        ("fit.R", "library(tidymodels)\nfinal <- last_fit(flow, split)\n"),
        ("fit.R", "library(torch)\nloss$backward()\n"),
        ("fit.R", "library(fable)\nfit <- d |> model(ETS(y))\n"),
        ("R/fit.R", "m <- cmdstanr::cmdstan_model(path)\nfit <- m$sample(data = d)\n"),
        ("fit.R", "library(sparklyr)\nm <- ml_random_forest(t, y ~ .)\n"),
        ("src/main/java/a/Fit.java", "import weka.clusterers.SimpleKMeans;\nclass Fit { { k.buildClusterer(d); } }\n"),
        ("Fit.cs", "using Accord.Statistics;\nclass Fit { void A() { var m = teacher.Learn(x, y); } }\n"),
        (
            "main.go",
            'package main\n\nimport (\n\t"github.com/jbrukh/bayesian"\n)\n\nfunc main() {\n\tc.Learn(a, b)\n}\n',
        ),
        ("fit.js", "const { NlpManager } = require('node-nlp');\nawait manager.train(x);\n"),
        ("fit.js", "import * as tf from '@tensorflow/tfjs';\noptimizer.minimize(() => loss(x));\n"),
        ("fit.jl", "using Flux\nFlux.train!(loss, model, data, opt)\n"),
        ("fit.lua", "require 'optim'\noptim.sgd(feval, params, config)\n"),
        ("src/fit.cpp", "#include <torch/torch.h>\ntorch::optim::Adam opt(net->parameters());\n"),
        ("fit.sql", "CREATE MODEL churn FROM (SELECT 1) TARGET b FUNCTION f;\n"),
        ("fit.sql", "CREATE OR REPLACE SNOWFLAKE.ML.FORECAST f(INPUT_DATA => x);\n"),
        ("fit.sql", "SELECT madlib.logregr_train('t', 'm', 'y', 'x');\n"),
        ("walk.py", "import gymnasium as gym\nimport numpy as np\n\nQ = np.zeros((16, 4))\n"),
    ],
)
def test_training_in_another_language(path: str, content: str) -> None:
    assert trains({path: content})


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("show.R", "plot(x)\nm <- models(y)\n# kmeans(x, 3)\n"),
        ("Fit.cs", "using Shop;\nclass Fit { void A() { var m = player.Learn(spell); } }\n"),
        ("page.js", "import { Map } from 'maps';\nwindow.minimize(1);\nnew LinearRegression(x);\n"),
        ("notes.txt", "optim.sgd(feval, params, config)\n"),
        ("page.sql", "CREATE TABLE model (id int);\n"),
        ("count.py", "import numpy as np\n\nQ = np.zeros((16, 4))\n"),
    ],
)
def test_the_same_words_elsewhere_train_nothing(path: str, content: str) -> None:
    assert not trains({path: content})


RASA = {
    "domain.yml": "intents:\n  - greet\n",
    "config.yml": "pipeline:\n  - name: WhitespaceTokenizer\n  - name: DIETClassifier\n    epochs: 10\n",
}


def test_an_assistant_is_trained_from_what_its_files_declare() -> None:
    assert trains(dict(RASA))
    assert not trains({"config.yml": RASA["config.yml"]})


def test_a_database_that_is_asked_for_a_model_measures_and_predicts() -> None:
    facts = facts_of(
        {
            "fit.sql": "CREATE MODEL d.m OPTIONS(model_type='x') AS SELECT 1;\n",
            "check.sql": "SELECT * FROM ML.EVALUATE(MODEL d.m);\n",
            "ask.sql": "SELECT * FROM ML.PREDICT(MODEL d.m, TABLE d.t);\n",
        }
    )
    assert measuring.evaluation(facts).own
    assert stages.inference(facts).own


def test_a_network_that_a_script_trained_is_asked_in_it() -> None:
    source = "const brain = require('brain.js');\nconst net = new brain.NeuralNetwork();\nnet.train(x);\nnet.run(y);\n"
    assert stages.inference(facts_of({"fit.js": source})).own
    assert not stages.inference(facts_of({"fit.js": "const net = require('./net');\nnet.run(y);\n"})).own


@pytest.mark.parametrize(
    ("path", "content", "own"),
    [
        ("app.R", "library(shiny)\nfit <- readRDS('data/rf_fit.rds')\n", True),
        ("app.R", "library(shiny)\nload('models/price_model.RData')\n", True),
        ("app.ts", "import { FaceDetector } from '@mediapipe/tasks-vision';\nFaceDetector.create();\n", False),
    ],
)
def test_a_model_that_another_language_loads(path: str, content: str, own: bool) -> None:
    profile = facts_of({path: content}).profile
    assert profile.loads_model.holds
    assert profile.own_model.holds is own


def test_data_that_r_loads_is_no_model() -> None:
    assert not facts_of(
        {"app.R": "rows <- readRDS('data/rows.rds')\nload('fitness.RData')\n"}
    ).profile.loads_model.holds


LOOP = "import torch\n\nloss.backward()\n"


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({"fit.py": "from lightning.pytorch.cli import LightningCLI\n\nLightningCLI(Net)\n"}, State.MET),
        ({"fit.py": LOOP + "trainer.resume_or_load(resume=args.resume)\n"}, State.MET),
        ({"train.py": LOOP + "step = mngr.latest_step()\nstate = mngr.restore(step)\n"}, State.MET),
        ({"run.sh": "axolotl train c.yml --resume_from_checkpoint out\n"}, State.MET),
        ({"fit.py": "from ultralytics import YOLO\n\nm = YOLO('yolov8n.pt')\nm.train(data='d')\n"}, State.PARTIAL),
        ({"fit.py": "import lightning as L\n\nt = L.Trainer(max_epochs=3)\nt.fit(net)\n"}, State.PARTIAL),
        ({"fit.py": "import lightning as L\n\nt = L.Trainer(enable_checkpointing=False)\nt.fit(net)\n"}, State.UNMET),
        ({"fit.py": LOOP + "cache.restore(step)\n"}, State.UNMET),
        ({"run.sh": "axolotl train c.yml\n"}, State.UNMET),
    ],
)
def test_training_goes_on_after_an_interruption(files: dict[str, str | bytes], state: State) -> None:
    found = CHECKS["disposability.resume"](facts_of(files))
    assert found.state is state, found.summary


HF = "from transformers import {0}, HfArgumentParser, Trainer\n\nHfArgumentParser({0}).parse()\nTrainer().train()\n"


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({"fit.py": HF.format("TrainingArguments")}, State.MET),
        ({"fit.py": HF.format("ModelArguments")}, State.UNMET),
        ({"fit.py": "from lightning.pytorch.cli import LightningCLI\n\nLightningCLI(Net)\n"}, State.MET),
        ({"run.sh": "fairseq-train data --lr 5e-4 --max-epoch 3\n"}, State.MET),
        ({"run.sh": "axolotl train config.yml\n", "config.yml": "learning_rate: 0.1\nnum_epochs: 3\n"}, State.PARTIAL),
        ({"run.sh": "axolotl train config.yml\n", "other.yml": "learning_rate: 0.1\n"}, State.UNMET),
    ],
)
def test_parameters_that_a_command_or_a_parser_of_a_library_takes(files: dict[str, str | bytes], state: State) -> None:
    found = CHECKS["config.training-parameters"](facts_of(files))
    assert found.state is state, found.summary
