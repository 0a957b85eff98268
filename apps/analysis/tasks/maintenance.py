"""Maintenance tasks of a repository: those that can be started by name, loose scripts, and notebooks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from apps.analysis.code import importing
from apps.analysis.expressions import expression
from apps.analysis.learning import frameworks
from apps.analysis.paths import Kind, Role
from apps.analysis.repository import places
from apps.analysis.running import clusters, compose, starts
from apps.analysis.running.starts import By
from apps.analysis.tasks import retraining

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call, Code, Define
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File


class Tasks(msgspec.Struct, frozen=True):
    """`commands` can be started by name; `loose` are scripts without an entry point, helpers of development, and single
    steps in prose; `notebooks` carry out tasks by hand."""

    commands: list[Evidence] = []
    loose: list[Evidence] = []
    notebooks: list[Evidence] = []


_DEVELOPMENT = expression(
    r"^\.|^(all|default|help|\w*test\w*|\w*lint\w*|\w*format\w*|fmt|style|check\w*|typecheck|mypy|black|isort|flake8|ruff|docs?|doc[-_]\w+|\w*coverage|install\w*|setup([-_]?(env\w*|venv|dev|pre-commit))?|venv|env|virtualenv|requirements|"
    r"deps|dependencies|pre-commit\w*|clean([-_]?(pyc|build|test|cache|all))?|clean|run|serve|start\w*|dev|watch|app|api|web|server|ui|train\w*|predict|build|hello|shell|jupyter|lab|notebook|debug|version|bump\w*|release|publish|dist|package|preview|eject|"
    r"up|down|stop|logs|restart|ps|main|precommit|hooks|qa|quality|ci|tox|pytest|poetry\w*|sdist|wheel|coverage|spell\w*|prettier|eslint|tsc)$",
    re.IGNORECASE,
)
_TASK_WORD = expression(
    r"download|prepare|(^|_)prep(_|$)|export|convert|creat|build_(index|db|vector|dataset|vocab|embed)|init|seed|load_(data|db)|populate|ingest|index|backup|restore|clean[-_]?up|purge|prune|migrat|upload|sync|import|generate|register|promot|publish_model|"
    r"backfill|fetch|scrape|crawl|delete|remove|teardown|destroy|bootstrap|provision|reset|update|refresh|trigger|retrain|schedule|quantize|prune|merge|benchmark|bench|profile|report|monitor|validate_data|compile|deploy|reload|rollback|extract|transform|compute|"
    r"embed|process|evaluate|manage|admin|maintenance|setup_|run_\w*(pipeline|job)|cluster|tokenize|vocab|split|archive|rotate|optimi[sz]e|tune|average|strip|submit|collect|label|annotat|etl|materialize|feature",
    re.IGNORECASE,
)
_OWN_SCRIPT = expression(r"\b(tsx|ts-node|node|bun( run)?)\s+(-\S+\s+)*(\./)?(\w+/)*(scripts?|tools?|jobs?|tasks?)/")
# Of a package's scripts, those that work on data; the rest builds, tests and serves pages.
_ON_DATA = expression(r"(^|[:_-])(seed|migrate|ingest|re-?index|backfill|embed)([:_-]|$)")
_MAIN_RUN = expression(r"(^|/)(run_?(\w*_)?(pipeline|training|all)|pipeline|main|train\w*)\.py$", re.IGNORECASE)
_DEV_WORD = expression(
    r"(^|[/_-])(tests?|lint\w*|format\w*|style|check\w*|mypy|docs?|install\w*|ci|setup|conftest|coverage|black|release|version)([_.-]|$)",
    re.IGNORECASE,
)
_TOOL_FOLDER = expression(
    r"(^|/)(scripts?|tools?|bin|jobs?|tasks?|cli|commands?|maintenance|admin|ops|hack|utils?|data|bootstrap|build|deploy(ment)?|infra\w*|provision\w*)/",
    re.IGNORECASE,
)


_OF_TASKS = expression(r"(^|/)(scripts?|tools?|bin|jobs?|tasks?|cli|commands?|maintenance|admin|ops)/", re.IGNORECASE)


def of(facts: Facts) -> Tasks:
    return facts.once(_read)


def _read(facts: Facts) -> Tasks:
    named, development = _named(facts)
    guarded, bare, helpers = _scripts(facts)
    commands = [*named, *_subcommands(facts), *_one_offs(facts)]
    loose = [*bare, *development, *helpers]
    if commands or len(guarded) > len(bare):
        commands += guarded
    else:
        loose = [*guarded, *loose]
    notebooks = [file.at() for file in facts.own if file.is_notebook]
    return Tasks(commands, loose, notebooks)


def _named(facts: Facts) -> tuple[list[Evidence], list[Evidence]]:
    """Named tasks of Makefiles, pyproject.toml, Procfiles' release, invoke, nox…: of maintenance, and of development."""
    chosen: list[Evidence] = []
    development: list[Evidence] = []
    seen: set[tuple[str, str]] = set()
    for start in starts.by(facts, By.TASK):
        if (start.file.path, start.name) in seen:
            continue
        if start.file.name == "package.json" and not (_OWN_SCRIPT.search(start.command) or _ON_DATA.search(start.name)):
            continue
        seen.add((start.file.path, start.name))
        plain = re.sub(r"^(run|make|do)[-_]|(?<=^test):.*", "", start.name)
        (development if _DEVELOPMENT.match(plain) else chosen).append(start.place)
    for file, define in facts.defines("", facts.scripts, where=_is_task):
        (development if _DEVELOPMENT.match(define.name) else chosen).append(file.at(define.line))
    entries = [
        *facts.leaves(r"(^|/)pyproject\.toml$", "project", "scripts", "*"),
        *facts.leaves(r"(^|/)pyproject\.toml$", "tool", "poetry", "scripts", "*"),
        *facts.leaves(r"(^|/)setup\.cfg$", "options.entry_points", "console_scripts"),
        *facts.leaves(r"(^|/)MLproject$", "entry_points", "*", "command"),
    ]
    tasks = [
        pair
        for pair in entries
        if not _DEVELOPMENT.match(re.split(r"[-_]", pair[1].keys[-1 if pair[0].name != "mlproject" else 1])[-1])
    ]
    return [*chosen, *places(tasks)], development


def _is_task(_: File, define: Define) -> bool:
    runners = ("invoke.task", "invoke.tasks.task", "nox.session", "duty.duty", "doit.")
    return define.is_decorated_by(runners)


def _subcommands(facts: Facts) -> list[Evidence]:
    """Command lines with several sub-commands, and management commands of Django."""
    groups = facts.calls("*.add_subparsers", "*.add_typer", "*.add_command", files=facts.scripts)
    by_file: dict[str, list[tuple[File, int]]] = {}
    for file, define in facts.defines("", facts.scripts, where=_is_command):
        by_file.setdefault(file.path, []).append((file, define.line))
    commands = [found[0] for found in by_file.values() if len(found) > 1]
    if facts.imports("flask"):
        of_flask = facts.defines("", facts.scripts, where=_is_command_of_flask)
        commands += [(file, define.line) for file, define in of_flask]
    grouped = [found[0] for found in by_file.values() if len(by_file) > 1]
    fire = [
        pair
        for pair in facts.calls("fire.Fire", files=facts.scripts)
        if not pair[1].args or str(pair[1].argument(0))[1:2].isupper() or isinstance(pair[1].argument(0), list)
    ]
    django = [file.at() for file in facts.named(r"/management/commands/(?!__init__)[^/]+\.py$")]
    return [*places(commands), *places(groups), *places(grouped), *places(fire), *django]


def _is_command(_: File, define: Define) -> bool:
    return any(one.last == "command" and not re.search(r"bot|discord|client", one.name) for one in define.decorators)


def _is_command_of_flask(_: File, define: Define) -> bool:
    return any(one.name.endswith(".cli.command") for one in define.decorators)


def _scripts(facts: Facts) -> tuple[list[Evidence], list[Evidence], list[Evidence]]:
    """Scripts that are tasks: with an entry point of their own, without one, and those that only help development."""
    training = {file.path for file, _ in frameworks.fits(facts)}
    training |= {place.path for place in retraining.entries(facts) if _MAIN_RUN.search(place.path)}
    apart = training | {place.path for place in facts.profile.serves.evidence}
    flagged = retraining.takes_flags(facts)
    imported = importing.imported(facts)
    guarded: list[Evidence] = []
    bare: list[Evidence] = []
    helpers: list[Evidence] = []
    for file in facts.scripts:
        code = file.facts.code
        if file.path in apart or not code or not code.calls or file.name in {"setup.py", "__init__.py", "conftest.py"}:
            continue
        if not file.once(_is_named_for_task):
            continue
        if file.path in imported and file.path not in flagged and not _OF_TASKS.search(file.path):
            continue  # what a module runs when it is started itself shows how it is used
        runs = file.once(_runs)
        if code.main and not _DEV_WORD.search(file.name) and not any("train" in call.last for call in runs):
            guarded.append(file.at(code.main))
        elif not code.main and file.path in flagged and runs:
            guarded.append(file.at(runs[0].line))
        elif not code.main and len(runs) >= 3 and not _is_library(code):
            bare.append(file.at(runs[0].line))
    for file in facts.of_kind(Kind.SHELL):
        if _NO_TASK.search(file.path):
            continue
        (helpers if file.once(_helps) else guarded).append(file.at(1))
    taking = {file.path for file, _, _ in facts.signals("arguments")}
    for file in facts.of_kind(Kind.R):
        named = _TASK_WORD.search(file.name) or _TOOL_FOLDER.search(file.path)
        if named and file.path not in apart and not file.is_notebook:
            (guarded if file.path in taking else bare).append(file.at(1))
    loaded = [file.at(1) for file, _ in facts.telling(_loads, "own") if file.role is not Role.VENDORED]
    return guarded, bare, [*helpers, *loaded]


def _is_named_for_task(file: File) -> bool:
    return bool(_TASK_WORD.search(file.name.removesuffix(".py")) or _TOOL_FOLDER.search(file.path))


def _runs(file: File) -> list[Call]:
    """What the module itself calls."""
    calls = file.facts.code.calls if file.facts.code else ()
    return [call for call in calls if not call.scope and call.name not in _DECLARATIONS]


def _loads(file: File) -> bool:
    return _LOADS.search(file.path) is not None


_LOADS = expression(r"locust|load_?test")
_DECLARATIONS = frozenset(
    {
        "logging.getLogger",
        "os.getenv",
        "TypeVar",
        "namedtuple",
        "logging.basicConfig",
        "os.path.join",
        "os.path.dirname",
        "os.path.abspath",
        "sys.path.append",
        "sys.path.insert",
    }
)


_STARTS = expression(r"^(start|run|serve|entrypoint|train|launch|docker|mvnw|gradlew|source|activate)")
# What a container runs when it starts, or when somebody opens it to develop in.
_NO_TASK = expression(r"(^|/)\.devcontainer/|(^|[/_-])entrypoint[\w-]*\.sh$")
# A script that ends so is how the system is started, whatever it is called.
_SERVES = expression(
    r"\b(streamlit run|uvicorn|gunicorn|flask run|docker([- ])compose\b.*\bup|(npm|yarn) (run )?(start|dev))\b"
)


def _helps(file: File) -> bool:
    """Whether a script of the shell helps development, or is how the system is started."""
    if _DEV_WORD.search(file.name) or _STARTS.search(file.name):
        return True
    return bool(file.facts.commands and _SERVES.search(file.facts.commands[-1].text))


def _is_library(code: Code) -> bool:
    return sum(define.scope == "" for define in code.defines) > 3 and not code.main


def _one_offs(facts: Facts) -> list[Evidence]:
    """One-off containers and jobs, DAGs of maintenance, releases, and jobs of CI that a person starts."""
    services = [
        service.file.at(service.line) for service in compose.services(facts)
        if re.search(r"(^|[-_])(init|setup|migrat\w*|seed|create\w*|bootstrap|job|task|ingest\w*|indexer|loader)($|[-_])", service.name, re.IGNORECASE)
    ]  # fmt: skip
    jobs = [one.file.at(one.line) for one in clusters.own_workloads(facts) if one.kind in {"Job", "CronJob"}]
    dags = [
        file.at(1) for file in facts.scripts
        if file.imports("airflow") and re.search(r"backfill|clean|maint|purge|sync|backup|reindex", file.name)
    ]  # fmt: skip
    release = [start.place for start in starts.by(facts, By.PROCFILE) if start.name == "release"]
    return [*services, *jobs, *dags, *release, *_of_kedro(facts), *_asked_of_ci(facts)]


_MAINTAINS = expression(
    r"clean[-_ ]?up|back[-_ ]?fill|retrain|(^|[-_ /])(re)?index|ingest|migrat|(^|[-_ /])seed|backup|restore|purge|refresh|scrape|update[-_ ]data",
    re.IGNORECASE,
)


def _asked_of_ci(facts: Facts) -> list[Evidence]:
    """Workflows of maintenance, by their names, that a person can start."""
    events = facts.leaves(r"(^|/)\.github/workflows/", "on", "**")
    asked = {file.path: file for file, leaf in events if "workflow_dispatch" in f"{leaf.keys} {leaf.text}"}
    names = {file.path: leaf.text for file, leaf in facts.leaves(r"(^|/)\.github/workflows/", "name")}
    told = {path: f"{file.name} {names.get(path, '')}" for path, file in asked.items()}
    return [asked[path].at(1) for path, text in told.items() if _MAINTAINS.search(text) and not _OF_FORGE.search(text)]


# What GitHub keeps of the work on the code: it is none of the system's.
_OF_FORGE = expression(
    r"caches?\b|artifact|stale|branch|pull[-_ ]?request|\bprs?\b|preview|workflow[-_ ]runs?", re.IGNORECASE
)


def _of_kedro(facts: Facts) -> list[Evidence]:
    """Pipelines of Kedro that prepare or move data: each is run by its name."""
    if not facts.imports("kedro", files=facts.scripts):
        return []
    found = facts.named(r"/pipelines/[^/]+/(pipeline|__init__)\.py$")
    named = {file.folder.rsplit("/", 1)[-1]: file for file in found}
    return [file.at() for name, file in named.items() if _TASK_WORD.search(name) or "data" in name]
