"""How long-running processes stop: which of them get SIGTERM and heed it, and what handles it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from apps.analysis.repository import places
from apps.analysis.running import servers, starts, units, workers
from apps.analysis.running.starts import DEPLOYED, By

if TYPE_CHECKING:
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File
    from apps.analysis.running.server import Server
    from apps.analysis.running.starts import Start


class Process(msgspec.Struct, frozen=True):
    """A long-running process. `able`: it would stop cleanly, were it started otherwise; `why` says what is wrong."""

    name: str
    place: Evidence
    graceful: bool
    able: bool = False
    behind_shell: bool = False
    deaf: bool = False  # nothing but a handler of its own would help
    why: str = ""
    started_at: tuple[Evidence, ...] = ()  # the command of the deployment, where the server stands elsewhere


def _handles(facts: Facts, file: File) -> bool:
    return bool(facts.calls("signal.signal", "*.add_signal_handler", files=[file]))


def processes(facts: Facts) -> list[Process]:
    """The deployed servers and workers; where nothing is deployed, those that tasks, scripts and code start."""
    served = [_of_server(facts, server) for server in servers.deciding(facts)]
    taking = [one for start in starts.deployed(facts) for one in _of_workers(facts, start)]
    loops = [
        one
        for start in starts.deployed(facts)
        for file in starts.modules_run(facts, start)
        for one in _of_loops(facts, file, start)
    ]
    if not (served or taking or starts.deployed(facts)):
        loops = [
            one for file in {loop.file.path: loop.file for loop in workers.loops(facts)}.values()
            for one in _of_loops(facts, file, None)
        ]  # fmt: skip
    found = {(one.name, one.place): one for one in [*served, *taking, *loops]}
    return list(found.values())


def _of_loops(facts: Facts, file: File, start: Start | None) -> list[Process]:
    """The loop of a file that `start` runs, None where only a person does."""
    found = [one for one in workers.loops(facts) if one.file is file]
    if not found:
        return []
    place = start.place if start else file.at(found[0].call.line)
    if not found[0].graceful and not _handles(facts, file):
        why = "goes round for ever and handles no SIGTERM"
        return [Process(file.name, place, graceful=False, deaf=True, why=why)]
    held = start is not None and start.shell
    why = "is started behind a shell without `exec`, which keeps SIGTERM from it" if held else ""
    return [Process(file.name, place, graceful=not held, able=True, behind_shell=held, why=why)]


def _of_server(facts: Facts, server: Server) -> Process:
    start = server.start
    if not server.graceful:
        return Process(
            server.program,
            server.place,
            graceful=False,
            why="does not finish what it is doing when it is stopped",
        )
    command = _command_at(server)
    if start is not None and start.by in DEPLOYED and _behind_shell(facts, start, server.file):
        return Process(
            server.program,
            server.place,
            graceful=False,
            able=True,
            behind_shell=True,
            why="is started behind a shell without `exec`, which keeps SIGTERM from it",
            started_at=(start.place,),
        )
    if start is not None and start.by is By.SCRIPT and not re.search(r"\bexec\b", command):
        return Process(
            server.program,
            server.place,
            graceful=False,
            able=True,
            why="is started by a script without `exec`",
        )
    if re.search(r"--reload\b|reload=True", command) and not server.is_deployed:
        return Process(server.program, server.place, graceful=False, able=True, why="is only started in reload mode")
    return Process(server.program, server.place, graceful=True)


def _command_at(server: Server) -> str:
    if server.start is not None:
        return server.start.command
    calls = server.file.facts.code.calls if server.file.facts.code else []
    given = [call for call in calls if call.line == server.place.line]
    return "reload=True" if any(call.kwargs.get("reload") is True for call in given) else ""


def _behind_shell(facts: Facts, start: Start, file: File) -> bool:
    """Whether a shell keeps the signal: a shell form, or a script that does not `exec` what it starts last."""
    if start.shell:
        return True
    scripts = starts.scripts_run(facts, start)
    held = [one for one in scripts if one.file is file or file in starts.modules_run(facts, one)]
    if not held:
        return False
    return not any(re.search(r"\bexec\b|\b(tini|dumb-init)\b", one.command) for one in scripts)


def _of_workers(facts: Facts, start: Start) -> list[Process]:
    """The worker that `start` begins, itself or by the script that it calls."""
    scripts = starts.scripts_run(facts, start)
    begun = next((one for one in (start, *scripts) if workers.COMMAND.search(one.command)), None)
    if begun is None:
        return []
    name = re.sub(r"^\S*/", "", begun.command.removeprefix("exec ").split()[0]) if begun.command else start.name
    held = start.shell or (bool(scripts) and not any(re.search(r"\bexec\b", one.command) for one in scripts))
    why = "is started behind a shell without `exec`, which keeps SIGTERM from it" if held else ""
    return [Process(name, start.place, graceful=not held, able=True, behind_shell=held, why=why)]


def unhandled(facts: Facts, poor: list[Process], handled: list[Evidence]) -> list[Process]:
    """Those of the processes whose service has none of the handlers; a handler elsewhere may be for all."""
    roots = {units.root_of(facts, facts.by_path[one.path]) for one in handled if one.path in facts.by_path}
    services = {unit.root for unit in units.of(facts)}
    if len(services) < 2 or not roots <= services:
        return []
    return [one for one in poor if units.root_of(facts, facts.by_path[one.place.path]) not in roots]


def handlers(facts: Facts) -> list[Evidence]:
    """Handlers of shutdown in code, and grace settings of deployments."""
    called = [
        *facts.calls("*.add_signal_handler", "*.add_event_handler", "signal.signal", "atexit.register"),
        *facts.calls("fastapi.FastAPI", "starlette.applications.Starlette", "litestar.Litestar"),
    ]
    chosen = [
        (file, call)
        for file, call in called
        if call.last == "add_signal_handler"
        or (call.name == "signal.signal" and re.search(r"SIGTERM", str(call.argument(0))))
        or (call.last == "add_event_handler" and call.argument(0) == "shutdown")
        or "lifespan" in call.kwargs
        or "on_shutdown" in call.kwargs
    ]
    decorated = [
        (file, one)
        for file, define in facts.decorated()
        for one in define.decorators
        if (one.last == "on_event" and one.argument(0) == "shutdown")
        or one.last
        in {"on_shutdown", "after_server_stop", "before_server_stop", "worker_shutdown", "after_serving", "on_stop"}
    ]
    keys = {"terminationGracePeriodSeconds", "stop_grace_period", "stop_signal", "preStop"}
    declared = [(file, leaf) for file, leaf in facts.leaves(r"\.ya?ml$") if keys & set(leaf.keys)]
    spring = facts.leaves(r"application[\w-]*\.(properties|ya?ml)$", value=r"^graceful$")
    elsewhere = [
        file.at(line)
        for file, line, _ in [*facts.signals("shutdown"), *facts.signals("shutdown-compiled")]
        if not re.search(r"(^|/)(scripts?|tools?)/|test", file.path)
    ]
    return [*places(chosen), *places(decorated), *places(declared), *places(spring), *elsewhere]
