"""Images that cannot be built, that hold no code, and containers in which people develop."""

from __future__ import annotations

import pytest

from apps.analysis.checks.build_release_run import build, release, run
from apps.analysis.checks.codebase import deployment
from apps.catalog import State
from tests.analysis.making import facts_of

Files = dict[str, str | bytes]

CODE: Files = {"train.py": "import torch\n", "requirements.txt": "torch==2.1\n"}


@pytest.mark.parametrize(
    "lines",
    [
        "RUN pip install -r requirements.txt\nCOPY . .\nCMD python train.py\n",
        "COPY . .\nRUN pip install -r requirements.txt\nstart-all.sh\n",
        "ADD fused /fused/\nCOPY . .\nCMD python train.py\n",
    ],
)
def test_an_image_that_cannot_be_built_is_partial(lines: str) -> None:
    modules = '[submodule "vocoder"]\n\tpath = vocoder\n\turl = https://git.acme.io/vocoder\n'
    facts = facts_of({**CODE, "Dockerfile": f"FROM python:3.11\n{lines}", ".gitmodules": modules})
    assert build.check(facts).state is State.PARTIAL


@pytest.mark.parametrize(
    "lines",
    [
        "COPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .\n",
        "RUN --mount=type=bind,source=requirements.txt,target=requirements.txt pip install -r requirements.txt\nCOPY . .\n",
        "RUN git clone https://git.acme.io/app . && pip install -r requirements.txt\nCMD python train.py\n",
        "ADD vocoder /vocoder/\nCOPY . .\nCMD python train.py\n",
        "COPY . .\nRUN <<EOF\necho done\nEOF\nCMD python train.py\n",
        "RUN echo torch > list.txt\nRUN pip install -r list.txt\nCOPY . .\n",
        'RUN ["git", "clone", "https://git.acme.io/app"]\nRUN pip install -r app/requirements.txt\nCOPY . .\n',
        "RUN apt-get install -y \\\n# for sound\n\n  SOX\nCOPY . .\n",
        "COPY vocoder/src /vocoder\nRUN pip install -r vocoder/list.txt\nCOPY . .\n",
    ],
)
def test_an_image_that_can_be_built_is_met(lines: str) -> None:
    modules = '[submodule "vocoder"]\n\tpath = vocoder\n\turl = https://git.acme.io/vocoder\n'
    facts = facts_of({**CODE, "Dockerfile": f"FROM python:3.11\n{lines}", ".gitmodules": modules})
    assert build.check(facts).state is State.MET


def test_windows_goes_on_after_another_sign() -> None:
    image = "# escape=`\nFROM python:3.11\nRUN pip install A `\n\n  B\nCOPY . .\n"
    assert build.check(facts_of({**CODE, "Dockerfile": image})).state is State.MET


def test_a_list_that_a_base_image_of_ones_own_brings_is_there() -> None:
    image = "FROM registry.acme.io/base:1.2\nRUN pip install -r /opt/base/requirements.txt\nCOPY . .\n"
    assert build.check(facts_of({**CODE, "Dockerfile": image})).state is State.MET


def test_a_sentence_names_only_some_of_many_broken_lines() -> None:
    image = "FROM python:3.11\n" + "".join(f"WORD{number} x\n" for number in range(1000))
    found = build.check(facts_of({**CODE, "Dockerfile": image}))
    assert found.state is State.PARTIAL
    assert len(found.summary) < 200


NOTEBOOKS: Files = {
    **CODE,
    "Dockerfile": "FROM pytorch/pytorch:2.1.0\nRUN pip install timm==0.6.12\n",
    "docker-compose.yml": "services:\n  lab:\n    build: .\n    volumes: ['./:/work']\n    command: jupyter lab --ip=0.0.0.0\n",
}


def test_an_image_without_code_is_an_environment_and_no_artefact() -> None:
    assert build.check(facts_of(NOTEBOOKS)).state is State.PARTIAL


def test_a_container_that_serves_notebooks_deploys_nothing() -> None:
    assert deployment.check(facts_of(NOTEBOOKS)).state is State.PARTIAL
    assert release.check(facts_of(NOTEBOOKS)).state is State.UNMET


def test_a_start_that_pulls_data_sets_also_builds() -> None:
    image = 'FROM python:3.11\nCOPY . .\nENTRYPOINT ["bash", "-c", "dvc pull {what} && python train.py"]\n'
    assert run.check(facts_of({**CODE, "Dockerfile": image.format(what="rows.dvc")})).state is State.PARTIAL
    assert run.check(facts_of({**CODE, "Dockerfile": image.format(what="model.dvc")})).state is State.MET


@pytest.mark.parametrize(
    ("line", "state"),
    [
        ("Start it with `./gradlew bootRun`.", State.PARTIAL),
        ("- use `train.py` to launch training", State.PARTIAL),
        ("Run `scripts/train.sh` on a GPU.", State.PARTIAL),
        ("- use `train.py` to change what is logged", State.UNMET),
    ],
)
def test_a_readme_that_names_what_to_run_documents_it(line: str, state: State) -> None:
    assert run.check(facts_of({**CODE, "README.md": f"# Model\n{line}\n"})).state is state


def test_an_image_to_which_a_platform_adds_the_code_is_an_artefact() -> None:
    files: Files = {**NOTEBOOKS, "configs/train.yaml": "settings:\n  docker:\n    dockerfile: Dockerfile\n"}
    assert build.check(facts_of(files)).state is State.MET
