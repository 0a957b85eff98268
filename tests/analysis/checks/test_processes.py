"""Factor 6: where weights and lookups live, and what processes keep."""

from __future__ import annotations

import json

import pytest

from apps.analysis.checks.processes import model_external, share_nothing, vocabulary_external
from apps.catalog import State
from tests.analysis.making import facts_of

WEIGHTS = b"\x80\x04weights"
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n"
LOAD = "import joblib\nmodel = joblib.load('model.pkl')\nmodel.predict([[1]])\n"
API = "from fastapi import FastAPI\napp = FastAPI()\n"


class TestModelExternal:
    def test_no_loaded_model_is_na(self) -> None:
        source = "from sklearn.linear_model import Ridge\nmodel = Ridge()\nmodel.fit(x, y)\n"
        assert model_external.check(facts_of({"train.py": source})).state is State.NA

    def test_tracked_weights_that_are_loaded_are_unmet(self) -> None:
        found = model_external.check(facts_of({"app.py": LOAD, "model.pkl": WEIGHTS}))
        assert found.state is State.UNMET
        assert found.evidence[0].path == "model.pkl"

    def test_weights_that_only_a_sample_environment_names_are_unmet(self) -> None:
        source = "import joblib, os\nmodel = joblib.load(os.environ['MODEL_PATH'])\nmodel.predict(x)\n"
        files = {"app.py": source, ".env.example": "MODEL_PATH=./sample/ridge.joblib\n", "sample/ridge.joblib": WEIGHTS}
        assert model_external.check(facts_of(files)).state is State.UNMET

    def test_weights_in_large_file_storage_are_partial(self) -> None:
        assert model_external.check(facts_of({"app.py": LOAD, "model.pkl": POINTER})).state is State.PARTIAL

    def test_a_path_in_the_code_is_partial_also_beside_a_public_model(self) -> None:
        source = (
            "import torch\nfrom transformers import AutoModel\nbody = AutoModel.from_pretrained('bert-base-uncased')\n"
            "model = Net(body)\nmodel.load_state_dict(torch.load('/root/model.bin'))\n"
        )
        assert model_external.check(facts_of({"app.py": LOAD})).state is State.PARTIAL
        assert model_external.check(facts_of({"app.py": source})).state is State.PARTIAL

    @pytest.mark.parametrize(
        "source",
        [
            "from transformers import AutoModel\nAutoModel.from_pretrained('bert-base-uncased')\n",
            "import mlflow\nmodel = mlflow.pyfunc.load_model('models:/churn/Production')\n",
            "import os, torch\nmodel = torch.load(os.environ['MODEL_PATH'])\n",
            "from urllib.request import urlretrieve\nimport onnxruntime\nurlretrieve('https://example.org/m.onnx', 'm.onnx')\nonnxruntime.InferenceSession('m.onnx')\n",
        ],
    )
    def test_hubs_registries_downloads_and_given_paths_are_met(self, source: str) -> None:
        assert model_external.check(facts_of({"app.py": source})).state is State.MET

    def test_models_of_a_catalog_are_where_the_catalog_keeps_them(self) -> None:
        source = "from kedro.pipeline import Pipeline, node\nPipeline([node(predict, ['model', 'x'], 'y')])\n"
        entry = "model:\n  type: pickle.PickleDataset\n  filepath: "
        for place, state in (("data/06_models/a.pkl", State.PARTIAL), ("s3://bucket/06_models/a.pkl", State.MET)):
            files = {"src/pipeline.py": source, "conf/base/catalog.yml": f"{entry}{place}\n"}
            assert model_external.check(facts_of(files)).state is state, place


class TestVocabularyExternal:
    def test_an_encoder_in_memory_is_na(self) -> None:
        source = "from sklearn.preprocessing import StandardScaler\nx = StandardScaler().fit_transform(x)\n"
        assert vocabulary_external.check(facts_of({"train.py": source})).state is State.NA

    def test_a_tokenizer_of_a_hub_is_met(self) -> None:
        source = "from transformers import AutoTokenizer\nAutoTokenizer.from_pretrained('bert-base-uncased')\n"
        assert vocabulary_external.check(facts_of({"app.py": source})).state is State.MET

    def test_a_tracked_scaler_is_unmet(self) -> None:
        source = "import joblib\nscaler = joblib.load('scaler.pkl')\n"
        assert vocabulary_external.check(facts_of({"app.py": source, "scaler.pkl": WEIGHTS})).state is State.UNMET

    def test_a_tracked_lexicon_that_code_reads_is_unmet(self) -> None:
        files = {"speak.py": "words = open('data/english-lexicon.txt').read()\n", "data/english-lexicon.txt": "a AH0\n"}
        assert vocabulary_external.check(facts_of(files)).state is State.UNMET

    def test_a_scaler_at_a_path_in_the_code_is_partial(self) -> None:
        source = "import joblib\nscaler = joblib.load('out/scaler.pkl')\n"
        assert vocabulary_external.check(facts_of({"app.py": source})).state is State.PARTIAL

    def test_a_label_file_that_is_downloaded_over_a_tracked_copy_is_partial(self) -> None:
        source = "from urllib.request import urlretrieve\nurlretrieve('https://example.org/imagenet_classes.txt', 'imagenet_classes.txt')\n"
        files = {"app.py": source, "imagenet_classes.txt": "cat\ndog\n"}
        assert vocabulary_external.check(facts_of(files)).state is State.PARTIAL

    def test_encoders_inside_of_the_models_pipeline_follow_the_model(self) -> None:
        train = (
            "import joblib\nfrom sklearn.pipeline import make_pipeline\nfrom sklearn.preprocessing import StandardScaler\n"
            "from sklearn.linear_model import Ridge\nmodel = make_pipeline(StandardScaler(), Ridge())\nmodel.fit(x, y)\njoblib.dump(model, out)\n"
        )
        serve = "import joblib, os\nmodel = joblib.load(os.environ['MODEL_PATH'])\nmodel.predict(x)\n"
        assert vocabulary_external.check(facts_of({"train.py": train, "app.py": serve})).state is State.MET

    def test_a_vector_index_in_a_folder_of_the_code_is_partial(self) -> None:
        source = "from langchain_community.vectorstores import Chroma\nChroma(persist_directory='chroma')\n"
        assert vocabulary_external.check(facts_of({"ask.py": source})).state is State.PARTIAL


class TestShareNothing:
    def test_a_training_script_is_na(self) -> None:
        assert share_nothing.check(facts_of({"train.py": LOAD})).state is State.NA

    def test_a_handler_that_only_answers_is_met(self) -> None:
        source = API + "@app.post('/predict')\ndef predict(x: float):\n    return model.predict([[x]])\n"
        assert share_nothing.check(facts_of({"app.py": source})).state is State.MET

    @pytest.mark.parametrize(
        "source",
        [
            "history = []\n@app.post('/chat')\ndef chat(q: str):\n    history.append(q)\n",
            "sessions = {}\n@app.post('/chat')\ndef chat(key: str, q: str):\n    sessions[key] = q\n",
            "import sqlite3\n@app.post('/save')\ndef save(q: str):\n    sqlite3.connect('app.db').execute(q)\n",
            "@app.post('/upload')\ndef upload(file):\n    with open(f'uploads/{file.filename}', 'wb') as out:\n        out.write(file.read())\n",
        ],
    )
    def test_histories_sessions_databases_and_uploads_in_the_process_are_unmet(self, source: str) -> None:
        assert share_nothing.check(facts_of({"app.py": API + source})).state is State.UNMET

    def test_a_temporary_file_that_stays_is_partial(self) -> None:
        source = API + (
            "import tempfile\n@app.post('/predict')\ndef predict(file):\n    with tempfile.NamedTemporaryFile(delete=False) as held:\n        held.write(file.read())\n"
        )
        assert share_nothing.check(facts_of({"app.py": source})).state is State.PARTIAL

    def test_a_file_that_one_task_writes_and_another_reads_is_unmet(self) -> None:
        source = (
            "import pandas as pd\nfrom airflow import DAG\n"
            "def extract():\n    frame.to_csv('/tmp/rows.csv')\n"
            "def load():\n    return pd.read_csv('/tmp/rows.csv')\n"
        )
        assert share_nothing.check(facts_of({"dags/flow.py": source})).state is State.UNMET

    def test_two_tasks_that_a_flow_gives_the_same_path_are_unmet(self) -> None:
        source = (
            "import pickle\nfrom prefect import task, flow\n"
            "@task\ndef keep(model, path):\n    with open(path, 'wb') as out:\n        pickle.dump(model, out)\n"
            "@task\ndef send(bucket, path):\n    bucket.upload_file(Key='m', Filename=path)\n"
            "@flow\ndef run():\n    keep(model=m, path=settings.path)\n    send(bucket=b, path=settings.path)\n"
        )
        assert share_nothing.check(facts_of({"flow.py": source})).state is State.UNMET

    def test_a_model_that_is_loaded_at_start_is_no_state(self) -> None:
        source = (
            API
            + "@app.on_event('startup')\ndef load():\n    global model\n    model = 1\n@app.get('/x')\ndef x():\n    return model\n"
        )
        assert share_nothing.check(facts_of({"app.py": source})).state is State.MET


def test_a_folder_of_models_that_fire_takes_as_a_flag_is_met():
    code = (
        "import os\nimport fire\nimport tensorflow as tf\ndef sample(name='small', models_dir='models'):\n"
        "    saver = tf.train.Saver()\n    ckpt = tf.train.latest_checkpoint(os.path.join(models_dir, name))\n"
        "    saver.restore(sess, ckpt)\nfire.Fire(sample)\n"
    )
    assert model_external.check(facts_of({"sample.py": code})).state is State.MET


def test_a_model_of_llama_cpp_at_a_path_in_the_code_is_partial():
    code = "from langchain_community.llms import LlamaCpp\nllm = LlamaCpp(model_path='models/llama.gguf')\n"
    assert model_external.check(facts_of({"ask.py": code})).state is State.PARTIAL


SERVER = "from fastapi import FastAPI\nfrom reading import text_of\napp = FastAPI()\n@app.post('/upsert')\ndef upsert(f):\n    return text_of(f)\n"


def test_a_file_that_a_function_behind_the_route_writes_is_partial():
    reading = "def text_of(f):\n    with open('/tmp/upload', 'wb') as out:\n        out.write(f)\n"
    assert share_nothing.check(facts_of({"main.py": SERVER, "reading.py": reading})).state is State.PARTIAL


def test_a_file_at_a_path_that_other_callers_choose_is_no_state_of_requests():
    reading = "def text_of(f, report=None):\n    if report:\n        with open(report, 'w') as out:\n            out.write(f)\n"
    assert share_nothing.check(facts_of({"main.py": SERVER, "reading.py": reading})).state is State.MET


def test_an_index_that_the_server_writes_to_its_disk_is_unmet():
    reading = "def text_of(f):\n    return f\nclass Component:\n    def save(self):\n        self.index.storage_context.persist(persist_dir=FOLDER)\n"
    found = share_nothing.check(facts_of({"main.py": SERVER, "reading.py": reading}))
    assert found.state is State.UNMET
    assert found.evidence[0].path == "reading.py"


def test_an_image_saved_into_memory_leaves_nothing_behind() -> None:
    code = "import io\nfrom fastapi import FastAPI, Response\napp = FastAPI()\n\n\n@app.post('/segment')\ndef segment(file: bytes):\n    bytes_io = io.BytesIO()\n    found.save(bytes_io, format='PNG')\n    return Response(bytes_io.getvalue())\n"
    assert share_nothing.check(facts_of({"app.py": code})).state is State.MET


def test_a_model_that_the_platform_s_container_hands_over_is_external() -> None:
    code = "import os\nimport torch\n\n\ndef model_fn(model_dir):\n    return torch.load(os.path.join(model_dir, 'net.pth'))\n"
    assert model_external.check(facts_of({"inference.py": code})).state is State.MET


LOADER = "import dill\ndef load_object(path):\n    with open(path, 'rb') as file:\n        return dill.load(file)\n"
BUNDLE = "import joblib\nbundle = joblib.load(%s)\nscaler = bundle['scaler']\nbundle['model'].predict(x)\n"


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({"app.py": BUNDLE % "'out/model.joblib'"}, State.PARTIAL),
        ({"app.py": BUNDLE % "'model.joblib'", "model.joblib": b"x"}, State.UNMET),
        ({"app.py": "import os\n" + (BUNDLE % "os.environ['MODEL']").replace("bundle", "model")}, State.MET),
        ({"store.py": LOADER, "app.py": "from store import load_object\npreprocessor = load_object('out/preprocessor.pkl')\n"}, State.PARTIAL),
        ({"app.py": "import spacy\nparser = spacy.load('./models/names')\n"}, State.PARTIAL),
        ({"app.py": "import spacy\nparser = spacy.load('en_core_web_sm')\n"}, State.MET),
        ({"app.py": "from ultralytics import YOLO\nmodel = YOLO('best.pt')\n", "best.pt": b"x"}, State.UNMET),
        ({"store.py": LOADER, "app.py": "from store import load_object\nrows = load_object('out/rows.pkl')\n"}, State.NA),
    ],
)  # fmt: skip
def test_what_prepares_for_a_model_in_its_bundle_or_through_a_function(files, state):
    assert vocabulary_external.check(facts_of(files)).state is state


API = "from fastapi import FastAPI\napp = FastAPI()\n"
KEEPER = "class Keeper:\n    def __init__(self):\n        self.sessions = {}\n    def add(self, key):\n        self.sessions[key] = 1\n"
ROUTE = "@app.post('/a')\ndef answer(key: str):\n    "
STREAMLIT = "import streamlit as st\nfile = st.file_uploader('a')\n"


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({"keep.py": KEEPER + "keeper = Keeper()\n", "app.py": API + "from keep import keeper\n" + ROUTE + "keeper.add(key)\n"}, State.UNMET),
        ({"app.py": API + KEEPER + ROUTE + "Keeper().add(key)\n"}, State.MET),
        ({"app.py": API + KEEPER.replace("sessions", "clients") + "keeper = Keeper()\n" + ROUTE + "keeper.add(key)\n"}, State.PARTIAL),
        ({"app.py": API + "app.state.jobs = {}\n" + ROUTE + "request.app.state.jobs[key] = 1\n"}, State.UNMET),
        ({"app.py": API + "def note(x):\n    open('answers.csv', 'a').write(x)\n" + ROUTE + "note(key)\n"}, State.UNMET),
        ({"app.py": API + KEEPER.replace("Keeper", "MetricsKeeper") + "keeper = MetricsKeeper()\n" + ROUTE + "keeper.add(key)\n"}, State.MET),
        ({"app.py": API + "metrics = {}\n" + ROUTE + "metrics[key] = 1\n"}, State.MET),
        ({"app.py": API + "import os, sqlite3\n" + ROUTE + "sqlite3.connect(os.getenv('KEPT', '/srv/kept.db')).execute(key)\n"}, State.UNMET),
        ({"app.py": API + "chat_engine = index.as_chat_engine()\n"}, State.UNMET),
        ({"app.py": STREAMLIT + "open('in/' + file.name, 'wb').write(file.read())\n"}, State.UNMET),
        ({"app.py": STREAMLIT + "open('/tmp/' + file.name, 'wb').write(file.read())\n"}, State.MET),
        (
            {
                "app.py": API + "import os\nfrom sqlalchemy import create_engine\nengine = create_engine(os.getenv('DATABASE_URL', 'sqlite:///a.db'))\n",
                "compose.yaml": "services:\n  api:\n    build: .\n    environment:\n      DATABASE_URL: postgresql://db/a\n",
            },
            State.MET,
        ),
    ],
)  # fmt: skip
def test_state_of_objects_pages_and_appended_files(files, state):
    assert share_nothing.check(facts_of(files)).state is state


WHISPER = (
    "import os\nfrom faster_whisper import WhisperModel\n"
    "size = os.environ.get('SIZE') or 'small'\nmodel = WhisperModel(model_size_or_path=size, device='cpu')\n"
)
EMBEDDINGS = (
    "from langchain_huggingface import HuggingFaceEmbeddings\nNAME = 'acme/small'\n"
    "class Prefixed(HuggingFaceEmbeddings):\n    pass\ndef build():\n    return Prefixed(model_name=NAME)\n"
)
REDIS = "from langchain_redis import RedisConfig\ndef build(redis_url: str):\n    return RedisConfig(index_name='a', redis_url=redis_url)\n"


def test_a_hub_model_that_a_keyword_names_is_met_and_so_is_the_tokenizer_in_it():
    assert model_external.check(facts_of({"app.py": WHISPER})).state is State.MET
    assert vocabulary_external.check(facts_of({"app.py": WHISPER})).state is State.MET


def test_a_class_below_one_that_loads_a_model_loads_it_too():
    assert model_external.check(facts_of({"store.py": EMBEDDINGS})).state is State.MET


def test_an_index_in_redis_is_met():
    assert vocabulary_external.check(facts_of({"store.py": REDIS})).state is State.MET


def test_weights_that_dvc_keeps_and_an_image_copies_are_partial():
    files = {
        "runs.dvc": "outs:\n- path: runs\n  files:\n  - relpath: last/net.onnx\n    md5: abc\n",
        "app.py": "from onnxruntime import InferenceSession\nimport os\nmodel = InferenceSession(os.environ['MODEL'])\n",
    }
    copied = facts_of({**files, "Dockerfile": "FROM python:3.11\nCOPY runs/last/net.onnx /app/\n"})
    assert model_external.check(copied).state is State.PARTIAL
    other = facts_of({**files, "Dockerfile": "FROM python:3.11\nCOPY app.py /app/\n"})
    assert model_external.check(other).state is State.MET
    table = {"rows.dvc": "outs:\n- path: rows.csv\n", "app.py": files["app.py"]}
    rows = facts_of({**table, "Dockerfile": "FROM python:3.11\nCOPY rows.csv /app/\n"})
    assert model_external.check(rows).state is State.MET


@pytest.mark.parametrize(
    ("line", "state"),
    [
        ("rows = np.load(preprocess_dir / str(one) / 'rows.npy')", State.NA),
        ("labels = json.load(open('data/train_fraud_labels.json'))", State.NA),
        ("answers = np.load('data/y_labels.npy')", State.NA),
        ("labels = json.load(open('data/label_map.json'))", State.PARTIAL),
        ("names = joblib.load('out/class_labels.pkl')", State.PARTIAL),
        ("fe_pipeline = joblib.load('out/fe_pipeline_2.pkl')", State.PARTIAL),
        ("prepare = joblib.load('out/feature_pipeline.pkl')", State.PARTIAL),
    ],
)
def test_prepared_data_and_its_answers_are_no_lookups(line: str, state: State) -> None:
    source = f"import json, joblib\nimport numpy as np\ndef read(preprocess_dir, one):\n    {line}\n    return 1\n"
    assert vocabulary_external.check(facts_of({"read.py": source})).state is state


@pytest.mark.parametrize(("saved", "state"), [("", State.NA), ("joblib.dump(model, 'model.pkl')\n", State.PARTIAL)])
def test_a_pipeline_of_one_notebook_is_in_no_model_of_another(saved: str, state: State) -> None:
    fit = (
        "import joblib\nfrom sklearn.pipeline import make_pipeline\nfrom sklearn.preprocessing import StandardScaler\n"
        f"from sklearn.linear_model import Ridge\nmodel = make_pipeline(StandardScaler(), Ridge())\nmodel.fit(x, y)\n{saved}"
    )
    other = (
        "import torch\ntorch.save(net.state_dict(), 'net.pth')\nnet.load_state_dict(torch.load('net.pth'))\nnet(x)\n"
    )
    books = {"prices.ipynb": fit, "bank.ipynb": other}
    files = {path: json.dumps({"cells": [{"cell_type": "code", "source": [text]}]}) for path, text in books.items()}
    assert vocabulary_external.check(facts_of(files)).state is state
