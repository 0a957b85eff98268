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


JAVA = (
    '@RestController\npublic class Scores {\n  @GetMapping("/score") String score() { return model.predict(x); }\n}\n'
)
POM = "<project><dependencies><dependency><groupId>a</groupId><artifactId>b</artifactId></dependency></dependencies></project>"


def test_a_list_of_development_that_makes_the_image_of_a_stage_is_of_that_stage() -> None:
    notebook = '{"cells": [{"cell_type": "code", "source": "from sklearn.svm import SVC\\nm = SVC().fit(x, y)"}], "nbformat": 4}'
    files = {
        "app.py": SERVE,
        "requirements.txt": "fastapi\njoblib\n",
        "Dockerfile": "FROM python:3.11\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\n",
        "notebooks/train.ipynb": notebook,
        "notebooks/requirements_dev.txt": "scikit-learn\npandas\njupyter\n",
        "notebooks/Dockerfile.dev": "FROM python:3.11\nCOPY requirements_dev.txt .\nRUN pip install -r requirements_dev.txt\n",
    }
    assert per_stage.check(facts_of(files)).state is State.MET


def test_a_list_that_training_and_inference_share_beside_those_of_others_is_partial() -> None:
    model = {"ml/train.py": TRAIN, "ml/app.py": SERVE, "ml/requirements.txt": LIST["requirements.txt"]}
    found = per_stage.check(facts_of({**model, "gate/src/main/java/Gate.java": JAVA, "gate/pom.xml": POM}))
    assert found.state is State.PARTIAL
    assert "`ml/requirements.txt`" in found.summary
    apart = {**model, "desk/app.py": SERVE, "desk/requirements.txt": "fastapi\njoblib\n"}
    assert per_stage.check(facts_of(apart)).state is State.MET


def test_a_part_in_another_language_alone_is_partial() -> None:
    files = {**BOTH, **LIST, "backend/package.json": '{"dependencies": {"express": "^4.0.0"}}'}
    found = per_stage.check(facts_of(files))
    assert found.state is State.PARTIAL
    assert "backend/package.json" in found.summary


def test_images_that_add_what_the_list_names_too_share_it() -> None:
    project = "[project]\nname = 'x'\ndependencies = ['torch', 'torchvision', 'dvc']\n"
    image = "FROM python:3.11\nCOPY pyproject.toml .\nRUN uv sync\nRUN uv pip install {}\n"
    files = {
        "pyproject.toml": project,
        "a.dockerfile": image.format("torch torchvision"),
        "b.dockerfile": image.format("dvc"),
    }
    assert per_stage.check(facts_of({**BOTH, **files})).state is State.PARTIAL


def test_what_a_publishing_platform_keeps_for_each_content_is_met() -> None:
    manifest = '{"version": 1, "metadata": {"appmode": "shiny"}, "packages": {"dplyr": {}}}'
    files = {f"content/{name}/manifest.json": manifest for name in ("app", "model")}
    assert per_stage.check(facts_of({**BOTH, **files})).state is State.MET


@pytest.mark.parametrize(
    "files",
    [
        # two lists of one program
        {
            "app.py": SERVE,
            "environment.yml": "dependencies:\n  - fastapi\n  - joblib\n",
            "requirements.txt": "gunicorn\n",
        },
        # one compiled program
        {
            "pom.xml": POM,
            "src/main/java/Scores.java": JAVA,
            "src/main/java/data/Loader.java": "public class Loader { void load() { spark.read().csv(p); } }\n",
        },
        # what a service prepares by itself, behind another module
        {
            "app.py": "from routes import answer\n" + SERVE,
            "routes.py": "from clean import clean_features\n\ndef answer(x):\n    return clean_features(x)\n",
            "clean.py": "import pandas\n\ndef clean_features(x):\n    return pandas.DataFrame(x).dropna()\n",
            "requirements.txt": "fastapi\n",
        },
    ],
)
def test_one_program_is_one_stage(files: dict[str, str]) -> None:
    assert per_stage.check(facts_of(files)).state is State.NA


def test_a_notebook_that_imports_the_stages_makes_them_no_single_one() -> None:
    source = "from app import model\\nfrom evaluate import score\\nmodel.predict(x)\\nscore(model)"
    measure = "from sklearn.metrics import f1_score\n\ndef score(guesses):\n    return f1_score(y, guesses)\n"
    files = {
        "app.py": SERVE,
        "evaluate.py": measure,
        "look.ipynb": f'{{"cells": [{{"cell_type": "code", "source": "{source}"}}], "nbformat": 4}}',
    }
    assert per_stage.check(facts_of({**files, **LIST})).state is State.UNMET


def test_labels_of_a_forge_are_no_list_of_packages() -> None:
    labels = "dependencies:\n  - requirements.txt\n  - uv.lock\n"
    assert per_stage.check(facts_of({**BOTH, **LIST, ".github/labeler.yml": labels})).state is State.UNMET


def test_a_system_in_typescript_that_keeps_development_apart_is_partial() -> None:
    package = '{"dependencies": {"openai": "^4.0.0"}, "devDependencies": {"vitest": "^1.0.0"}}'
    code = {
        "src/ingest-docs.ts": "export const run = () => split(pages)\n",
        "src/app.ts": "app.post('/chat', answer)\n",
    }
    asks = {"src/answer.ts": "import OpenAI from 'openai'\nawait client.chat.completions.create({ model })\n"}
    assert per_stage.check(facts_of({"package.json": package, **code, **asks})).state is State.PARTIAL


def test_the_image_of_a_proxy_installs_no_list_of_the_stages() -> None:
    images = {
        "api/Dockerfile": "FROM python:3.11\nRUN pip install -r requirements.txt\n",
        "nginx/Dockerfile": "FROM nginx:1.25\n",
    }
    assert per_stage.check(facts_of({**BOTH, **LIST, **images})).state is State.UNMET


def test_an_image_that_builds_a_page_beside_the_application_is_one_of_the_stages() -> None:
    install = "RUN pip install -r requirements.txt\n"
    page = "FROM --platform=linux/amd64 node:20 AS page\nRUN npm ci\n"
    images = {
        "train/Dockerfile": f"FROM python:3.11\n{install}",
        "api/Dockerfile": f"{page}FROM python:3.11\n{install}",
    }
    assert per_stage.check(facts_of({**BOTH, **LIST, **images})).state is State.PARTIAL
    alone = {**images, "api/Dockerfile": f"{page}FROM page AS served\nCMD npm start\n"}
    assert per_stage.check(facts_of({**BOTH, **LIST, **alone})).state is State.UNMET


def test_the_files_of_a_folder_of_go_are_one_program() -> None:
    engine = 'package main\n\nimport ort "github.com/yalue/onnxruntime_go"\n\nfunc infer() {\n\ts, _ := ort.NewAdvancedSession("net.onnx", in, out)\n\ts.Run()\n}\n'
    prepare = "package main\n\nfunc preprocess(raw []byte) []float32 {\n\tout := resize(raw)\n\treturn scale(out)\n}\n\n// more\n\n"
    files = {"go.mod": "module acme.org/a\n\nrequire github.com/yalue/onnxruntime_go v1.11.0\n", "engine.go": engine}
    assert per_stage.check(facts_of({**files, "preprocess.go": prepare})).state is State.NA
    assert per_stage.check(facts_of({**files, "prepare/preprocess.go": prepare})).state is State.UNMET
