"""Derived data can be rebuilt by a one-off process.

## What it does
Looks for derived data that is stored (features, embeddings, predictions, indexes, processed data sets) and for the
command or job that rebuilds it.

*Met* when a command, job or pipeline takes what to rebuild, or a named command rebuilds all. *Partial* when a script
or pipeline rebuilds everything from inputs written into it. *Unmet* when derived data exists and only notebooks or an API endpoint
make it. *Not applicable* when nothing derived is stored.

## Why it matters
A better embedding model, a fixed feature or a new label means computing the past again. Without a command, old rows stay
wrong, or somebody writes to production from a notebook.

## How to adopt it
```shell
# after
python -m project.embed --since 2024-01-01 --until 2024-06-30
```

## References
- The Twelve-Factor App, XII. Admin processes: https://12factor.net/admin-processes
- Apache Airflow, Backfill: https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/backfill.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.findings import Effort, finding, spread
from apps.analysis.tasks import derived
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Finding
    from apps.analysis.repository import Facts

_REMEDY = "Write one command that rebuilds the derived data and takes the range or the inputs as flags."


def check(facts: Facts) -> Finding:
    found = derived.of(facts)
    if not found.written:
        return finding(State.NA, "Nothing derived is stored: no features, embeddings, predictions or indexes.")
    if found.ranged:
        return finding(
            State.MET, f"A command or job rebuilds derived data: `{found.ranged[0].path}`.", spread(found.ranged)
        )
    if found.fixed:
        return finding(
            State.PARTIAL,
            f"A script or pipeline rebuilds derived data, with inputs written into it: `{found.fixed[0].path}`.",
            found.fixed,
            remedy=_REMEDY,
            effort=Effort.HOURS,
        )
    return finding(
        State.UNMET,
        f"Derived data is stored (`{found.written[0].path}`), but no command rebuilds it.",
        spread(found.written),
        remedy=_REMEDY,
        effort=Effort.DAYS,
    )
