"""Commands, jobs and scripts that rebuild derived data, by the modules that write it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.expressions import expression
from apps.analysis.learning import frameworks
from apps.analysis.paths import Kind
from apps.analysis.running import answering, clusters, processes, serving, starts
from apps.analysis.running.starts import By
from apps.analysis.tasks import retraining, steering
from apps.analysis.tasks.inputs import by_environment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apps.analysis.facts.model import Define
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File

_REBUILDS = expression(
    r"ingest|index|embed|backfill|feature|prep|process|etl|batch|score|scoring|predict|build|vector|load|transform|cluster|materiali[sz]e|refresh|populate|crawl|inference|generate|recommend|data|extract|database|db|import|seed|label|clean|tokeni[sz]e|encode",
    re.IGNORECASE,
)
_WHOLE = expression(r"(^|/)(__)?(main|cli|run|manage|pipeline)\w*\.py$")
_ANSWERS = expression(r"(^|/)(app|api|server|routes?)(/|\.py$)", re.IGNORECASE)
# Data that is fetched, listed or removed is not derived anew.
_MOVES = expression(
    r"\b(wget|curl|gdown|kaggle|dvc pull|rm -rf?|unzip)\b|download|(^|[-_])(get|pull|push|list|clean|delete|drop)[-_]"
)
_TASK = r"ingest|index|embed|backfill|feature|etl|preprocess|batch|score|materiali|predict|populate|prepare|data"


def scripts(facts: Facts, targets: set[str], leading: set[str]) -> tuple[list[Evidence], list[Evidence]]:
    """Scripts that write derived data, or lead to what writes it: those that take what to rebuild, and the others."""
    flagged, scheduled = retraining.takes_flags(facts), _scheduled(facts)
    answering_files = {file.path for file, _ in serving.servers(facts)}
    parts = answering.served(facts)
    streams = {file.path for file, _ in facts.calls(*_CONSUMES, files=facts.scripts)}
    fitting = {file.path for file, _ in frameworks.fits(facts)}
    ranged: list[Evidence] = []
    fixed: list[Evidence] = []
    for file in facts.scripts:
        code = file.facts.code
        if code is None:
            continue
        begins = bool(code.main) or file.once(_runs_at_once)
        taking = file.path in flagged and not file.once(_only_switches)
        if begins and taking and _BACKFILLS.search(file.name):
            ranged.append(file.at(retraining.entry(file)))
            continue
        if file.path not in leading:
            continue
        of_django = "/management/commands/" in file.path
        if _ANSWERS.search(file.path) and file.path not in flagged and not code.main and not of_django:
            continue
        here = file.at(retraining.entry(file))
        told = file.once(_is_named_for_it)
        alone = begins and file.path not in fitting and not _MEASURES.search(file.name)
        if of_django:
            ranged.append(here)
        elif file.path in scheduled and (told or file.path in targets):
            (ranged if file.path in steering.told(facts) else fixed).append(here)
        elif file.path in answering_files or (file.path in parts and not code.main and file.path not in flagged):
            continue
        elif (told and taking) or (alone and (taking or file.once(by_environment))):
            ranged.append(here)
        elif (begins or (told and file.path in flagged)) and file.path not in streams:
            fixed.append(here)
    return ranged, sorted(fixed, key=lambda place: not (_REBUILDS.search(place.path) or _WHOLE.search(place.path)))


# What comes in is answered as it comes: nothing here goes back to what came before.
_CONSUMES = ("*.KafkaConsumer", "*.AIOKafkaConsumer", "confluent_kafka.*Consumer", "*.start_consuming", "faust.App")
_BACKFILLS = expression(r"back_?fill|re_?(index|embed|build|compute|process|score|materiali)")
_MEASURES = expression(r"train|tune|test|eval|bench|plot|visuali|demo|example")


def _is_named_for_it(file: File) -> bool:
    return bool(_REBUILDS.search(file.path) or _WHOLE.search(file.path))


_INFRASTRUCTURE = expression(r"\b(?:cdk|terraform|pulumi)\b")  # which holds data, and rebuilds none


def named(facts: Facts, targets: set[str]) -> list[Evidence]:
    """Tasks and jobs of a cluster that rebuild: by their names, or by the module that they run."""
    jobs = {one.name for one in clusters.own_workloads(facts) if one.kind in {"Job", "CronJob"}}
    found = []
    for start in starts.beside_scripts(facts):
        job = start.by is By.WORKLOAD and start.name in jobs
        runs = {file.path for file in starts.modules_run(facts, start)} if targets and job else set()
        task = (
            start.by is By.TASK
            and re.search(_TASK, start.name)
            and not _MOVES.search(f"{start.name} {start.command}")
            and not _INFRASTRUCTURE.search(start.command)
        )
        if task or runs & targets:
            found.append(start.place)
    materialised = [file.at(one.line) for file, one in facts.commands(r"\bfeast materialize")]
    return [*found, *materialised]


def in_other_languages(facts: Facts, written: Iterable[tuple[File, int]]) -> tuple[list[Evidence], list[Evidence]]:
    """Scripts in R and jobs in Scala that write derived data; pages, services and documents are none."""
    taking = {file.path for file, _, _ in facts.signals("arguments")}
    serves = {file.path for file, _ in serving.servers(facts)}
    ranged: list[Evidence] = []
    fixed: list[Evidence] = []
    for file, line in written:
        if file.path in serves or file.is_notebook:
            continue
        if file.kind is Kind.SCALA or file.path in taking:
            ranged.append(file.at(line))
        elif file.kind is Kind.R or re.search(r"(^|/)(scripts?|jobs?|tools?)/", file.path):
            fixed.append(file.at(line))
    return ranged, fixed


def pipelines(facts: Facts, targets: set[str], *, everything: bool) -> tuple[list[Evidence], list[Evidence]]:
    """Pipelines that write derived data: their names say so, they write it, or they run queries that make tables. Those
    that are told what to work on, and the others."""
    found = processes.pipelines(facts)
    chosen = [place for place in found if everything or place.path in targets or _TOLD.search(place.path)]
    steered = steering.told(facts)
    ranged: list[Evidence] = []
    fixed: list[Evidence] = []
    for place in chosen:
        (ranged if place.path in steered or not place.path.endswith(".py") else fixed).append(place)
    return ranged, fixed


_TOLD = expression(r"batch|feature|scor|predict|infer|ingest|prep|embed|index|backfill", re.IGNORECASE)


def _only_switches(file: File) -> bool:
    """Whether the flags of the script say only yes or no: then what it rebuilds is written into it."""
    calls = file.facts.code.calls if file.facts.code else []
    # of several in one line, the first
    added = {(call.line, call.name): call for call in reversed(calls) if call.name.endswith(".add_argument")}
    return bool(added) and all(str(call.kwargs.get("action", "")).startswith("store_") for call in added.values())


_OF_FRAMEWORK = frozenset(
    {"urls.py", "settings.py", "wsgi.py", "asgi.py", "models.py", "views.py", "admin.py", "apps.py"}
)


def _runs_at_once(file: File) -> bool:
    code = file.facts.code
    return code is not None and file.name not in _OF_FRAMEWORK and sum(not call.scope for call in code.calls) >= 3


_STEPS = expression(r"(^|\.)(flow|pipeline|dag|asset|step|task|job|op|component)$|^(kfp|zenml|prefect|dagster)\.")


def _is_step(_: File, define: Define) -> bool:
    return any(
        _STEPS.search(one.name) and not re.search(r"celery|huey|dramatiq|queue", one.name) for one in define.decorators
    )


def _scheduled(facts: Facts) -> set[str]:
    """Files of orchestrated steps: a run is a one-off with parameters or a date."""
    found = {file.path for file, _ in facts.defines("", facts.scripts, where=_is_step)}
    queued = {file.path for file, _ in facts.imports("celery", "dramatiq", "rq")}
    return (found - queued) | {
        file.path for file, _ in facts.imports("airflow", "luigi", "metaflow", "kedro", files=facts.scripts)
    }
