"""Verdicts on the rebuilding of derived data, where code leads to what writes it."""

from __future__ import annotations

import pytest

from apps.analysis.checks.admin_processes import backfill
from apps.catalog import State
from tests.analysis.making import facts_of

MAIN = "if __name__ == '__main__':\n    main()\n"
FLAGS = "import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('--query')\n"
STORE = "class Store:\n    def add(self, docs):\n        self.client.upsert(docs)\n    def ask(self, query):\n        return self.client.search(query)\n"
ASK = "from rag.store import Store\ndef main():\n    print(Store().ask(parser.parse_args().query))\n"
ADD = "from rag.store import Store\ndef main():\n    Store().add(read(parser.parse_args().query))\n"


def test_a_script_that_only_asks_what_is_stored_rebuilds_nothing():
    asks = {"rag/store.py": STORE, "rag/run_retrieval_pipeline.py": FLAGS + ASK + MAIN}
    assert backfill.check(facts_of(asks)).state is State.UNMET
    adds = asks | {"rag/scripts.py": FLAGS + ADD + MAIN}
    found = backfill.check(facts_of(adds))
    assert found.state is State.MET
    assert [place.path for place in found.evidence] == ["rag/scripts.py"]


def test_a_function_leads_to_what_writes_when_it_is_handed_over():
    files = {
        "rag/store.py": STORE,
        "rag/work.py": "from rag.store import Store\ndef load(docs):\n    Store().add(docs)\n",
    }
    begun = FLAGS + "from rag.work import load\npool.map(load, read(parser.parse_args().query))\n"
    assert backfill.check(facts_of(files | {"ingest.py": begun})).state is State.MET


@pytest.mark.parametrize(
    ("variable", "state"),
    [("CRAWLED_FILE_LOCATION", State.MET), ("LOG_LEVEL", State.PARTIAL), ("START_DATE", State.MET)],
)
@pytest.mark.parametrize("read", ["os.getenv('{}')", "os.environ['{}']"])
def test_inputs_from_the_environment_are_not_written_into_the_script(variable, read, state):
    code = f"import os\ndocs = load({read.format(variable)})\nembed(docs)\nindex.upsert(docs)\n"
    assert backfill.check(facts_of({"embedding.py": code})).state is state


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({"tasks/index.py": "from core import celery_app\n@celery_app.task(name='i')\ndef index(docs):\n    db.add_documents(docs)\n"}, State.UNMET),
        ({"jobs/backfill_weather.py": FLAGS + "def main():\n    rows.bulk_write(read(parser.parse_args().query))\n" + MAIN, "prepare.py": "x.to_parquet('features.parquet')\n"}, State.MET),
        ({"src/batch.py": FLAGS + "import json\ndef main():\n    json.dump(results, out)\n" + MAIN}, State.MET),
        ({"search/index.py": FLAGS + "def main():\n    client.create_or_update_indexer(indexer=i)\n" + MAIN}, State.MET),
        ({"notebook/features.csv": "a,b\n", "app.py": "print(1)\n"}, State.UNMET),
        ({"train.py": "def synthetic(df):\n    df.to_csv(temp_path)\nsynthetic(make())\n"}, State.NA),
        ({"net.py": "class Net:\n    def forward(self, x):\n        return self.transformer(x)\nTransformer()\n"}, State.NA),
        ({"job.py": "from sagemaker.transformer import Transformer\nTransformer(model_name=n, instance_count=1)\n"}, State.PARTIAL),
        ({"translate.py": FLAGS + "args = parser.parse_args()\ndef main():\n    with open(args.output, 'w') as f:\n        f.write(made)\n" + MAIN}, State.MET),
        ({"app.py": "from fastapi import FastAPI\nimport managers\napp = FastAPI()\n", "managers.py": "a = A()\nb = B()\nc = C()\ndef load(docs):\n    db.add_documents(docs)\n"}, State.UNMET),
        ({"net.py": "def save_weights(self):\n    conv.tofile(out)\n"}, State.NA),
    ],
)  # fmt: skip
def test_what_is_stored_and_who_rebuilds_it(files, state):
    assert backfill.check(facts_of(files)).state is state


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("src/main/java/shop/CustomerPrediction.java", "@Entity\npublic class CustomerPrediction {\n}\n"),
        ("src/dao/Store.java", 'String q = "INSERT INTO predictions (age, label) VALUES (?, ?)";\n'),
        ("services/store.js", "const kept = db.collection('predictions');\n"),
        ("Note.java", 'jdbc.update("UPDATE customer_predictions SET label = ?", label);\n'),
        ("Search.kt", 'jdbc.update("update chunks set embedding = ? where id = ?", v, id)\n'),
        ("init.sql", "CREATE TABLE customer_predictions (id int);\n"),
        ("store.py", "db.execute('INSERT INTO pieces (content, embedding) VALUES (%s, %s)', rows)\n"),
        ("store.py", "collection.data.insert_many(objects)\n"),
        ("data/preprocessed/x_train.pkl", ""),
        ("data/cleaned_data.csv", "a,b\n"),
    ],
)
def test_what_services_keep_of_predictions_and_embeddings_is_derived(path, content):
    assert backfill.check(facts_of({path: content, "app.py": "print(1)\n"})).state is State.UNMET


@pytest.mark.parametrize(
    "written", ["torch.save(mel, path)", "open(path, 'w').write(cleaned)", "numpy.save(path, mel)"]
)
def test_what_a_script_for_preparation_writes_is_derived(written):
    code = f"import numpy, torch\n{FLAGS}def main():\n    {written}\n{MAIN}"
    assert backfill.check(facts_of({"preprocess.py": code})).state is State.MET
    assert backfill.check(facts_of({"visualise.py": code.replace("numpy", "np")})).state is State.NA


def test_a_scaler_that_is_fitted_while_preparing_is_part_of_the_model():
    code = "import joblib\ndef preprocess_data(df):\n    joblib.dump(scaler, 'models/scaler.pkl')\npreprocess_data(read())\n"
    assert backfill.check(facts_of({"steps.py": code})).state is State.NA


FLOW = (
    "from prefect import flow\n@flow\ndef predictions({}):\n    df = read()\n    df.to_parquet('predictions.parquet')\n"
)
DAG = "from airflow import DAG\nwith DAG('features', catchup={}) as dag:\n    PythonOperator(task_id='x', python_callable=f)\n"
WRITES = "def f({}):\n    df.to_parquet('features.parquet')\n"


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({"flows.py": FLOW.format("")}, State.PARTIAL),
        ({"flows.py": FLOW.format("start_date, end_date")}, State.MET),
        ({"flows.py": FLOW.format("epochs")}, State.PARTIAL),
        ({"flows.py": FLOW.format(""), "run.py": FLAGS + "from flows import predictions\npredictions()\n" + MAIN}, State.MET),
        ({"dags/features.py": DAG.format(False) + WRITES.format("")}, State.PARTIAL),
        ({"dags/features.py": DAG.format(True) + WRITES.format("")}, State.MET),
        ({"dags/features.py": DAG.format(False) + WRITES.format("logical_date")}, State.MET),
        ({"dags/features.py": DAG.format(False).replace("=f)", "=f, op_kwargs={'day': '{{ ds }}'})") + WRITES.format("day")}, State.MET),
        ({"dags/features.py": DAG.format(False) + WRITES.format("params")}, State.MET),
        ({"flows.py": FLOW.format("") + "def shape(ds, params):\n    return Config(params)\n"}, State.PARTIAL),
        ({"assets.py": "from dagster import asset\n@asset\ndef features(raw):\n    return clean(raw)\n"}, State.MET),
        ({"assets.py": "from dagster import asset\n@asset\ndef model(raw):\n    return fit(raw)\n"}, State.NA),
    ],
)  # fmt: skip
def test_a_pipeline_that_is_told_nothing_always_rebuilds_the_same(files, state):
    assert backfill.check(facts_of(files)).state is state


@pytest.mark.parametrize(
    ("target", "command", "state"),
    [
        ("dataset", "wget -O data/x.csv https://example.org/x.csv", State.UNMET),
        ("features", "python -m src.features", State.MET),
    ],
)
def test_a_target_that_fetches_data_derives_none(target, command, state):
    files = {"Makefile": f"{target}:\n\t{command}\n", "data/features/all.csv": "a\n", "app.py": "print(1)\n"}
    assert backfill.check(facts_of(files)).state is state


def test_words_of_a_page_or_a_comment_keep_nothing():
    page = "// update recommendations when the model was loaded\nconst label = 'Update predictions';\n"
    assert backfill.check(facts_of({"src/page.ts": page, "app.py": "print(1)\n"})).state is State.NA


EMBED = "def main():\n    with open(parser.parse_args().query, 'a') as out:\n        out.write(vectors())\n"


def test_a_script_that_is_named_for_embedding_writes_what_is_derived() -> None:
    assert backfill.check(facts_of({"scripts/make_embeddings.py": FLAGS + EMBED + MAIN})).state is State.MET
    assert backfill.check(facts_of({"scripts/make_pages.py": FLAGS + EMBED + MAIN})).state is State.NA


@pytest.mark.parametrize(
    ("line", "state"),
    [("await esClient.bulk({ operations });", State.MET), ("await db.bulk({ operations });", State.NA)],
)
def test_a_script_that_indexes_in_bulk_rebuilds_what_is_searched(line: str, state: State) -> None:
    files = {
        "package.json": '{"scripts": {"index-works": "tsx scripts/index-works.ts"}}',
        "scripts/index-works.ts": f"import {{ Client }} from '@elastic/elasticsearch';\n{line}\n",
    }
    assert backfill.check(facts_of(files)).state is state
