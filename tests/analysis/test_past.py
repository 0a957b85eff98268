"""A past commit judged in a line is judged as if it were the only one, and what decided a change is named."""

import hashlib
import os
import signal
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.analysis import ahead, past, reading
from apps.analysis.beside import Beside
from apps.analysis.engine import analyse, assemble
from apps.analysis.facts.extract import facts_of
from apps.analysis.past import deciding, judge_line
from apps.analysis.pipes import pipe
from apps.analysis.snapshot import Edit, MemorySnapshot

# Files of which each decides something, in versions that judge otherwise.
VERSIONS = {
    "requirements.txt": ["torch\n", "torch==2.4.0\nfastapi==0.115.0\n", "fastapi\n"],
    "train.py": [
        "import torch\n\nlr = 0.1\ntorch.save({}, 'model.pt')\n",
        "import os\nimport torch\n\nlr = float(os.environ['LR'])\ntorch.save({}, os.environ['OUT'])\n",
    ],
    "serve.py": [
        "import fastapi\n\napp = fastapi.FastAPI()\n\n\n@app.get('/predict')\ndef predict():\n    return 1\n",
        "import fastapi\n\napp = fastapi.FastAPI()\n\n\n@app.get('/health')\ndef health():\n    return 1\n",
    ],
    "Dockerfile": ["FROM python:3.11\nCOPY . .\nCMD uvicorn serve:app\n", "FROM python\nRUN pip install torch\n"],
    ".github/workflows/ci.yml": ["on: push\njobs:\n  t:\n    runs-on: ubuntu-24.04\n    steps:\n    - run: pytest\n"],
    "docker-compose.yml": ["services:\n  db:\n    image: postgres:16\n", "services:\n  web:\n    build: .\n"],
    "settings.py": ["DATABASE_URL = 'postgresql://u:pa55word9x@db/x'\n", "import os\n\nURL = os.environ['URL']\n"],
    "notes.md": ["# Notes\n", "# Notes\n\nMore.\n"],
    "tests/test_train.py": ["import train\n\n\ndef test_it():\n    assert train.lr\n"],
}


@st.composite
def histories(draw):
    """Lines of trees, oldest first: each commit writes, changes or removes some files."""
    tree: dict[str, str] = {}
    line = []
    for _ in range(draw(st.integers(2, 4))):
        for path in draw(st.lists(st.sampled_from(sorted(VERSIONS)), min_size=1, max_size=4, unique=True)):
            content = draw(st.sampled_from([None, *VERSIONS[path]]))
            tree = {key: value for key, value in tree.items() if key != path}
            if content is not None:
                tree[path] = content
        line.append(dict(sorted(tree.items())))
    return line


def snapshots(line):
    """Newest first."""
    return [
        MemorySnapshot(tree, commit=hashlib.sha1(f"{number}".encode()).hexdigest())
        for number, tree in reversed(list(enumerate(line)))
    ]


def paths_of(found):
    return list(dict.fromkeys(place.path for place in found.evidence))


def check_each_is_judged_like_one_alone(line, reports):
    assert [report.commit for report in reports] == [snapshot.commit for snapshot in snapshots(line)]
    for report, snapshot in zip(reports, snapshots(line), strict=True):
        alone = analyse(snapshot)
        assert {item: (one.state, one.paths, one.error) for item, one in report.verdicts.items()} == {
            item: (found.state, paths_of(found), found.error) for item, found in alone.findings.items()
        }


@settings(max_examples=6, deadline=None)
@given(histories())
def test_a_commit_judged_in_a_line_is_judged_like_one_alone(line):
    newest = analyse(snapshots(line)[0])
    check_each_is_judged_like_one_alone(line, list(judge_line(snapshots(line), cached=newest.packed_facts)))


# Five commits: each of the two that judge has two behind the newest.
LINE = [
    {path: versions[number % len(versions)] for path, versions in VERSIONS.items() if (number + len(path)) % 4}
    for number in range(5)
]


@pytest.fixture
def beside(monkeypatch) -> list[int]:
    """The ids of all processes that judging a line started beside this one."""
    pids: list[int] = []
    start = Beside.__init__

    def recorded(self, work, **options):
        start(self, work, **options)
        if isinstance(self, ahead.Ahead | past._Judge):
            pids.append(self.pid)

    monkeypatch.setattr(Beside, "__init__", recorded)
    return pids


def are_gone(pids):
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


@pytest.mark.parametrize("poison", ["KILL", "HANG"])
def test_a_file_that_ends_the_process_ahead_costs_only_itself(poison, monkeypatch, beside):
    def facts_or_death(kind, name, content, depth):
        if b"KILL" in content:
            os.kill(os.getpid(), signal.SIGKILL)
        if b"HANG" in content:
            time.sleep(60)
        return facts_of(kind, name, content, depth)

    monkeypatch.setattr(reading, "facts_of", facts_or_death)
    monkeypatch.setattr(reading, "SILENCE", 1.5)
    for module in (reading, ahead):
        monkeypatch.setattr(module, "PATIENCE", 1.0)
    line = [tree | ({"settings.py": f"# {poison}\n"} if number in {1, 2} else {}) for number, tree in enumerate(LINE)]
    check_each_is_judged_like_one_alone(line, list(judge_line(snapshots(line))))
    assert len(beside) == 3
    assert are_gone(beside)


def test_what_the_process_beside_left_when_it_died_is_judged_here(monkeypatch, beside, tmp_path):
    real, here, death = past.judge, os.getpid(), tmp_path / "death"

    def judge(facts, **options):
        if os.getpid() != here and facts.by_path.get("train.py") and "requirements.txt" not in facts.by_path:
            death.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return real(facts, **options)

    monkeypatch.setattr(past, "judge", judge)
    line = [{**tree, "train.py": VERSIONS["train.py"][0]} for tree in LINE]
    line[1].pop("requirements.txt", None)
    check_each_is_judged_like_one_alone(line, list(judge_line(snapshots(line))))
    assert death.exists()
    assert len(beside) == 3
    assert are_gone(beside)


def test_only_what_a_commit_changed_is_read_and_looked_at(monkeypatch, tmp_path):
    """Also by the first commits of both judges, with the facts of an earlier scan. Who hands on reads the newest."""
    same = {f"m{number}.py": f"x = {number}\n" for number in range(9)}
    line = [{**same, "changing.py": f"y = {number}\n"} for number in range(5)]
    newest = snapshots(line)[0]
    cached = analyse(newest).packed_facts

    def noted(kind, name, content, depth):
        (tmp_path / f"read {hashlib.sha1(content).hexdigest()}").touch()
        return facts_of(kind, name, content, depth)

    def judge(facts, **options):
        if hasattr(facts, "_others"):
            (tmp_path / f"others {len(facts._others.files)} {os.getpid()}").touch()
        return real(facts, **options)

    def assembled(snapshot, **options):
        read_here.append(snapshot.commit)
        return assemble(snapshot, **options)

    real, read_here = past.judge, []
    monkeypatch.setattr(reading, "facts_of", noted)
    monkeypatch.setattr(past, "judge", judge)
    monkeypatch.setattr(past, "assemble", assembled)
    assert len(list(judge_line(snapshots(line), cached=cached))) == 5
    assert read_here == [newest.commit]
    names = sorted(one.name for one in tmp_path.iterdir())
    assert sum(name.startswith("read ") for name in names) == 4
    assert [name.split()[1] for name in names if name.startswith("others ")] == ["1", "1"]


def test_of_what_was_judged_no_more_than_one_waits_to_be_handed_on(monkeypatch, tmp_path):
    real = past.judge

    def judge(facts, **options):
        found = real(facts, **options)
        (tmp_path / next(name for name in facts.by_path if name.startswith("commit-"))).touch()
        return found

    monkeypatch.setattr(past, "judge", judge)
    numbered = [{f"commit-{number}": "", **tree} for number, tree in enumerate(LINE)]
    for handed_on, _ in enumerate(judge_line(snapshots(numbered)), 1):
        time.sleep(0.3)  # as long as somebody stores it, which is time enough to judge several more
        assert len(list(tmp_path.iterdir())) <= handed_on + 1
    assert handed_on == len(list(tmp_path.iterdir())) == len(LINE)


def test_who_stops_early_leaves_no_process_behind(beside):
    reports = judge_line(snapshots(LINE))
    assert [next(reports).commit, next(reports).commit] == [one.commit for one in snapshots(LINE)[:2]]
    reports.close()
    assert len(beside) == 3
    assert are_gone(beside)


@settings(max_examples=6, deadline=None)
@given(histories())
def test_every_change_lies_between_its_commits_and_is_decided_by_files_that_changed_there(line):
    reports = list(judge_line(snapshots(line)))
    trees = {snapshot.commit: tree for snapshot, tree in zip(snapshots(line), reversed(line), strict=True)}
    assert reports[0].changes == []
    for newer, older in pairwise(reports):
        before, after = trees[older.commit], trees[newer.commit]
        differing = {item for item, one in older.verdicts.items() if one.state != newer.verdicts[item].state}
        assert {change.item for change in older.changes} == differing
        for change in older.changes:
            assert change.paths
            assert all(before.get(path) != after.get(path) for path in change.paths)


@settings(max_examples=8, deadline=None)
@given(st.data())
def test_a_change_that_one_file_made_is_laid_to_that_file(data):
    tree = {path: data.draw(st.sampled_from(versions), label=path) for path, versions in VERSIONS.items()}
    path = data.draw(st.sampled_from(sorted(VERSIONS)))
    other = data.draw(st.sampled_from([None, *VERSIONS[path]]))
    changed = {key: value for key, value in (tree | {path: other}).items() if value is not None}
    report = list(judge_line(snapshots([tree, changed])))[1]
    assert all(change.paths == [path] for change in report.changes)


def modified(*paths):
    return dict.fromkeys(paths, Edit.MODIFIED)


def test_cited_files_come_first_and_uncited_ones_only_where_none_is_cited():
    assert deciding(modified("a", "b", "c", "d"), ["d", "x"], ["c", "a"]) == ["c", "a", "d"]
    assert deciding(modified("a", "b"), ["x"], ["y"]) == ["a", "b"]
    many = [f"{number:02}" for number in range(13)]
    assert deciding(modified(*many[:12]), [], []) == many[:12]
    assert deciding(modified(*many), [], []) == []
    assert deciding(modified(*many), many, []) == many[:12]


def test_what_came_and_what_went_tells_more_than_what_was_only_looked_at():
    changed = modified("looked.py") | {"gone.py": Edit.REMOVED, "new.py": Edit.ADDED, "other.py": Edit.ADDED}
    assert deciding(changed, ["gone.py"], ["looked.py"]) == ["gone.py", "looked.py"]
    assert deciding(changed, ["looked.py"], ["looked.py", "new.py"]) == ["new.py", "looked.py"]
    assert deciding(changed, ["gone.py"], ["new.py"]) == ["new.py", "gone.py"]


def test_a_check_that_crashes_in_one_commit_is_said_to(monkeypatch):
    real = past.judge

    def judge(facts, **options):
        found = real(facts, **options)
        if "notes.md" in facts.by_path:
            item = next(iter(found))
            found[item] = type(found[item])("unknown", "The check crashed.", error="ValueError: x")
        return found

    monkeypatch.setattr(past, "judge", judge)
    line = [{"train.py": VERSIONS["train.py"][0]}, {"train.py": VERSIONS["train.py"][0], "notes.md": "x\n"}]
    (change,) = list(judge_line(snapshots(line)))[1].changes
    assert (change.after, change.error, change.paths) == ("unknown", "ValueError: x", [])


def test_the_line_ends_where_the_folder_of_the_system_does_not_exist_yet():
    line = [{"a.py": "a = 1\n"}, {"services/x/train.py": "import torch\n"}, {"services/x/train.py": "import jax\n"}]
    reports = list(judge_line(snapshots(line), subfolder="services/x"))
    assert len(reports) == 2
    assert all(path.startswith("services/x/") for one in reports[0].verdicts.values() for path in one.paths)


def many_facts(number):
    return {
        f"m{one}.py": "".join(f"def f{n}_{number}(x):\n    return g{n}(x)\n" for n in range(300)) for one in range(12)
    }


def test_nobody_waits_for_one_that_died_with_facts_still_to_be_told(beside):
    line = [many_facts(number) for number in range(6)]
    reports = judge_line(snapshots(line))
    next(reports), next(reports)
    os.kill(beside[1], signal.SIGKILL)
    begun = time.monotonic()
    assert len(list(reports)) == 4
    assert time.monotonic() - begun < reading.PATIENCE * reading.SILENCE / 2


def test_all_go_when_the_process_that_they_help_is_killed(beside):
    told, tells = pipe()
    helped = os.fork()
    if helped == 0:
        reports = judge_line(snapshots([many_facts(number) for number in range(6)]))
        next(reports), next(reports)
        tells.send_bytes(b" ".join(b"%d" % pid for pid in beside))
        time.sleep(60)
        os._exit(0)
    pids = [int(one) for one in told.recv_bytes().split()]
    assert len(pids) == 3
    os.kill(helped, signal.SIGKILL)
    os.waitpid(helped, 0)
    until = time.monotonic() + 20
    while not are_gone(pids) and time.monotonic() < until:
        time.sleep(0.1)
    assert are_gone(pids)
