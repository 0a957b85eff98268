"""Real git repositories for tests."""

import os
import subprocess
from pathlib import Path

import pytest

DATES = {"GIT_AUTHOR_DATE": "2024-05-01T12:00:00Z", "GIT_COMMITTER_DATE": "2024-05-01T12:00:00Z"}
WHO = {"GIT_AUTHOR_NAME": "Alice", "GIT_AUTHOR_EMAIL": "a@example.org"}
WHO |= {"GIT_COMMITTER_NAME": "Alice", "GIT_COMMITTER_EMAIL": "a@example.org"}


class Repository:
    """A real repository with a work tree; `commit` writes files and returns the commit's id."""

    def __init__(self, path: Path, *options: str) -> None:
        self.path = path
        path.mkdir(parents=True)
        self.git("init", "-q", "-b", "main", *options)

    def git(self, *arguments: str, **more) -> str:
        env = os.environ | DATES | WHO
        return subprocess.run(
            ["git", *arguments], cwd=self.path, env=env, check=True, capture_output=True, text=True, **more
        ).stdout.strip()

    def commit(self, files: dict[str, str | bytes], message: str = "Change things") -> str:
        for name, content in files.items():
            path = self.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        self.git("add", "--all")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def make_repository(tmp_path):
    def make(name: str = "system", *options: str) -> Repository:
        return Repository(tmp_path / name, *options)

    return make


@pytest.fixture
def repository(make_repository):
    return make_repository()
