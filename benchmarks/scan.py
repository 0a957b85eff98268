"""Whole-process time and peak memory of a scan beside the floor and beside tools that read the same bytes.

    python benchmarks/scan.py REPOSITORY… [--runs 5] [--peers FOLDER] [--back 20]

Each REPOSITORY is a bare or normal git repository; nothing of it is run. Interleaved in one run, medians:

- cold      `manage.py scan --json` without any cache
- re-scan   the same with `--cache`, of the head, after the newest earlier commit with another tree (at most `--back`
            commits ago) was scanned; how many of its files differ is printed
- floor     reading every blob once through two `git cat-file --batch` processes
- peers     bandit, detect-secrets, semgrep, deptry, repo-review, mllint: those in FOLDER/*/bin or on the PATH;
            semgrep with the local rules of benchmarks/semgrep.yml

Peers come into an environment of their own: `python -m venv FOLDER/peers`, then `FOLDER/peers/bin/pip install bandit
detect-secrets semgrep deptry repo-review mllint`. What a repository lacks (blobs of a partial copy) is absent
for all: the peers read a folder that holds just the blobs that are there. Byte code is written before anything is
timed, because an installer does the same for the peers; so is what a scan compiles (`apps/analysis/compilations.py`),
by three scans that are not timed.

Prints seconds, peak megabytes, the ratio of the cold scan to each, and last the seconds per megabyte.
"""

from __future__ import annotations

import argparse
import compileall
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
KEPT_AFTER = 3  # scans: each of its processes keeps what it compiled, unless another does at that moment
FLOOR = (
    "git --git-dir {git} cat-file --batch --buffer < {work}/even > /dev/null & "
    "git --git-dir {git} cat-file --batch --buffer < {work}/odd > /dev/null; wait"
)
PEERS = {
    "bandit": "{tool} -q -r {tree} -f json -o /dev/null",
    "detect-secrets": "cd {tree} && {tool} scan --all-files .",
    "semgrep": "{tool} scan --metrics off --disable-version-check --quiet --config {here}/semgrep.yml {tree}",
    "deptry": "{tool} {tree}",
    "repo-review": "{tool} {tree}",
    "mllint": "{tool} run {tree}",
}


@dataclass
class Laid:
    """One commit as the tools read it: its present blobs as files below `tree`."""

    git_dir: str
    commit: str
    files: int = 0
    megabytes: float = 0.0
    blobs: dict[str, str] = field(default_factory=dict)  # path -> blob


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repositories", nargs="+", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--peers", type=Path, help="a folder of environments that hold the peers")
    parser.add_argument(
        "--back", type=int, default=20, help="how many commits before the head a re-scan may start from"
    )
    options = parser.parse_args()
    tools = {name: found for name in PEERS if (found := find(name, options.peers))}
    print("peers absent:", ", ".join(sorted(set(PEERS) - set(tools))) or "none")
    compileall.compile_dir(str(ROOT / "apps"), quiet=1)
    sizes = [compare(one.resolve(), tools, options.runs, options.back) for one in options.repositories]
    print("\nmegabytes, cold seconds, seconds per megabyte")
    for megabytes, seconds in sorted(sizes):
        print(f"  {megabytes:8.2f} MB  {seconds:8.3f} s  {seconds / megabytes if megabytes else 0:8.3f} s/MB")
    return 0


def find(name: str, folder: Path | None) -> str | None:
    inside = sorted(folder.glob(f"*/bin/{name}")) if folder else []
    return str(inside[0]) if inside else shutil.which(name)


def compare(repository: Path, tools: dict[str, str], runs: int, back: int) -> tuple[float, float]:
    """Prints the figures of one repository; its megabytes and the seconds of the cold scan."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        laid = lay_out(repository, work)
        commands = {"cold": scan(repository), "floor": FLOOR.format(git=laid.git_dir, work=work)}
        earlier = earlier_commit(repository, laid, back)
        if earlier:
            subprocess.run(scan(repository, f"--commit {earlier} --cache {work}/earlier"), shell=True, check=False,
                           stdout=subprocess.DEVNULL)  # fmt: skip
            commands["re-scan"] = f"cp {work}/earlier {work}/cache; {scan(repository, f'--cache {work}/cache')}"
        names = {"tree": work / "tree", "here": HERE}
        commands |= {name: PEERS[name].format(tool=tool, **names) for name, tool in tools.items()}
        for _ in range(KEPT_AFTER):
            timed(commands["cold"])
        measured: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for _ in range(runs):
            for name, command in commands.items():
                measured[name].append(timed(command))
    changed = changed_share(repository, earlier, laid)
    title = f"{laid.files} files, {laid.megabytes:.2f} MB" + (f"; {changed:.1%} of them changed" if earlier else "")
    return laid.megabytes, report(f"{repository.parent.name}/{repository.name}: {title}", measured)


def lay_out(repository: Path, work: Path) -> Laid:
    """Writes the blobs that are there below `work/tree`, and their ids in two halves for the floor's readers."""
    laid = Laid(git(repository, "rev-parse", "--absolute-git-dir"), git(repository, "rev-parse", "HEAD"))
    for record in git(repository, "ls-tree", "-r", "-z", laid.commit).split("\0"):
        about, _, path = record.partition("\t")
        if about.startswith("100"):
            laid.blobs[path] = about.split()[2]
    reader = subprocess.Popen(
        f"exec git --git-dir {laid.git_dir} cat-file --batch",
        shell=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"GIT_NO_LAZY_FETCH": "1"},
    )
    present: list[str] = []
    for path, blob in laid.blobs.items():
        content = content_of(reader, blob)
        target = (work / "tree" / path).resolve()
        if content is not None and target.is_relative_to(work):
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            present.append(blob)
            laid.megabytes += len(content) / 1_000_000
    reader.communicate()
    laid.files = len(present)
    for name, half in (("even", present[::2]), ("odd", present[1::2])):
        (work / name).write_text("".join(f"{blob}\n" for blob in half))
    return laid


def content_of(reader: subprocess.Popen[bytes], blob: str) -> bytes | None:
    """One answer of `git cat-file --batch`; None for a blob that is absent."""
    if reader.stdin is None or reader.stdout is None:
        raise ValueError("The reader needs pipes.")
    reader.stdin.write(f"{blob}\n".encode())
    reader.stdin.flush()
    header = reader.stdout.readline().split()
    return reader.stdout.read(int(header[2]) + 1)[:-1] if len(header) == 3 else None


def earlier_commit(repository: Path, laid: Laid, back: int) -> str:
    """The newest commit before the head with another tree; '' where the history has none."""
    listed = git(repository, "log", "--first-parent", f"--max-count={back + 1}", "--format=%H %T", laid.commit)
    (_, head), *before = (line.split() for line in listed.splitlines())
    return next((commit for commit, tree in before if tree != head), "")


def changed_share(repository: Path, earlier: str, laid: Laid) -> float:
    changed = git(repository, "diff-tree", "-r", "--name-only", "--no-renames", earlier, laid.commit) if earlier else ""
    return len(changed.splitlines()) / max(1, len(laid.blobs))


def git(repository: Path, *arguments: str) -> str:
    command = ["git", "-C", str(repository), *arguments]
    found = subprocess.run(command, capture_output=True, check=False).stdout
    return found.decode(errors="surrogateescape").strip("\n\0")


def scan(repository: Path, more: str = "") -> str:
    return f"{sys.executable} {ROOT / 'manage.py'} scan {repository} --json {more}"


def timed(command: str) -> tuple[float, float]:
    """Wall seconds and the peak megabytes of the largest process."""
    begun = time.perf_counter()
    child = subprocess.Popen(command, shell=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, used = os.wait4(child.pid, 0)
    child.returncode = 0
    return time.perf_counter() - begun, used.ru_maxrss / (1024 if sys.platform == "linux" else 1024 * 1024)


def report(title: str, measured: dict[str, list[tuple[float, float]]]) -> float:
    """Prints the medians; that of the cold scan's seconds."""
    print(f"\n{title}")
    cold = statistics.median(seconds for seconds, _ in measured["cold"])
    for name, runs in measured.items():
        seconds = statistics.median(one for one, _ in runs)
        peak = statistics.median(one for _, one in runs)
        ratio = f"re-scan/cold {seconds / cold:7.2f}" if name == "re-scan" else f"cold/{name} {cold / seconds:7.2f}"
        print(f"  {name:16s} {seconds:8.3f} s  {peak:7.0f} MB  {ratio}")
    return cold


if __name__ == "__main__":
    sys.exit(main())
