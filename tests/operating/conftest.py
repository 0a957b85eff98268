"""A database of its own and all that production is given."""

import os
import socket
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.operating.producing import HOST, ROOT, Version
from tests.repositories.building import make_repository, repository

__all__ = ["make_repository", "repository"]


@pytest.fixture
def environment(tmp_path, free_port):
    """What production is given; of the machine's own only the path to programs."""
    name = f"production_{os.getpid()}"
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as session:
        session.execute(f"CREATE DATABASE {name}")
        yield {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "DATABASE_URL": urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl(),
            "REDIS_URL": os.environ["REDIS_URL"],
            "SECRET_KEY": "ci-0123456789abcdefghijklmnopqrstuvwxyz-0123456789-ABCDEFGHIJKL",
            "ALLOWED_HOSTS": HOST,
            "TRUST_PROXY": "true",
            "DATA_DIR": str(tmp_path / "data"),
            "LOCAL_REPOSITORY_ROOTS": str(tmp_path),
            "BIND_ADDRESS": "127.0.0.1",
            "PORT": str(free_port()),
            "WORKER_CONCURRENCY": "1",
            "WEB_CONCURRENCY": "1",
        }
        session.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def free_port():
    def free_port():
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return probe.getsockname()[1]

    return free_port


@pytest.fixture
def version(environment):
    """This code, with its static files collected and its database prepared."""
    version = Version(ROOT, environment)
    version.manage("collectstatic", "--noinput")
    version.manage("release")
    return version
