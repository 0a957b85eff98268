"""The app writes no log into a local file.

## What it does
Looks for file handlers and file sinks in code, for stdout that is exchanged for a file or copied into one, in logging configuration of any language, for redirections of
shells and servers into log files, and for Airflow's task logs in local folders. Metrics and event files of
TensorBoard are no logs here.

- **met**: no log file is written.
- **partial**: log files are written in addition to stdout, only when asked for, or by a tool beside the app
  (nginx, supervisord, Airflow, TorchServe, a shell redirection).
- **unmet**: logs go to local files only.

## Why it matters
A container's disk goes away with the container, and the log of the crash with it. Files also need rotation,
permissions and a way out of every replica; a stream needs none of these.

## How to adopt it
```python
# before
logging.basicConfig(filename='train.log')
# after
logging.basicConfig(stream=sys.stdout)
```

## References
- The Twelve-Factor App, XI. Logs: https://12factor.net/logs
- Python, Logging HOWTO: https://docs.python.org/3/howto/logging.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.events import file_sinks, telling
from apps.analysis.findings import Effort, Finding, finding
from apps.analysis.repository import places
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.repository import Facts


_REMEDY = "Log to stdout only and let the platform store the stream; remove the file handlers."


def check(facts: Facts) -> Finding:
    sinks = file_sinks.of(facts)
    if not facts.system:
        return finding(State.UNKNOWN, "There is no file in the repository that could write a log.")
    known = telling.of(facts)
    if not sinks:
        return finding(
            State.MET,
            "No file handler, log file or redirection into a log file was found in code, configuration and scripts.",
            [
                *telling.deciding_first(facts, places(known.configured))[:2],
                *telling.deciding_first(facts, [*places(known.loggers), *places(known.prints)]),
            ],
        )
    ours = [sink for sink in sinks if sink.ours]
    first = (ours or sinks)[0]
    where = f"`{first.file.path}:{first.line}`"
    evidence = [sink.file.at(sink.line) for sink in [*ours, *(sink for sink in sinks if not sink.ours)]]
    if not ours:
        return finding(
            State.PARTIAL,
            f"The app itself writes no log file, but there is {first.what} ({where}).",
            evidence,
            remedy=_REMEDY,
            effort=Effort.HOURS,
        )
    if all(sink.optional for sink in ours):
        return finding(
            State.PARTIAL,
            f"A log file is written only if asked for: {first.what} ({where}).",
            evidence,
            remedy=_REMEDY,
            effort=Effort.HOURS,
        )
    if not file_sinks.only_to_files(facts):
        return finding(
            State.PARTIAL,
            f"Logs go to stdout and also into a local file: {first.what} ({where}).",
            evidence,
            remedy=_REMEDY,
            effort=Effort.HOURS,
        )
    return finding(
        State.UNMET,
        f"Logs go into local files only: {first.what} ({where}).",
        evidence,
        remedy=_REMEDY,
        effort=Effort.HOURS,
    )
