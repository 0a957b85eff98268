"""A model that is loaded anew for each request, wherever the request leads."""

import time

import pytest

from apps.analysis.checks.disposability import startup
from apps.analysis.lifetime import per_request
from apps.analysis.state import lookups
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
            "scored(x)",
            "NETS = {}\ndef get_net():\n    if not NETS:\n        NETS['a'] = joblib.load('m.pkl')\n    return NETS['a']\ndef scored(x):\n    return get_net().decide(x)\n",
            State.MET,
        ),
        (
            "scored(x)",
            "NETS = {}\ndef load_model():\n    net = Booster()\n    net.load_model('m.json')\n    NETS['a'] = net\n    return net\ndef scored(x):\n    return load_model().decide(x)\n",
            State.MET,
        ),
        (
            "scored(x)",
            "def get_net():\n    net = joblib.load('m.pkl')\n    return {'a': net}\ndef scored(x):\n    return get_net()['a'].decide(x)\n",
            State.PARTIAL,
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
    ids=[
        "function",
        "two steps",
        "constructor",
        "global name",
        "dictionary",
        "key",
        "method",
        "given away",
        "singleton",
        "cache",
    ],
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


SCORER = (
    "class Scorer{of}:\n{kept}    def __init__(self):\n        if not hasattr(self, 'net'):\n            self.net = joblib.load('m.pkl')\n"
    "    def scored(self, x):\n        return self.net.decide(x)\n"
)
KEPT = (
    "    _only = None\n    def __new__(cls):\n        if cls._only is None:\n"
    "            cls._only = super().__new__(cls)\n        return cls._only\n"
)


@pytest.mark.parametrize(
    ("before", "of", "kept", "state"),
    [
        ("", "", "", State.PARTIAL),
        ("", "", KEPT, State.MET),
        ("from only import Singleton\n", "(metaclass=Singleton)", "", State.MET),
        ("from only import Singleton\n", "(Singleton)", "", State.MET),
        ("from only import singleton\n@singleton\n", "", "", State.MET),
    ],
)
def test_a_class_that_makes_one_object_alone_loads_its_model_once(
    before: str, of: str, kept: str, state: State
) -> None:
    scorer = "import joblib\n" + before + SCORER.format(of=of, kept=kept)
    facts = facts_of({"main.py": ASKED.format("Scorer().scored(x)"), "scorer.py": scorer, "Dockerfile": EXEC})
    assert startup.check(facts).state is state


@pytest.mark.parametrize(("parameters", "state"), [("", State.MET), ("raw", State.PARTIAL)])
def test_what_runs_the_server_answers_no_request(parameters: str, state: State) -> None:
    run = "from scorer import Scorer\ndef run({}):\n    app.include(made())\n    serve(app)\ndef made():\n    return Scorer()\n"
    files = {
        "main.py": FASTAPI + run.format(parameters),
        "scorer.py": "import joblib\n" + SCORER.format(of="", kept=""),
    }
    assert startup.check(facts_of({**files, "Dockerfile": EXEC})).state is state


def test_thousands_of_calls_and_functions_are_followed_in_time_that_grows_with_them() -> None:
    calls = "".join(f"    x{n} = made{n}()\n" for n in range(4000))
    made = "".join(f"@app.post('/{n}')\ndef made{n}():\n    return {n}\n" for n in range(4000))
    facts = facts_of({"main.py": f"{FASTAPI}@app.post('/x')\ndef x():\n{calls}{made}"})
    begun = time.process_time()
    per_request.functions(facts)
    assert time.process_time() - begun < 2  # it took ten


def test_functions_that_each_load_something_are_told_apart_in_time_that_grows_with_them() -> None:
    loading = "".join(f"def load{n}(path):\n    return torch.load(path)\n" for n in range(3000))
    facts = facts_of({"main.py": f"import torch\n{FASTAPI}{loading}"})
    begun = time.process_time()
    lookups.locations(facts)
    assert time.process_time() - begun < 4  # it took ten


@pytest.mark.parametrize(
    "source",
    [
        "import cv2\n\n@app.post('/ask')\ndef detect(x):\n    return cv2.dnn.NMSBoxes(boxes, scores, 0.5, 0.4)\n",
        "from ultralytics import YOLO\n\ndef _download_default(path):\n    return YOLO('yolov8n.pt')\n\n@app.post('/ask')\n"
        "def detect(x):\n    return known.get(x) or _download_default(x)\n",
    ],
)
def test_what_loads_nothing_or_fetches_a_model_once_is_no_loading(source: str) -> None:
    code = f"from fastapi import FastAPI\nimport joblib\n\napp = FastAPI()\nmodel = joblib.load('m.joblib')\n{source}"
    assert startup.check(facts_of({"app.py": code})).state is not State.PARTIAL


def test_a_route_that_hands_out_a_file_loads_its_model_all_the_same() -> None:
    code = (
        "from fastapi import FastAPI\nimport joblib\n\napp = FastAPI()\n\n@app.get('/report')\n"
        "def download_report(x):\n    model = joblib.load('m.joblib')\n    return model.predict(x)\n"
    )
    assert startup.check(facts_of({"app.py": code})).state is State.PARTIAL


DETECTOR = (
    "import torch\nclass Detector:\n    def __init__(self):\n        self.net = None\n    def has_net(self):\n        return self.net is not None\n"
    "    def load_model(self):\n        self.net = torch.load('w.pt')\n    def detect(self, x):\n        if {}:\n            self.load_model()\n        return self.net(x)\n"
)
DETECTING = (
    "from detecting import Detector\nfound = Detector()\n@app.post('/d')\ndef d(x: int):\n    return found.detect(x)\n"
)


@pytest.mark.parametrize(
    ("asked", "state"),
    [
        ("self.net is None", State.MET),
        ("not self.has_net()", State.MET),
        ("force or not hasattr(self, 'net')", State.MET),
        ("x is None", State.PARTIAL),
        ("self.net is not None", State.PARTIAL),
    ],
)
def test_what_an_object_loads_once_it_lacks_it_is_not_loaded_for_each_request(asked: str, state: State) -> None:
    files = {"main.py": FASTAPI + DETECTING, "detecting.py": DETECTOR.format(asked), "Dockerfile": EXEC}
    assert startup.check(facts_of(files)).state is state


def test_what_each_request_makes_anew_lacks_it_each_time() -> None:
    anew = DETECTING.replace("found.detect", "Detector().detect")
    detecting = DETECTOR.format("self.net is None")
    facts = facts_of({"main.py": FASTAPI + anew, "detecting.py": detecting, "Dockerfile": EXEC})
    assert startup.check(facts).state is State.PARTIAL


@pytest.mark.parametrize(
    ("imported", "state"), [("", State.MET), ("from prices.answer import predict_price\n", State.PARTIAL)]
)
def test_a_module_of_another_part_that_has_the_name_of_a_served_one_loads_for_no_request(
    imported: str, state: State
) -> None:
    answer = (
        "import joblib\ndef predict_price(row):\n    model = joblib.load('model.pkl')\n    return model.predict(row)\n"
    )
    api = f"from fastapi import FastAPI\nfrom rates.answer import rate\n{imported}app = FastAPI()\n@app.get('/rate')\ndef asked(x: int):\n    return rate(x)\n"
    files = {
        "api.py": api, "rates/__init__.py": "", "rates/answer.py": "def rate(x):\n    return 2 * x\n",
        "prices/__init__.py": "", "prices/answer.py": answer,
        "main.py": "from prices.answer import predict_price\nimport sys\nprint(predict_price(sys.argv[1]))\n",
    }  # fmt: skip
    assert startup.check(facts_of(files)).state is state
