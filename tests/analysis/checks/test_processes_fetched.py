"""Factor 6: models and lookups that code fetches first, fills later, or keeps in pieces."""

from __future__ import annotations

import pytest

from apps.analysis.checks.disposability import startup
from apps.analysis.checks.processes import model_external, vocabulary_external
from apps.catalog import State
from tests.analysis.making import facts_of

TRAIN = "opt = torch.optim.SGD(net.parameters())\nfor x, y in data:\n    loss = f(net(x), y)\n    loss.backward()\n"


@pytest.mark.parametrize(
    ("folder", "path", "state"),
    [
        ("latest_model.download()", "os.path.join(folder, 'model.pkl')", State.MET),
        ("registry.get_model('churn').download()", "folder + '/model.pkl'", State.MET),
        ("newest_version.download()", "os.path.join('other', 'model.pkl')", State.PARTIAL),
        ("rows.download()", "os.path.join(folder, 'model.pkl')", State.PARTIAL),
    ],
)
def test_what_lies_where_a_registry_has_put_a_model_comes_from_outside(folder: str, path: str, state: State) -> None:
    code = f"import os, joblib\n\ndef load(registry):\n    folder = {folder}\n    model = joblib.load({path})\n    return model\n"
    assert model_external.check(facts_of({"predict.py": code})).state is state
    scaler = (
        code.replace("model.pkl", "scaler.pkl")
        .replace("    model =", "    scaler =")
        .replace("return model", "return scaler")
    )
    assert vocabulary_external.check(facts_of({"predict.py": scaler})).state is state


@pytest.mark.parametrize(
    ("path", "state"),
    [("FLAGS.pieces", State.MET), ("'pieces.model'", State.PARTIAL), ("found()", State.PARTIAL)],
)
def test_a_processor_that_is_made_empty_is_filled_later(path: str, state: State) -> None:
    code = (
        "import sentencepiece as spm\nfrom absl import flags\nFLAGS = flags.FLAGS\nflags.DEFINE_string('pieces', '', 'words')\n\n"
        f"def words():\n    sp = spm.SentencePieceProcessor()\n    sp.Load({path})\n    return sp\n"
    )
    assert vocabulary_external.check(facts_of({"words.py": code + TRAIN})).state is state


SHARDS = {"net/model.json": "{}", "net/group1-shard1of2": b"\0\1", "net/group1-shard2of2": b"\0\1"}
ASKS = {
    "package.json": '{"dependencies": {"nsfwjs": "4.0.0", "express": "4.0.0"}}',
    "Dockerfile": 'FROM node:20\nCOPY . .\nRUN npm ci\nCMD ["node", "src/ask.js"]\n',
}


def test_the_shards_of_a_network_in_the_browsers_form_are_weights() -> None:
    code = "import * as tf from '@tensorflow/tfjs-node';\nconst net = await tf.loadLayersModel('file://net/model.json');\nnet.predict(image);\n"
    assert model_external.check(facts_of({"src/ask.ts": code})).state is State.PARTIAL
    assert model_external.check(facts_of({"src/ask.ts": code, **SHARDS})).state is State.UNMET


def test_a_package_that_is_handed_the_weights_downloads_none() -> None:
    code = "import express from 'express';\nimport * as nsfwjs from 'nsfwjs';\nconst net = await nsfwjs.load({});\nexpress().listen(process.env.PORT);\n"
    fetches = facts_of({**ASKS, "src/ask.js": code.format("")})
    assert startup.check(fetches).state is State.PARTIAL
    assert model_external.check(fetches).state is State.MET
    handed = facts_of({**ASKS, **SHARDS, "src/ask.js": code.format("'file://net/'")})
    assert startup.check(handed).state is State.MET
    assert model_external.check(handed).state is State.PARTIAL
