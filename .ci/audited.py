"""Says what pip-audit found of one lock. A package of which the service told nothing is not audited, and not passed."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path


def main(lock: str, answer: str) -> int:
    try:
        packages = json.loads(Path(answer).read_text(encoding="utf-8"))["dependencies"]
    except (OSError, ValueError, KeyError):
        packages = []
    audited = [one for one in packages if "skip_reason" not in one]
    faults = [(one["name"], one["version"], fault) for one in audited for fault in one["vulns"]]
    for name, version, fault in faults:
        print(
            f"{lock}: {name} {version}: {fault['id']}, mended in {', '.join(fault['fix_versions']) or 'no version yet'}"
        )
    if not packages or len(audited) < len(packages):
        print(
            f"{lock}: NOT AUDITED: the service of advisories told nothing of {len(packages) - len(audited) or 'all'} "
            f"of {len(packages) or 'its'} packages (see .venv/audit.log).",
            file=sys.stderr,
        )
        return bool(faults) or os.environ.get("AUDIT") == "required"
    print(f"{lock}: {len(audited)} packages audited, {len(faults)} known faults.")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
