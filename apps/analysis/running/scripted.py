"""Programs in Python that roll the system out: by commands that they start, or by the clients of clouds and clusters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from apps.analysis.code.importing import calls_beside
from apps.analysis.expressions import expression

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File

_STARTS = (
    "subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output", "subprocess.Popen", "os.system", "os.popen", "*.exec_command",
    "asyncio.create_subprocess_shell", "asyncio.create_subprocess_exec", "invoke.run", "fabric.api.run", "fabric.api.sudo", "fabric.api.local", "sh.*",
)  # fmt: skip
# By the client that a file imports, the calls that put a new version somewhere.
_CLIENTS = {
    "boto3": ("*.update_service", "*.create_service", "*.register_task_definition", "*.update_function_code", "*.create_function", "*.create_stack", "*.update_stack"),
    "google.cloud.run_v2": ("*.create_service", "*.update_service", "*.create_job", "*.update_job"),
    "google.cloud.functions_v2": ("*.create_function", "*.update_function"),
    "kubernetes": ("*.create_namespaced_*", "*.patch_namespaced_*", "*.replace_namespaced_*", "*.create_from_yaml", "*.create_from_dict"),
    "docker": ("*.containers.run", "*.services.create"),
    "azure.mgmt": ("*.begin_create_or_update",),
}  # fmt: skip
# By the client that a file imports, the calls that hand a job of the system's own to a managed platform.
_JOBS = {
    "boto3": ("*.start_job_run", "*.run_job_flow", "*.add_job_flow_steps"),
    "google.cloud.dataproc": ("*.create_batch", "*.submit_job", "*.submit_job_as_operation"),
    "google.cloud.dataproc_v1": ("*.create_batch", "*.submit_job", "*.submit_job_as_operation"),
    "databricks.sdk": ("*.jobs.create", "*.jobs.submit", "*.jobs.submit_and_wait"),
    "google.cloud.aiplatform.vertex_ray": ("*.create_ray_cluster",),
}  # fmt: skip
# A service may start containers for its users; a program, or a function, of this name rolls out.
_DEPLOYS = expression(r"deploy|release|roll_?out|provision|promot", re.IGNORECASE)
_FLAGS = ("*.add_argument", "*.option", "*.argument", "typer.Option", "typer.Argument")
_VERSION = expression(
    r"^-{0,2}(\w+[-_])?(image|img|tag|version|sha|commit|revision)([-_](tag|uri|name|version|url|id))?$", re.IGNORECASE
)


def started(facts: Facts) -> list[tuple[File, Call, str]]:
    """(file, call, command) of commands of the shell that Python starts, in one line."""
    return [
        (file, call, text) for file, call in facts.calls(*_STARTS, files=facts.scripts) if (text := _command(call.args))
    ]


def _command(given: list[Any]) -> str:
    first = given[0] if given else ""
    words = first if isinstance(first, list) else given[:1] if " " in str(first) else given
    return " ".join(str(word).removeprefix("$") for word in words)


def by_client(facts: Facts) -> list[tuple[File, Call]]:
    """Calls that put a new version somewhere."""
    found = calls_beside(facts, _CLIENTS, facts.scripts)
    return [(file, call) for file, call in found if _DEPLOYS.search(f"{file.name} {call.scope}")]


def jobs(facts: Facts, files: list[File]) -> list[tuple[File, Call]]:
    """Calls that hand a job to a managed platform."""
    return calls_beside(facts, _JOBS, files)


def flags(facts: Facts, rolling: list[Evidence], name: re.Pattern[str]) -> list[Evidence]:
    """Flags and arguments of that name which the programs among `rolling` take, where their default is no `latest`."""
    paths = {place.path for place in rolling}
    files = [file for file in facts.scripts if file.path in paths]
    if not files:
        return []
    added = [
        file.at(call.line)
        for file, call in facts.calls(*_FLAGS, files=files)
        if any(isinstance(one, str) and name.match(one) for one in (*call.args, call.target))
        and "latest" not in str(call.kwargs.get("default", ""))
        and call.kwargs.get("action") != "version"  # which tells the program's own
    ]
    decorated = [
        file.at(call.line)
        for file, define in facts.defines("", files=files)
        for call in define.decorators
        if call.last in {"option", "argument"} and any(isinstance(one, str) and name.match(one) for one in call.args)
        if "latest" not in str(call.kwargs.get("default", ""))
    ]
    read = [
        file.at(one.line)
        for file, one in facts.assigns(name.pattern, files=files)
        if re.match(r"\$(sys\.argv|os\.(environ|getenv))", str(one.value))
    ]
    return [*added, *decorated, *read]


def versions(facts: Facts, rolling: list[Evidence]) -> list[Evidence]:
    """Where such programs are told which image or version to roll out."""
    return flags(facts, rolling, _VERSION)
