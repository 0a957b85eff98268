"""What tells that code trains, measures and goes on: runners that are given all, modes to choose, counts that a
checkpoint gives back."""

from __future__ import annotations

import json

import pytest

from apps.analysis.checks.codebase import evaluation, inference, training
from apps.analysis.checks.config import hyperparameters, training_parameters
from apps.analysis.checks.disposability import resume
from apps.analysis.checks.logs import no_local_files
from apps.catalog import State
from tests.analysis.making import facts_of

LOOP = "import torch\n\n\ndef train(model, loss):\n    loss.backward()\n"


@pytest.mark.parametrize(
    ("line", "state"),
    [
        ("epoch = state['epoch']", State.MET),
        ("start_epoch = checkpoint['epoch'] + 1", State.MET),
        ("runner.iter = checkpoint['meta']['iter']", State.MET),
        ("self.global_step = ckpt.get('step', 0)", State.MET),
        ("step = state['step']", State.UNMET),  # perhaps of a game
        ("epoch = options['epoch']", State.UNMET),
        ("best = checkpoint['best']", State.UNMET),
    ],
)
def test_training_that_takes_its_count_from_a_checkpoint_goes_on(line: str, state: State) -> None:
    assert resume.check(facts_of({"train.py": f"{LOOP}    {line}\n"})).state is state


@pytest.mark.parametrize(
    ("flag", "state"),
    [
        ("parser.add_argument('mode', choices=['train', 'validate', 'predict'])", State.MET),
        ("arg = parser.add_argument\n    arg('--mode', choices=['train', 'eval'])", State.MET),
        ("arg = parser.add_argument\n    arg('--evaluate', action='store_true')", State.MET),
        ("arg = parser.add_argument\n    arg('--fast', action='store_true')", State.PARTIAL),
        ("parser.add_argument('--split', choices=['train', 'valid'])", State.PARTIAL),
        ("parser.add_argument('--stage', choices=['dev', 'test', 'prod'])", State.PARTIAL),
    ],
)
def test_a_mode_that_measures_is_an_evaluation_that_can_be_run_on_its_own(flag: str, state: State) -> None:
    told = f"import argparse\n{LOOP}\n\ndef validate(model):\n    return model\n\n\ndef main(parser):\n    {flag}\n"
    assert evaluation.check(facts_of({"main.py": told})).state is state


def test_a_runner_that_is_given_a_model_and_its_optimisers_trains() -> None:
    build = "from lab.runner import {0}\n\n\ndef start(net, data, steps):\n    {0}({1}).run(data)\n"
    lab = {"lab/runner.py": "import torch\n\n\nclass Runner: ...\n"}
    for name, given in (("Runner", "model=net, optimizers=steps"), ("EpochRunner", "net, optimizer=steps")):
        assert training.check(facts_of({**lab, "start.py": build.format(name, given)})).state is State.MET
    for name, given in (("Runner", "model=net"), ("Runner", "optimizer='fast'"), ("Report", "net, optimizer=steps")):
        assert training.check(facts_of({**lab, "start.py": build.format(name, given)})).state is State.NA
    query = build.format("QueryEngine", "net, optimizer=steps")
    assert training.check(facts_of({"start.py": query})).state is State.NA


CHOSEN = "import argparse\nimport importlib\n\nparser = argparse.ArgumentParser()\nparser.add_argument({flag!r})\nargs = parser.parse_args()\nconfig = importlib.import_module({module})\n"
PRESET = "import torch\n\nmomentum = 0.9\nlearning_rate = 0.1\n\n\ndef build(rows):\n    return torch.nn.LSTM(rows, hidden_size=64, num_layers=2, dropout=0.1)\n"


@pytest.mark.parametrize(
    ("path", "flag", "module", "state"),
    [
        ("configurations/wide.py", "--config", "'configurations.%s' % args.config", State.MET),
        ("configs/wide.py", "--config", "f'configs.{args.config}'", State.MET),
        ("configs/wide.py", "--config", "'configs.wide'", State.UNMET),
        ("configs/wide.py", "--fast", "'configs.%s' % args.fast", State.UNMET),
        ("networks/wide.py", "--config", "'configs.%s' % args.config", State.UNMET),
    ],
)
def test_parameters_in_a_module_that_a_flag_chooses_can_be_set(path: str, flag: str, module: str, state: State) -> None:
    told = CHOSEN.format(flag=flag, module=module) + LOOP.removeprefix("import torch\n")
    found = facts_of({"train.py": "import torch\n" + told, path: PRESET})
    assert hyperparameters.check(found).state is state
    assert training_parameters.check(found).state is state


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("predict_sentiment", State.PARTIAL),
        ("translate_sentence", State.PARTIAL),
        ("predict_batch", State.UNMET),
        ("plot_sentence", State.UNMET),
    ],
)
def test_a_function_of_a_notebook_that_answers_one_text_infers_there(name: str, state: State) -> None:
    cells = [LOOP, f"def {name}(text, model):\n    return model(text).item()\n", f"{name}('so good', model)"]
    notebook = json.dumps({"cells": [{"cell_type": "code", "source": cell} for cell in cells], "metadata": {}})
    assert inference.check(facts_of({"learn.ipynb": notebook})).state is state


@pytest.mark.parametrize(
    ("stream", "state"),
    [
        ("open('run/stdout.txt', 'w')", State.PARTIAL),
        ("tf.io.gfile.GFile(where, 'w')", State.PARTIAL),
        ("sys.stdout", State.MET),
        ("io.StringIO()", State.MET),
        ("open('/proc/1/fd/1', 'w')", State.MET),
        ("open(os.devnull, 'w')", State.MET),
    ],
)
def test_a_stream_into_a_file_is_a_log_there(stream: str, state: State) -> None:
    logs = f"import io, logging, os, sys\nimport tensorflow as tf\n\n\ndef main(where):\n    out = {stream}\n    logging.getLogger().addHandler(logging.StreamHandler(out))\n    logging.info('begun')\n"
    assert no_local_files.check(facts_of({"main.py": logs})).state is state


def test_what_a_network_measures_of_itself_is_measured_where_it_is_trained() -> None:
    network = "from sklearn.metrics import roc_curve\nimport torch\n\n\nclass Net(torch.nn.Module):\n    def loss(self, seen, told):\n        return seen, roc_curve(told, seen)\n"
    assert evaluation.check(facts_of({"net.py": network, "train.py": LOOP})).state is State.PARTIAL
    apart = network.replace("class Net(torch.nn.Module)", "class Report")
    assert evaluation.check(facts_of({"report.py": apart, "train.py": LOOP})).state is State.MET


HELD = "import argparse\nimport json\nimport torch\nfrom env import AttrDict\n\nargs = argparse.ArgumentParser()\nargs.add_argument({flag!r})\nwith open('wide.json') as f:\n    data = f.read()\nh = AttrDict(json.loads(data))\nnet = torch.nn.LSTM(h.size, num_layers=h.num_layers)\nplan = torch.optim.lr_scheduler.ExponentialLR(1, gamma=h.gamma)\n"


def test_what_is_read_into_an_object_stays_what_it_was_read_from() -> None:
    files = {"env.py": "class AttrDict(dict):\n    pass\n", "wide.json": '{"num_layers": 3, "gamma": 0.9, "size": 8}'}
    chosen = facts_of({**files, "train.py": HELD.format(flag="--config") + LOOP.removeprefix("import torch\n")})
    assert hyperparameters.check(chosen).state is State.MET
    fixed = facts_of({**files, "train.py": HELD.format(flag="--fast") + LOOP.removeprefix("import torch\n")})
    assert hyperparameters.check(fixed).state is State.PARTIAL
