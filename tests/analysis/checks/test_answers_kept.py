"""Where the answers of a model go: into a log of them, or among the data of the application."""

from __future__ import annotations

import time

import pytest

from apps.analysis.checks.logs import requests
from apps.catalog import State
from tests.analysis.making import facts_of

TRAIN = "from sklearn.linear_model import Ridge\nmodel = Ridge()\nmodel.fit(x, y)\n"
API = "import logging\nfrom fastapi import FastAPI\nlogger = logging.getLogger(__name__)\napp = FastAPI()\n"
ROUTE = "@app.post('/predict')\ndef predict(x: dict, db=None, tasks=None):\n"
ASKED = API + ROUTE + "    y = float(model.predict([x])[0])\n"
EXPRESS = "const app = express();\napp.listen(3000);\n"
WAYS = {
    "a dictionary that is inserted": ({"app.py": ASKED + "    log.insert_one({'x': x, 'y': y})\n"}, State.MET),
    "a task in the background": (
        {
            "app.py": ASKED + "    tasks.add_task(save, x, y)\n",
            "db.py": "def save(x, made):\n    cursor.execute('INSERT INTO log VALUES (%s, %s)', (x, made))\n",
            "main.py": "import app, db\nfrom app import app as served\nfrom db import save\nfrom fastapi import FastAPI\nFastAPI()\n",
        },
        State.MET,
    ),
    "a list of which a message is made": (
        {"app.py": ASKED + "    rows = []\n    rows.append(y)\n    queue.publish(json.dumps(rows))\n"},
        State.MET,
    ),
    "probabilities": (
        {"app.py": API + ROUTE + "    probs, version = remote(x)\n    queue.publish(json.dumps(probs))\n"},
        State.MET,
    ),
    "a service that its caller tells nothing of": (
        {
            "app.py": API + "from service import Scorer\n" + ROUTE + "    return Scorer().of(x)\n",
            "service.py": "import logging\nclass Scorer:\n    def of(self, x):\n        p = self.model.predict_proba(x)[0][1]\n        logging.info('is %.2f', p)\n        return p\n",
        },
        State.MET,
    ),
    "a tracer of the whole process": ({"app.py": API + "import weave\nweave.init('chat')\n"}, State.MET),
    "a logger of another language": (
        {"server.js": EXPRESS + "logger.info({ input: req.body, prediction }, 'answered');\n"},
        State.MET,
    ),
    "a metric of a tracker": (
        {"app.py": ASKED + "    mlflow.log_metric('price', y)\n    return y\n"},
        State.MET,
    ),
    "a gauge of predictions, through calls that are chained": (
        {"app.py": API + ROUTE + "    p = softmax(model.predict([x]), dim=1).squeeze(0)\n    predictions.set(p)\n"},
        State.MET,
    ),
    "a tracer of another language": (
        {"server.js": EXPRESS, "src/tracing.ts": "export const ask = () => {\n  return new RunTree({ name });\n};\n"},
        State.MET,
    ),
    "a logger that writes into a file only": (
        {"app.py": ASKED + "    logging.basicConfig(filename=os.environ['LOG'])\n    logger.info('made %s', y)\n"},
        State.PARTIAL,
    ),
    "a print of the same module as a command": (
        {
            "app.py": "from flask import Flask\nfrom predict import predict\napp = Flask(__name__)\n@app.route('/')\ndef home():\n    return predict(1)\n",
            "predict.py": "def predict(x):\n    return model.predict(x)\nif __name__ == '__main__':\n    print(predict(2))\n",
            "Procfile": "web: gunicorn app:app\n",
        },
        State.UNMET,
    ),
    "an id that is generated": (
        {
            "app.py": API
            + "from ids import generate_id\n@app.post('/files')\ndef keep(x: dict, db=None):\n    key = generate_id(x)\n    db.add(Row(key))\n",
            "ids.py": "def generate_id(x):\n    return hash(x)\n",
        },
        State.PARTIAL,
    ),
    "why a model stopped": (
        {
            "app.py": API
            + ROUTE
            + "    made = client.messages.create(x)\n    logger.warning('empty %s', made.stop_reason)\n"
        },
        State.PARTIAL,
    ),
    "prints of a controller": (
        {
            "src/A.java": '@RestController\nclass A {\n  @PostMapping("/a")\n  String a(String b) {\n    System.out.println(b);\n  }\n}\n'
        },
        State.PARTIAL,
    ),
    "what Spring's actuator counts": (
        {
            "src/A.java": '@RestController\nclass A {\n  @PostMapping("/a")\n  String a(String b) { return b; }\n}\n',
            "pom.xml": "<project><dependencies><dependency><groupId>o</groupId><artifactId>spring-boot-starter-actuator</artifactId></dependency></dependencies></project>",
        },
        State.PARTIAL,
    ),
    "a cache": ({"app.py": ASKED + "    cache.set('k', y)\n    return y\n"}, State.PARTIAL),
    "only its shape": ({"app.py": ASKED + "    logger.info('got %s', y.shape)\n    return y\n"}, State.PARTIAL),
    "only what a second training measured": (
        {
            "app.py": API + "from train import retrain\n@app.post('/train')\ndef again():\n    return retrain()\n",
            "train.py": TRAIN.replace("model = ", "import logging\ndef retrain():\n    model = ").replace(
                "\nmodel.fit", "\n    model.fit"
            )
            + "    score = model.predict(x)\n    logging.info('score %s', score)\n",
        },
        State.PARTIAL,
    ),
    "only the words of another language": (
        {"server.js": EXPRESS + "logger.info('prediction server listens');\n"},
        State.UNMET,
    ),
    "a row of a table of the application": (
        {"app.py": ASKED + "    db.add(Row(x=x, result=y))\n    return y\n"},
        State.PARTIAL,
    ),
    "a row of a table of logs": (
        {"app.py": ASKED + "    row = PredictionLog(x=x, result=y)\n    db.add(row)\n    return y\n"},
        State.MET,
    ),
    "a row of the application beside a log of something else": (
        {"app.py": ASKED + "    db.add(Row(result=y))\n    db.add(LogRow('begun'))\n    return y\n"},
        State.PARTIAL,
    ),
    "a row that is kept under an empty name": (
        {"app.py": ASKED + "    audit()\n    db.add(Row(result=y), '')\n    return y\n"},
        State.PARTIAL,
    ),
    "a table of logs that a function is given a number for": (
        {
            "app.py": ASKED.replace("float(model.predict([x])[0])", "model.predict([x])")
            + "    log_to_table(db, x, float(y[0]))\ndef log_to_table(db, x, made):\n    db.table('kept').insert({'x': x, 'y': made}).execute()\n",
        },
        State.MET,
    ),
    "a warning, which tells of some answers only": (
        {"app.py": ASKED + "    logger.warning('low %s', y)\n    return y\n"},
        State.PARTIAL,
    ),
    "its shape within a text": (
        {"app.py": ASKED + "    logger.info(f'{array(y).shape}')\n    return y\n"},
        State.PARTIAL,
    ),
    "a sum of texts": ({"app.py": ASKED + "    logger.info('made ' + format(y) + '.')\n"}, State.MET),
    "a set, which is no store": ({"app.py": ASKED + "    seen = set(y)\n    return seen\n"}, State.PARTIAL),
    "what a person keeps, in another language": (
        {"server.js": EXPRESS + "await prisma.predictionHistory.create({ data: { price } });\n"},
        State.PARTIAL,
    ),
    "what is told to whoever looks for faults, in another language": (
        {"server.js": EXPRESS + "logger.debug(`made ${prediction.price}`);\n"},
        State.PARTIAL,
    ),
    "points of a database of time series": (
        {"app.py": ASKED + "    write_api.write(bucket='b', record={'made': y})\n    return y\n"},
        State.MET,
    ),
}


@pytest.mark.parametrize(("files", "state"), WAYS.values(), ids=WAYS)
def test_answers_are_followed_to_where_they_go(files: dict[str, str | bytes], state: State) -> None:
    assert requests.check(facts_of(files)).state is state


def test_a_handler_of_thousands_of_lines_is_followed_in_time_that_grows_with_it() -> None:
    body = "".join(f"    row{n} = Row(y)\n    db.add(row{n})\n    db.add(y)\n" for n in range(3000))
    begun = time.process_time()
    assert requests.check(facts_of({"app.py": ASKED + body})).state is State.PARTIAL
    assert time.process_time() - begun < 20  # it took minutes
