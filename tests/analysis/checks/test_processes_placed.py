"""Factor 6: models and lookups by the places that commands, images and manifests name, and files that requests keep."""

from __future__ import annotations

import pytest

from apps.analysis.checks.processes import model_external, share_nothing, vocabulary_external
from apps.catalog import State
from tests.analysis.making import facts_of

API = "from fastapi import FastAPI, UploadFile\nfrom pathlib import Path\napp = FastAPI()\n"
BY_FLAG = "import argparse, torch\np = argparse.ArgumentParser()\np.add_argument('--weights')\na = p.parse_args()\nmodel = torch.load(a.weights)\nmodel(x)\n"
TRAIN = "opt = torch.optim.SGD(net.parameters())\nfor x, y in data:\n    loss = f(net(x), y)\n    loss.backward()\n"


class TestModelsOfZoos:
    @pytest.mark.parametrize(
        ("source", "state"),
        [
            ("from torchvision import models\nimport torch\nnet = models.resnet18(weights='DEFAULT')\n" + TRAIN, State.MET),
            ("import torchvision, torch\nnet = torchvision.models.resnet18(True)\n" + TRAIN, State.MET),
            ("import torchvision, torch\nnet = torchvision.models.resnet18(pretrained=False)\n" + TRAIN, State.NA),
            ("import torchvision, torch\nnet = torchvision.models.resnet18()\n" + TRAIN, State.NA),
            ("from keras.applications import VGG16\nmodel = VGG16()\nmodel.fit(x, y)\n", State.MET),
            ("from keras.applications import VGG16\nmodel = VGG16(weights=None)\nmodel.fit(x, y)\n", State.NA),
            ("from keras.applications import VGG16\nmodel = VGG16(weights='w/own.h5')\nmodel.fit(x, y)\n", State.PARTIAL),
        ],
    )  # fmt: skip
    def test_what_is_published_comes_from_outside_and_what_is_only_built_is_not_loaded(
        self, source: str, state: State
    ) -> None:
        assert model_external.check(facts_of({"train.py": source})).state is state


class TestModelsByOtherPlaces:
    @pytest.mark.parametrize("name", ["HuggingFaceEmbedding", "HuggingFaceBgeEmbeddings", "HuggingFaceEmbeddings"])
    def test_a_model_of_embeddings_that_is_named_as_on_its_hub_comes_from_outside(self, name: str) -> None:
        source = f"from somewhere.embeddings import {name}\nembed = {name}(model_name='ACME/words-small-v1.5')\n"
        assert model_external.check(facts_of({"app.py": source})).state is State.MET
        local = source.replace("ACME/words-small-v1.5", "./models/words")
        assert model_external.check(facts_of({"app.py": local})).state is State.PARTIAL

    def test_what_is_inside_of_a_model_is_judged_like_it(self) -> None:
        source = "import os\nfrom ultralytics import YOLO\nmodel = YOLO({})\nmodel.predict(image)\n"
        for path, state in (("os.environ['WEIGHTS']", State.PARTIAL), ("'weights/plates.pt'", State.UNMET)):
            facts = facts_of({"app.py": source.format(path), "weights/plates.pt": b"x"})
            assert model_external.check(facts).state is state
            assert vocabulary_external.check(facts).state is state

    def test_weights_are_named_by_a_command_or_the_environment_of_an_image(self) -> None:
        served = "import os, joblib\nmodel = joblib.load(os.environ['MODEL'])\nmodel.predict(x)\n"
        image = 'FROM python:3.12\nCOPY . .\nENV MODEL=/app/models/ridge.joblib\nCMD ["python", "app.py"]\n'
        by_image = {"app.py": served, "Dockerfile": image, "models/ridge.joblib": b"x"}
        by_command = {"demo.py": BY_FLAG, "run.sh": "python demo.py --weights w/best.pth\n", "w/best.pth": b"x"}
        only_written = by_command | {"run.sh": "python export.py --save-weights w/best.pth\n"}
        assert model_external.check(facts_of(by_image)).state is State.UNMET
        in_prose = {
            "demo.py": BY_FLAG,
            "README.md": "```\npython demo.py --weights w/best.pth\n```\n",
            "w/best.pth": b"x",
        }
        assert model_external.check(facts_of(by_command)).state is State.UNMET
        assert model_external.check(facts_of(in_prose)).state is State.UNMET
        assert model_external.check(facts_of(only_written)).state is State.PARTIAL

    def test_servers_of_models_load_what_their_image_holds_or_their_folder(self) -> None:
        image = "FROM tensorflow/serving:2.14.0\nCOPY exported /models/fox\nENV MODEL_NAME=fox\n"
        service = "services:\n  fox:\n    image: tensorflow/serving:2.14.0\n    volumes: ['./exported:/models/fox']\n"
        kserve = "kind: InferenceService\nspec:\n  predictor:\n    model:\n      storageUri: s3://foxes/1\n"
        assert model_external.check(facts_of({"Dockerfile": image})).state is State.PARTIAL
        held = {"Dockerfile": image, "exported/1/saved_model.pb": b"x"}
        assert model_external.check(facts_of(held)).state is State.UNMET
        assert model_external.check(facts_of({"docker-compose.yml": service})).state is State.MET
        assert model_external.check(facts_of({"k8s/fox.yaml": kserve})).state is State.MET


class TestLookups:
    def test_a_tracked_folder_that_is_loaded_whole_is_unmet(self) -> None:
        source = "from transformers import AutoTokenizer\nt = AutoTokenizer.from_pretrained('./tok')\n"
        files = {"serve.py": source, "tok/vocab.json": "{}", "tok/merges.txt": "a b"}
        assert vocabulary_external.check(facts_of(files)).state is State.UNMET
        assert (
            vocabulary_external.check(facts_of({**files, "serve.py": source.replace("./tok", "a/b")})).state
            is State.MET
        )

    def test_a_reader_of_the_repository_is_given_a_path_by_any_name(self) -> None:
        reader = "import dill\ndef load_object(path):\n    with open(path, 'rb') as f:\n        return dill.load(f)\n"
        source = "import os\nfrom utils import load_object\ndef answer(x):\n    where = os.path.join('artifacts', 'preprocessor.pkl')\n    before = load_object(where)\n    return before.transform(x)\n"
        assert vocabulary_external.check(facts_of({"utils.py": reader, "app.py": source})).state is State.PARTIAL
        other = source.replace("preprocessor.pkl", "notes.pkl")
        assert vocabulary_external.check(facts_of({"utils.py": reader, "app.py": other})).state is State.NA


STORE = "import json\ndef read(path):\n    with open(path) as f:\n        return json.load(f)\ndef write(path, rows):\n    with open(path, 'w') as f:\n        json.dump(rows, f)\n"


class TestFilesOfRequests:
    def test_a_file_that_other_requests_read_again_is_unmet(self) -> None:
        source = "from store import read, write\n@app.post('/users')\ndef add(user: dict):\n    write('users.json', [user])\n@app.get('/users')\ndef users():\n    return read('users.json')\n"
        only_read = source.replace("    write('users.json', [user])", "    return user")
        assert share_nothing.check(facts_of({"main.py": API + source, "store.py": STORE})).state is State.UNMET
        assert share_nothing.check(facts_of({"main.py": API + only_read, "store.py": STORE})).state is State.MET

    @pytest.mark.parametrize(
        ("path", "after", "state"),
        [
            ("os.path.join('static/logos', 'a.png')", "store.send(path)", State.UNMET),  # handed out from there
            ("os.path.join('work', 'a.png')", "store.send(path)", State.PARTIAL),
            ("os.path.join('work', 'a.png')", "os.remove(path)", State.PARTIAL),
            ("os.path.join('work', 'a.png')", "print(path)", State.UNMET),  # it stays
            ("os.path.join('cache', 'a.png')", "print(path)", State.PARTIAL),
        ],
    )
    def test_a_helper_writes_an_upload(self, path: str, after: str, state: State) -> None:
        source = (
            "from keeping import keep\n@app.post('/logo')\nasync def add(f: UploadFile):\n    return await keep(f)\n"
        )
        helper = f"import os\nasync def keep(f):\n    path = {path}\n    with open(path, 'wb') as out:\n        out.write(await f.read())\n    {after}\n    return path\n"
        assert share_nothing.check(facts_of({"main.py": API + source, "keeping.py": helper})).state is state

    @pytest.mark.parametrize(
        ("line", "state"),
        [
            ("(Path('uploads') / f.filename).write_bytes(await f.read())", State.UNMET),
            ("Path('/tmp/a.wav').write_bytes(await f.read())", State.PARTIAL),
            ("Path('feedback.jsonl').open('a').write(f.filename)", State.UNMET),
            ("text = Path('words.txt').open('r').read()", State.MET),
        ],
    )
    def test_paths_write_by_their_own_methods(self, line: str, state: State) -> None:
        source = f"{API}@app.post('/f')\nasync def add(f: UploadFile):\n    {line}\n"
        assert share_nothing.check(facts_of({"main.py": source})).state is state

    def test_tasks_of_a_queue_keep_no_results_on_disk(self) -> None:
        task = "from celery import Celery\nqueue = Celery('q')\n@queue.task\ndef infer(key, text):\n    answer = model.predict(text)\n"
        kept = task + "    with open(f'results/{key}.json', 'w') as f:\n        f.write(answer)\n"
        assert share_nothing.check(facts_of({"tasks.py": kept})).state is State.UNMET
        assert share_nothing.check(facts_of({"tasks.py": task})).state is State.MET


class TestLookupsOfOtherKinds:
    @pytest.mark.parametrize(
        ("source", "state"),
        [
            (
                "tokenizer_class = CLASSES[args.kind]\ntok = tokenizer_class.from_pretrained('bert-base-uncased')\n",
                State.MET,
            ),
            (
                "network_class = CLASSES[args.kind]\nnet = network_class.from_pretrained('bert-base-uncased')\n",
                State.NA,
            ),
            ("from pgvector.psycopg import register_vector\nregister_vector(connection)\n", State.MET),
        ],
    )
    def test_tokenizers_of_a_chosen_class_and_indexes_of_postgres(self, source: str, state: State) -> None:
        assert vocabulary_external.check(facts_of({"run.py": source})).state is state

    def test_an_encoder_of_any_name_goes_to_the_tracker_or_stays_in_a_file(self) -> None:
        source = "import pickle\nfrom sklearn.feature_extraction import DictVectorizer\ndv = DictVectorizer()\nx = dv.fit_transform(rows)\npickle.dump(dv, open('p.b', 'wb'))\n"
        given = source.replace("open('p.b', 'wb')", "open(os.environ['OUT'], 'wb')")
        assert vocabulary_external.check(facts_of({"train.py": f"import os\n{given}"})).state is State.MET
        logged = f"{source}import mlflow\nmlflow.log_artifact('p.b')\n"
        assert vocabulary_external.check(facts_of({"train.py": source})).state is State.PARTIAL
        assert vocabulary_external.check(facts_of({"train.py": logged})).state is State.MET
        other = logged.replace("DictVectorizer()", "Ridge()")
        assert vocabulary_external.check(facts_of({"train.py": other})).state is State.NA

    def test_layers_that_prepare_are_in_the_bundle_of_the_model(self) -> None:
        source = "import tensorflow as tf\nv = tf.keras.layers.TextVectorization()\nmodel = tf.keras.models.load_model('gs://b/fox')\nmodel.predict(x)\n"
        assert vocabulary_external.check(facts_of({"serve.py": source})).state is State.MET
        assert (
            vocabulary_external.check(facts_of({"serve.py": source.replace("TextVectorization", "Dense")})).state
            is State.NA
        )


class TestMoreModels:
    def test_a_cascade_beside_a_model_from_outside_is_partial(self) -> None:
        source = "import cv2, os, torch\nface = cv2.CascadeClassifier('haarcascade_face.xml')\nmodel = torch.load(os.environ['MODEL'])\nmodel(x)\n"
        assert model_external.check(facts_of({"app.py": source})).state is State.MET
        assert model_external.check(facts_of({"app.py": source, "haarcascade_face.xml": "<a/>"})).state is State.PARTIAL

    def test_the_store_of_bentoml_is_outside(self) -> None:
        source = "import bentoml\nrunner = bentoml.sklearn.get('fox:latest').to_runner()\n"
        assert model_external.check(facts_of({"service.py": source})).state is State.MET


FLASK = "from flask import Flask, request\napp = Flask(__name__)\n"


class TestStateBetweenRequests:
    @pytest.mark.parametrize(
        ("source", "state"),
        [
            (FLASK + "last = None\n@app.route('/a', methods=['POST'])\ndef a():\n    global last\n    last = model.predict(request.json)\n    return 'ok'\n@app.route('/b')\ndef b():\n    return str(last)\n", State.UNMET),
            (FLASK + "last = None\n@app.route('/a', methods=['POST'])\ndef a():\n    global last\n    last = model.predict(request.json)\n    return str(last)\n", State.PARTIAL),
            ("import dash\napp = dash.Dash(__name__)\nresults = []\n@app.callback(dash.Output('a', 'b'), dash.Input('c', 'd'))\ndef go(n):\n    results.append(n)\n    return results\n", State.UNMET),
            (FLASK + "import matplotlib.pyplot as plt\n@app.route('/a')\ndef a():\n    plt.savefig('static/plot.png')\n    return 'plot.png'\n", State.UNMET),
            (FLASK + "import io, matplotlib.pyplot as plt\n@app.route('/a')\ndef a():\n    buf = io.BytesIO()\n    plt.savefig(buf)\n    return buf.getvalue()\n", State.MET),
        ],
    )  # fmt: skip
    def test_what_a_later_request_needs(self, source: str, state: State) -> None:
        assert share_nothing.check(facts_of({"app.py": source})).state is state

    @pytest.mark.parametrize(("kept", "state"), [("file:./db", State.UNMET), ("mem:db", State.PARTIAL)])
    def test_a_database_in_a_file_of_the_process(self, kept: str, state: State) -> None:
        app = '@SpringBootApplication\npublic class App { }\n@RestController\nclass C { @PostMapping("/p") public String p() { return "1"; } }\n'
        files = {
            "src/main/java/App.java": app,
            "src/main/resources/application.properties": f"spring.datasource.url=jdbc:h2:{kept}\n",
        }
        assert share_nothing.check(facts_of(files)).state is state

    def test_a_model_that_is_loaded_when_it_is_first_asked_for_is_no_state(self) -> None:
        source = (
            FLASK
            + "import joblib\nmodel = None\n@app.route('/a')\ndef a():\n    global model\n    if model is None:\n        model = {}\n    return str(model.predict([[1]]))\n"
        )
        loaded, asked = source.format("joblib.load('/m.pkl')"), source.format("read(request.args)")
        assert share_nothing.check(facts_of({"app.py": loaded})).state is State.MET
        assert share_nothing.check(facts_of({"app.py": asked})).state is State.PARTIAL


VOCAB = "import tensorflow as tf\n\n\nclass Words:\n    def __init__(self, {0}):\n        with open({0}{1}) as held:\n            self.ids = [line.split()[0] for line in held]\n"
FLAGS = "import tensorflow as tf\nfrom words import Words\n\nFLAGS = tf.app.flags.FLAGS\ntf.app.flags.DEFINE_string('vocab_path', '', 'Words.')\n\n\ndef train(rows, step):\n    words = Words({0})\n    step.minimize(rows)\n"


@pytest.mark.parametrize(
    ("name", "mode", "given", "state"),
    [
        ("vocab_file", ", 'r'", "FLAGS.vocab_path", State.MET),
        ("vocab_file", "", "'data/words.txt'", State.PARTIAL),
        ("label_map", "", "FLAGS.vocab_path", State.MET),
        ("vocab_file", ", 'w'", "FLAGS.vocab_path", State.NA),
        ("rows_file", "", "FLAGS.vocab_path", State.NA),
    ],
)
def test_a_vocabulary_that_is_read_line_by_line_is_loaded(name: str, mode: str, given: str, state: State) -> None:
    found = facts_of({"words.py": VOCAB.format(name, mode), "train.py": FLAGS.format(given)})
    assert vocabulary_external.check(found).state is state


def test_data_that_a_data_set_downloads_is_no_place_of_models() -> None:
    rows = "from torchvision.datasets.utils import download_and_extract_archive\n\n\nclass Rows:\n    url = 'https://rows.example.net/v1/rows.tar.gz'\n\n    def get(self):\n        download_and_extract_archive(self.url, 'rows')\n"
    model = "import argparse\nimport torch\n\nargs = argparse.ArgumentParser().parse_args()\nnet = torch.load(args.path)\nnet.fit(1).loss.backward()\n"
    found = model_external.check(facts_of({"datasets/rows_dataset.py": rows, "run.py": model}))
    assert found.state is State.MET
    assert {place.path for place in found.evidence} == {"run.py"}


RESTORE = "import os\nimport tensorflow as tf\n\nFLAGS = tf.app.flags.FLAGS\ntf.app.flags.DEFINE_string('root', '', 'Where runs lie.')\n\n\ndef restore(saver, sess):\n    found = tf.train.get_checkpoint_state({0})\n    saver.restore(sess, {1})\n"


@pytest.mark.parametrize(
    ("folder", "given", "state"),
    [
        ("FLAGS.root", "found.model_checkpoint_path", State.MET),
        ("os.path.join(FLAGS.root, 'train')", "found.model_checkpoint_path", State.MET),
        ("FLAGS.root", "os.path.join(FLAGS.root, os.path.basename(found.model_checkpoint_path))", State.MET),
        ("FLAGS.root", "found.all_model_checkpoint_paths[-1]", State.MET),
        ("'runs/train'", "found.model_checkpoint_path", State.PARTIAL),
    ],
)
def test_a_checkpoint_lies_where_its_state_was_asked_for(folder: str, given: str, state: State) -> None:
    assert model_external.check(facts_of({"restore.py": RESTORE.format(folder, given)})).state is state


BOOSTED = "import os\nimport lightgbm as lgb\n\nhere = os.path.dirname(__file__)\nmodel = lgb.Booster(model_file=os.path.join(here, 'models/model.txt'))\n"
SAVED = "import joblib\n\nmodel = joblib.load(open('checkpoints/forest.m', 'rb'))\nscaler = joblib.load('checkpoints/scaler.m')\nmodel.predict(scaler.transform(1))\n"


def test_boosters_and_old_archives_are_weights_whatever_their_suffix() -> None:
    tree = {"app.py": BOOSTED, "models/model.txt": "tree\nversion=v3\n"}
    assert model_external.check(facts_of(tree)).state is State.UNMET
    other = {"app.py": BOOSTED, "models/readme.txt": "tree\n"}
    assert model_external.check(facts_of(other)).state is State.PARTIAL
    told = BOOSTED.replace("lgb.Booster(model_file=", "open(")
    assert model_external.check(facts_of({"app.py": told, "models/model.txt": "tree\n"})).state is State.NA

    asked = BOOSTED + "".join(f"table = open('conf/{name}.json')\n" for name in ("model_config", "xgb_params"))
    beside = facts_of({"app.py": asked, "conf/model_config.json": "{}", "conf/xgb_params.json": "{}"})
    assert model_external.check(beside).state is State.PARTIAL

    packed = b"\x80\x03csklearn\0\0forest"
    kept = facts_of({"app.py": SAVED, "checkpoints/forest.m": packed, "checkpoints/scaler.m": packed})
    assert model_external.check(kept).state is State.UNMET
    assert vocabulary_external.check(kept).state is State.UNMET
    matlab = facts_of({"app.py": SAVED, "checkpoints/forest.m": "x = 1;\n"})
    assert model_external.check(matlab).state is State.PARTIAL


def test_a_table_of_splits_is_no_model() -> None:
    load = "import argparse\nimport torch\n\nargs = argparse.ArgumentParser().parse_args()\nmodel = torch.load(args.model)\nmodel.predict(1)\n"
    assert model_external.check(facts_of({"a.py": load, "data/cut_meta.pkl": b"x"})).state is State.MET
    assert model_external.check(facts_of({"a.py": load, "data/split.pkl": b"x"})).state is State.MET
    assert model_external.check(facts_of({"a.py": load, "data/forest_fold1.pkl": b"x"})).state is not State.MET
    assert model_external.check(facts_of({"a.py": load, "stack/meta_learner.pkl": b"x"})).state is not State.MET


@pytest.mark.parametrize(
    ("library", "state"),
    [
        ("from databricks import feature_store\nfs = feature_store.FeatureStoreClient()", State.MET),
        ("from databricks.feature_engineering import FeatureEngineeringClient\nfs = FeatureEngineeringClient()", State.MET),
        ("from scoring import client\nfs = client()", State.NA),
    ],
)  # fmt: skip
def test_a_store_of_features_loads_the_model_that_it_is_told_the_uri_of(library: str, state: State) -> None:
    code = f"{library}\nrows = fs.score_batch(model_uri=f'models:/{{name}}/{{version}}', df=frame)\n"
    found = model_external.check(facts_of({"score.py": code}))
    assert found.state is state


def test_the_loading_of_a_model_is_told_before_other_places_of_storage() -> None:
    files = {
        "a_rows.py": "import boto3, os\nboto3.client('s3').download_file(os.environ['ROWS'], 'a', 'b')\n",
        "serve.py": "import os, torch\nmodel = torch.load(os.environ['MODEL_PATH'])\nmodel(x)\n",
    }
    assert model_external.check(facts_of(files)).evidence[0].path == "serve.py"


@pytest.mark.parametrize(
    ("save", "state"),
    [
        ("engine.save(row)", State.MET),
        ("chart.save('out.png')", State.UNMET),
        ("engine.save('speech/out.wav')", State.UNMET),
        ("chart.save('repository/out.png')", State.UNMET),
    ],
)
def test_what_a_mapper_saves_goes_to_its_database(save: str, state: State) -> None:
    code = f"from fastapi import FastAPI\nfrom odmantic import AIOEngine\nfrom charts import chart\napp = FastAPI()\nengine = AIOEngine()\n\n@app.post('/rows')\nasync def keep(row: dict):\n    {save}\n    return row\n"
    assert share_nothing.check(facts_of({"api.py": code})).state is state


@pytest.mark.parametrize(
    ("fetched", "state"),
    [
        ("hf_hub_download(repo_id=repo, filename=name)", State.MET),
        ("snapshot_download(repo)", State.MET),
        ("found_somewhere(repo, name)", State.PARTIAL),
    ],
)
def test_what_a_hub_has_just_handed_over_comes_from_the_hub(fetched: str, state: State) -> None:
    library = "import joblib\nfrom huggingface_hub import hf_hub_download, snapshot_download\nfrom files import found_somewhere\n"
    code = f"{library}\n\ndef model_of(repo, name):\n    path = {fetched}\n    model = joblib.load(path)\n    return model\n"
    assert model_external.check(facts_of({"models.py": code})).state is state
    direct = f"{library}\n\ndef model_of(repo, name):\n    model = joblib.load({fetched})\n    return model\n"
    assert model_external.check(facts_of({"models.py": direct})).state is state


def test_a_file_that_another_function_fetched_from_a_hub_is_not_the_one_that_is_loaded() -> None:
    code = "import joblib\nfrom huggingface_hub import hf_hub_download\n\n\ndef rows(repo):\n    path = hf_hub_download(repo, 'rows.csv')\n    return path\n\n\ndef model_of():\n    model = joblib.load('model.pkl')\n    return model\n"
    assert model_external.check(facts_of({"models.py": code})).state is State.PARTIAL


def test_the_rows_of_a_part_of_a_data_set_are_no_index_that_a_model_needs() -> None:
    code = {"train.py": f"import numpy as np\nrows = open('data/ind.graph.test.index')\n{TRAIN}"}
    split = {**code, "data/ind.graph.test.index": "1708\n1709\n"}
    assert vocabulary_external.check(facts_of(split)).state is State.NA
    assert vocabulary_external.check(facts_of({**code, "data/wines.index": b"\0IxF2"})).state is State.UNMET


def test_what_the_steps_of_a_pipeline_in_spark_have_learned_are_weights() -> None:
    step = "models/best/stages/2_logreg_ad0aae"
    part = "part-r-00000-5e1c.snappy.parquet"
    code = {"src/Score.scala": 'object Score extends App {\n  val model = PipelineModel.load("models/best")\n}\n'}
    kept = facts_of({**code, f"{step}/metadata/part-00000": "{}", f"{step}/data/{part}": b"PAR1"})
    assert model_external.check(kept).state is State.UNMET
    for folder in ("data/stages", "data/stages/1_cleaned/data"):
        rows = facts_of({**code, f"{folder}/{part}": b"PAR1"})
        assert model_external.check(rows).state is State.PARTIAL
