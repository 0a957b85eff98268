"""A logging framework writes what happens to stdout or stderr.

## What it does
Counts the modules that log through a framework (logging, loguru, structlog, the loggers of Airflow, Prefect,
Dagster, Spring, Go, Node…) and those that only print, and looks for a configuration and for platforms that
keep what is printed. Where there are scripts, prints of notebooks do not count.

- **met**: loggers in most modules that say anything, and something configures them (or the framework does);
  or prints that an orchestrator captures as logs.
- **partial**: prints only, loggers that nothing configures, loggers in a lesser part of the system, or a main stage
  (serving, training) that only prints.
- **unmet**: neither loggers nor prints.

## Why it matters
A print has no level, no time and no source, so nobody can filter or alert on it. A training run of ten hours
or a service that swallows errors is understood only through the events it emitted.

## How to adopt it
```python
# before
print('loaded model')
# after
logging.basicConfig(level=os.getenv('LOG_LEVEL', 'INFO'))
logger = logging.getLogger(__name__)
logger.info('loaded model %s', version)
```

## References
- The Twelve-Factor App, XI. Logs: https://12factor.net/logs
- Python, Logging HOWTO: https://docs.python.org/3/howto/logging.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.code.importing import imported_by
from apps.analysis.events import file_sinks, telling
from apps.analysis.expressions import expression
from apps.analysis.findings import Effort, Finding, finding
from apps.analysis.foreign import languages
from apps.analysis.learning import frameworks
from apps.analysis.paths import Kind
from apps.analysis.repository import places
from apps.analysis.running import answering, serving
from apps.analysis.tasks import retraining
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File


_REMEDY = "Configure `logging` once at start with a stream handler and use `logger.info(…)` in place of prints."


def check(facts: Facts) -> Finding:
    found = telling.of(facts)
    logging, printing = _files(facts, found.loggers), _files(facts, found.prints)
    told = [(file, line, text) for file, line, text in facts.signals("logger") if file.kind is not Kind.TEXT]
    told += languages.compiled(facts, "log")
    other = [(file, line) for file, line, text in told if "console." not in text]
    if other:  # which one module makes, and hands to those that call it
        other += [(file, line) for file, line, _ in facts.signals("log-call") if file.kind in languages.CODE]
    printed = [*facts.signals("print"), *languages.compiled(facts, "print")]
    other_prints = [(file, line) for file, line, _ in printed if file.kind is not Kind.R]
    other_prints += [(file, line) for file, line, text in told if "console." in text]
    r_prints = [(file, line) for file, line, _ in facts.signals("print") if file.kind is Kind.R]
    loggers = telling.deciding_first(facts, places([*logging, *_first(other)]))
    captured = places(telling.captured(facts))
    elsewhere = places([*_only(_first(other_prints), _first(other)), *_first(r_prints)])
    prints = telling.deciding_first(facts, [*places(_only(printing, logging)), *elsewhere])
    if not loggers:
        return _without_loggers(facts, prints, captured)
    configured = bool(found.configured) or bool(other)
    where = f"{loggers[0].path}:{loggers[0].line}"
    if not configured and not captured:
        return finding(
            State.PARTIAL, f"Loggers write events (`{where}`), but nothing configures them.", loggers,
            remedy=_REMEDY, effort=Effort.HOURS,
        )  # fmt: skip
    files = file_sinks.only_to_files(facts)
    if files:
        return finding(
            State.PARTIAL, f"Loggers write events (`{where}`), but only into a local file (`{files[0].file.path}:{files[0].line}`).",
            [files[0].file.at(files[0].line), *loggers], remedy=_REMEDY, effort=Effort.HOURS,
        )  # fmt: skip
    prints = [place for place in elsewhere if not _FUNCTIONS.search(place.path)] if captured else prints
    silent = _silent_stage(facts, loggers, prints)
    if silent:
        return finding(
            State.PARTIAL, f"Loggers write events (`{where}`), but {silent[0]} only prints (`{silent[1].path}:{silent[1].line}`).",
            [silent[1], *loggers[:3], *prints[:3]], remedy=_REMEDY, effort=Effort.HOURS,
        )  # fmt: skip
    if len(prints) >= len(loggers) and not _main_stages_log(facts, loggers, prints):
        return finding(
            State.PARTIAL,
            f"Loggers are used in {len(loggers)} of the {len(loggers) + len(prints)} modules that tell anything (`{where}`), the others only print (`{prints[0].path}:{prints[0].line}`).",
            [*loggers[:3], *prints[:3]], remedy=_REMEDY, effort=Effort.HOURS,
        )  # fmt: skip
    setup = [file.at(line) for file, line in found.configured[:2]]
    return finding(
        State.MET, f"A logging framework writes events to the stream (`{where}`).", [*loggers[:2], *setup, *loggers[2:]]
    )


# Where functions of a platform lie, which keeps what they print.
_FUNCTIONS = expression(r"(^|/)@?(lambdas?|functions?)/")


def _stages(facts: Facts) -> dict[str, set[str]]:
    """Paths of what serves with the modules that it imports, and of what trains with the scripts that begin it."""
    claims = facts.profile
    serves = {place.path for place in claims.serves.evidence} | answering.served(facts).keys()
    trains = {place.path for place in (*claims.trains.evidence, *retraining.entries(facts))}
    trains |= {file.path for file, _ in frameworks.fits(facts)}
    return {
        "what serves": serves if claims.serves.holds else set(),
        "what trains": trains if claims.trains.holds else set(),
    }


def _silent_stage(facts: Facts, loggers: list[Evidence], prints: list[Evidence]) -> tuple[str, Evidence] | None:
    """A main stage whose modules print and never log."""
    logging = {place.path for place in loggers}
    for name, paths in _stages(facts).items():
        printed = [place for place in prints if place.path in paths]
        if printed and not paths & logging:
            return name, printed[0]
    return None


def _main_stages_log(facts: Facts, loggers: list[Evidence], prints: list[Evidence]) -> bool:
    """Whether what serves or trains logs, and only a few helpers beside it print."""
    main = set().union(*_stages(facts).values())
    few = len(prints) <= _FEW * len(loggers)
    return few and bool(main & {place.path for place in loggers}) and not main & {place.path for place in prints}


_FEW = 3  # times as many as modules that log


def _without_loggers(facts: Facts, prints: list[Evidence], captured: list[Evidence]) -> Finding:
    apart = _printed_by_servers(facts, prints) if captured else []
    if apart:
        return finding(
            State.PARTIAL, f"What tasks print is kept as logs (`{captured[0].path}`), but what serves only prints (`{apart[0].path}:{apart[0].line}`).",
            [*apart[:3], *captured[:2]], remedy=_REMEDY, effort=Effort.HOURS,
        )  # fmt: skip
    if prints and captured and not _printed_elsewhere(facts, prints):
        return finding(
            State.MET,
            f"Events are printed, and the platform keeps what tasks print as logs (`{captured[0].path}`).",
            [*captured[:2], *prints],
        )
    if prints:
        return finding(
            State.PARTIAL, f"Events are plain prints (`{prints[0].path}:{prints[0].line}`); no logging framework is used.", prints,
            remedy=_REMEDY, effort=Effort.HOURS,
        )  # fmt: skip
    return finding(
        State.UNMET,
        "Neither a logger nor a print was found in the code that runs the system.",
        [*facts.profile.serves.evidence, *facts.profile.trains.evidence],
        remedy=_REMEDY,
        effort=Effort.HOURS,
    )


def _printed_elsewhere(facts: Facts, prints: list[Evidence]) -> bool:
    """Whether none of the prints is in the functions of a platform, or in modules that they import."""
    kept = [file for file, _ in telling.captured(facts)]
    if not all(
        file.facts.code and any(one.name == "lambda_handler" for one in file.facts.code.defines) for file in kept
    ):
        return False
    reached = imported_by(facts, kept)
    return not any(place.path in reached for place in prints)


def _printed_by_servers(facts: Facts, prints: list[Evidence]) -> list[Evidence]:
    """Prints of servers of the system's own, which no orchestrator keeps."""
    platform = {file.path for file, _ in serving.managed(facts)} | {file.path for file, _ in telling.captured(facts)}
    servers = [file for file, _ in serving.servers(facts) if file.facts.code and file.path not in platform]
    reached = imported_by(facts, servers)
    return [place for place in prints if place.path in reached]


def _files(facts: Facts, calls: list[tuple[File, Call]]) -> list[tuple[File, int]]:
    """The first call of each file; of notebooks only where there is nothing but notebooks."""
    return _first([(file, call.line) for file, call in calls if file.kind is Kind.PYTHON or not facts.scripts])


def _first(lines: list[tuple[File, int]]) -> list[tuple[File, int]]:
    first: dict[str, tuple[File, int]] = {}
    for file, line in lines:
        first.setdefault(file.path, (file, line))
    return list(first.values())


def _only(printing: list[tuple[File, int]], logging: list[tuple[File, int]]) -> list[tuple[File, int]]:
    with_logger = {file.path for file, _ in logging}
    return [(file, line) for file, line in printing if file.path not in with_logger]
