"""Training and long jobs go on after an interruption.

## What it does
Looks for checkpoints that training restores (resume flags, restored optimisers, `ckpt_path`, backups of TensorFlow), for
retries of steps by an orchestrator, a queue or Kubernetes, and for steps whose outputs are cached. Where nothing trains,
looks for flags by which a job leaves out what it has done, and for the progress that it keeps.

*Met* when training can resume from a checkpoint, a job goes on where it stopped, or an orchestrator retries its steps. *Partial* when checkpoints are
saved but never restored, when most that trains restores none, when only some tasks are retried, or when only cached steps spare a second run. *Unmet* when there is neither.
*Not applicable* when there is no training and no long job.

## Why it matters
Long training on cheap machines that may be taken away is affordable only if a lost machine costs minutes of work, not
days.

## How to adopt it
```python
# before
torch.save(model.state_dict(), path)
# after
torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": epoch}, path)
if args.resume:
    state = torch.load(path)
    optimizer.load_state_dict(state["optimizer"])
```

## References
- The Twelve-Factor App, IX. Disposability: https://12factor.net/disposability
- PyTorch, Saving a general checkpoint: https://docs.pytorch.org/tutorials/beginner/saving_loading_models.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.findings import Effort, finding, spread
from apps.analysis.foreign import languages
from apps.analysis.lifetime import resuming
from apps.analysis.repository import places
from apps.analysis.tasks import derived, retraining
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Evidence, Finding
    from apps.analysis.repository import Facts

_REMEDY = (
    "Save model, optimiser and epoch at intervals and load them with a `--resume` flag, or let the orchestrator retry."
)


def check(facts: Facts) -> Finding:
    profile = facts.profile
    rebuilt = derived.of(facts)
    jobs = profile.batch.evidence or [*rebuilt.ranged, *rebuilt.fixed]
    if not profile.trains.holds and not jobs:
        return finding(State.NA, "There is no training and no long job.")
    restored = resuming.restored(facts) if profile.trains.holds else []
    over = resuming.starting_over(facts, restored) if restored else []
    if over:
        return _partial(
            f"`{restored[0].path}` goes on from a checkpoint, most that trains starts over", [*over, *restored]
        )
    if restored:
        return finding(
            State.MET,
            f"Training resumes from a checkpoint: `{restored[0].path}:{restored[0].line}`.",
            [*restored[:4], *resuming.saved(facts)[:2]],
        )
    going_on = [] if profile.trains.holds else resuming.of_jobs(facts)
    if going_on:
        return finding(State.MET, f"A job goes on where it stopped: `{going_on[0].path}:{going_on[0].line}`.", going_on)
    retries = resuming.retries(facts)
    if retries and resuming.mostly_once(facts):
        return _partial("Only some tasks are retried", retries)
    if retries:
        return finding(State.MET, f"Steps are retried: `{retries[0].path}:{retries[0].line}`.", retries)
    saved = resuming.saved(facts) if profile.trains.holds else []
    cached = resuming.cached(facts)
    for what, evidence in (
        ("Checkpoints are saved but never restored", saved),
        ("Only cached steps spare a second run", cached),
        ("Only the platform repeats what failed", places(languages.managed_streams(facts))),
    ):
        if evidence:
            return _partial(what, evidence)
    return finding(
        State.UNMET,
        "An interrupted job starts over: no checkpoints, resume flag, retries or cached steps were found.",
        spread(
            [place for place in profile.trains.evidence if not place.path.endswith(".ipynb")],
            retraining.entries(facts)[:3],
            profile.trains.evidence,
        )
        or jobs,
        remedy=_REMEDY,
        effort=Effort.HOURS,
    )


def _partial(what: str, evidence: list[Evidence]) -> Finding:
    summary = f"{what}: `{evidence[0].path}:{evidence[0].line}`."
    return finding(State.PARTIAL, summary, evidence, remedy=_REMEDY, effort=Effort.HOURS)
