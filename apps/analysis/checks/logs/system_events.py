"""A logging framework writes what happens to stdout or stderr.

## What it does
Counts the modules that log through a framework (logging, loguru, structlog, the loggers of Airflow, Prefect,
Dagster, Spring, Go, Node…) and those that only print, and looks for a configuration and for platforms that
keep what is printed. Where there are scripts, prints of notebooks do not count.

- **met**: loggers in most modules that say anything, and something configures them (or the framework does);
  or prints that an orchestrator captures as logs.
- **partial**: prints only, loggers that nothing configures, or loggers in a lesser part of the system.
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

from apps.analysis import events
from apps.analysis.findings import Effort, Finding, finding
from apps.analysis.paths import Kind
from apps.analysis.repository import places
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File


_REMEDY = "Configure `logging` once at start with a stream handler and use `logger.info(…)` in place of prints."


def check(facts: Facts) -> Finding:
    found = events.of(facts)
    logging, printing = _files(facts, found.loggers), _files(facts, found.prints)
    told = [(file, line, text) for file, line, text in facts.signals("logger") if file.kind is not Kind.TEXT]
    other = [(file, line) for file, line, text in told if "console." not in text]
    other_prints = [(file, line) for file, line, _ in facts.signals("print") if file.kind is not Kind.R]
    other_prints += [(file, line) for file, line, text in told if "console." in text]
    r_prints = [(file, line) for file, line, _ in facts.signals("print") if file.kind is Kind.R]
    loggers = events.deciding_first(facts, places([*logging, *_first(other)]))
    captured = places(events.captured(facts))
    elsewhere = places([*_only(_first(other_prints), _first(other)), *_first(r_prints)])
    prints = events.deciding_first(facts, [*places(_only(printing, logging)), *elsewhere])
    if not loggers:
        return _without_loggers(facts, prints, captured)
    configured = bool(found.configured) or bool(other)
    where = f"{loggers[0].path}:{loggers[0].line}"
    if not configured and not captured:
        return finding(
            State.PARTIAL, f"Loggers write events (`{where}`), but nothing configures them.", loggers,
            remedy=_REMEDY, effort=Effort.HOURS,
        )  # fmt: skip
    files = events.only_to_files(facts)
    if files:
        return finding(
            State.PARTIAL, f"Loggers write events (`{where}`), but only into a local file (`{files[0].file.path}:{files[0].line}`).",
            [files[0].file.at(files[0].line), *loggers], remedy=_REMEDY, effort=Effort.HOURS,
        )  # fmt: skip
    prints = elsewhere if captured else prints  # what an orchestrator keeps is logged
    if len(prints) >= len(loggers) and not _main_stages_log(facts, loggers, prints):
        return finding(
            State.PARTIAL,
            f"A logger is used in {len(loggers)} modules (`{where}`), while {len(prints)} others only print (`{prints[0].path}:{prints[0].line}`).",
            [*loggers[:3], *prints[:3]], remedy=_REMEDY, effort=Effort.HOURS,
        )  # fmt: skip
    setup = [file.at(line) for file, line in found.configured[:2]]
    return finding(
        State.MET, f"A logging framework writes events to the stream (`{where}`).", [*loggers[:2], *setup, *loggers[2:]]
    )


def _main_stages_log(facts: Facts, loggers: list[Evidence], prints: list[Evidence]) -> bool:
    """Whether what serves or trains logs, and only helpers beside it print."""
    claims = (facts.profile.serves, facts.profile.trains)
    main = {place.path for claim in claims for place in claim.evidence}
    return bool(main & {place.path for place in loggers}) and not main & {place.path for place in prints}


def _without_loggers(facts: Facts, prints: list[Evidence], captured: list[Evidence]) -> Finding:
    if prints and captured:
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
