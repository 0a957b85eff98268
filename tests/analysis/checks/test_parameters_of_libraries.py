"""Parameters that libraries take from the command line, fields of classes, and several trainings in one repository."""

from __future__ import annotations

import pytest

from apps.analysis.checks.config import hyperparameters, training_parameters
from apps.catalog import State
from tests.analysis.making import facts_of

TRAINER = "from transformers import HfArgumentParser, Trainer, TrainingArguments\n\n"
BY_FLAGS = (
    "import argparse, torch\n\np = argparse.ArgumentParser()\np.add_argument('--lr', type=float)\np.add_argument('--epochs', type=int)\n"
    "p.add_argument('--batch-size', type=int)\nargs = p.parse_args()\noptimizer = torch.optim.Adam(net.parameters(), lr=args.lr)\nloss.backward()\n"
)
BY_LITERALS = "import tensorflow as tf\n\nmodel = tf.keras.Sequential()\nmodel.fit(x, y, epochs=50, batch_size=16)\n"


@pytest.mark.parametrize(
    "code",
    [
        "args, = HfArgumentParser((TrainingArguments,)).parse_args_into_dataclasses()\nTrainer(args=args).train()\n",
        "class Mine(TrainingArguments):\n    pass\n\nargs, = HfArgumentParser(Mine).parse_args_into_dataclasses()\nTrainer(args=args).train()\n",
    ],
)
def test_a_parser_that_is_handed_a_librarys_class_makes_flags_of_its_parameters(code: str) -> None:
    assert training_parameters.check(facts_of({"train.py": TRAINER + code})).state is State.MET


def test_a_parser_of_something_else_makes_none() -> None:
    code = "@dataclass\nclass DataArguments:\n    file: str\n\na, = HfArgumentParser(DataArguments).parse_args_into_dataclasses()\nTrainer(args=TrainingArguments('out', num_train_epochs=3)).train()\n"
    found = training_parameters.check(facts_of({"train.py": f"from dataclasses import dataclass\n{TRAINER}{code}"}))
    assert found.state is State.UNMET


def test_fields_declared_with_their_defaults_count() -> None:
    fields = "from dataclasses import dataclass, field\n\n@dataclass\nclass TrainConfig:\n    lr: float = field(default=1e-3)\n    epochs: int = field(default=3)\n"
    train = "import torch\nfrom conf import TrainConfig\n\ncfg = TrainConfig()\noptimizer = torch.optim.Adam(net.parameters(), lr=cfg.lr)\nloss.backward()\n"
    assert training_parameters.check(facts_of({"conf.py": fields, "train.py": train})).state is State.PARTIAL
    parsed = train.replace("TrainConfig()", "tyro.cli(TrainConfig)").replace("import torch", "import torch, tyro")
    assert training_parameters.check(facts_of({"conf.py": fields, "train.py": parsed})).state is State.MET


def test_the_command_line_of_lightning_sets_what_a_model_is_made_with() -> None:
    model = (
        "import lightning as L\nimport torch\n\nclass Net(L.LightningModule):\n    def __init__(self, lr: float = 1e-3):\n        self.lr = lr\n\n"
        "    def configure_optimizers(self):\n        return torch.optim.Adam(self.parameters(), lr=self.lr)\n"
    )
    main = "from lightning.pytorch.cli import LightningCLI\nfrom model import Net\n\nLightningCLI(Net)\n"
    assert training_parameters.check(facts_of({"model.py": model, "main.py": main})).state is State.MET
    by_hand = "import lightning as L\nfrom model import Net\n\nL.Trainer(max_epochs=3).fit(Net())\n"
    assert training_parameters.check(facts_of({"model.py": model, "main.py": by_hand})).state is State.UNMET


def test_flags_of_one_training_do_not_set_another_one() -> None:
    found = training_parameters.check(facts_of({"a/train.py": BY_FLAGS, "b/train.py": BY_LITERALS}))
    assert found.state is State.PARTIAL
    single = BY_LITERALS.replace(", batch_size=16", "")
    assert training_parameters.check(facts_of({"a/train.py": BY_FLAGS, "b/train.py": single})).state is State.MET


def test_a_section_of_a_configuration_tells_what_its_depth_is_of() -> None:
    train = (
        "import argparse, yaml\nfrom xgboost import XGBClassifier\n\np = argparse.ArgumentParser()\np.add_argument('--config', default='config.yaml')\n"
        "cfg = yaml.safe_load(open(p.parse_args().config))\nXGBClassifier(**cfg['model']).fit(x, y)\n"
    )
    files = {"train.py": train, "config.yaml": "model:\n  n_estimators: 200\n  max_depth: 6\n"}
    assert hyperparameters.check(facts_of(files)).state is State.MET
    other = {**files, "config.yaml": "crawler:\n  max_depth: 6\n"}
    assert hyperparameters.check(facts_of(other)).state is State.UNMET


GEMINI = (
    "import os\nimport google.generativeai as genai\n\nmodel = genai.GenerativeModel({})\nmodel.generate_content('x')\n"
)


@pytest.mark.parametrize(
    ("name", "state"),
    [("'gemini-pro'", State.UNMET), ("os.environ['MODEL']", State.MET), ("NAME", State.UNMET)],
)
def test_a_language_model_that_a_call_takes_by_its_name_alone_is_chosen_there(name: str, state: State) -> None:
    code = GEMINI.replace("\nmodel", "\nNAME = 'gemini-pro'\nmodel") if name == "NAME" else GEMINI
    assert hyperparameters.check(facts_of({"app.py": code.format(name)})).state is state


def test_the_model_of_embeddings_is_another_one() -> None:
    ask = "import os\nfrom openai import OpenAI\n\nOpenAI().chat.completions.create(model=os.environ['MODEL'], messages=[])\n"
    embed = (
        "from sentence_transformers import SentenceTransformer\n\nencoder = SentenceTransformer('all-MiniLM-L6-v2')\n"
    )
    assert hyperparameters.check(facts_of({"app.py": ask + embed})).state is State.PARTIAL
    assert hyperparameters.check(facts_of({"app.py": ask})).state is State.MET


def test_a_short_program_is_no_configuration() -> None:
    values = "PARAMS = {'eta': 0.1}\n"
    train = "import xgboost as xgb\n\nxgb.train(PARAMS, data, num_boost_round=100)\n"
    assert training_parameters.check(facts_of({"train.py": f"{values}{train}"})).state is State.UNMET
    apart = {"values.py": values, "train.py": f"from values import PARAMS\n{train}"}
    assert training_parameters.check(facts_of(apart)).state is State.PARTIAL


@pytest.mark.parametrize(
    ("code", "given"),
    [
        (
            "from metaflow import FlowSpec, Parameter, step\nclass Fit(FlowSpec):\n    trees = Parameter('trees', default=10)\n"
            "    @step\n    def start(self):\n        {}\n",
            "self.trees",
        ),
        (
            "import luigi\nclass Fit(luigi.Task):\n    trees = luigi.IntParameter(default=10)\n    def run(self):\n        {}\n",
            "self.trees",
        ),
        (
            "from dagster import Config, asset\nclass Trees(Config):\n    n_estimators: int = 10\n@asset\ndef fit(config: Trees):\n    {}\n",
            "config.n_estimators",
        ),
        ("trees = int(spark.conf.get('trees', '10'))\n{}\n", "trees"),
    ],
)
def test_parameters_that_an_orchestrator_takes_can_be_set(code: str, given: str) -> None:
    fit = f"RandomForestClassifier(n_estimators={given}).fit(x, y)"
    source = f"from sklearn.ensemble import RandomForestClassifier\n{code.format(fit)}"
    assert hyperparameters.check(facts_of({"train.py": source})).state is State.MET


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ("model = WhisperModel(os.environ['SIZE'])\nmodel.transcribe(sound, beam_size=5)", State.PARTIAL),
        ("model = WhisperModel(model_size_or_path=os.environ['SIZE'])\nmodel.transcribe(sound)", State.MET),
        ("model = WhisperModel('small')\nmodel.transcribe(sound)", State.UNMET),
    ],
)
def test_a_model_of_speech_has_a_size_and_a_width_of_its_search(given: str, state: State) -> None:
    source = f"import os\nfrom faster_whisper import WhisperModel\n{given}\n"
    assert hyperparameters.check(facts_of({"hear.py": source})).state is state
