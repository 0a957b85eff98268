"""Refuses a file of Python, style or script that is too long to read, unless its first line says why it must be."""

import subprocess
import sys
from pathlib import Path

LONGEST = 400
READ = {".py", ".css", ".js", ".html"}
OURS = ("apps/", "config/", "tests/", "static/css/", "static/js/", "templates/", "benchmarks/", ".ci/")


def main() -> int:
    listed = subprocess.check_output(["git", "ls-files", *OURS], text=True)  # noqa: S607
    too_long = []
    for path in map(Path, listed.splitlines()):
        if path.suffix in READ and path.exists():
            lines = path.read_text(encoding="utf-8").splitlines()
            if len(lines) > LONGEST and "long because" not in lines[0].lower():
                too_long.append(f"{path}: {len(lines)} lines; split it, or say “long because …” in its first line")
    print("\n".join(too_long), end="\n" if too_long else "")
    return len(too_long) > 0


if __name__ == "__main__":
    sys.exit(main())
