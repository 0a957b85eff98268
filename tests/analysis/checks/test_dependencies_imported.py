"""Factor 2: which imports are of packages of others, and which of own modules."""

from __future__ import annotations

import pytest

from apps.analysis.checks.dependencies import declared
from apps.analysis.packages.imports import of_python as third_party
from apps.catalog import State
from tests.analysis.making import facts_of


def test_own_modules_guarded_imports_and_python_2_names_are_no_packages() -> None:
    files = {
        "src/app/main.py": "import urllib2, json\nimport loaders\nfrom app.models import Net\nfrom .x import y\n"
        "try:\n    import cupy\nexcept ImportError:\n    cupy = None\n",
        "src/app/models.py": "",
        "src/app/__init__.py": "",
        "src/app/loaders.py": "",
    }
    assert third_party(facts_of(files)) == []


def test_a_package_that_a_program_can_do_without_may_be_guarded_against_whatever_fails() -> None:
    for caught in ("except:\n    cupy = None", "except Exception:\n    FAST = False"):
        assert third_party(facts_of({"a.py": f"try:\n    import cupy\n    FAST = True\n{caught}\n"})) == []
    for rest in (
        "except Exception:\n    raise SystemExit\n",
        "except:\n    print('no cupy')\n    exit(1)\n",
        "except Exception:\n    print('install cupy')\n    quit()\n",
        "except Exception:\n    os.abort()\n",
        "    cupy.zeros(3)\nexcept Exception as error:\n    print(error)\n",
    ):
        assert len(third_party(facts_of({"a.py": f"try:\n    import cupy\n{rest}"}))) == 1
    instead = "try:\n    from mine import options\n    told = options()\nexcept Exception:\n    from .usual import {}\n"
    assert third_party(facts_of({"a.py": instead.format("options")})) == []
    assert len(third_party(facts_of({"a.py": instead.format("others")}))) == 1


@pytest.mark.parametrize(
    ("module", "name"),
    [("docopt", "docopt-ng"), ("tortoise.models", "tortoise-orm"), ("pulumi.dynamic", "pulumi")],
)
def test_packages_of_other_names_than_their_modules_are_known(module: str, name: str) -> None:
    files = {"a.py": f"import {module}\n", "requirements.txt": f"{name}==1.0\n"}
    assert declared.check(facts_of(files)).state is State.MET


OTHER_NAMES = """
    ignite:pytorch-ignite sknetwork:scikit-network skmultilearn:scikit-multilearn pl_bolts:lightning-bolts
    art.attacks:adversarial-robustness-toolbox skfda:scikit-fda sklearn_genetic:sklearn-genetic-opt
    merlion:salesforce-merlion orbit:orbit-ml pyro:pyro-ppl rouge:py-rouge fasttext:fasttext-wheel
    prestodb:presto-python-client ibm_boto3:ibm-cos-sdk skvideo:scikit-video spconv:spconv-cu118 cudf:cudf-cu12
    hummingbird:hummingbird-ml tvm:apache-tvm RPi.GPIO:RPi.GPIO cld3:pycld3 guardrails:guardrails-ai
    phoenix:arize-phoenix mem0:mem0ai marker:marker-pdf playhouse:peewee impala:impyla pycrfsuite:python-crfsuite
    dns:dnspython telebot:pyTelegramBotAPI readability:readability-lxml sass:libsass saml2:pysaml2
    apiclient:google-api-python-client win32gui:pywin32 cattr:cattrs mxnet:mxnet-cu112 theano:Theano-PyMC
    mlflow:mlflow-skinny databricks.koalas:koalas upath:universal-pathlib gin:gin-config tap:typed-argument-parser
    rediscluster:redis-py-cluster linebot:line-bot-sdk TTS:coqui-tts tensorflow:tensorflow-rocm
"""


@pytest.mark.parametrize("told", OTHER_NAMES.split())
def test_what_is_installed_under_another_name_is_declared(told: str) -> None:
    module, _, name = told.partition(":")
    assert declared.check(facts_of({"a.py": f"import {module}\n"})).state is State.UNMET
    assert (
        declared.check(facts_of({"a.py": f"import {module}\n", "requirements.txt": f"{name}==1.0\n"})).state
        is State.MET
    )


def test_the_list_of_an_image_serves_what_the_image_takes() -> None:
    image = "FROM python:3.12\nCOPY images/api/requirements.txt ./\nRUN pip install -r requirements.txt\nCOPY {} .\n"
    files = {
        "server/api.py": "import fastapi\nimport pandas\n",
        "requirements.txt": "pandas==2.2.0\n",
        "images/api/requirements.txt": "fastapi==0.110.0\n",
        "images/hub/spawn.py": "import pandas\n",
    }
    whole, part = ({**files, "images/api/Dockerfile": image.format(taken)} for taken in (".", "images/hub"))
    assert declared.check(facts_of(whole)).state is State.MET
    assert declared.check(facts_of(part)).state is State.PARTIAL
    own = {**whole, "images/api/main.py": "import fastapi\n"}  # the list is that of the code beside it
    assert declared.check(facts_of(own)).state is State.PARTIAL


def test_the_package_that_is_made_here_is_none_of_others() -> None:
    project = '[project]\nname = "speech-bot"\nversion = "1"\n'
    files = {"run/app.py": "from speech_bot.server import app\n", "src/server.py": "app = 1\n"}
    assert len(third_party(facts_of(files))) == 1
    assert third_party(facts_of({**files, "pyproject.toml": project})) == []


def test_modules_in_a_submodule_are_no_packages() -> None:
    module = '[submodule "deps/speech"]\n\tpath = deps/speech\n\turl = https://example.org/speech.git\n'
    files = {"a.py": "from deps.speech.voice import say\nimport speech\n"}
    assert len(third_party(facts_of(files))) == 2
    assert third_party(facts_of({**files, ".gitmodules": module})) == []


def test_a_folder_named_like_a_package_does_not_hide_it() -> None:
    found = third_party(facts_of({"mlflow/train.py": "import mlflow\n", "main.py": "import mlflow\n"}))
    assert [one.module for one in found] == ["mlflow"]


@pytest.mark.parametrize(
    "files",
    [
        {"page/tsconfig.json": '{"compilerOptions": {"baseUrl": "src"}}'},
        {"page/tsconfig.json": '{"compilerOptions": {"baseUrl": ".", "paths": {"parts": ["src/parts.ts"], "parts/*": ["x/*"]}}}'},
        {"page/tsconfig.app.json": '{"compilerOptions": {"paths": {"parts/*": ["./src/parts/*"]}}} // the names\n'},
        {"page/tsconfig.json": '{"compilerOptions": {/* names */ "paths": {"@/*": ["./src/*"], "parts/*": ["./p/*"],}}}'},
        {"kit/package.json": '{"name": "parts"}'},
    ],
)  # fmt: skip
def test_names_that_the_compiler_or_another_package_here_gives_own_modules_are_no_packages(files) -> None:
    page = {
        "page/package.json": '{"dependencies": {"react": "18.2.0"}}',
        "page/src/parts/button.tsx": "import React from 'react'\n",
        "page/src/app.tsx": "import React from 'react'\nimport { Button } from 'parts/button'\n"
        "import 'the pages that were split from \"one of them\"'\n",
    }
    assert declared.check(facts_of(page)).state is State.PARTIAL
    assert declared.check(facts_of({**page, **files})).state is State.MET


def test_a_folder_that_holds_no_code_hides_no_package_below_the_base_of_imports() -> None:
    files = {
        "package.json": '{"dependencies": {"react": "18.2.0"}}',
        "tsconfig.json": '{"compilerOptions": {"baseUrl": "."}}',
        "app.ts": "import { createClient } from 'redis'\n",
    }
    named = {**files, "redis/redis.conf": "port 6379\n"}
    assert "`redis`" in declared.check(facts_of(named)).summary
    assert declared.check(facts_of({**files, "redis/index.ts": "x\n"})).state is State.MET


def test_packages_of_scripts_in_a_browser_are_compared_by_name() -> None:
    files = {
        "package.json": '{"dependencies": {"react": "18.2.0"}}',
        "src/a.tsx": "import React from 'react'\nimport x from 'axios'\n",
    }
    found = declared.check(facts_of(files))
    assert (found.state, "`axios`" in found.summary) == (State.PARTIAL, True)


@pytest.mark.parametrize(
    "test",
    [
        "sys.version_info < (3, 11)",
        "sys.version_info[0] == 3 and sys.version_info[1] < 11",
        "sys.version_info.minor < 11",
    ],
)
def test_what_stands_in_for_a_module_of_later_versions_is_no_package(test: str) -> None:
    source = f"import sys\nif {test}:\n    import tomli as tomllib\nelse:\n    import tomllib\n"
    assert third_party(facts_of({"a.py": source})) == []
    assert len(third_party(facts_of({"a.py": source.replace(test, "sys.platform == 'linux'")}))) == 1


@pytest.mark.parametrize(
    "source",
    [
        "if sys.version_info < (3, 8):\n    sys.exit(1)\nelse:\n    import cupy\n",
        "if sys.version_info[0] >= 3:\n    import cupy\n",
        "if sys.version_info >= (3, 11):\n    import cupy\nelse:\n    print('too old')\n",
    ],
)
def test_what_the_versions_that_run_import_they_cannot_do_without(source: str) -> None:
    assert len(third_party(facts_of({"a.py": f"import sys\n{source}"}))) == 1


def test_where_both_branches_import_for_their_version_neither_is_a_package() -> None:
    source = "import sys\nif sys.version_info >= (3, 11):\n    import cupy\nelse:\n    import cupy_backport\n"
    assert third_party(facts_of({"a.py": source})) == []


def test_long_chains_leave_a_file_with_its_tree() -> None:
    long = ".a" * 1500
    for source in (
        f"if a{long} < 1:\n    pass\n",
        f"try:\n    import cupy\nexcept Exception:\n    y = {'+'.join(['1'] * 1500)}\n",
        f"try:\n    import cupy\nexcept a{long}:\n    pass\n",
    ):
        assert not facts_of({"a.py": source}).by_path["a.py"].facts.unparsed


@pytest.mark.parametrize("name", ["imblearn", "imbalanced-learn"])
def test_a_name_under_which_a_package_is_published_as_well_declares_it(name: str) -> None:
    files = {"fit.py": "from imblearn.over_sampling import SMOTE\n", "requirements.txt": f"{name}==0.12\n"}
    assert declared.check(facts_of(files)).state is State.MET


@pytest.mark.parametrize("name", ["httpx", "httplib2", "http-ece"])
def test_a_package_that_is_called_like_the_protocol_is_declared(name: str) -> None:
    code = {"app.py": f"import {name.replace('-', '_')}\n"}
    assert declared.check(facts_of({**code, "requirements.txt": f"{name}==0.27.0\n"})).state is State.MET
    project = f'[project]\nname = "a"\ndependencies = ["{name}>=0.2,<1"]\n'
    assert declared.check(facts_of({**code, "pyproject.toml": project})).state is State.MET
    address = "https://acme.org/files/other-1.0-py3-none-any.whl\n"
    assert declared.check(facts_of({**code, "requirements.txt": address})).state is not State.MET
