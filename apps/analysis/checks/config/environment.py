"""Settings that differ between environments are read from the environment.

## What it does
Looks for hosts, ports, absolute paths, regions, buckets, account and project ids, devices: in code, in configuration
files and in deployment; and for the environment variables, flags and pipeline parameters that set such values.

*Met* when they come from the environment, from flags or from parameters; a local default is fine. *Partial* when some
do, when flags must be given for some beside others that are written down, when they stand in tracked configuration
files (one for each environment among them), when code or a script names a whole host, bucket or port that is neither
local nor public, or when a default names a production host or bucket. *Unmet* when they are literals in code. *Not
applicable* when there are none; repository-relative paths do not count, nor flags for them. Neither do values of Helm,
Kubernetes and Terraform, which a deployment hands on, what only a developer's own server reads, and addresses of public
data in scripts that download it.

## Why it matters
Training moves from a laptop to a cluster, a service from staging to production. Each literal path or host is an edit
on the way, and a commit that works in one place only.

## How to adopt it
```python
# before
client = MlflowClient("http://10.2.0.7:5000")

# after
client = MlflowClient(os.environ["MLFLOW_TRACKING_URI"])
```

## References
- The Twelve-Factor App, III. Config: https://12factor.net/config
- pydantic-settings: https://docs.pydantic.dev/latest/concepts/pydantic_settings/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.environment import settings
from apps.analysis.findings import Effort, finding, spread
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.environment.placed import Places
    from apps.analysis.findings import Evidence, Finding
    from apps.analysis.repository import Facts

FEW = 1 / 10  # so many literals beside settings from outside are an oversight


def check(facts: Facts) -> Finding:
    found = settings.of(facts)
    literals, settable, given = spread(found.literals), spread(found.settable), spread(found.given)
    fixed = list(dict.fromkeys([*found.elsewhere, *literals]))
    fixed += [*spread(found.defaults), *spread(found.files)]
    remedy = "Read these values from environment variables or flags, with local defaults at most."
    if not settable and not fixed:
        literals = settings.bound(facts, found)
    if not settable and not fixed and not literals:
        told = f" What can be set, as at {_at(given)}, lies in the repository or in its image." if given else ""
        return finding(
            State.NA, f"No host, port, absolute path, region, bucket or device is set anywhere.{told}", given
        )
    if fixed and not settable:
        settable = spread(found.asked)  # flags that must be given, beside what other code or a command writes down
    if not settable and not found.files:
        return finding(
            State.UNMET,
            f"Settings of the environment are literals in code: {_named(found, literals)}.",
            literals,
            remedy=remedy,
            effort=Effort.HOURS,
        )
    if settable and not found.elsewhere and len(fixed) <= FEW * len([*settable, *given]):
        return finding(
            State.MET, f"Settings of the environment come from outside, as at {_at(settable)}.", [*settable, *fixed]
        )
    told = f"some come from outside ({_at(settable)})" if settable else "they stand in tracked configuration"
    return finding(
        State.PARTIAL,
        f"Of the settings of the environment {told}, but {_named(found, fixed)} is fixed in the repository.",
        [place for pair in zip(settable[:3], fixed[:3], strict=False) for place in pair] + [*fixed, *settable],
        remedy=remedy,
        effort=Effort.HOURS,
    )


def _named(found: Places, places: list[Evidence]) -> str:
    return ", ".join(f"`{found.shown.get(place, '')[:60]}` (`{place.path}:{place.line}`)" for place in places[:3])


def _at(places: list[Evidence]) -> str:
    return ", ".join(f"`{place.path}:{place.line}`" for place in places[:2])
