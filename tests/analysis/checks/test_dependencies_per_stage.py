"""Lists of packages that stages have of their own: images, extras, components and locks of many tools."""

from __future__ import annotations

import pytest

from apps.analysis.checks.dependencies import per_stage
from apps.catalog import State
from tests.analysis.making import facts_of

TRAIN = "import joblib, pandas\nfrom sklearn.svm import SVC\n\njoblib.dump(SVC().fit(pandas.read_csv('d.csv'), y), 'm.pkl')\n"
SERVE = (
    "from fastapi import FastAPI\nimport joblib\n\napp = FastAPI()\nmodel = joblib.load('m.pkl')\n\n"
    "@app.post('/predict')\ndef predict(x: dict):\n    return model.predict([x])\n"
)
BOTH = {"train.py": TRAIN, "app.py": SERVE}
LIST = {"requirements.txt": "scikit-learn\npandas\njupyter\n"}
PROJECT = "[project]\nname = 'x'\ndependencies = ['joblib']\n"
EXTRAS = PROJECT + "[project.optional-dependencies]\nt = ['scikit-learn']\ns = ['fastapi']\n"
COMPONENT = "@dsl.component({})\ndef {}(path: str):\n    pass\n\n"


def components(first: str, second: str) -> dict[str, str]:
    source = "from kfp import dsl\nfrom sklearn.svm import SVC\n\n"
    made = COMPONENT.format(first, "prepare_data") + COMPONENT.format(second, "train_model")
    return {"pipeline.py": source + made + "SVC().fit(x, y)\n"}


@pytest.mark.parametrize(
    "files",
    [
        {**LIST, "Dockerfile": "FROM python:3.11\nRUN pip install fastapi joblib uvicorn\n"},
        {**LIST, "cog.yaml": "build:\n  python_packages:\n    - joblib==1.3\npredict: app.py:Predictor\n"},
        {
            "pyproject.toml": EXTRAS,
            "train.Dockerfile": "FROM python:3.11\nRUN pip install .[t]\n",
            "serve.Dockerfile": "FROM python:3.11\nRUN pip install .[s]\n",
        },
        {
            "pixi.toml": "[feature.train.dependencies]\nscikit-learn = '*'\n[feature.serve.dependencies]\nfastapi = '*'\n"
        },
        {"pyproject.toml": PROJECT + "[tool.hatch.envs.train]\ndependencies = ['scikit-learn']\n"},
        {"train/renv.lock": '{"R": {}}', "serve/renv.lock": '{"R": {}, "Packages": {}}'},
        components("packages_to_install=['pandas']", "packages_to_install=['scikit-learn']"),
    ],
)
def test_lists_of_each_stage_are_met(files: dict[str, str]) -> None:
    assert per_stage.check(facts_of({**BOTH, **files})).state is State.MET


@pytest.mark.parametrize(
    ("files", "state"),
    [
        (
            {**LIST, "Dockerfile": "FROM python:3.11\nRUN pip install -r requirements.txt && pip install a b\n"},
            State.UNMET,
        ),
        ({**LIST, "docs/requirements.txt": "sphinx\n"}, State.PARTIAL),
        ({"pyproject.toml": PROJECT + "[tool.hatch.envs.default]\ndependencies = ['pytest']\n"}, State.PARTIAL),
        (components("base_image='acme/ml:1'", "base_image='acme/ml:1'"), State.UNMET),
    ],
)
def test_what_all_stages_share_is_not_met(files: dict[str, str], state: State) -> None:
    assert per_stage.check(facts_of({**BOTH, **files})).state is state
