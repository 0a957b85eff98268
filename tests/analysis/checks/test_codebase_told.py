"""Stages that tell themselves by what code prints, hands in or starts; and models whose makers count them."""

from __future__ import annotations

import pytest

from apps.analysis.checks.codebase import evaluation, inference, one_codebase, preprocessing
from apps.catalog import State
from tests.analysis.making import facts_of

TRAIN = "import torch\n\nmodel = torch.nn.Linear(3, 1)\noptimizer = torch.optim.Adam(model.parameters())\nloss = model(batch).sum()\nloss.backward()\n"
FIT = "from sklearn.linear_model import Ridge\n\nmodel = Ridge().fit(x, y)\n"


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ("print(f'epoch {epoch} validation loss: {total:.4f}')\n", State.PARTIAL),
        ("print('Accuracy', correct / len(test_loader.dataset))\n", State.PARTIAL),
        ("print('Accuracy', correct / len(train_loader.dataset))\n", State.UNMET),
        ("print(f'train accuracy {accuracy}', len(test_loader))\n", State.UNMET),
        ("print('Validation error: no such column')\n", State.UNMET),
        ("print('error while reading', len(test_loader))\n", State.UNMET),
    ],
)
def test_what_training_tells_of_data_that_was_held_out_measures_it(told: str, state: State) -> None:
    assert evaluation.check(facts_of({"train.py": TRAIN + told})).state is state


def test_a_program_that_loads_a_model_and_tells_how_good_it_is_evaluates() -> None:
    program = "import torch\n\nmodel = torch.load('m.pt')\nmodel.eval()\nprint('acc', correct / 100)\n"
    assert evaluation.check(facts_of({"train.py": TRAIN, "test.py": program})).state is State.MET
    assert evaluation.check(facts_of({"train.py": TRAIN, "show.py": program})).state is State.UNMET


def test_asserted_answers_of_a_language_model_are_an_evaluation() -> None:
    app = "from openai import OpenAI\n\nOpenAI().chat.completions.create(model='x', messages=[])\n"
    asserted = {"app.py": app, "promptfooconfig.yaml": "prompts: [p.txt]\n"}
    assert evaluation.check(facts_of(asserted)).state is State.MET
    assert evaluation.check(facts_of({"app.py": app, "prompts.yaml": "prompts: [p.txt]\n"})).state is State.UNMET


def test_predictions_that_are_handed_in_are_inference() -> None:
    writes = "frame['y'] = model.predict(frame)\nframe.to_csv('{}')\n"
    assert inference.check(facts_of({"train.py": FIT + writes.format("submission.csv")})).state is State.MET
    assert inference.check(facts_of({"train.py": FIT + writes.format("checked.csv")})).state is State.UNMET


@pytest.mark.parametrize(
    "files",
    [
        {"docker-compose.yml": "services:\n  model:\n    image: tensorflow/serving:2.13.0\n"},
        {"Makefile": "serve:\n\tmlflow models serve -m models:/m/1\n"},
        {"Dockerfile": "FROM vllm/vllm-openai:v0.5.0\n"},
    ],
)
def test_a_server_of_any_model_infers_without_code_of_the_system(files: dict[str, str]) -> None:
    assert inference.check(facts_of({"train.py": FIT, **files})).state is State.PARTIAL
    assert (
        inference.check(
            facts_of({"train.py": FIT, "docker-compose.yml": "services:\n  db:\n    image: postgres:16\n"})
        ).state
        is State.UNMET
    )


def test_a_program_named_for_asking_a_model_that_it_loads_infers() -> None:
    program = "import torch\nfrom net import Net\n\nnet = Net()\nnet.load_state_dict(torch.load('m.pt'))\nprint(net(torch.randn(1, 3)))\n"
    assert inference.check(facts_of({"train.py": TRAIN, "sample.py": program})).state is State.MET
    assert inference.check(facts_of({"train.py": TRAIN, "weights.py": program})).state is State.UNMET


def test_scripts_of_the_shell_may_prepare_data() -> None:
    cleans = {"train.py": FIT, "prepare_data.sh": "cut -f1 raw.tsv | tr A-Z a-z > train.txt\n"}
    assert preprocessing.check(facts_of(cleans)).state is State.MET
    installs = {"train.py": FIT, "prepare_machine.sh": "sed -i s/a/b/ /etc/hosts\n"}
    assert preprocessing.check(facts_of(installs)).state is State.UNMET


def test_models_that_their_makers_count_are_no_copies() -> None:
    modules = {
        f"nets/{{}}_v{n}.py": f"class Net{n}:\n    def forward(self, x):\n        return x * {n}\n" for n in (1, 2)
    }
    counted = {path.format("resnet"): text for path, text in modules.items()}
    assert one_codebase.check(facts_of(counted)).state is State.MET
    versions = {path.format("churn"): text for path, text in modules.items()}
    assert one_codebase.check(facts_of(versions)).state is State.PARTIAL


@pytest.mark.parametrize(
    ("beside", "state"),
    [
        ({"check.py": "from ultralytics import YOLO\n\nYOLO('best.pt').val(data='d.yaml')\n"}, State.MET),
        ({"check.py": "from ultralytics import YOLO\n\nmodel = YOLO('best.pt')\nmodel.val()\n"}, State.MET),
        ({"check.py": "import form\n\nform.Field().validate()\n"}, State.UNMET),
        ({"check.sh": "lm_eval --model hf --tasks mmlu\n"}, State.MET),
        ({"fid.py": "from cleanfid import fid\n\nprint(fid.compute_fid('a', 'b'))\n"}, State.MET),
    ],
)
def test_tools_that_measure_a_model_are_known(beside: dict[str, str], state: State) -> None:
    train = {"train.py": "from ultralytics import YOLO\n\nYOLO('y.pt').train(data='d.yaml')\n"}
    if "fid.py" in beside:
        beside["fid.py"] = "import torch\n" + beside["fid.py"]
    assert evaluation.check(facts_of({**train, **beside})).state is state


def test_a_module_of_lightning_validates_within_its_training() -> None:
    net = (
        "import lightning as L\n\nclass Net(L.LightningModule):\n    def training_step(self, batch, i):\n        return self(batch)\n\n"
        "    def validation_step(self, batch, i):\n        self.log('val_loss', self(batch))\n"
    )
    fit = "import lightning as L\nfrom net import Net\n\ntrainer = L.Trainer()\ntrainer.fit(Net())\n"
    assert evaluation.check(facts_of({"net.py": net, "train.py": fit})).state is State.PARTIAL
    test = fit.replace("fit(", "test(")
    assert evaluation.check(facts_of({"net.py": net, "train.py": fit, "check.py": test})).state is State.MET


def test_queries_that_ask_a_model_infer() -> None:
    made = {"model.sql": "CREATE OR REPLACE MODEL `d.m` OPTIONS(model_type='logistic_reg') AS SELECT * FROM d.t;\n"}
    asked = {"score.sql": "SELECT * FROM ML.PREDICT(MODEL `d.m`, TABLE `d.new`);\n"}
    assert inference.check(facts_of({**made, **asked})).state is State.MET
    assert inference.check(facts_of(made)).state is State.UNMET


def test_records_that_are_parsed_and_labels_that_are_converted_are_prepared() -> None:
    parse = "import tensorflow as tf\n\ndef make(files):\n    return tf.data.TFRecordDataset(files).map(lambda x: tf.io.parse_single_example(x, {}))\n"
    assert preprocessing.check(facts_of({"train.py": FIT, "data.py": parse})).state is State.MET
    convert = "import xml.etree.ElementTree as tree\n\nprint(tree.parse('a.xml'))\n"
    assert preprocessing.check(facts_of({"train.py": FIT, "voc2yolo.py": convert})).state is State.MET
    assert preprocessing.check(facts_of({"train.py": FIT, "show.py": convert})).state is State.UNMET


@pytest.mark.parametrize(
    ("flag", "asks", "state"),
    [
        ("--is_training", "exp.test(1)", State.MET),
        ("--do_train", "exp.evaluate(1)", State.MET),
        ("--is_training", "exp.predict(1)", State.PARTIAL),
        ("--train_rows", "exp.test(1)", State.PARTIAL),
    ],
)
def test_a_program_that_can_be_kept_from_training_evaluates_on_its_own(flag: str, asks: str, state: State) -> None:
    train = TRAIN.replace("\n", "\n    ").strip()
    kept = f"def run():\n    {train}\n\n\ndef test(data):\n    return model(data)\n"
    starts = f"import argparse\nfrom exp import Exp\n\np = argparse.ArgumentParser()\np.add_argument('{flag}', type=int)\nargs = p.parse_args()\nexp = Exp(args)\nif args.x:\n    exp.run()\nelse:\n    {asks}\n"
    found = evaluation.check(facts_of({"exp.py": kept, "run.py": starts}))
    assert found.state is state, found.summary
