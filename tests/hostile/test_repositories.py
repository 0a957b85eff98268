"""Every hostile repository ends in a result or in one sentence, within time, memory and disk, and touches nothing."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest
from django.apps import apps
from django.core import serializers

from apps.scans.models import Phase, ScanRequest
from apps.scans.runner import MISTAKE, run
from tests.hostile.objects import Store
from tests.hostile.payloads import PLANTED
from tests.hostile.repositories import VARIANTS
from tests.hostile.watching import MEGABYTE, Watch, listing

# One of each family for every run of the tests; `make hostile` takes all.
CHOSEN = [
    "bomb of 10 to the 9", "5000 folders deep", "20000001 zeros in book.ipynb", "link 0 as Dockerfile", "link 2 as requirements.txt",
    "submodule 0 at ../sub", "attributes 0", "hooks 0", "hooks 5", "path 0", "path 8", "path 10", "path 12", "case twins",
    "branch 0", "code that is absent", "commit 1", "tree 0", "head is a blob", "damaged object 1", "configuration 0",
    "merge keys in config.yaml", "deep flow in config.yaml", "deep list in book.ipynb", "dotted key in pyproject.toml",
    "parentheses in train.py", "laughs in pom.xml", "key in train.py", "script in train.py", "bidi in train.py", "mail in train.py", "signs in azure-pipelines.yml", "base in Earthfile",
]  # fmt: skip
LEDGER = os.environ.get("HOSTILE", "")  # where `make hostile` keeps what each took
SECONDS, MEMORY_MB, DISK_MB = 120, 512, 300


@pytest.fixture
def survive(places, make_project, claimed, monkeypatch):
    def survive(name):
        store = Store(places / "forge" / "system.git")
        VARIANTS[name](store)
        (places / "home").mkdir()
        monkeypatch.chdir(places / "home")
        before = listing(places / "forge"), listing(places / "home")
        request = claimed(make_project(store.path))
        begun = time.monotonic()
        with Watch(places / "mirrors") as watch:
            run(request, stopping=lambda: False)
        took = time.monotonic() - begun
        request.refresh_from_db()
        if LEDGER:
            with Path(LEDGER).open("a") as ledger:
                ledger.write(
                    f"{took:6.1f} s {watch.memory // MEGABYTE:4} MB {watch.disk // MEGABYTE:4} MB disk  {name}: {request.phase} {request.reason}\n"
                )
        assert request.phase in {Phase.DONE, Phase.FAILED} or request.reason, (
            "it neither ended nor says why it is tried again"
        )
        assert request.reason != MISTAKE
        assert took <= SECONDS
        assert watch.memory <= MEMORY_MB * MEGABYTE
        assert watch.disk <= DISK_MB * MEGABYTE
        assert (listing(places / "forge"), listing(places / "home")) == before
        assert not [path for path in places.rglob("*PWNED*") if "forge" not in path.parts]
        assert not list((places / "mirrors").glob("*.new"))
        assert watch.children() == []
        shutil.rmtree(places / "forge")
        return request

    return survive


def test_there_are_hundreds_of_hostile_repositories():
    assert len(VARIANTS) >= 200
    assert set(CHOSEN) < set(VARIANTS)


@pytest.mark.django_db
@pytest.mark.parametrize("name", VARIANTS if LEDGER else CHOSEN)
def test_a_hostile_repository_does_no_harm(name, survive):
    survive(name)


@pytest.mark.django_db
def test_a_planted_key_is_shown_nowhere(survive, caplog):
    request = survive("key in train.py")
    assert request.phase == Phase.DONE
    stored = "".join(serializers.serialize("json", model.objects.all()) for model in apps.get_models())
    assert ScanRequest.objects.exists()
    assert PLANTED not in stored
    assert PLANTED not in caplog.text
