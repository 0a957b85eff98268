"""Serving and worker processes keep nothing between requests.

## What it does
Follows the routes of the server into the functions that answer, and tasks of a queue, and looks there for files that are written,
module-level containers and globals that are changed, in-memory histories, and local databases or indexes; in other
languages for files that what is called a store writes. Of orchestrated tasks it looks for files that one writes and
another reads. Metric counters and models loaded at start are no state.

- **met**: a request leaves nothing behind in the process.
- **partial**: a local cache or temporary file that stays and can be lost, or module-level state that requests write. A
  temporary file that is removed before the answer is none.
- **unmet**: uploads, sessions, results, histories or a database file that a later request needs stay on the
  process's disk or in its memory; or tasks hand on files over local disk.
- **na**: nothing serves and no long-lived worker runs.

## Why it matters
With state in the process a second replica answers differently, a restart forgets, and autoscaling breaks
conversations in two.

## How to adopt it
```python
# before
history = []
@app.post('/chat')
def chat(q: str):
    history.append(q)
# after
@app.post('/chat')
def chat(session: str, q: str):
    redis.rpush(f'history:{session}', q)
```

## References
- The Twelve-Factor App, VI. Processes: https://12factor.net/processes
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.findings import Effort, Finding, finding
from apps.analysis.foreign import languages
from apps.analysis.repository import places
from apps.analysis.running import answering, workers
from apps.analysis.state import handovers, residue, written_files
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts


_REMEDY = (
    "Keep sessions, uploads and results in a backing service (database, Redis, object store) that all replicas share."
)


def check(facts: Facts) -> Finding:
    serves = facts.profile.serves
    running = [
        *facts.imports(*workers.LIBRARIES),
        *((one.file, one.call.line) for one in workers.loops(facts)),
        *languages.streams(facts),
        *languages.managed_streams(facts),
    ]
    handed = handovers.handed_over(facts)
    if handed:
        return _unmet(f"Tasks hand on a file over local disk (`{handed[0].path}:{handed[0].line}`)", handed)
    if not serves.holds and not running:
        return finding(State.NA, "Nothing serves and no long-lived worker runs.")
    lasting = [
        *residue.databases(facts),
        *residue.indexes(facts),
        *residue.memory(facts),
        *written_files.uploads(facts),
        *written_files.of_stores(facts),
        *written_files.databases_in_r(facts),
    ]
    if lasting:
        return _unmet(
            f"State that later requests need stays in the process (`{lasting[0].path}:{lasting[0].line}`)", lasting
        )
    passing = [*residue.passing(facts), *residue.elsewhere(facts)]
    if passing:
        return finding(
            State.PARTIAL, f"A local cache, temporary file or module-level state is written on requests (`{passing[0].path}:{passing[0].line}`).", passing,
            remedy=_REMEDY, effort=Effort.DAYS,
        )  # fmt: skip
    evidence = [file.at(one.line) for file, one in answering.handlers(facts)] or [*serves.evidence, *places(running)]
    return finding(
        State.MET, "The functions that answer requests write no file, change no global and keep no history.", evidence
    )


def _unmet(sentence: str, evidence: list[Evidence]) -> Finding:
    return finding(State.UNMET, f"{sentence}.", evidence, remedy=_REMEDY, effort=Effort.DAYS)
