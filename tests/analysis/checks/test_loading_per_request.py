"""A model that is loaded anew for each request, wherever the request leads."""

import pytest

from apps.analysis.checks.disposability import startup
from apps.catalog import State
from tests.analysis.making import facts_of

FASTAPI = "from fastapi import FastAPI\napp = FastAPI()\n@app.post('/predict')\ndef predict(x: int):\n    return x\n"
EXEC = 'FROM python:3.11\nCMD ["uvicorn", "main:app"]\n'
ASKED = FASTAPI + "from scorer import Scorer, scored\n@app.post('/score')\ndef score(x: int):\n    return {}\n"


@pytest.mark.parametrize(
    ("call", "scorer", "state"),
    [
        ("scored(x)", "def scored(x):\n    net = joblib.load('m.pkl')\n    return net.decide(x)\n", State.PARTIAL),
        (
            "scored(x)",
            "def load_model():\n    return joblib.load('m.pkl')\ndef scored(x):\n    net = load_model()\n    return net.decide(x)\n",
            State.PARTIAL,
        ),
        (
            "Scorer().scored(x)",
            "class Scorer:\n    def __init__(self):\n        self.net = joblib.load('m.pkl')\n    def scored(self, x):\n        return self.net.decide(x)\n",
            State.PARTIAL,
        ),
        (
            "scored(x)",
            "net = None\ndef scored(x):\n    global net\n    if net is None:\n        net = joblib.load('m.pkl')\n    return net.decide(x)\n",
            State.MET,
        ),
        (
            "scored(x)",
            "NETS = {}\ndef scored(x):\n    net = NETS.get(x)\n    if net is None:\n        net = joblib.load('m.pkl')\n        NETS[x] = net\n    return net.decide(x)\n",
            State.MET,
        ),
        (
            "Scorer().scored(x)",
            "kept = None\nclass Scorer:\n    def __new__(cls):\n        global kept\n        kept = kept or super().__new__(cls)\n        return kept\n    def __init__(self):\n        self.net = joblib.load('m.pkl')\n    def scored(self, x):\n        return self.net.decide(x)\n",
            State.MET,
        ),
        (
            "Scorer.get(x).scored(x)",
            "from functools import cache\nclass Scorer:\n    @classmethod\n    @cache\n    def get(cls, name):\n        net = joblib.load('m.pkl')\n        return cls(net)\n",
            State.MET,
        ),
    ],
    ids=["function", "two steps", "constructor", "global name", "dictionary", "singleton", "cache"],
)
def test_a_model_is_loaded_for_each_request_wherever_the_request_leads(call, scorer, state):
    files = {"main.py": ASKED.format(call), "scorer.py": "import joblib\n" + scorer, "Dockerfile": EXEC}
    found = startup.check(facts_of(files))
    assert found.state is state
    assert state is State.MET or found.evidence[0].path == "scorer.py"


def test_a_model_that_is_loaded_anew_on_demand_by_nobody_s_request_is_met():
    factory = "import joblib\nclass Scorers:\n    @staticmethod\n    def get(name):\n        return joblib.load(name)\n"
    files = {"main.py": FASTAPI + "from scorers import Scorers\nnet = Scorers.get('m.pkl')\n", "scorers.py": factory}
    assert startup.check(facts_of(files)).state is State.MET
