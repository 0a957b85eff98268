"""A scan says of each change whether the code, the rules or a crash made it, and which files."""

from io import StringIO

import pytest
from django.core.management import call_command

from apps.adoption.models import Cause, Scorecard, Standing, Transition
from apps.repositories.cache import forget
from apps.scans.runner import run

SYSTEM = {"train.py": "import torch\n\nlr = 0.1\n", "requirements.txt": "torch\n"}
IMAGE = {"Dockerfile": "FROM python:3.11-slim\nRUN apt-get update\nCOPY . .\nCMD python train.py\n"}


def never():
    return False


@pytest.fixture
def scanned(claimed):
    def scanned(project):
        run(claimed(project), stopping=never)

    return scanned


@pytest.fixture
def system(repository, make_project, scanned):
    repository.commit(SYSTEM)
    project = make_project(repository.path)
    scanned(project)
    return project


@pytest.fixture
def judged_by_older_rules(system):
    """As if an older engine had found the dependencies pinned."""
    Scorecard.objects.update(engine_version="older")
    Standing.objects.filter(item="dependencies.pinned").update(automatic="met", state="met")
    return system


@pytest.mark.django_db
def test_a_change_of_the_code_names_the_file_that_decided(system, repository, scanned):
    before = repository.git("rev-parse", "HEAD")
    after = repository.commit({"requirements.txt": "torch==2.4.0\n", "notes.md": "# Notes\n"})
    scanned(system)
    change = Transition.objects.get(item="dependencies.pinned", after="met")
    assert (change.cause, change.before_commit, change.commit) == (Cause.CODE, before, after)
    assert change.paths == ["requirements.txt"]


@pytest.mark.django_db
def test_where_the_mirror_lost_the_last_commit_no_file_is_named(system, repository, scanned, settings):
    repository.commit({"requirements.txt": "torch==2.4.0\n"})
    for mirror in settings.MIRROR_DIR.glob("*.git"):
        forget(mirror)
    scanned(system)
    change = Transition.objects.get(item="dependencies.pinned", after="met")
    assert (change.cause, change.paths) == (Cause.CODE, [])


@pytest.mark.django_db
def test_what_the_rules_changed_and_what_the_code_changed_are_told_apart(judged_by_older_rules, repository, scanned):
    last = Transition.objects.order_by("pk").last().pk
    old = repository.git("rev-parse", "HEAD")
    new = repository.commit(IMAGE)
    scanned(judged_by_older_rules)
    changes = list(Transition.objects.filter(pk__gt=last))
    rules = [change for change in changes if change.cause == Cause.RULES]
    assert [(one.item, one.before, one.after) for one in rules] == [("dependencies.pinned", "met", "unmet")]
    assert (rules[0].before_commit, rules[0].commit) == (old, old)
    assert rules[0].rules_before != rules[0].rules_after
    code = [change for change in changes if change.cause == Cause.CODE]
    assert code
    assert {(one.before_commit, one.commit, tuple(one.paths)) for one in code} == {(old, new, ("Dockerfile",))}


@pytest.mark.django_db
def test_a_dry_run_tells_what_the_running_rules_would_change_and_writes_nothing(judged_by_older_rules):
    out = StringIO()
    before = Transition.objects.count()
    with pytest.raises(SystemExit) as ended:
        call_command("rules", "diff", stdout=out)
    assert ended.value.code == 1
    assert f"{judged_by_older_rules.slug}: dependencies.pinned: met -> unmet" in out.getvalue()
    assert "1 items of 1 projects would change; 1 were asked." in out.getvalue()
    assert Transition.objects.count() == before
    assert Scorecard.objects.get().engine_version == "older"


@pytest.mark.django_db
def test_a_dry_run_over_unchanged_rules_finds_nothing_and_says_what_it_cannot_judge(system, settings):
    out = StringIO()
    call_command("rules", "diff", system.slug, stdout=out)
    assert "0 items of 0 projects would change; 1 were asked." in out.getvalue()
    for mirror in settings.MIRROR_DIR.glob("*.git"):
        forget(mirror)
    call_command("rules", "diff", stdout=out)
    assert f"{system.slug}: cannot be judged. Its mirror is gone" in out.getvalue()
