"""System needs (OS packages, CUDA, compilers, runtimes) are declared in executable form.

## What it does
Looks for packages that a Dockerfile or a provisioning script installs (`apt-get`, `apk`, `yum`…), for `packages.txt`,
`apt.txt`, conda packages, nix and versioned modules of a cluster, for base images with a version, and for runtimes that
a managed platform starts by version. Of packages of R, `SystemRequirements` and `Depends: R (>= …)` in `DESCRIPTION`
count, too.

*Met* when one of these is there. *Partial* when the base image floats (`latest`, no tag), when only the version of
the language is declared, or when commands stand only in prose, a CI job or a Makefile. *Unmet* when nothing is
declared.

## Why it matters
Wheels rest on shared libraries, drivers and a version of the language. A missing `libgl1` or another CUDA breaks a
service that has all its Python packages, and only on the machine that nobody tried.

## How to adopt it
```dockerfile
# before
FROM python
# after
FROM python:3.12-slim-bookworm
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/*
```

## References
- The Twelve-Factor App, II. Dependencies: https://12factor.net/dependencies
- Docker, building best practices: https://docs.docker.com/build/building/best-practices/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.findings import Effort, finding
from apps.analysis.packages import environments
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Evidence, Finding
    from apps.analysis.repository import Facts

_REMEDY = (
    "Declare the base image with a version and install system packages in the Dockerfile (or a conda environment)."
)


def check(facts: Facts) -> Finding:
    fixed, floating = environments.base_images(facts)
    packages, runtimes = environments.system_packages(facts), environments.managed_runtimes(facts)
    languages = environments.language_versions(facts)
    found = [*packages[:2], *fixed[:2], *runtimes[:2], *packages[2:3], *fixed[2:], *runtimes[2:], *packages[3:]]
    if found:
        return finding(State.MET, f"{_what(packages, fixed, runtimes)}.", [*found[:4], *languages[:1], *found[4:]])
    if floating:
        return _partial(
            f"The base image in `{floating[0].path}` has no fixed version, and no system package is declared.",
            [*floating, *languages],
        )
    if languages:
        return _partial(f"Only a version of the language is declared, in `{languages[0].path}`.", languages)
    prose = environments.system_prose(facts)
    if prose:
        return _partial(f"System needs stand only as commands in `{prose[0].path}`.", prose)
    return finding(
        State.UNMET,
        "No system package, base image, conda environment or version of the language is declared anywhere.",
        environments.readme(facts),
        remedy=_REMEDY,
        effort=Effort.HOURS,
    )


def _partial(what: str, evidence: list[Evidence]) -> Finding:
    return finding(State.PARTIAL, what, evidence, remedy=_REMEDY, effort=Effort.HOURS)


def _what(packages: list[Evidence], fixed: list[Evidence], runtimes: list[Evidence]) -> str:
    parts = []
    if packages:
        parts.append(f"`{packages[0].path}` installs system packages")
    if fixed:
        parts.append(f"the base image in `{fixed[0].path}` has a version")
    if runtimes and not (packages or fixed):
        parts.append(f"`{runtimes[0].path}` declares the runtime that the platform starts")
    text = " and ".join(parts)
    return text[0].upper() + text[1:]
