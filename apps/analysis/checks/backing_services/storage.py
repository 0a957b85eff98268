"""Data sets and models are read from storage that the environment names.

## What it does
Looks at buckets, containers, hub ids, download addresses and file paths that the code reads data and models
from, and follows each to where it comes from. A model that is loaded from a place that the code does not show is judged
as one of which nothing is told.

- **met**: remote storage (object store, hub, HDFS, DVC remote) whose name or address comes from the
  environment, a flag or a pipeline parameter; a public default is fine.
- **partial**: the address stands in a tracked config file or has a default that names a bucket; local paths
  that a flag or the environment gives; or some are configured and others are literals.
- **unmet**: only addresses, hub ids or local paths that are written into the code.
- **na**: the system reads no data and no model.

## Why it matters
Training that reads `data/train.csv` works on one machine. When data and models are located by configuration,
a run can be repeated on other data, on another machine and in another account without changing the code.

## How to adopt it
```python
# before
frame = pd.read_csv("../data/train.csv")
# after
frame = pd.read_csv(os.environ["TRAIN_DATA_URI"])   # s3://…/train.csv
```

## References
- The Twelve-Factor App, IV. Backing services: https://12factor.net/backing-services
- fsspec: https://filesystem-spec.readthedocs.io
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis import services
from apps.analysis.services import Kind, Located, Use
from apps.analysis.services.verdict import judged

if TYPE_CHECKING:
    from apps.analysis.findings import Finding
    from apps.analysis.repository import Facts


def check(facts: Facts) -> Finding:
    return judged(
        _deciding(services.uses(facts, Kind.STORAGE)) or _needed(facts),
        absence="The code reads no data set and no stored model: no bucket, hub, download or data file was found.",
        remedy="Give the location of data sets and models as an environment variable or a flag that holds "
        "a URI (`s3://…`, `gs://…`, a hub id).",
    )


def _needed(facts: Facts) -> list[Use]:
    """A model that is loaded lies somewhere, though no call shows where; a registry keeps its own."""
    places = facts.profile.loads_model.evidence
    if services.uses(facts, Kind.REGISTRY):
        return []
    return [Use(Kind.STORAGE, "a local path", Located.UNTOLD, places)] if places else []


def _deciding(uses: list[Use]) -> list[Use]:
    """Where configured remote storage holds data and models, local files are working copies of a process."""
    remote = [use for use in uses if use.service != "a local path"]
    fetched = [use for use in remote if use.located is not Located.UNTOLD]
    if fetched and all(use.located is Located.ATTACHED for use in fetched) and _are_stores(fetched):
        return fetched
    return uses


def _are_stores(uses: list[Use]) -> bool:
    """A hub brings public models; the system's own data and models need a store."""
    return any("hub" not in use.service for use in uses)
