"""What is asked of a repository costs twice as much of one twice as large: who writes it chooses how many there are."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING

import pytest

from apps.analysis import profile, worded
from apps.analysis.checks.admin_processes import migrations
from apps.analysis.checks.build_release_run import release
from apps.analysis.code.origins import origin_of_argument
from apps.analysis.deployment import running as started
from apps.analysis.deployment import versions
from apps.analysis.events import file_sinks
from apps.analysis.facts import images
from apps.analysis.facts.newer_strings import rewritten
from apps.analysis.learning import frameworks, stages
from apps.analysis.lifetime import model_downloads
from apps.analysis.packages import imports, pins, sharing
from apps.analysis.parameters import settable
from apps.analysis.running import clusters, named_tasks, programs, rollout, servers, starts, units
from apps.analysis.scaling import serving_scale
from apps.analysis.services import branches, code, monitors
from apps.analysis.state import written_files
from apps.analysis.tasks import derived, retraining
from tests.analysis.making import facts_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

Files = dict[str, "str | bytes"]
FEW = 60
_LEARNS = "from sklearn.svm import SVC\nSVC().fit(x, y)\n"
_FANS_OUT = "import all\nclass F:\n  def a(self): self.next(self.b, foreach='x')\n"
_SERVES = "from fastapi import FastAPI\napp = FastAPI()\n"


def _steps(ask: Callable[[], object]) -> int:
    """How many instructions Python takes to answer."""
    taken = 0

    def count(frame: FrameType, event: str, _argument: object) -> object:
        nonlocal taken
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        taken += event == "opcode"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        ask()
    finally:
        sys.settrace(before)
    return taken


def _growth(cost: Callable[[int], int]) -> float:
    """What the second of two doublings adds, by what the first one does: 2 where each thing costs the same."""
    cost(1)  # expressions are compiled when they are first needed
    few, more, most = (cost(times * FEW) for times in (1, 2, 4))
    return (most - more) / max(1, more - few)


def _lists(many: int) -> Files:
    return {f"s{n}/requirements.txt": "torch\nnumpy\n" for n in range(many)} | {
        f"s{n}/constraints.txt": "torch==2.0.0\n" for n in range(many)
    }


ASKED: dict[str, tuple[Callable[[int], Files], Callable[..., object]]] = {
    "imports and mail of a DAG": (
        lambda many: {"dag.py": "import airflow\n" * many + "email_on_failure = True\n" * many},
        monitors.uses,
    ),
    "imports of a star": (
        lambda many: {"train.py": "import pycaret\n" * many + "compare_models()\n" * many},
        frameworks.fits,
    ),
    "imports and trainings": (
        lambda many: {"train.py": _LEARNS + "".join(f"import a{n}\nx{n}.train(y)\n" for n in range(many))},
        frameworks.fits,
    ),
    "imports and questions": (
        lambda many: {"ask.py": "import openai\n" * many + "x.run(y)\n" * many},
        stages.inference,
    ),
    "imports of language models": (lambda many: {"ask.py": "import openai\n" * many}, profile.profile_of),
    "packages and imports of scripts": (
        lambda many: {
            "package.json": json.dumps({"dependencies": {f"@ai-sdk/a{n}": "1" for n in range(many)}}),
        }
        | {f"a{n}.ts": f"import x from 'b{n}'\n" for n in range(many)},
        profile.profile_of,
    ),
    "tasks and what they run": (
        lambda many: {"tasks.py": "from invoke import task\n" + "@task\ndef f(c):\n  c.run('a b')\n" * many},
        named_tasks.of,
    ),
    "parameters that Lightning may set": (
        lambda many: {
            f"m{n}/train.py": f"{_LEARNS}from lightning import LightningModule\nLightningCLI()\n"
            "class A(LightningModule):\n  def __init__(self, lr=0.1): pass\n"
            for n in range(many)
        },
        settable.training_settings,
    ),
    "stores of features": (
        lambda many: {
            "a.py": "import feast\n" + "feast.FeatureStore('x')\n" * many,
            "feature_store.yaml": "".join(f"a{n}: b\n" for n in range(many)),
        },
        code.uses,
    ),
    "calls within calls of the same name": (
        lambda many: {"a.py": "import os\n" + "open(os.path.dirname(os.path.dirname(__file__)))\n" * many},
        lambda facts: [origin_of_argument(facts, file, call, 0) for file, call in facts.calls("open")],
    ),
    "functions that ask where they run": (
        lambda many: {
            "a.py": "import os\n"
            + "".join(f"def f{n}():\n  os.getenv('ENV')\n  open('a')\n  x.get_object()\n" for n in range(many))
        },
        lambda facts: branches.of(facts, set()),
    ),
    "places of settings, here and in a store": (
        lambda many: {"a.yaml": "".join(f"a{n}:\n  local: 1\n  far: s3://a{n}\n" for n in range(many))},
        branches._of_siblings,
    ),
    "servers of many services": (
        lambda many: {f"s{n}/a{n}.py": "from fastapi import FastAPI\napp = FastAPI()\n" for n in range(many)}
        | {f"s{n}/Dockerfile": f"FROM python\nCMD uvicorn a{n}:app\n" for n in range(many)},
        units.with_only_development_servers,
    ),
    "writes of a handler": (
        lambda many: {
            "a.py": f"{_SERVES}@app.get('/')\ndef f(): g()\ndef g(p='a'):\n" + "  open('a.bin', 'wb')\n" * many
        },
        written_files.uploads,
    ),
    "functions that read the command line": (
        lambda many: {"a.py": "".join(f"def args{n}(a):\n    p.parse_args()\n" for n in range(many))},
        retraining._takes_flags,
    ),
    "streams of handlers": (
        lambda many: {"a.py": "".join(f"f{n} = open('x')\nlogging.StreamHandler(f{n})\n" for n in range(many))},
        lambda facts: [file_sinks._into_file(*pair) for pair in facts.calls("logging.StreamHandler")],
    ),
    "buffers that tables fill": (
        lambda many: {"a.py": "".join(f"f{n} = StringIO()\nrows.to_csv(f{n})\n" for n in range(many))},
        lambda facts: [derived._fills_buffer(*pair) for pair in facts.calls("*.to_csv")],
    ),
    "models that the environment locates": (
        lambda many: {"a.py": "mlflow.pyfunc.load_model(os.getenv('MODEL_DIR'))\n" * many},
        lambda facts: [model_downloads._asks_first(facts, *pair) for pair in facts.calls("*.load_model")],
    ),
    "flows that import each other": (
        lambda many: {f"f{n}.py": _FANS_OUT for n in range(many)}
        | {"all.py": "".join(f"import f{n}\n" for n in range(many)), "model.py": f"{_LEARNS}SVC().predict(x)\n"},
        lambda facts: serving_scale._fanned_out(facts, {"model.py"}),
    ),
    "values of one name": (
        lambda many: {"a.py": "x = 1\nconnect(x)\n" * many},
        lambda facts: [origin_of_argument(facts, *pair, 0) for pair in facts.calls("connect")],
    ),
    "lists beside the lock of a project": (
        lambda many: {"pyproject.toml": "[tool.poetry.dependencies]\ntorch = '2'\n", "poetry.lock": "a"}
        | {f"requirements-{n}.txt": "torch\n" for n in range(many)}
        | {f"d{n}/README.md": f"    pip install -r requirements-{n}.txt\n" for n in range(many)}
        | {"Dockerfile": "FROM a\n" + "RUN b\n" * 9 * many},
        pins.of,
    ),
    "constraints beside lists": (_lists, pins.of),
    "lists in many folders": (_lists, sharing.loose),
    "images and migrations of services": (
        lambda many: {f"s{n}/Dockerfile": "FROM python:3.12\nCMD python a.py\n" for n in range(many)}
        | {f"s{n}/migrations/0001_a.py": "import alembic\n" for n in range(many)},
        migrations.check,
    ),
    "repositories that Argo follows": (
        lambda many: {
            "a.yaml": "spec:\n  sources:\n" + "  - repoURL: a\n" * many,
            "b.yaml": "spec:\n  sources:\n  - repoURL: a\n" + "  - path: a\n" * many,
        },
        rollout.workloads,
    ),
    "workloads of one file": (lambda many: {"a.yaml": "kind: Job\n---\n" * many}, clusters.workloads),
    "starts of a script": (
        lambda many: {"a.sh": "".join(f"docker run -d x{n}\n" for n in range(many))},
        started.builds_at_start,
    ),
    "commands of services and the programs of the repository": (
        lambda many: {f"m{n}.py": "x = 1\n" for n in range(many)}
        | {f"s{n}/compose.yaml": f"services:\n  a:\n    image: x\n    command: z{n}.py y{n}.py\n" for n in range(many)},
        rollout.composed,
    ),
    "servers in Rust and what they read": (
        lambda many: {
            f"s{n}/src/main.rs": 'use axum;\nlet p = std::env::var("PORT");\naxum::serve(l, a);\n' for n in range(many)
        }
        | {f"s{n}/Cargo.toml": "[package]\nname = 'a'\n" for n in range(many)},
        servers.of,
    ),
    "modules below many compilers' files": (
        lambda many: {f"p{n}/tsconfig.json": '{"compilerOptions": {"baseUrl": "."}}' for n in range(many)}
        | {f"p{n}/a.ts": "import x from 'y'\n" for n in range(many)},
        imports.of_scripts,
    ),
    "roll-outs": (
        lambda many: {"a.sh": "".join(f"docker run -d x{n}\n" for n in range(many))},
        release.check,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ASKED)
def test_a_repository_twice_as_large_costs_twice_as_much(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worded, "MANY", 0)  # few are searched in another way than many
    make, ask = ASKED[name]

    def cost(many: int) -> int:
        facts = facts_of(make(many))
        return _steps(lambda: ask(facts))

    for many in (1, 4 * FEW):  # what is made once for all repositories, some of it when there is much to look at
        ask(facts_of(make(many)))
    assert _growth(cost) < 2.4


@pytest.mark.parametrize("rest", [r"\''' ", r"\" ", "f'''{ "])
def test_a_text_without_end_is_gone_through_once(rest: str) -> None:
    assert _growth(lambda many: _steps(lambda: rewritten("f'''\n" + rest * many))) < 2.4


def test_instructions_of_an_earthfile_are_looked_at_once() -> None:
    def cost(many: int) -> int:
        text = "FROM a\n" + "RUN b\n" * many + "x:\n" + "RUN c\n" * many
        return _steps(lambda: images.of_earthly(text))

    assert _growth(cost) < 2.4


def test_the_base_of_an_earthfile_is_not_repeated_at_any_length_and_without_end() -> None:
    found = images.of_others("earthfile", f"FROM {'a' * 100_000}\n" + "x:\n RUN b\n" * images.MOST)
    assert len(found) == images.MOST
    assert max(len(one.value) for one in found) <= images.LONGEST


def test_a_command_means_some_of_the_modules_of_one_name() -> None:
    facts = facts_of({f"s{n}/app.py": "x = 1\n" for n in range(80)} | {"Procfile": "web: python app.py\n"})
    (start,) = starts.deployed(facts)
    assert len(starts.modules_run(facts, start)) == starts.MOST_ALIKE


def test_commands_of_tasks_are_cut_as_others_are() -> None:
    scripts = {"scripts": {"a": {"cmd": ["docker compose"] * 1000}}}
    (task,) = named_tasks.of(facts_of({"package.json": json.dumps(scripts)}))
    assert len(task.command) == named_tasks.LONGEST


@pytest.mark.parametrize("word", ["a:", "docker:", "image=", "--image=", "tag: ", "docker a=$_"])
def test_a_text_that_names_no_commit_is_gone_through_once(word: str) -> None:
    """The expression began anew at each word, and in each word at each sign: it took minutes for one text."""
    assert not re.search(versions.TAGGED_IMAGE, word * 2000)


@pytest.mark.parametrize("word", ["docker run ", "--set ", "--set image", "--image --set a "])
def test_a_text_that_rolls_out_no_latest_image_is_gone_through_once(word: str) -> None:
    """The expression began anew at each word that tells of an image."""
    assert not facts_of({"a.sh": word * 50}).commands(versions.LATEST)
    assert not re.search(versions.LATEST, word * 20_000)


def test_a_command_that_runs_many_images_is_gone_through_once() -> None:
    """The expression went to the end of the line from each of them."""
    assert not re.search(programs.run_by_hand("tritonserver"), "docker run a " * 20_000)


@pytest.mark.parametrize(
    ("command", "rolls_out"),
    [
        ("gcloud app x gcloud beta run services update a", True),
        ("gcloud ai x gcloud app x deploy", True),
        (f"gcloud app {'g' * 580} deploy", True),
        (f"gcloud app {'g' * 620} deploy", False),
        ("gcloud app x " * 70, False),
        ("gcloud app x gcloud run", True),
    ],
)
def test_a_command_of_a_cloud_ends_where_the_next_begins(command: str, *, rolls_out: bool) -> None:
    facts = facts_of({"a.sh": command, "a.py": "import torch\n"})
    assert bool(rollout.roll_outs(facts)) is rolls_out


def test_what_a_command_starts_is_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of the services asked for all commands anew: a minute for some hundreds whose modules have one name."""
    asked: list[starts.Start] = []
    found = units._targets
    monkeypatch.setattr(units, "_targets", lambda facts, start: asked.append(start) or found(facts, start))
    facts = facts_of(
        {f"s{n}/app.py": _SERVES for n in range(20)}
        | {f"s{n}/Dockerfile": "FROM a\nCMD uvicorn app:app\n" for n in range(20)}
    )
    assert not units.unstarted(facts)
    assert len(asked) <= 2 * 20
