"""Training can run on several processes or instances.

## What it does
Looks for what spreads training: DistributedDataParallel and `torchrun`, Accelerate, DeepSpeed, Horovod, Ray, Spark,
Dask, strategies of TensorFlow and Lightning, training operators of Kubernetes, counts of instances that are above one or
a parameter, and pipeline steps that train side by side.

*Met* when one of these is there. *Partial* when only threads and workers of one machine are used: `n_jobs`, workers of
data loaders, `DataParallel`. *Unmet* when training is one process. *Not applicable* when the system does not train.

## Why it matters
Data grows faster than one machine. Training that scales by adding processes keeps the time to a new model short, and the
same code runs on a laptop and on a cluster.

## How to adopt it
```python
# before
model.to("cuda")
# after, started by `torchrun --nproc-per-node 4 train.py`
accelerator = Accelerator()
model, optimizer, loader = accelerator.prepare(model, optimizer, loader)
```

## References
- The Twelve-Factor App, VIII. Concurrency: https://12factor.net/concurrency
- PyTorch, torchrun: https://docs.pytorch.org/docs/stable/elastic/run.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.findings import Effort, finding
from apps.analysis.repository import places
from apps.analysis.scaling import training_scale
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Finding
    from apps.analysis.repository import Facts

_REMEDY = "Let training run under a distributed launcher (torchrun, Accelerate, Ray, Spark), with the number of processes as a parameter."


def check(facts: Facts) -> Finding:
    if not facts.profile.trains.holds:
        return finding(State.NA, "The system does not train.")
    spread = places(training_scale.distributed_training(facts))
    if spread:
        return finding(
            State.MET, f"Training can run on several processes: `{spread[0].path}:{spread[0].line}`.", spread
        )
    threaded = places(training_scale.threaded_training(facts))
    if threaded:
        return finding(
            State.PARTIAL,
            f"Training uses the cores of one machine only: `{threaded[0].path}:{threaded[0].line}`.",
            threaded,
            remedy=_REMEDY,
            effort=Effort.DAYS,
        )
    return finding(
        State.UNMET,
        "Training is a single process: no distributed framework, launcher, instance count or parallel step was found.",
        facts.profile.trains.evidence,
        remedy=_REMEDY,
        effort=Effort.DAYS,
    )
