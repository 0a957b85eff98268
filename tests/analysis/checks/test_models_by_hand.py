"""Training that no call of `fit` tells: classes written by hand, steps of Theano, Gorgonia and DJL."""

import pytest

from apps.analysis.checks.codebase import inference, training
from apps.analysis.learning import frameworks
from apps.catalog import State
from tests.analysis.making import facts_of

LEARNER = (
    "import numpy as np\n\n\nclass Line:\n    def __init__(self, rate):\n        self.rate = rate\n\n"
    "    def {error}(self):\n        return 0\n\n    def fit(self):\n        self.slope = self.rate\n"
)
TRAIN = "from line import Line\n\nif __name__ == '__main__':\n    line = Line(rate=0.1)\n    line.fit()\n    np.save('line.npy', line.slope)\n"
PREDICT = "if __name__ == '__main__':\n    slope = float(open('line.npy').read())\n    print(slope * float(input()))\n"


@pytest.mark.parametrize("error", ["cost_function", "gradient", "predict", "hypothesis", "_backprop"])
def test_a_class_that_fits_and_knows_its_error_is_a_model_of_the_system(error: str) -> None:
    facts = facts_of({"line.py": LEARNER.format(error=error), "train.py": TRAIN})
    assert facts.profile.trains.holds
    found = training.check(facts)
    assert (found.state, found.evidence[0].path) == (State.MET, "train.py")


def test_a_class_that_only_fits_something_is_none() -> None:
    facts = facts_of({"line.py": LEARNER.format(error="draw"), "train.py": TRAIN})
    assert not facts.profile.trains.holds


def test_a_class_of_a_framework_that_overrides_how_it_trains_is_no_learner_by_itself() -> None:
    network = (
        "import torch\n\n\nclass Net(torch.nn.Module):\n    def train(self, mode=True):\n        return super().train(mode)\n\n"
        "    def forward(self, x):\n        return x\n"
    )
    use = "from net import Net\n\nnet = Net()\nnet.train()\n"
    assert not facts_of({"net.py": network, "use.py": use}).profile.trains.holds


def test_a_program_named_for_predicting_is_the_inference_of_such_a_model() -> None:
    files = {"line.py": LEARNER.format(error="cost"), "train.py": TRAIN}
    assert inference.check(facts_of(files)).state is State.UNMET
    found = inference.check(facts_of({**files, "predict.py": PREDICT}))
    assert (found.state, found.evidence[0].path) == (State.MET, "predict.py")


def test_what_is_trained_at_a_cost_is_no_model() -> None:
    code = "class Dog:\n    def train(self):\n        self.level += 1\n    def cost(self):\n        return 9\ndog = Dog()\ndog.train()\n"
    assert not facts_of({"dog.py": code}).profile.trains.holds


def test_a_program_that_infers_a_schema_asks_no_model() -> None:
    files = {"line.py": LEARNER.format(error="cost"), "train.py": TRAIN, "infer_schema.py": PREDICT}
    assert inference.check(facts_of(files)).state is State.UNMET


@pytest.mark.parametrize(
    ("base", "loads"),
    [
        ("from vllm import LLM", True),
        ("from langchain.llms.base import LLM", False),
        ("from nets import LLM", False),
    ],
)
def test_only_classes_below_those_that_load_a_model_load_one(base: str, loads: bool) -> None:
    facts = facts_of({"own.py": f"{base}\nclass Own(LLM):\n    pass\nown = Own()\n"})
    assert bool(frameworks.loads(facts)) is loads


def test_two_classes_of_one_name_are_no_model_together() -> None:
    suits = {"a.py": "class Suit:\n    def fit(self, body): ...\nSuit().fit(1)\n"}
    assert not facts_of({**suits, "b.py": "class Suit:\n    def predict_size(self): ...\n"}).profile.trains.holds


def test_a_function_of_theano_that_updates_its_weights_trains() -> None:
    step = "import theano\n\nstep = theano.function([x, y], cost{})\nfor _ in range(epochs):\n    step(a, b)\n"
    assert facts_of({"train.py": step.format(", updates=[(w, w - rate * slope)]")}).profile.trains.holds
    assert not facts_of({"ask.py": step.format("")}).profile.trains.holds


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("train.go", "package main\n\nfunc main() {\n\tsolver := G.NewRMSPropSolver(G.WithLearnRate(0.01))\n}\n"),
        ("src/main/java/Fit.java", "class Fit {\n  void step() {\n    try (var g = trainer.newGradientCollector()) { g.backward(loss); }\n  }\n}\n"),
    ],
)  # fmt: skip
def test_gorgonia_and_djl_train(path: str, code: str) -> None:
    assert facts_of({path: code}).profile.trains.holds


DESCENT = "function train(X, y, opts) {{\n  const lr = opts.lr || 0.05;\n  for (let j = 0; j < p; j++) {{\n    {step}\n  }}\n}}\nfunction predict(x) {{ return sigmoid(dot(w, x)); }}\n"


@pytest.mark.parametrize(
    ("path", "step", "trains"),
    [
        ("scripts/fit.js", "w[j] -= lr * gradient[j];", True),
        ("src/net.ts", "this.weights[i][j] += this.learningRate * error * inputs[j];", True),
        ("src/Net.java", "bias -= learningRate * delta;", True),
        ("src/page.js", "view.x -= speed * elapsed;", False),
        ("src/page.js", "width -= lr * 2;", False),
        ("src/page.js", "price.w -= lr * cost;", False),
    ],
)
def test_a_step_down_a_gradient_that_is_written_out_trains(path: str, step: str, *, trains: bool) -> None:
    facts = facts_of({path: DESCENT.format(step=step), "src/ask.js": "const answer = model.predict(row);\n"})
    assert facts.profile.trains.holds is trains
    if trains and not path.endswith(".java"):
        assert inference.check(facts).state is State.MET
