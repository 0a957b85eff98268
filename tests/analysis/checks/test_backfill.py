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
        ({"job.py": "from sagemaker.transformer import Transformer\nTransformer(model_name=n, instance_count=1)\n"}, State.MET),
        ({"translate.py": FLAGS + "args = parser.parse_args()\ndef main():\n    with open(args.output, 'w') as f:\n        f.write(made)\n" + MAIN}, State.MET),
        ({"app.py": "from fastapi import FastAPI\nimport managers\napp = FastAPI()\n", "managers.py": "a = A()\nb = B()\nc = C()\ndef load(docs):\n    db.add_documents(docs)\n"}, State.UNMET),
        ({"net.py": "def save_weights(self):\n    conv.tofile(out)\n"}, State.NA),
    ],
)  # fmt: skip
def test_what_is_stored_and_who_rebuilds_it(files, state):
    assert backfill.check(facts_of(files)).state is state
