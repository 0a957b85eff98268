"""Containers and runtimes that code and commands choose for what a platform runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.checks.dependencies import isolated, system
from apps.analysis.checks.dev_prod_parity import dependencies, os
from apps.analysis.checks.disposability import startup
from apps.analysis.running import containers
from apps.catalog import State
from tests.analysis.making import facts_of

if TYPE_CHECKING:
    from apps.analysis.findings import Finding

WRAPPER = (
    "import kfp.components as comp\n"
    "def step(function, packages_to_install=[], base_image='python:3.10'):\n"
    "    make(func=function, packages_to_install=['pandas'] + packages_to_install, base_image=base_image)\n"
)
FLOW = (
    "from kfp import dsl\nfrom wrapper import step\n"
    "@dsl.pipeline\ndef nightly():\n"
    "    step(fit, base_image='acme/fit:1.2', packages_to_install=['scikit-learn==1.4.0'])\n"
)
STEPS = {"wrapper.py": WRAPPER, "flow.py": FLOW, "requirements.txt": "kfp==2.7.0\n"}
FUNCTION = (
    "jobs:\n  out:\n    steps:\n      - run: |\n"
    "          aws lambda create-function \\\n"
    "            --function-name Score \\\n            --runtime python3.12 --handler a.b\n"
)


def test_steps_are_known_by_what_they_ask_for_also_through_functions_around_the_sdk() -> None:
    found = containers.components(facts_of(STEPS))
    assert [(one.place.path, one.image, one.installs) for one in found] == [
        ("flow.py", "acme/fit:1.2", True),
        ("wrapper.py", "$base_image", True),
    ]


def test_words_of_another_tool_are_no_step() -> None:
    assert not containers.components(facts_of({"a.py": "build(base_image='python:3.12')\n"}))


def test_words_of_another_tool_beside_steps_are_none_either() -> None:
    picture = "from PIL import Image\nblend(Image.open(a), base_image=Image.open(b))\nblend(a, base_image='cat.png')\n"
    found = containers.components(facts_of({**STEPS, "picture.py": picture}))
    assert {one.place.path for one in found} == {"flow.py", "wrapper.py"}


def test_steps_that_install_packages_start_slowly_and_drift_from_the_list() -> None:
    facts = facts_of(STEPS)
    assert startup.check(facts).state is State.PARTIAL
    assert dependencies.check(facts).state is State.PARTIAL


def test_a_decorated_step_that_installs_nothing_starts_at_once() -> None:
    code = "from kfp import dsl\n@dsl.component(base_image='acme/fit:1.2')\ndef fit(path: str):\n    pass\n"
    assert startup.check(facts_of({"flow.py": code})).state is State.MET


def test_images_of_steps_are_an_environment_of_a_platform() -> None:
    facts = facts_of(STEPS)
    assert [check(facts).state for check in (os.check, isolated.check, system.check)] == [
        State.PARTIAL,
        State.MET,
        State.MET,
    ]


def _of_function(text: str) -> Finding:
    return os.check(facts_of({"handler.py": "def handler(event, context):\n    return 1\n", "out.sh": text}))


def test_the_runtime_of_a_function_is_an_image_of_a_platform() -> None:
    handler = "def handler(event, context):\n    return 1\n"
    assert os.check(facts_of({"handler.py": handler, ".github/workflows/a.yml": FUNCTION})).state is State.PARTIAL
    assert _of_function("gcloud functions deploy score --runtime=python312\n").state is State.PARTIAL
    assert _of_function("gcloud functions list\n").state is State.UNMET


def test_the_version_of_a_managed_container_is_an_image_of_a_platform() -> None:
    code = (
        "from sagemaker.sklearn.model import SKLearnModel\nSKLearnModel(model_data=where, framework_version='1.2-1')\n"
    )
    assert os.check(facts_of({"deploy.py": code})).state is State.PARTIAL
