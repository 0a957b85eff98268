"""Factor 6 in systems of several parts: what is beside the model, and what requests leave behind."""

from __future__ import annotations

import time

import pytest

from apps.analysis.checks.processes import model_external, share_nothing, vocabulary_external
from apps.catalog import State
from tests.analysis.making import facts_of

BINARY = b"\x80\x04object"
API = "from fastapi import FastAPI\napp = FastAPI()\n"
ROUTE = "@app.post('/a')\ndef answer(key: str):\n    "
REGISTRY = "import mlflow\nmodel = mlflow.pyfunc.load_model('models:/churn/1')\n"
ENCODED = "from sklearn.preprocessing import LabelEncoder\nencoder = LabelEncoder()\n"
PIPELINE = (
    "import joblib\nfrom sklearn.pipeline import Pipeline\nfrom sklearn.preprocessing import StandardScaler\n"
    "pipe = Pipeline([('s', StandardScaler())])\njoblib.dump({'model': pipe}, 'models/a.joblib')\n"
)
IN_CLASS = (
    "import mlflow\nfrom sklearn.feature_extraction.text import CountVectorizer\n"
    "class Model:\n    def __init__(self):\n        self.words = CountVectorizer()\n"
    "mlflow.pyfunc.log_model('model', python_model=Model())\nmodel = mlflow.pyfunc.load_model('models:/a/1')\n"
)
CLIENT = "import requests, torch\nclass Client:\n    def load(self):\n        self.model = torch.load('models/a.pt')\n"
SPACY = "import spacy\nPLACES = make()\ndef nlp(size):\n    return spacy.load(PLACES[size])\n"


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({"app.py": REGISTRY, "index/data_level0.bin": BINARY, "index/header.bin": BINARY}, State.MET),
        ({"app.py": REGISTRY, "artifacts/age_bins.pkl": BINARY}, State.MET),
        ({"app.py": REGISTRY, "find.py": "import pickle\npickle.load(open('data/bm25_index.pkl', 'rb'))\n", "data/bm25_index.pkl": BINARY}, State.MET),
        ({"app.py": SPACY, "train.py": "nlp.to_disk(out)\n", "models/en/ner/model": "x", "models/en/vocab/lookups.bin": BINARY}, State.UNMET),
        ({"ocr.py": "import os, torch\nself.folder = root / 'models' / 'ocr'\nmodel = torch.load(os.environ['M'])\n", "models/ocr/net.pth": BINARY}, State.UNMET),
        ({"app.py": REGISTRY, "Dockerfile": "FROM python:3.11\nRUN dvc pull model.dvc\n"}, State.PARTIAL),
        ({"app.py": "from gridfs import GridFS\nfrom pyspark.ml import PipelineModel\nfs = GridFS(db)\nmodel = PipelineModel.load('/tmp/model')\n"}, State.MET),
        ({"app.py": "import joblib\nself._bundle = joblib.load(path)\n", "models/a.joblib": BINARY}, State.UNMET),
        ({"client.py": CLIENT + "    def _download(self):\n        requests.get(self.url, stream=True)\n"}, State.MET),
        ({"client.py": CLIENT}, State.PARTIAL),
        ({"card.qmd": "```{r}\nv <- vetiver_pin_read(board, params$name)\n```\n"}, State.MET),
    ],
)  # fmt: skip
def test_weights_are_told_from_what_lies_beside_them(files: dict[str, str | bytes], state: State) -> None:
    assert model_external.check(facts_of(files)).state is state


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({"app.py": "from langchain_chroma import Chroma\nChroma(persist_directory='db')\n", "db/a/length.bin": BINARY, "db/chroma.sqlite3": BINARY}, State.UNMET),
        ({"app.py": API + ENCODED + "encoder.fit(frame['town'])\n"}, State.UNMET),
        ({"train.py": ENCODED + "encoder.fit(frame['town'])\n", "app.py": API}, State.NA),
        ({"app.py": "import joblib\nself._bundle = joblib.load(path)\n", "train.py": PIPELINE, "models/a.joblib": BINARY}, State.UNMET),
        ({"model.py": IN_CLASS}, State.MET),
        ({"train.py": PIPELINE, "app.py": REGISTRY, "Dockerfile": "FROM python:3.11\nRUN dvc pull\n"}, State.PARTIAL),
        ({"detect.py": "parser.add_argument('--classes', default='data/coco.names')\n", "data/coco.names": "person\n"}, State.UNMET),
        ({"app.py": "import json\nfrom sentence_transformers import SentenceTransformer\nSentenceTransformer('a/b')\njson.load(open('id_mapping.json'))\n", "id_mapping.json": "{}"}, State.UNMET),
        ({"app.py": "from urllib.request import urlretrieve\nurlretrieve('https://example.org/classes.txt', 'classes.txt')\n", "classes.txt": "cat\n"}, State.PARTIAL),
        ({"auth.py": "import redis\ndef keep(refresh_token):\n    session.save(refresh_token, 'refresh_token')\n"}, State.NA),
        ({"src/store.ts": "import { Pinecone } from '@pinecone-database/pinecone'\n"}, State.MET),
    ],
)  # fmt: skip
def test_lookups_are_found_in_indexes_bundles_and_serving_code(files: dict[str, str | bytes], state: State) -> None:
    assert vocabulary_external.check(facts_of(files)).state is state


SPRING = "@RestController\npublic class A {\n"
EXPRESS = "const app = express()\napp.listen(3000)\n"


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({"app.py": API + "from functools import lru_cache\n@lru_cache(maxsize=9)\ndef rows(town):\n    return 1\n"}, State.PARTIAL),
        ({"app.py": API + "from functools import lru_cache\n@lru_cache\ndef rows(town):\n    return 1\n"}, State.MET),
        ({"app.py": "from flask import Flask, Blueprint\nfrom speech import speak\napp = Flask(__name__)\nbp = Blueprint('a', __name__)\nbp.route('/a', methods=['POST'])(speak)\n", "speech.py": "def speak():\n    with open('said.wav', 'wb') as out:\n        out.write(b'a')\n"}, State.UNMET),
        ({"app.py": API + "def draw(place):\n    report.save_html(place)\n" + ROUTE + "draw(key)\n"}, State.PARTIAL),
        ({"app.py": API + "def save(place):\n    open(place, 'w').write('a')\n" + ROUTE + "tasks.add_task(save, key)\n"}, State.PARTIAL),
        ({"app.py": API + "import click\n@click.command()\n@click.option('--out')\ndef work(out):\n    open(out, 'w').write('a')\n" + ROUTE + "work(None)\n"}, State.MET),
        ({"app.py": API + "import tempfile, os\n" + ROUTE + "made = tempfile.NamedTemporaryFile(delete=False)\n    os.unlink(made.name)\n"}, State.MET),
        ({"app.py": API + "import tempfile\n" + ROUTE + "with tempfile.TemporaryDirectory() as made:\n        read(made)\n"}, State.MET),
        ({"app.py": API + "import tempfile\n" + ROUTE + "made = tempfile.NamedTemporaryFile(delete=False)\n    read(made.name)\n"}, State.PARTIAL),
        ({"app.py": API + "import tempfile, os\n" + ROUTE + "_, made = tempfile.mkstemp()\n    os.replace(made, key)\n    os.unlink(made)\n"}, State.PARTIAL),
        ({"app.py": API + "import tempfile\n" + ROUTE + "with tempfile.TemporaryDirectory() as made:\n        read(made)\n    open('kept/last.txt', 'w').write(key)\n"}, State.PARTIAL),
        ({"app.py": API + "import tempfile\n" + ROUTE + "with tempfile.TemporaryDirectory() as made:\n        open(f'{made}/a', 'w').write(key)\n"}, State.MET),
        ({"app.py": API + "import tempfile\n" + ROUTE + "made = tempfile.NamedTemporaryFile(delete=False)\n    names.remove(key)\n"}, State.PARTIAL),
        ({"app.py": API + "import tempfile\n" + ROUTE + "frame.to_csv('streams/all.csv')\n    os.unlink(tempfile.mktemp())\n"}, State.PARTIAL),
        ({"app.py": API + "from io import StringIO\n" + ROUTE + "made = StringIO()\n    frame.to_csv(made_buffer)\n"}, State.MET),
        ({"app.py": API + "predictions = []\n" + ROUTE + "predictions.append(key)\n"}, State.UNMET),
        ({"app.py": API + "class Log:\n    def __init__(self, file='log.jsonl'):\n        self.file = file\n    def note(self, x):\n        open(self.file, 'a').write(x)\n" + ROUTE + "log.note(key)\n"}, State.UNMET),
        ({"A.java": SPRING + '  @Cacheable("a")\n  public int a() {}\n'}, State.PARTIAL),
        ({"A.java": SPRING + "  private final Map<String, B> rates = new ConcurrentHashMap<>();\n"}, State.PARTIAL),
        ({"A.java": SPRING + "  private final Map<String, B> names = new HashMap<>();\n"}, State.MET),
        ({"server.ts": EXPRESS + "const sessions = new Map<string, B>()\n"}, State.UNMET),
        ({"server.ts": EXPRESS, "web/page.ts": "const sessions = new Map()\n"}, State.MET),
        ({"server.ts": EXPRESS + "const sessions = new Map([['a', 1]])\n"}, State.MET),
        ({"server.ts": EXPRESS, "scripts/report.ts": "fs.writeFileSync('report.json', text)\n"}, State.MET),
        ({"server.ts": EXPRESS, "lib/report.ts": "fs.writeFileSync('report.json', text)\n"}, State.PARTIAL),
    ],
)  # fmt: skip
def test_state_of_memories_caches_and_functions_run_elsewhere(files: dict[str, str], state: State) -> None:
    assert share_nothing.check(facts_of(files)).state is state


def test_code_that_asks_a_cloud_for_an_endpoint_serves() -> None:
    source = "import { SageMakerClient } from '@aws-sdk/client-sagemaker'\nnew CreateEndpointCommand({})\n"
    assert share_nothing.check(facts_of({"create.ts": source})).state is State.MET


@pytest.mark.parametrize(
    ("kept", "state"),
    [
        ("st.session_state.messages.append(answer)", State.UNMET),
        ("st.session_state['chat_history'] = [answer]", State.UNMET),
        ("st.session_state['page'] = 'home'", State.PARTIAL),
    ],
)
def test_conversations_in_the_memory_of_pages_are_needed_later(kept: str, state: State) -> None:
    assert share_nothing.check(facts_of({"app.py": f"import streamlit as st\n{kept}\n"})).state is state


@pytest.mark.parametrize(
    ("route", "body", "state"),
    [
        ("@app.post('/build')", "    state.model = build(name)\n", State.UNMET),
        ("@app.put('/model')", "    global model\n    model = build(name)\n", State.UNMET),
        ("@app.post('/build')", "    built = build(name)\n", State.MET),
    ],
)
def test_what_one_request_sets_for_those_after_it_stays_in_the_process(route: str, body: str, state: State) -> None:
    code = f"from fastapi import FastAPI\napp = FastAPI()\nstate = State()\nmodel = None\n{route}\ndef set_up(name):\n{body}"
    assert share_nothing.check(facts_of({"app.py": code})).state is state


def test_a_handler_that_writes_thousands_of_files_is_read_in_time_that_grows_with_it() -> None:
    body = "".join(f"    open('a{n}', 'w')\n" for n in range(6000))
    begun = time.process_time()
    assert share_nothing.check(facts_of({"app.py": f"{API}@app.post('/x')\ndef x():\n{body}"})).state is State.UNMET
    assert time.process_time() - begun < 15  # it took a minute


SETTINGS = "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': BASE / 'db.sqlite3'}}\n"
VIEW = "from django.http import JsonResponse\ndef score(request):\n    return JsonResponse({'y': 1})\n"
OWN_MODEL = "from django.db import models\nclass Score(models.Model):\n    pass\n"
TALK = "from django.http import JsonResponse\ndef score(request):\n    request.session['last'] = 1\n"


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({}, State.MET),
        ({"scores/models.py": "from django.db import models\n# Create your models here.\n"}, State.MET),
        ({"scores/models.py": OWN_MODEL}, State.UNMET),
        ({"scores/views.py": TALK}, State.UNMET),
    ],
)
def test_the_database_of_untouched_settings_keeps_nothing(files: dict[str, str], state: State) -> None:
    start = {"manage.py": "from django.core.management import execute_from_command_line\nexecute_from_command_line()\n"}
    site = {
        "shop/settings.py": SETTINGS,
        "shop/wsgi.py": "from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n",
        **start,
    }
    assert share_nothing.check(facts_of({**site, "scores/views.py": VIEW, **files})).state is state


@pytest.mark.parametrize(
    ("body", "state"),
    [
        ("    global model\n    return model.predict(x)\n", State.MET),
        ("    global asked\n    asked += 1\n", State.PARTIAL),
        ("    global asked\n    asked, last = count(x)\n", State.PARTIAL),
        ("    global rows\n    rows.append(x)\n", State.PARTIAL),
        ("    global asked\n    def asked():\n        return x\n", State.PARTIAL),
        ("    global model\n    def told():\n        model = x\n    return model.predict(x)\n", State.MET),
    ],
)
def test_a_global_that_a_request_only_reads_is_no_state(body: str, state: State) -> None:
    code = f"{API}model = None\nasked = 0\nrows = build()\n@app.get('/x')\ndef x(x):\n{body}"
    assert share_nothing.check(facts_of({"app.py": code})).state is state


@pytest.mark.parametrize(
    "declared", ["    global a{0}\n", "    global a{0}\n    def g{0}():\n        global b{0}\n        b{0} = 1\n"]
)
def test_functions_with_thousands_of_declarations_are_read_in_time_that_grows_with_them(declared: str) -> None:
    body = "".join(declared.format(n) for n in range(2000))
    begun = time.process_time()
    facts_of({"app.py": f"def x():\n{body}"})
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(("name", "state"), [("_cache", State.PARTIAL), ("_model_cache", State.MET)])
def test_answers_that_an_object_made_once_keeps_are_a_cache(name: str, state: State) -> None:
    kept = (
        f"class Kept:\n    def __init__(self):\n        self.{name} = {{}}\n"
        f"    def keep(self, key, value):\n        self.{name}[key] = value\nkept = Kept()\n"
    )
    answer = f"{API}from kept import kept\n@app.post('/x')\ndef x(q):\n    kept.keep(q, 1)\n"
    assert share_nothing.check(facts_of({"kept.py": kept, "app.py": answer})).state is state


@pytest.mark.parametrize(("name", "state"), [("_MODEL_CACHE", State.MET), ("_answers", State.PARTIAL)])
def test_a_model_that_is_kept_when_it_was_first_asked_for_is_no_state(name: str, state: State) -> None:
    code = (
        f"{API}{name} = {{}}\ndef kept(key):\n    {name}[key] = load(key)\n@app.get('/x')\ndef x(key):\n    kept(key)\n"
    )
    assert share_nothing.check(facts_of({"app.py": code})).state is state


@pytest.mark.parametrize(
    ("helper", "state"),
    [
        ("open(f'kept/{key}.json', 'w').write(key)", State.UNMET),
        ("open(f'kept/{key}.json', 'w').write(key)\n    client.upload_file(key)", State.PARTIAL),  # it lies elsewhere
        ("open(f'kept/{key}.json', 'w').write(key)\n    os.remove(key)", State.PARTIAL),
        ("report.save_html('kept/drift.html')", State.PARTIAL),  # each request draws it anew
        ("open(key, 'w').write(key)", State.PARTIAL),  # a place that nothing tells
    ],
)
def test_what_a_function_behind_a_handler_leaves_on_the_disk_is_needed_later(helper: str, state: State) -> None:
    code = f"import os\n{API}def keep(key):\n    {helper}\n{ROUTE}keep(name())\n"
    assert share_nothing.check(facts_of({"app.py": code})).state is state


@pytest.mark.parametrize(("name", "state"), [("FileStore", State.UNMET), ("Exporter", State.PARTIAL)])
def test_what_a_store_in_another_language_writes_is_read_again(name: str, state: State) -> None:
    code = f"import fs from 'fs'\nexport class {name} {{ save(a) {{ fs.writeFile('a.json', a) }} }}\n"
    assert share_nothing.check(facts_of({"server.ts": EXPRESS, f"{name}.ts": code})).state is state


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({"compose.yaml": "services:\n  db:\n    image: pgvector/pgvector:pg16\n"}, State.MET),
        ({"compose.yaml": "services:\n  db:\n    image: postgres:16\n"}, State.NA),
        ({"store.py": "from pgvector.psycopg import register_vector\n"}, State.MET),
    ],
)
def test_an_index_in_the_database_lies_outside_of_the_code(files: dict[str, str], state: State) -> None:
    code = "import psycopg, os\nfrom openai import OpenAI\nclient = OpenAI()\ndb = psycopg.connect(os.environ['DATABASE_URL'])\n"
    assert vocabulary_external.check(facts_of({"app.py": code, **files})).state is state


@pytest.mark.parametrize(
    ("begun", "name", "state"),
    [
        ("_last_told = 0.0", "tell", State.PARTIAL),  # another replica tells once more
        ("_telling = False", "tell", State.PARTIAL),
        ("_client = None", "tell", State.MET),  # made when it is first asked for
        ("_loaded = False", "tell", State.MET),
        ("_requests_total = 0", "tell", State.MET),  # a figure of a monitor
        ("_seen = False", "load_parts", State.MET),
    ],
)
def test_what_a_request_sets_through_another_function_is_state(begun: str, name: str, state: State) -> None:
    kept = begun.partition(" ")[0]
    code = f"{begun}\n{API}def {name}():\n    global {kept}\n    {kept} = clock()\n    send()\n{ROUTE}{name}()\n"
    assert share_nothing.check(facts_of({"app.py": code})).state is state
