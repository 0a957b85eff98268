"""Services and jobs start without heavy work.

## What it does
Follows the start commands of deployments into the scripts that they call, and reads what servers, tasks and training
scripts do first.

*Met* when nothing heavy happens: the model is loaded once, at the start or lazily. *Partial* when a model is downloaded at
start with no cache, volume or image layer to keep it, is loaded anew for each request, when steps of a pipeline install
packages, or when only some processes do heavy work. *Unmet* when starting means installing packages, training, or
downloading data sets. *Not applicable* when nothing is started (notebooks only).

## Why it matters
A process that starts in seconds can be replaced, moved and scaled at any time. One that downloads gigabytes first is down
for minutes, and does not start at all while the hub is unreachable.

## How to adopt it
```dockerfile
# before: CMD pip install -r requirements.txt && python download_model.py && uvicorn app:app
# after
RUN pip install -r requirements.txt && python download_model.py
CMD ["uvicorn", "app:app"]
```

## References
- The Twelve-Factor App, IX. Disposability: https://12factor.net/disposability
- FastAPI, Lifespan events: https://fastapi.tiangolo.com/advanced/events/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.findings import Effort, finding, spread
from apps.analysis.learning import frameworks
from apps.analysis.lifetime import startup
from apps.analysis.paths import Kind
from apps.analysis.repository import places
from apps.analysis.running import servers, starts
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Evidence, Finding
    from apps.analysis.repository import Facts


def check(facts: Facts) -> Finding:
    started = starts.deployed(facts)
    if not started and not servers.of(facts) and (facts.profile.notebooks_only or not _has_code(facts)):
        return finding(State.NA, "Nothing is started: the repository holds notebooks only.")
    heavy = startup.heavy(facts)
    blocking = [
        ("packages are installed", heavy.installs, "Install packages when the image is built."),
        ("a model is trained", heavy.trains, "Train in a job of its own, and load its result at start."),
        ("data is downloaded", heavy.data, "Fetch data by a command or pipeline step of its own."),
    ]
    for what, evidence, remedy in blocking:
        if evidence:
            serves_light = facts.profile.serves.holds and not heavy.data_of_servers
            some = bool(heavy.light) or (evidence is heavy.data and serves_light)
            state = State.PARTIAL if some else State.UNMET
            where = f"`{evidence[0].path}:{evidence[0].line}`"
            summary = f"At start {what} ({where})" + ("; other processes start light." if some else ".")
            return finding(state, summary, evidence, remedy=remedy, effort=Effort.HOURS)
    weak = [
        (
            "The model is downloaded at start, and no image layer, volume or cache keeps it",
            heavy.models,
            "Put the model into an image layer or a volume.",
        ),
        (
            "The model is loaded for each request",
            heavy.per_request,
            "Load the model once, in a lifespan handler or behind a cache.",
        ),
        (
            "Steps of the pipeline install packages when they start",
            heavy.step_installs,
            "Give the steps an image that holds their packages.",
        ),
    ]
    for what, evidence, remedy in weak:
        if evidence:
            every = [*spread(evidence), *(place for _, others, _ in weak for place in others)]
            return finding(
                State.PARTIAL,
                f"{what}: `{evidence[0].path}:{evidence[0].line}`.",
                every,
                remedy=remedy,
                effort=Effort.HOURS,
            )
    return finding(
        State.MET, "Nothing is installed, trained or downloaded at start, and models are loaded once.", _light(facts)
    )


def _has_code(facts: Facts) -> bool:
    profile = facts.profile
    return bool(facts.scripts) or profile.trains.holds or profile.serves.holds or profile.loads_model.holds


def _light(facts: Facts) -> list[Evidence]:
    loads = places([pair for pair in frameworks.loads(facts) if pair[0].kind is Kind.PYTHON])
    commands = [start.place for start in starts.deployed(facts)]
    begun = [file.at(file.facts.code.main) for file in facts.scripts if file.facts.code and file.facts.code.main]
    begun = begun or [*facts.profile.trains.evidence, *facts.profile.stages["inference"].evidence]
    return spread(commands[:2], loads[:3], [server.place for server in servers.of(facts)[:2]], begun)
