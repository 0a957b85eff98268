"""Whole-process time and peak memory of a scan beside the floor and beside tools that read the same trees.

    python benchmarks/scan.py REPOSITORY… [--runs 5] [--peers FOLDER]

Each REPOSITORY is a bare or normal git repository; nothing of it is run. Interleaved in one run, medians:

- cold      `manage.py scan --json` without any cache
- re-scan   the same with `--cache`, of the head, after its parent commit was scanned
- floor     reading every blob once through two `git cat-file --batch` processes
- peers     bandit, detect-secrets, semgrep, deptry, repo-review, mllint on a checked-out copy: those in FOLDER/*/bin or
            on the PATH; semgrep with the local rules of benchmarks/semgrep.yml

Prints seconds, peak megabytes and the ratio of the cold scan to each.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
FLOOR = (
    "git --git-dir {git} rev-list --objects --no-object-names {commit}^{{tree}} | "
    'awk \'NR%2{{print > "{work}/a"}} NR%2==0{{print > "{work}/b"}}\'; '
    "git --git-dir {git} cat-file --batch --buffer < {work}/a > /dev/null & "
    "git --git-dir {git} cat-file --batch --buffer < {work}/b > /dev/null; wait"
)
PEERS = {
    "bandit": "{tool} -q -r {tree} -f json -o /dev/null",
    "detect-secrets": "{tool} scan --all-files {tree}",
    "semgrep": "{tool} scan --metrics off --disable-version-check --quiet --config {here}/semgrep.yml {tree}",
    "deptry": "{tool} {tree}",
    "repo-review": "{tool} {tree}",
    "mllint": "{tool} run {tree}",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repositories", nargs="+", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--peers", type=Path, help="a folder of environments that hold the peers")
    options = parser.parse_args()
    tools = {name: found for name in PEERS if (found := find(name, options.peers))}
    print("peers absent:", ", ".join(sorted(set(PEERS) - set(tools))) or "none")
    for repository in options.repositories:
        compare(repository.resolve(), tools, options.runs)
    return 0


def find(name: str, folder: Path | None) -> str | None:
    inside = sorted(folder.glob(f"*/bin/{name}")) if folder else []
    return str(inside[0]) if inside else shutil.which(name)


def compare(repository: Path, tools: dict[str, str], runs: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        git_dir = git(repository, "rev-parse", "--absolute-git-dir")
        commit = git(repository, "rev-parse", "HEAD")
        tree = work / "tree"
        tree.mkdir()
        subprocess.run(f"git --git-dir {git_dir} archive {commit} | tar -x -C {tree}", shell=True, check=False)
        commands = {"cold": scan(repository), "floor": FLOOR.format(git=git_dir, commit=commit, work=work)}
        parent = git(repository, "rev-parse", "--verify", "--quiet", "HEAD~1")
        if parent:
            first = scan(repository, f"--commit {parent} --cache {work}/parent")
            subprocess.run(first, shell=True, check=False, stdout=subprocess.DEVNULL)
            commands["re-scan"] = f"cp {work}/parent {work}/cache; {scan(repository, f'--cache {work}/cache')}"
        names = {"tree": tree, "here": HERE}
        commands |= {name: PEERS[name].format(tool=tool, **names) for name, tool in tools.items()}
        measured: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for _ in range(runs):
            for name, command in commands.items():
                measured[name].append(timed(command))
        files = len(git(repository, "ls-tree", "-r", "--name-only", commit).splitlines())
        report(f"{repository.parent.name}/{repository.name}: {files} files", measured)


def git(repository: Path, *arguments: str) -> str:
    command = ["git", "-C", str(repository), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def scan(repository: Path, more: str = "") -> str:
    return f"{sys.executable} {ROOT / 'manage.py'} scan {repository} --json {more}"


def timed(command: str) -> tuple[float, float]:
    """Wall seconds and the peak megabytes of the largest process."""
    begun = time.perf_counter()
    child = subprocess.Popen(command, shell=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, used = os.wait4(child.pid, 0)
    child.returncode = 0
    return time.perf_counter() - begun, used.ru_maxrss / (1024 if sys.platform == "linux" else 1024 * 1024)


def report(title: str, measured: dict[str, list[tuple[float, float]]]) -> None:
    print(f"\n{title}")
    cold = statistics.median(seconds for seconds, _ in measured["cold"])
    for name, runs in measured.items():
        seconds = statistics.median(one for one, _ in runs)
        peak = statistics.median(one for _, one in runs)
        print(f"  {name:16s} {seconds:8.3f} s  {peak:7.0f} MB  cold/{name} {cold / seconds:7.2f}")


if __name__ == "__main__":
    sys.exit(main())
