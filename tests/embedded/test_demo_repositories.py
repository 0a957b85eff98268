"""The repositories of the demonstration organisation are real, repeatable and believable."""

import ast
import json
import subprocess
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from apps.analysis.facts import secrets
from apps.embedded.demo.build import HISTORIES, build_repositories
from apps.embedded.demo.history import PLANTED, read_history
from apps.embedded.demo.organisation import PEOPLE, PROJECTS, TEAMS
from apps.repositories.cache import mirror_of
from apps.repositories.commit import GitSnapshot
from apps.repositories.fetch import fetch
from apps.repositories.policy import Rules, check_address

NOW = datetime(2026, 11, 23, 9, 40, tzinfo=UTC)
SLUGS = [project.slug for project in PROJECTS]


def git(repository: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", "-C", str(repository), *arguments], check=True, capture_output=True, text=True
    ).stdout.strip()


def history_of(slug: str):
    return read_history((HISTORIES / f"{slug}.history").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def repositories(tmp_path_factory) -> dict[str, Path]:
    return build_repositories(tmp_path_factory.mktemp("demo"), now=NOW)


def test_every_project_has_one_history_and_every_history_a_project():
    assert sorted(SLUGS) == sorted(path.stem for path in HISTORIES.iterdir())
    assert len(set(SLUGS)) == len(SLUGS) >= 12


def test_every_lead_and_every_author_belongs_to_the_team():
    assert all(team.lead in team.members for team in TEAMS)
    assert {person for team in TEAMS for person in team.members} == set(PEOPLE)
    for project in PROJECTS:
        members = {person.username for person in project.team.members}
        assert {commit.author for commit in history_of(project.slug)} <= members


@pytest.mark.parametrize("slug", SLUGS)
def test_a_repository_is_bare_whole_and_on_main(repositories, slug):
    repository = repositories[slug]
    assert git(repository, "rev-parse", "--is-bare-repository") == "true"
    assert git(repository, "symbolic-ref", "HEAD") == "refs/heads/main"
    assert git(repository, "fsck", "--strict", "--no-dangling") == ""


@pytest.mark.parametrize("slug", SLUGS)
def test_commits_are_dated_in_order_within_the_last_year(repositories, slug):
    lines = git(repositories[slug], "log", "--reverse", "--format=%at %ct %ae", "main").splitlines()
    written = [datetime.fromtimestamp(int(line.split()[0]), UTC) for line in lines]
    assert 6 <= len(lines) <= 20
    assert written == sorted(set(written))
    assert NOW - timedelta(days=365) < written[0]
    assert written[-1] < NOW
    assert all(line.split()[0] == line.split()[1] and line.endswith("@example.org") for line in lines)


@pytest.mark.parametrize("slug", SLUGS)
def test_git_gives_back_the_tree_that_the_history_tells(repositories, slug):
    for number, commit in enumerate(reversed(history_of(slug))):
        listed = git(repositories[slug], "ls-tree", "-r", "--name-only", f"main~{number}")
        assert sorted(listed.splitlines()) == sorted(commit.tree)
        assert git(repositories[slug], "show", "-s", "--format=%B", f"main~{number}") == commit.message.strip()


@pytest.mark.parametrize("slug", SLUGS)
def test_every_file_of_every_commit_is_what_its_name_says(slug):
    for commit in history_of(slug):
        for path, content in commit.tree.items():
            assert "<<planted" not in path
            assert b"<<planted" not in content
            match path.rpartition(".")[2]:
                case "py":
                    ast.parse(content)
                case "json" | "ipynb":
                    json.loads(content)
                case "toml":
                    tomllib.loads(content.decode())
                case "yml" | "yaml" if "/templates/" not in path:
                    list(yaml.safe_load_all(content))


@pytest.mark.parametrize("back", [0, 1, 5])
def test_the_worker_fetches_a_commit_of_it_and_reads_every_file(repositories, tmp_path, back):
    repository = repositories["home-feed"]
    address = check_address(str(repository), rules=Rules(local_roots=(repository.parent,)))
    commit = git(repository, "rev-parse", f"main~{back}")
    fetch(address, mirrors=tmp_path, commit=commit, seconds=30, memory_mb=1000, on_progress=lambda _progress: None)
    entries = GitSnapshot(mirror_of(address, tmp_path), commit).entries
    tree = history_of("home-feed")[-1 - back].tree
    assert {entry.path: entry.size for entry in entries} == {path: len(content) for path, content in tree.items()}


def test_the_same_moment_gives_the_same_commits_and_another_moment_others(repositories, tmp_path):
    again = build_repositories(tmp_path / "again", now=NOW)
    later = build_repositories(tmp_path / "later", now=NOW + timedelta(days=1))
    heads = {slug: git(repository, "rev-parse", "main") for slug, repository in repositories.items()}
    assert {slug: git(repository, "rev-parse", "main") for slug, repository in again.items()} == heads
    assert all(git(repository, "rev-parse", "main") != heads[slug] for slug, repository in later.items())


def test_a_second_build_leaves_everything_as_it_is(tmp_path):
    first = build_repositories(tmp_path, now=NOW)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    assert build_repositories(tmp_path, now=NOW + timedelta(days=30)) == first
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_a_build_that_was_cut_short_is_done_again(tmp_path):
    slug = SLUGS[0]
    (tmp_path / f"{slug}.building" / "objects").mkdir(parents=True)
    repositories = build_repositories(tmp_path, now=NOW)
    assert git(repositories[slug], "rev-parse", "--verify", "main")
    assert not list(tmp_path.glob("*.building"))


def test_a_repository_does_not_depend_on_the_configuration_of_who_builds_it(repositories, tmp_path, monkeypatch):
    config = tmp_path / "gitconfig"
    config.write_text("[init]\n\tdefaultBranch = trunk\n[user]\n\tname = Somebody\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Somebody")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    built = build_repositories(tmp_path / "demo", now=NOW)
    monkeypatch.delenv("GIT_DIR")
    assert git(built["home-feed"], "rev-parse", "main") == git(repositories["home-feed"], "rev-parse", "main")


def test_the_planted_credentials_stand_in_a_repository_but_nowhere_in_our_own_tree():
    held = [content for slug in SLUGS for commit in history_of(slug) for content in commit.tree.values()]
    demo = HISTORIES.parent
    ours = [path.read_text(encoding="utf-8") for path in demo.rglob("*") if path.suffix in {".py", ".history"}]
    for name, credential in PLANTED.items():
        assert any(credential.encode() in content for content in held), name
        assert not any(credential in text for text in ours), name
    assert not [secret for text in ours for secret in secrets.of(text.encode()) if not secret.weak]


def test_the_messy_project_shows_real_looking_credentials_at_its_head():
    tree = history_of("email-picks")[-1].tree
    assert "AWS access key" in {secret.rule for secret in secrets.of(tree["upload.py"]) if not secret.weak}
