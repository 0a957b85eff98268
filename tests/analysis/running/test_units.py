"""Which services a system consists of, and which of them a command starts and a deployment covers."""

from __future__ import annotations

import time

import pytest

from apps.analysis.running import starts, units
from tests.analysis.making import facts_of

API = "from fastapi import FastAPI\n\napp = FastAPI()\n"
PAGE = "import streamlit as st\n\nst.title('Ask the model')\n"
COMPOSE = "services:\n  scorer:\n    build: ./scorer\n    ports: ['80:80']\n"
IMAGE = 'FROM python:3.12\nCOPY . .\nCMD ["uvicorn", "main:app"]\n'
TWO = {
    "scorer/main.py": API,
    "scorer/requirements.txt": "fastapi==0.116.1\n",
    "scorer/Dockerfile": IMAGE,
    "trainer/main.py": API,
    "trainer/requirements.txt": "fastapi==0.116.1\n",
}


def test_services_are_told_apart_by_their_folders_and_pages_from_what_stands_beside_them() -> None:
    facts = facts_of({**TWO, "trainer/page.py": PAGE, "tests/fake_server.py": API})
    assert [(unit.root, unit.is_page) for unit in units.of(facts)] == [
        ("scorer", False),
        ("trainer", False),
        ("trainer", True),
    ]


def test_one_application_without_an_image_of_its_own_is_the_repository() -> None:
    [unit] = units.of(facts_of({"src/api/main.py": API, "docker/Dockerfile": IMAGE, "requirements.txt": "fastapi\n"}))
    assert unit.root == ""


@pytest.mark.parametrize(
    ("files", "unstarted"),
    [
        ({}, ["trainer"]),
        ({"trainer/Dockerfile": IMAGE}, []),
        ({"trainer/Dockerfile": IMAGE.replace("main:app", "main:application")}, ["trainer"]),
        ({"trainer/Dockerfile": "FROM tiangolo/uvicorn-gunicorn-fastapi:python3.11\n"}, []),
        ({"docker-compose.yml": "services:\n  t:\n    build: .\n    command: python trainer/main.py\n"}, []),
        ({"docker-compose.yml": "services:\n  t:\n    build: .\n    command: python scorer/main.py\n"}, ["trainer"]),
        ({"trainer/Procfile": "web: gunicorn main:app\n"}, []),
    ],
)
def test_a_service_is_started_by_what_names_its_module_or_builds_its_folder(
    files: dict[str, str], unstarted: list[str]
) -> None:
    assert [unit.root for unit in units.unstarted(facts_of({**TWO, **files}))] == unstarted


@pytest.mark.parametrize(
    ("files", "undeployed"),
    [
        ({"docker-compose.yml": COMPOSE}, ["trainer"]),
        ({"docker-compose.yml": COMPOSE + "  trainer:\n    build: {context: trainer}\n"}, []),
        ({"docker-compose.yml": "services:\n  all:\n    build: .\n"}, []),
        ({"docker-compose.yml": "services:\n  trainer:\n    image: registry.example/trainer:2\n"}, ["scorer"]),
        ({"docker-compose.yml": "services:\n  airflow:\n    image: apache/airflow:3.0.3\n"}, ["scorer", "trainer"]),
        ({"scorer/vercel.json": "{}\n"}, ["trainer"]),
        (
            {
                "docker-compose.yml": COMPOSE,
                ".github/workflows/cd.yml": "jobs:\n  d:\n    steps:\n      - run: kubectl apply -f k8s\n",
            },
            [],
        ),
    ],
)
def test_a_service_is_deployed_by_what_builds_or_names_it_or_tells_nothing(
    files: dict[str, str], undeployed: list[str]
) -> None:
    assert [unit.root for unit in units.undeployed(facts_of({**TWO, **files}))] == undeployed


def test_a_development_server_of_one_service_is_seen_beside_a_good_one_of_another() -> None:
    flask = "from flask import Flask\n\napp = Flask(__name__)\napp.run(port=5000)\n"
    facts = facts_of({**TWO, "trainer/main.py": flask})
    assert [unit.root for unit in units.with_only_development_servers(facts)] == ["trainer"]


def test_a_server_of_others_that_the_repository_builds_itself_is_none_of_its_processes() -> None:
    compose = "services:\n  tracker:\n    build: {context: ., dockerfile: Dockerfile.tracker}\n  api:\n    build: .\n"
    tracker = 'FROM python:3.12\nCMD ["mlflow", "server", "--host", "0.0.0.0"]\n'
    facts = facts_of(
        {"docker-compose.yml": compose, "Dockerfile.tracker": tracker, "Dockerfile": IMAGE, "main.py": API}
    )
    assert [service.name for service in starts.own_services(facts)] == ["api"]


def test_a_module_of_a_build_that_begins_nothing_is_a_part_of_the_application() -> None:
    files = {
        "app/build.gradle": "dependencies {}\n",
        "app/src/main/java/Ping.java": '@RestController\nclass Ping {\n  @GetMapping("/ping") String ping();\n}\n',
        "scoring/build.gradle": "dependencies { implementation project(':app') }\n",
        "scoring/src/main/java/Start.java": "@SpringBootApplication\nclass Start {}\n",
    }
    assert [unit.root for unit in units.of(facts_of(files))] == ["scoring"]


def test_many_services_of_the_jvm_cost_no_more_than_their_number() -> None:
    code = "@RestController\nclass A { void a() { SpringApplication.run(A.class); } }\n"
    facts = facts_of({f"a{number}/src/A.java": code for number in range(2000)})
    begun = time.process_time()
    assert len(units.of(facts)) == 1
    assert time.process_time() - begun < 2
