"""Judging a year of a repository's past beside one cold scan of its head.

    python benchmarks/past.py REPOSITORY… [--runs 3] [--samples 20] [--verify]

Each REPOSITORY is a bare or normal git repository with its history; nothing of it is run. The samples are the newest
first-parent commits at `--samples` moments spread evenly over the year before the head; of those without a commit of
their own, none. Whole processes, interleaved in one run, medians:

- cold    the head alone, judged without any cache
- past    all samples, the head among them, judged in one line without any cache
- each    what each sample after the head cost, as a share of the cold scan

`--verify` judges each sample alone too, and fails where a state, a cited path or an error differs.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.analysis.snapshot import Snapshot

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

YEAR = 365 * 24 * 3600  # seconds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repositories", nargs="+", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--samples", type=int, default=20)
    parser.add_argument("--verify", action="store_true")
    parser.add_argument("--judge", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.judge:
        return judge(options.repositories[0], options.judge)
    return max(compare(one.resolve(), options) for one in options.repositories)


def compare(repository: Path, options: argparse.Namespace) -> int:
    commits = sampled(repository, options.samples)
    seconds: dict[str, list[float]] = {"cold": [], "past": []}
    for _ in range(options.runs):
        for name, judged in (("cold", commits[:1]), ("past", commits)):
            begun = time.monotonic()
            command = [sys.executable, __file__, str(repository), "--judge", *judged]
            subprocess.run(command, check=True, cwd=ROOT)
            seconds[name].append(time.monotonic() - begun)
    cold, past = (statistics.median(seconds[name]) for name in ("cold", "past"))
    each = (past - cold) / cold / max(1, len(commits) - 1)
    files = git(repository, "ls-tree", "-r", "--name-only", commits[0]).count("\n")
    print(f"{repository.parent.name}: {files} files, {len(commits)} samples")
    print(f"  cold {cold:.2f} s   past {past:.2f} s   past/cold {past / cold:.2f}   each {each:.3f}")
    return verify(repository, commits) if options.verify else 0


def sampled(repository: Path, samples: int) -> list[str]:
    line = [one.split() for one in git(repository, "log", "--first-parent", "--format=%H %ct").splitlines()]
    newest = int(line[0][1])
    found: dict[str, None] = {}
    for number in range(samples):
        moment = newest - number * YEAR / samples
        commit = next((commit for commit, date in line if int(date) <= moment), None)
        if commit:
            found[commit] = None
    return list(found)


def git(repository: Path, *arguments: str) -> str:
    command = ["git", "-C", str(repository), *arguments]
    return subprocess.check_output(command, text=True)


def snapshots(repository: Path, commits: list[str]) -> Iterator[Snapshot]:
    from apps.repositories.commit import GitSnapshot, locate

    located = locate(repository)
    if located is None:
        raise SystemExit(f"{repository} is no repository.")
    return (GitSnapshot(located[0], commit) for commit in commits)


def judge(repository: Path, commits: list[str]) -> int:
    from apps.analysis.past import judge_line

    gc.disable()  # as the process that judges the past does
    return 0 if list(judge_line(snapshots(repository, commits))) else 1


def verify(repository: Path, commits: list[str]) -> int:
    from apps.analysis.past import judge_line

    line = list(snapshots(repository, commits))
    differing = 0
    for report, snapshot in zip(judge_line(line), line, strict=True):
        (alone,) = judge_line([snapshot])
        differing += sum(report.verdicts[item] != alone.verdicts[item] for item in alone.verdicts)
    print(f"  verified: {differing} of {len(line) * 50} verdicts differ from those of the commit judged alone")
    return int(differing > 0)


if __name__ == "__main__":
    sys.exit(main())
