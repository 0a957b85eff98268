"""Research code: configuration that the command line overrides, arrays over devices, images to work in."""

from __future__ import annotations

import pytest

from apps.analysis.checks.backing_services import queues
from apps.analysis.checks.codebase import deployment, evaluation, inference
from apps.analysis.checks.concurrency import training as several
from apps.analysis.checks.config import environment, hyperparameters, training_parameters
from apps.analysis.checks.disposability import health, resume
from apps.analysis.checks.port_binding import port_from_environment
from apps.analysis.checks.processes import vocabulary_external
from apps.analysis.running.answering import handlers
from apps.catalog import State
from tests.analysis.making import facts_of

Files = dict[str, str | bytes]

LOOP = "import optax, jax\ndef step(c, loss, w):\n    return jax.grad(loss)(w)\n"
CONFIG_DICT = "import ml_collections\ndef get_config():\n    c = ml_collections.ConfigDict()\n    c.opt = opt = ml_collections.ConfigDict()\n    opt.learning_rate = 0.1\n    c.batch_size = 8\n    c.num_layers = 4\n    return c\n"
NODE = "from yacs.config import CfgNode as CN\n_C = CN()\n_C.SOLVER = CN()\n_C.SOLVER.BASE_LR = 0.1\n_C.SOLVER.BATCH_SIZE = 8\n_C.MODEL = CN()\n_C.MODEL.NUM_LAYERS = 4\ndef get():\n    return _C.clone()\n"
HPARAMS = "import tensorflow as tf\nhparams = tf.contrib.training.HParams(batch_size=8, learning_rate=0.1, num_layers=4)\ndef show():\n    return hparams.values()\n"


@pytest.mark.parametrize(
    ("config", "reads"),
    [
        (CONFIG_DICT, "from ml_collections import config_flags\nconfig_flags.DEFINE_config_file('x')\n"),
        (CONFIG_DICT, "from absl import flags\nfrom ml_collections.config_flags import config_flags\n_C = config_flags.DEFINE_config_dict('x', get())\n"),
        (NODE, "import argparse\nargs = argparse.ArgumentParser().parse_args()\ncfg.merge_from_list(args.opts)\n"),
        (HPARAMS, "import argparse\nfrom mine import hparams\nargs = argparse.ArgumentParser().parse_args()\nhparams.parse(args.changes)\n"),
    ],
)  # fmt: skip
def test_values_of_configuration_objects_can_be_set_where_the_command_line_overrides_them(
    config: str, reads: str
) -> None:
    over = facts_of({"mine/values.py": config, "train.py": reads + LOOP})
    fixed = facts_of({"mine/values.py": config, "train.py": LOOP})
    for check in (training_parameters.check, hyperparameters.check):
        assert check(over).state is State.MET
        assert check(fixed).state is not State.MET


def test_an_override_that_the_code_writes_lets_nobody_set_anything() -> None:
    fixed = "cfg.merge_from_list(['SOLVER.BASE_LR', 1])\n" + LOOP
    assert training_parameters.check(facts_of({"mine/values.py": NODE, "train.py": fixed})).state is not State.MET


def test_fields_of_a_class_that_a_parser_takes_are_flags_and_those_of_others_are_none() -> None:
    fields = "from dataclasses import dataclass\n@dataclass\nclass {name}:\n    learning_rate: float = 0.1\n    batch_size: int = 8\n"
    main = "import tyro, torch\nfrom values import Run\nrun = tyro.cli(Run)\nloss.backward()\n"
    parsed = facts_of({"values.py": fields.format(name="Run"), "train.py": main})
    other = facts_of({"values.py": fields.format(name="Fixed"), "train.py": main})
    assert training_parameters.check(parsed).state is State.MET
    assert training_parameters.check(other).state is not State.MET


def test_a_port_in_an_object_that_the_command_line_overrides_is_settable() -> None:
    server = """\
from ml_collections import ConfigDict
import uvicorn, mlxu
from fastapi import FastAPI
FLAGS, _ = mlxu.define_flags_with_default(server=Server.default())
class Server:
    @staticmethod
    def default():
        config = ConfigDict()
        config.port = 5000
        return config
    def __init__(self, config):
        self.config = config
        self.app = FastAPI()
        self.app.get('/ready')(self.ready)
        self.app.post('/ask')(self.ask)
    def ready(self):
        return 'yes'
    def ask(self):
        return 1
    def start(self):
        uvicorn.run(self.app, port=self.config.port)
"""
    facts = facts_of({"serve.py": server})
    assert port_from_environment.check(facts).state is State.MET
    assert health.check(facts).state is State.MET
    assert {one.name for _, one in handlers(facts)} == {"ready", "ask"}


def test_functions_that_a_server_or_a_page_is_given_answer() -> None:
    page = "import gradio as gr\ndef caption(image): return image\ndef clean(): pass\ndef other(): pass\nwith gr.Blocks() as demo:\n    b = gr.Button()\n    b.click(fn=caption, inputs=[b])\n    b.click(clean)\ndemo.launch()\n"
    assert {one.name for _, one in handlers(facts_of({"app.py": page}))} == {"caption", "clean"}
    api = "from fastapi import FastAPI\napp = FastAPI()\ndef score(x): return x\ndef other(): pass\napp.add_api_route('/score', score, methods=['POST'])\n"
    assert {one.name for _, one in handlers(facts_of({"app.py": api}))} == {"score"}


@pytest.mark.parametrize(
    "spread", ["step = jax.pmap(step, axis_name='batch')\n", "jax.distributed.initialize()\n", "from jax.experimental.pjit import pjit\n"]
)  # fmt: skip
def test_arrays_over_devices_train_on_several_and_a_server_of_them_does_not(spread: str) -> None:
    assert several.check(facts_of({"train.py": LOOP + spread})).state is State.MET
    assert several.check(facts_of({"train.py": LOOP, "serving/api.py": "import jax\n" + spread})).state is State.UNMET


def test_a_train_state_that_training_loads_goes_on() -> None:
    again = (
        LOOP + "state = checkpointer.load_trainstate_checkpoint(FLAGS.load_from)\ncheckpointer.save_checkpoint(state)\n"
    )
    assert resume.check(facts_of({"train.py": again})).state is State.MET


@pytest.mark.parametrize(("command", "state"), [("jupyter lab --ip 0.0.0.0", State.PARTIAL), ("", State.MET)])
def test_a_container_to_work_in_deploys_nothing(command: str, state: State) -> None:
    files: Files = {
        "Dockerfile": "FROM python:3.11\nADD environment.yml .\nRUN conda env update -f environment.yml\n",
        "Makefile": f"work:\n\tdocker run -d --rm -v $(PWD):/app \\\n\t  lab {command}\n",
        "train.py": LOOP,
    }
    assert deployment.check(facts_of(files)).state is state


PREDICTS = """\
class Experiment:
    def train(self):
        for x in self.loader:
            self.loss(self.model(x)).backward()
            self.optimizer.step()
    def {name}(self, data):
        {loads}
        return self._one(data)
"""


@pytest.mark.parametrize(
    ("name", "loads", "state"),
    [
        ("predict", "self.model.load_state_dict(torch.load(self.path))", State.MET),
        ("predict", "pass", State.UNMET),
        ("resume", "self.model.load_state_dict(torch.load(self.path))", State.UNMET),
    ],
)
def test_a_method_that_loads_the_stored_model_to_predict_infers_beside_its_training(
    name: str, loads: str, state: State
) -> None:
    experiment = "import torch\nfrom torch import optim\n" + PREDICTS.format(name=name, loads=loads)
    assert inference.check(facts_of({"exp/experiment.py": experiment})).state is state


SESSION = "import tensorflow as tf\nclass Speaker:\n    def load(self, path):\n        self.session = tf.Session()\n        tf.train.Saver().restore(self.session, path)\n    def speak(self, text):\n        return self.session.run({what}, feed_dict={{}})\n"


@pytest.mark.parametrize(
    ("path", "what", "state"),
    [
        ("speaker.py", "self.wave", State.MET),
        ("speaker.py", "self.train_op", State.UNMET),
        ("eval.py", "self.wave", State.UNMET),
    ],
)
def test_a_session_that_runs_restored_weights_infers(path: str, what: str, state: State) -> None:
    training = "import tensorflow as tf\ntf.train.AdamOptimizer(0.1).minimize(loss)\n"
    assert inference.check(facts_of({"train.py": training, path: SESSION.format(what=what)})).state is state


def test_a_place_in_an_object_that_the_command_line_overrides_is_settable() -> None:
    config = "import ml_collections\ndef get_config():\n    c = ml_collections.ConfigDict()\n    c.data_path = '/home/ann/data/faces.tfrecords'\n    return c\n"
    reads = "from ml_collections import config_flags\nconfig_flags.DEFINE_config_file('x')\n"
    assert environment.check(facts_of({"configs/a.py": config, "train.py": reads + LOOP})).state is State.MET
    assert environment.check(facts_of({"configs/a.py": config, "train.py": LOOP})).state is State.UNMET


def test_a_function_that_a_page_is_given_answers_whatever_it_is_called() -> None:
    page = "import gradio as gr, torch\nfrom transformers import AutoModelForCausalLM\nmodel = AutoModelForCausalLM.from_pretrained('a/b')\ndef evaluate(text):\n    with torch.no_grad():\n        return model.generate(text)\n"
    shown = facts_of({"generate.py": page + "gr.Interface(fn=evaluate, inputs=[]).launch()\n"})
    called = facts_of({"generate.py": page + "print(evaluate('x'))\n"})
    assert evaluation.check(shown).state is State.UNMET
    assert evaluation.check(called).state is State.MET


@pytest.mark.parametrize(("path", "state"), [("finetune.py", State.MET), ("generate.py", State.UNMET)])
def test_what_a_launcher_tells_its_processes_shows_that_training_takes_several(path: str, state: State) -> None:
    training = (
        "import os, transformers\nargs = 1\ntrainer = transformers.Trainer(model=m, args=args)\ntrainer.train()\n"
    )
    files = {"finetune.py": training, "generate.py": "import os\n"}
    files[path] += "rank = int(os.environ.get('LOCAL_RANK', 0))\n"
    assert several.check(facts_of({**files})).state is state


def test_tables_of_defaults_whose_entries_become_flags_can_be_set() -> None:
    table = "import argparse\ndef model_defaults():\n    return dict(lr=1e-4, batch_size=8, num_layers=2)\ndef flags_of(table, parser):\n    for name, value in table.items():\n        parser.add_argument({flag}, default=value)\n"
    training = "import torch\ntorch.nn.Linear(1, 1)(x).backward()\n"
    for check in (training_parameters.check, hyperparameters.check):
        assert check(facts_of({"of.py": table.format(flag="f'--{name}'"), "train.py": training})).state is State.MET
        assert check(facts_of({"of.py": table.format(flag="'--debug'"), "train.py": training})).state is not State.MET


def test_a_deployment_of_a_flow_deploys_it_and_its_work_queue_carries_no_messages() -> None:
    flow = "from prefect import flow\n@flow\ndef train():\n    model.fit(x, y)\n"
    files = {
        "flows/train.py": flow,
        "train-deployment.yaml": "name: weekly\nflow_name: train\nentrypoint: flows/train.py:train\nwork_queue_name: default\n",
    }
    facts = facts_of({**files})
    assert deployment.check(facts).state is State.MET
    assert queues.check(facts).state is State.NA


@pytest.mark.parametrize(("method", "state"), [("predict", State.MET), ("__getitem__", State.NA)])
def test_a_scaler_that_a_data_set_fits_anew_is_no_part_of_the_model(method: str, state: State) -> None:
    kept = f"from sklearn.preprocessing import StandardScaler\nclass Prices:\n    def __init__(self):\n        self.scaler = StandardScaler()\n    def {method}(self, x):\n        return self.scaler.transform(x)\n"
    training = "import argparse, torch\nargs = argparse.ArgumentParser().parse_args()\nmodel = torch.load(args.model)\nloss.backward()\ntorch.save(model, args.out)\n"
    assert vocabulary_external.check(facts_of({"data/prices.py": kept, "train.py": training})).state is state
