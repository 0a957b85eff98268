"""Files that build images and are not called so: compose files name them."""

from __future__ import annotations

import pytest

from apps.analysis import checks
from apps.catalog import State
from tests.analysis.making import facts_of

CHECKS = checks.load()
IMAGE = "# serves\nARG TAG=3.11\nFROM python:${TAG}-slim\nRUN pip install flask gunicorn\nCOPY predict.py ./\nEXPOSE ${PORT}\nENTRYPOINT gunicorn --bind=0.0.0.0:${PORT} predict:app\n"
COMPOSE = "services:\n  predictor:\n    build:\n      context: ./service\n      dockerfile: serving\n    environment:\n      PORT: 8000\n    ports: ['8000:8000']\n"
APP = "import mlflow\nfrom flask import Flask\napp = Flask('wine')\nmodel = mlflow.pyfunc.load_model('models:/wine/1')\n\n\n@app.route('/predict')\ndef predict():\n    return str(model.predict([[1]]))\n\n\nif __name__ == '__main__':\n    app.run(port=9696)\n"


@pytest.mark.parametrize("name", ["serving", "serving.docker"])
@pytest.mark.parametrize(
    ("item", "state"),
    [
        ("build-release-run.build", State.MET),
        ("build-release-run.run", State.MET),
        ("dependencies.isolated", State.MET),
        ("port-binding.service", State.MET),
        ("port-binding.port-from-environment", State.MET),
    ],
)
def test_what_compose_builds_is_an_image_under_any_name(name: str, item: str, state: State) -> None:
    compose = COMPOSE.replace("serving", name)
    found = CHECKS[item](facts_of({f"service/{name}": IMAGE, "service/predict.py": APP, "compose.yaml": compose}))
    assert found.state is state, found.summary


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("Modelfile", "FROM llama3\nPARAMETER temperature 1\nSYSTEM You taste wine.\n"),
        ("Modelfile", 'FROM llama3\nSYSTEM """You cook.\nADD salt last.\n"""\n'),
        ("queries/wines", "FROM wines\nSELECT name\nWHERE quality > 7\n"),
        ("notes", "How it is built:\n\nFROM python:3.11\nRUN pip install flask\n"),
        ("images.rst", "FROM python:3.11\nRUN pip install flask\n"),
    ],
)
def test_what_only_begins_like_an_image_builds_none(path: str, content: str) -> None:
    found = CHECKS["build-release-run.build"](facts_of({path: content, "predict.py": APP}))
    assert found.state is State.UNMET, found.summary
