"""Parameters that searches draw, that networks take, and what is written down of them afterwards."""

from __future__ import annotations

import json
import time

import pytest

from apps.analysis.checks.config import hyperparameters, training_parameters
from apps.analysis.parameters import presets
from apps.catalog import State
from tests.analysis.making import facts_of

SEARCH = (
    "import lightgbm, optuna\n\ndef objective(trial):\n"
    "    p = {'learning_rate': trial.suggest_float('learning_rate', 0.01, 0.3), 'n': trial.suggest_int('max_depth', 2, 9)}\n"
    "    return lightgbm.train(p, data)\n"
)
NETWORK = (
    "import argparse, torch\n\nclass Net(torch.nn.Module):\n    def forward(self, x):\n        return x\n\n"
    "p = argparse.ArgumentParser()\np.add_argument('--bilinear', action='store_true')\np.add_argument('--classes')\n"
    "args = p.parse_args()\nnet = Net(bilinear=args.bilinear, classes=args.classes{})\nloss.backward()\n"
)
FIT = "from lightgbm import LGBMRegressor\n\nLGBMRegressor(learning_rate=0.05).fit(x, y)\n"


def test_what_a_search_draws_within_bounds_of_the_code_is_partial() -> None:
    for check in (training_parameters.check, hyperparameters.check):
        found = check(facts_of({"tune.py": SEARCH}))
        assert found.state is State.PARTIAL
        assert "searched within bounds" in found.summary


def test_a_search_in_a_notebook_is_unmet() -> None:
    notebook = json.dumps({"cells": [{"cell_type": "code", "source": SEARCH}]})
    assert training_parameters.check(facts_of({"tune.ipynb": notebook})).state is State.UNMET


def test_flags_that_a_network_of_ones_own_takes_are_its_parameters() -> None:
    assert hyperparameters.check(facts_of({"train.py": NETWORK.format("")})).state is State.MET
    fixed = NETWORK.format(", channels=3, groups=4, width=5")
    assert hyperparameters.check(facts_of({"train.py": fixed})).state is State.PARTIAL


def test_results_of_a_search_are_no_configuration() -> None:
    results = {"data/metrics/optimization_results.json": '{"learning_rate": 0.1, "subsample": 0.8}'}
    reads = "import json\n\nbest = json.load(open('data/metrics/optimization_results.json'))\n"
    assert training_parameters.check(facts_of({"train.py": reads + FIT, **results})).state is State.UNMET


def test_a_model_of_a_page_is_no_parameter_of_training() -> None:
    page = "import streamlit as st\nfrom openai import OpenAI\n\nOpenAI().chat.completions.create(model=st.text_input('m'))\n"
    train = "from sklearn.model_selection import train_test_split\nimport lightgbm\n\na = train_test_split(x, test_size=0.2)\nlightgbm.train({}, a)\n"
    assert training_parameters.check(facts_of({"page.py": page, "train.py": train})).state is State.UNMET


def test_a_flag_for_the_split_beside_literals_is_partial() -> None:
    flag = "import argparse\n\np = argparse.ArgumentParser()\np.add_argument('--test-size', type=float)\n"
    assert training_parameters.check(facts_of({"train.py": flag + FIT})).state is State.PARTIAL


def test_scripts_that_only_look_at_a_model_fix_nothing() -> None:
    flags = "import argparse\n\np = argparse.ArgumentParser()\np.add_argument('--dropout')\np.parse_args()\nloss.backward()\n"
    look = "from sklearn.manifold import TSNE\nfrom sklearn.svm import SVC\n\nTSNE(n_components=2)\nSVC(kernel='rbf', gamma=2, degree=4)\n"
    files = {"train.py": "import torch\n" + flags, "analysis/clusters.py": look}
    assert hyperparameters.check(facts_of(files)).state is State.MET


CHOSEN = (
    "import sys\n\nimport click, torch, yaml\n\n"
    "{declared}def main({parameters}):\n    config = yaml.safe_load(open({path}))\n"
    "    torch.optim.Adam(net.parameters(), lr=config['lr'])\n    loss.backward()\n"
)


def test_a_configuration_file_that_the_command_line_names_can_be_another_one_for_a_run() -> None:
    option = "@click.command()\n@click.option('-p', '--config_path', default='configs/base.yml')\n"
    plain = "@click.command()\n@click.option('-p', '--with', 'where')\n"
    for declared, parameters, path in (
        (option, "config_path", "config_path"),
        (plain, "where", "where"),
        ("", "", "sys.argv[1]"),
    ):
        code = CHOSEN.format(declared=declared, parameters=parameters, path=path)
        files = {"train.py": code, "configs/base.yml": "lr: 0.001\n"}
        assert training_parameters.check(facts_of(files)).state is State.MET, path
    fixed = {
        "train.py": CHOSEN.format(declared="", parameters="", path="'configs/base.yml'"),
        "configs/base.yml": "lr: 1\n",
    }
    assert training_parameters.check(facts_of(fixed)).state is State.PARTIAL


def test_many_files_that_one_module_opens_and_loads_cost_no_more_than_their_number() -> None:
    loads = "".join(
        f"    with open('{number}.yaml') as file:\n        yaml.safe_load(file)\n" for number in range(2500)
    )
    facts = facts_of({"train.py": f"import yaml\n\ndef load():\n{loads}"})
    begun = time.process_time()
    assert not presets.are_chosen(facts)
    assert time.process_time() - begun < 6


def test_many_files_of_parameters_cost_no_more_than_their_number() -> None:
    files: dict[str, str | bytes] = {
        f"{number}/application.properties": "learning.rate=0.1\n" for number in range(9000)
    }
    facts = facts_of({**files, "A.java": "import weka.core.Instances;\nclassifier.buildClassifier(rows);\n"})
    begun = time.process_time()
    assert training_parameters.check(facts).state is State.PARTIAL
    assert time.process_time() - begun < 2.5


FLAGS = "import argparse, torch\nfrom torch import nn\n\np = argparse.ArgumentParser()\np.add_argument({})\nargs = p.parse_args()\n"


def test_the_structure_of_layers_is_no_choice_of_a_run_where_flags_set_parameters() -> None:
    net = "class Block(nn.Module):\n    def __init__(self, n_layers=3):\n        self.c = nn.Conv1d(a, b, kernel_size=5)\nloss.backward()\n"
    assert hyperparameters.check(facts_of({"train.py": FLAGS.format("'--hidden-size'") + net})).state is State.MET
    assert hyperparameters.check(facts_of({"train.py": FLAGS.format("'--out'") + net})).state is State.UNMET


def test_a_threshold_of_scores_sets_nothing_of_a_model_that_is_trained() -> None:
    forest = "from sklearn.ensemble import RandomForestClassifier\nRandomForestClassifier(n_estimators=100).fit(x, y)\n"
    found = hyperparameters.check(facts_of({"train.py": FLAGS.format("'--threshold'") + forest}))
    assert found.state is State.UNMET


def test_arguments_that_a_pipeline_is_made_with_are_no_parameters() -> None:
    pipeline = FLAGS.format("'--kwargs'") + "get_pipeline(**args.kwargs)\n"
    assert training_parameters.check(facts_of({"run_pipeline.py": pipeline, "train.py": FIT})).state is State.UNMET


def test_a_batch_that_is_sent_or_embedded_is_none_of_training() -> None:
    files = {"train.py": FIT, "index.py": FLAGS.format("'--batch-size'") + "index(args.batch_size)\n"}
    assert training_parameters.check(facts_of(files)).state is State.UNMET
    files = {
        "train.py": FIT,
        "run.py": "import train\n" + FLAGS.format("'--batch-size'") + "train.main(args.batch_size)\n",
    }
    assert training_parameters.check(facts_of(files)).state is State.PARTIAL


def test_the_counter_of_epochs_the_constant_of_a_sound_and_a_signature_are_no_parameters() -> None:
    rest = (
        "def compress(x, C=1):\n    return torch.log(x * C)\n"
        "def main():\n    epoch = 1\n    jwt.encode(payload, algorithm='HS256')\n    loss.backward()\n"
    )
    files = {"train.py": FLAGS.format("'--epochs'") + FLAGS.format("'--hidden-size'") + rest}
    assert training_parameters.check(facts_of(files)).state is State.MET
    assert hyperparameters.check(facts_of(files)).state is State.MET


def test_layers_of_a_catalogue_of_data_are_no_parameters() -> None:
    files = {"conf/base/catalog.yml": "raw:\n  layer: raw\n", "nodes.py": "import kedro\n" + FIT}
    assert hyperparameters.check(facts_of(files)).state is State.UNMET


def test_an_object_of_values_that_a_list_of_the_command_line_overrides_can_be_set() -> None:
    files = {
        "config.py": "from easydict import EasyDict as edict\n__C = edict()\n__C.TRAIN = edict()\n__C.TRAIN.BATCH_SIZE = 128\n",
        "train.py": FLAGS.format("'--set'")
        + "from config import cfg_from_list\ncfg_from_list(args.set_cfgs)\nloss.backward()\n",
    }
    assert training_parameters.check(facts_of(files)).state is State.MET


def test_presets_of_a_network_and_what_smooths_a_log_are_no_choice_of_a_run() -> None:
    sizes = "def small(**kwargs):\n    return VisionTransformer(embed_dim=192, depth=12, **kwargs)\n"
    log = "def main():\n    log.add('lr', SmoothedValue(window_size=1))\n    loss.backward()\n"
    files = {"train.py": FLAGS.format("'--input-size'") + log, "models.py": f"import torch\n{sizes}"}
    assert hyperparameters.check(facts_of(files)).state is State.MET


def test_a_batch_size_that_is_called_one_of_training_counts_wherever_it_stands() -> None:
    files = {"fit.py": FIT, "lib.py": FLAGS.format("'--train-batch-size'") + "run(args.train_batch_size)\n"}
    assert training_parameters.check(facts_of(files)).state is State.PARTIAL


def test_boxes_that_a_detector_is_given_are_no_drawing() -> None:
    code = "import joblib, torch\n\nmodel = joblib.load('m.joblib')\nnet = torch.nn.LSTM(hidden_size=64, dropout=0.3, bbox=boxes)\n"
    assert hyperparameters.check(facts_of({"fit.py": code})).state is State.UNMET


@pytest.mark.parametrize(
    "source",
    [
        "from pydantic import BaseModel, Field\n\nclass Asked(BaseModel):\n    text: str = Field(max_length=500)\n",
        "from django.db import models\n\nclass Asked(models.Model):\n    text = models.CharField(max_length=500)\n",
        "from collections import deque\n\nlast = deque(maxlen=50)\n",
        "shown.grid(alpha=0.25)\n",
        "axes.text(0, 0, 'a', bbox=dict(boxstyle='round', facecolor='wheat', alpha=0.5))\n",
        "def get_model_info():\n    return {'model_type': 'pickle', 'depth': 3}\n",
    ],
)
def test_bounds_of_fields_drawings_and_what_is_told_of_a_model_set_none(source: str) -> None:
    loads = "import joblib\nimport torch\n\nmodel = joblib.load('m.joblib')\n"
    assert hyperparameters.check(facts_of({"app.py": loads + source})).state is State.NA


@pytest.mark.parametrize(
    "line",
    [
        "rows = rows.rename(columns={'units': 'y'})",
        "rows = rows.groupby('a').agg(\n        {'alpha': 'sum'}\n    )",
        "about = {'penalty': 'nothing is taken from who comes late'}",
        "C = 4",
        "about = {'state': 'ready'}",
        "ax.boxplot(rows, flierprops=dict(marker='o', markersize=8, alpha=0.6))",
        "shown = dict(color='red', alpha=0.6)",
        "cloud = WordCloud(max_words=80)",
    ],
)
def test_columns_sentences_and_channels_are_no_parameters(line: str) -> None:
    plain = "import torch\n\n\ndef main(rows):\n    {}\n    loss.backward()\n"
    without = hyperparameters.check(facts_of({"train.py": plain.format("pass")}))
    assert hyperparameters.check(facts_of({"train.py": plain.format(line)})).summary == without.summary


@pytest.mark.parametrize(
    "line", ["told = {'units': 64}", "told = {'penalty': 'l1'}", "net = SVC(C=4)", "net = Ridge(**dict(alpha=0.6))"]
)
def test_what_a_run_might_choose_is_one(line: str) -> None:
    code = f"import torch\nfrom sklearn.linear_model import Ridge\nfrom sklearn.svm import SVC\n\n\ndef main(rows):\n    {line}\n    loss.backward()\n"
    assert "literal" in hyperparameters.check(facts_of({"train.py": code})).summary


@pytest.mark.parametrize(
    ("flag", "state"), [("parser.add_argument('--decay', type=float, default=2e-5)\n", State.MET), ("", State.PARTIAL)]
)
def test_a_configuration_that_is_handed_on_has_the_flags_of_its_parser(flag: str, state: State) -> None:
    options = (
        f"import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('--workers', type=int)\n{flag}"
        "def get_config():\n    return parser.parse_args()\n"
    )
    fit = (
        "import torch\nclass Fitter:\n    def __init__(self, config):\n        self.decay = config.decay\n        self.build()\n"
        "    def build(self):\n        self.optimizer = torch.optim.Adam(self.net.parameters(), weight_decay=self.decay)\n"
        "    def fit(self):\n        loss = self.net(x)\n        loss.backward()\n        self.optimizer.step()\n"
    )
    main = "from options import get_config\nfrom fit import Fitter\ndef main(config):\n    Fitter(config).fit()\nmain(get_config())\n"
    files = {"options.py": options, "fit.py": fit, "main.py": main}
    assert training_parameters.check(facts_of(files)).state is state
