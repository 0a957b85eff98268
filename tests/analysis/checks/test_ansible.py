"""Objects of Kubernetes that stand in tasks of Ansible, read as the manifests that the tasks apply."""

from __future__ import annotations

import pytest

from apps.analysis.checks.backing_services import databases, monitoring, storage
from apps.analysis.checks.concurrency import process_types
from apps.analysis.checks.port_binding import declared
from apps.catalog import State
from tests.analysis.making import facts_of

Files = dict[str, str | bytes]

APP: Files = {"app.py": "from fastapi import FastAPI\napp = FastAPI()\n"}
TASK = """\
- name: Run the API
  {module}:
    kubeconfig: "{{{{ kubeconfig }}}}"
    state: {state}
    definition:
      apiVersion: apps/v1
      kind: Deployment
      metadata: {{name: {name}}}
      spec:
        replicas: 2
        template:
          spec:
            containers:
              - name: {name}
                image: "registry.local/{name}:1.4.0"
                command: [uvicorn, "app:app", --port, "8080"]
                ports: [{{containerPort: 8080}}]
"""


def _task(name: str = "api", module: str = "kubernetes.core.k8s", state: str = "present") -> str:
    return TASK.format(name=name, module=module, state=state)


@pytest.mark.parametrize("module", ["kubernetes.core.k8s", "k8s"])
def test_an_object_in_a_task_is_read_as_a_manifest(module: str) -> None:
    facts = facts_of({**APP, "roles/api/tasks/main.yml": _task(module=module)})
    found = declared.check(facts)
    assert found.state is State.MET
    assert [(place.path, place.line) for place in found.evidence][:1] == [("roles/api/tasks/main.yml", 17)]


def test_objects_of_several_tasks_are_told_apart() -> None:
    facts = facts_of({**APP, "deploy.yml": _task() + _task("worker")})
    assert process_types.check(facts).state is State.MET


def test_an_object_that_a_task_removes_is_no_manifest() -> None:
    facts = facts_of({**APP, "deploy.yml": _task(state="absent")})
    assert declared.check(facts).state is State.UNMET


def test_each_object_of_a_list_is_a_manifest_of_its_own() -> None:
    objects = "".join(f"      - {{kind: Job, metadata: {{name: {name}}}}}\n" for name in ("train", "score"))
    facts = facts_of({"deploy.yml": f"- kubernetes.core.k8s:\n    definition:\n{objects}"})
    kinds = [leaf for leaf in facts.files[0].facts.leaves if leaf.keys == ["kind"]]
    assert [leaf.text for leaf in kinds] == ["Job", "Job"]
    assert len({leaf.document for leaf in kinds}) == len(kinds)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("roles/watch/tasks/main.yml", "- kubernetes.core.helm:\n    name: watch\n    chart_ref: prometheus-community/kube-prometheus-stack\n"),
        ("apps/watch.yaml", "kind: Application\nspec:\n  source:\n    chart: grafana\n"),
        ("chart/Chart.yaml", "name: api\ndependencies:\n  - name: prometheus\n    version: 25.1.0\n"),
        ("deploy.yml", "- kubernetes.core.k8s:\n    definition:\n      kind: ServiceMonitor\n      metadata: {name: api}\n"),
    ],
)  # fmt: skip
def test_charts_of_monitors_that_a_deployment_installs_are_monitoring(path: str, text: str) -> None:
    assert monitoring.check(facts_of({**APP, path: text})).state is State.MET


def test_an_example_of_settings_locates_nothing() -> None:
    facts = facts_of({**APP, "group_vars/all.yml.example": "db_host: db.acme.io\n"})
    assert databases.check(facts).state is State.NA


def test_what_a_workload_is_given_locates_its_services() -> None:
    server = TASK.format(name="tracker", module="k8s", state="present") + (
        '                args:\n                - |\n                  tracker --store "postgresql://$USER@db:5432/runs"\n'
        "                env:\n                - {name: MINIO_ENDPOINT, value: http://minio:9000}\n"
    )
    facts = facts_of({**APP, "deploy.yml": server})
    assert (databases.check(facts).state, storage.check(facts).state) == (State.MET, State.MET)
