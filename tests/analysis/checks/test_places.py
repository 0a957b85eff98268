"""Which places a verdict shows: the ones that a careful reader would open first, also for what is absent."""

from __future__ import annotations

from apps.analysis.checks.codebase import deployment, evaluation, one_codebase, training
from apps.analysis.checks.concurrency import process_types
from apps.analysis.checks.config import secrets, training_parameters
from apps.analysis.checks.logs import no_local_files, requests, system_events
from apps.analysis.findings import Evidence, finding
from apps.catalog import State
from tests.analysis.making import facts_of

FITS = "from sklearn.svm import SVC\n\ndef fit(x, y):\n    return SVC().fit(x, y)\n"
STARTS = "from fitting import fit\n\nif __name__ == '__main__':\n    fit([[1]], [1])\n"
ASKS = "from openai import OpenAI\n\nprint(OpenAI().responses.create(model='m', input='q'))\n"


def paths_of(found) -> list[str]:
    return [place.path for place in found.evidence]


def test_a_finding_shows_every_file_before_a_second_place_of_one():
    lines = [Evidence("a.py", n) for n in range(1, 9)]
    assert paths_of(finding(State.MET, "", [*lines, Evidence("b.py", 1)]))[:2] == ["a.py", "b.py"]


def test_training_shows_the_script_that_starts_it_beside_the_module_that_fits():
    assert paths_of(training.check(facts_of({"fitting.py": FITS, "train_model.py": STARTS})))[:2] == [
        "fitting.py",
        "train_model.py",
    ]


def test_a_training_script_without_code_is_not_shown():
    assert paths_of(training.check(facts_of({"fitting.py": FITS, "train_pipeline.py": ""}))) == ["fitting.py"]


def test_one_codebase_shows_the_module_that_the_others_import():
    files = {"a.py": "import rules\nprint(1)\n", "b.py": "import rules\nprint(2)\n", "rules.py": "LIMIT = 1\n"}
    assert "rules.py" in paths_of(one_codebase.check(facts_of(files)))


def test_a_missing_evaluation_shows_the_tests_that_measure_nothing():
    files = {"app.py": ASKS, "tests/test_paths.py": "assert 1\n", "tests/test_chat.py": "assert 1\n"}
    found = evaluation.check(facts_of(files))
    assert found.state is State.UNMET
    assert paths_of(found) == ["app.py", "tests/test_chat.py", "tests/test_paths.py"]


def test_a_missing_evaluation_shows_the_readme_where_there_are_no_tests():
    assert paths_of(evaluation.check(facts_of({"app.py": ASKS, "README.md": "An app.\n"})))[1] == "README.md"


def test_an_image_without_a_command_shows_that_no_process_is_declared():
    files = {"train.py": FITS, "Dockerfile": "FROM python:3.11\nCOPY . /app\n"}
    assert paths_of(process_types.check(facts_of(files))) == ["Dockerfile"]


def test_ci_that_only_tests_shows_that_nothing_deploys():
    workflow = "jobs:\n  test:\n    steps:\n      - run: pytest\n"
    files = {"train.py": FITS, ".github/workflows/test.yml": workflow, "README.md": "Models.\n"}
    assert paths_of(deployment.check(facts_of(files))) == [".github/workflows/test.yml"]


def test_without_images_and_ci_the_readme_shows_that_nothing_deploys():
    assert paths_of(deployment.check(facts_of({"train.py": FITS, "README.md": "Models.\n"}))) == ["README.md"]


def test_without_any_credential_the_login_by_a_profile_is_shown():
    code = "from somewhere import Embeddings\nfound = Embeddings(credentials_profile_name='default')\n"
    found = secrets.check(facts_of({"app.py": code}))
    assert (found.state, paths_of(found)) == (State.MET, ["app.py"])


def test_a_missing_training_shows_the_model_that_nothing_here_trained():
    files = {
        "src/serve.py": "import joblib\nmodel = joblib.load('model.joblib')\nprint(model.predict([[1]]))\n",
        "src/network.py": "def build_model(width):\n    return [width]\n",
        "README.md": "The code that trained it is elsewhere.\n",
    }
    found = training.check(facts_of(files))
    assert found.state is State.UNMET
    assert paths_of(found) == ["src/serve.py", "src/network.py", "README.md"]


def test_logs_show_what_serves_before_what_it_imports():
    files = {
        "a_store.py": "from loguru import logger\n\ndef put(x):\n    logger.info('put {}', x)\n",
        "server.py": "from fastapi import FastAPI\nfrom loguru import logger\nimport a_store\n\napp = FastAPI()\n\n@app.get('/')\ndef ask():\n    logger.info('asked')\n",
    }
    assert paths_of(system_events.check(facts_of(files)))[0] == "server.py"
    assert paths_of(no_local_files.check(facts_of(files)))[0] == "server.py"


def test_flags_of_the_training_script_come_before_those_of_other_scripts():
    flags = "import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('--batch-size', type=int, default=8)\nargs = parser.parse_args()\n"
    fit = "import keras\nmodel = keras.Sequential()\nmodel.fit(x, y, batch_size=args.batch_size)\n"
    found = training_parameters.check(facts_of({"ask.py": flags, "train.py": flags + fit}))
    assert found.state is State.MET
    assert paths_of(found)[0] == "train.py"


def test_counted_requests_show_the_server_that_logs_the_others():
    service = "from fastapi import FastAPI\n\napp = FastAPI()\n\n@app.middleware('http')\nasync def count(request, call):\n    return await call(request)\n\n@app.get('/')\ndef ask():\n    return 1\n"
    command = 'FROM python:3.11\nCMD ["uvicorn", "app:app"]\n'
    found = requests.check(facts_of({"app.py": service, "Dockerfile": command}))
    assert (found.state, paths_of(found)[:2]) == (State.PARTIAL, ["app.py", "Dockerfile"])
