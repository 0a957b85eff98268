"""Verdicts on models that processes fetch when they start."""

from __future__ import annotations

import pytest

from apps.analysis.checks.disposability import startup
from apps.catalog import State
from tests.analysis.making import facts_of

APP = "from fastapi import FastAPI\nimport storage\napp = FastAPI()\n"
FETCHED = "from transformers import AutoModel\ndef convert():\n    return AutoModel.from_pretrained('org/name')\n"
MAIN = "if __name__ == '__main__':\n    convert()\n"


@pytest.mark.parametrize(("main", "state"), [("", State.PARTIAL), (MAIN, State.MET)])
def test_a_script_among_models_that_no_server_imports_starts_with_no_service(main, state):
    assert startup.check(facts_of({"app.py": APP, "models/convert.py": FETCHED + main})).state is state


@pytest.mark.parametrize(("function", "state"), [("download_original", State.MET), ("load_original", State.PARTIAL)])
def test_a_document_that_is_downloaded_for_an_answer_is_no_model(function, state):
    code = f"{APP}@app.get('/{{key}}')\ndef {function}(key):\n    return storage.get_object(key)\n"
    assert startup.check(facts_of({"app.py": code})).state is state


@pytest.mark.parametrize(("weights", "state"), [("'imagenet'", State.PARTIAL), ("None", State.MET)])
def test_public_weights_of_keras_are_fetched_at_start(weights, state):
    code = f"{APP}import tensorflow as tf\nbase = tf.keras.applications.MobileNetV2(weights={weights})\n"
    assert startup.check(facts_of({"app.py": code})).state is state


@pytest.mark.parametrize(
    ("module", "state"), [("vertexai.language_models", State.MET), ("transformers", State.PARTIAL)]
)
def test_a_model_that_a_cloud_keeps_is_not_fetched(module, state):
    code = f"{APP}from {module} import TextModel\nmodel = TextModel.from_pretrained('text-embedding-005')\n"
    assert startup.check(facts_of({"app.py": code})).state is state


@pytest.mark.parametrize(
    ("place", "state"),
    [
        ("os.getenv('AZUREML_MODEL_DIR') + '/model'", State.MET),
        ("os.path.join(os.environ['SM_MODEL_DIR'], 'model')", State.MET),
        ("str(Path(args.model) / 'model')", State.MET),
        ("os.getenv('MODEL_URI')", State.PARTIAL),
        ("f'models:/{name}/1'", State.PARTIAL),
    ],
)
def test_a_model_that_the_platform_has_put_into_a_folder_is_not_fetched(place, state):
    code = f"import mlflow, os\nfrom pathlib import Path\nmodel = None\n\ndef init():\n    global model\n    model = mlflow.sklearn.load_model({place})\n\ndef run(data):\n    return model.predict(data)\n"
    assert startup.check(facts_of({"src/score.py": code})).state is state


@pytest.mark.parametrize(("path", "state"), [("notebooks/03_model.py", State.MET), ("src/model.py", State.PARTIAL)])
def test_a_notebook_that_looks_at_a_model_starts_with_no_service(path, state):
    code = "import mlflow\nmodel = mlflow.pyfunc.load_model(f'models:/{name}/1')\nmodel.predict(x)\n"
    app = "from fastapi import FastAPI\napp = FastAPI()\n"
    assert startup.check(facts_of({"app.py": app, path: code})).state is state


@pytest.mark.parametrize(
    ("layer", "state"),
    [
        (".run_function(bake)", State.MET),
        (".run_commands('huggingface-cli download acme/words')", State.MET),
        (".run_commands('echo ready')", State.PARTIAL),
        ("", State.PARTIAL),
    ],
)
def test_what_code_adds_to_an_image_is_not_fetched_at_start(layer: str, state: State) -> None:
    code = (
        "import modal\nfrom transformers import AutoModel\ndef bake():\n    AutoModel.from_pretrained('acme/words')\n"
        f"image = modal.Image.debian_slim(){layer}\napp = modal.App('words', image=image)\n@app.cls()\nclass Words:\n"
        "    @modal.enter()\n    def setup(self):\n        self.net = AutoModel.from_pretrained('acme/words')\n"
        "@app.function()\n@modal.fastapi_endpoint()\ndef embed(text: str):\n    return Words().embed.remote(text)\n"
    )
    assert startup.check(facts_of({"app.py": code})).state is state
