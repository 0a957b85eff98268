"""The forked readers: everything is read once, and a file that kills or hangs a parser costs only itself."""

from __future__ import annotations

import os
import signal
import time

import pytest

from apps.analysis import reading
from apps.analysis.facts.extract import Depth, facts_of
from apps.analysis.files import read_files
from apps.analysis.snapshot import Entry, MemorySnapshot


def facts_or_death(kind, name, content, depth):
    if b"KILL" in content:
        os.kill(os.getpid(), signal.SIGKILL)
    if b"HANG" in content:
        time.sleep(60)
    return facts_of(kind, name, content)


def test_all_files_are_read_once_whatever_their_number() -> None:
    files = {f"m{n}.py": f"import a{n}\n" for n in range(500)}
    read, unread = read_files(MemorySnapshot(files))
    assert unread == []
    assert {file.path: file.facts.code.imports[0].module for file in read} == {f"m{n}.py": f"a{n}" for n in range(500)}


@pytest.fixture
def started(monkeypatch) -> list[int]:
    """The process ids of all readers that the test started."""
    pids: list[int] = []
    start = reading._start

    def recorded(*arguments, **options):
        reader = start(*arguments, **options)
        pids.append(reader.process.pid)
        return reader

    monkeypatch.setattr(reading, "_start", recorded)
    return pids


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("poison", ["KILL", "HANG"])
def test_a_file_that_kills_or_hangs_its_reader_is_given_up_alone(poison: str, monkeypatch, started) -> None:
    monkeypatch.setattr(reading, "facts_of", facts_or_death)
    monkeypatch.setattr(reading, "PATIENCE", 1.0)
    monkeypatch.setattr(reading, "SILENCE", 1.5)
    files = {f"m{n}.py": f"import a{n}\n" for n in range(40)} | {f"bad{n}.py": f"# {poison} {n}\n" for n in range(3)}
    read, unread = read_files(MemorySnapshot(files))
    assert sorted(one["path"] for one in unread) == ["bad0.py", "bad1.py", "bad2.py"]
    assert len([file for file in read if file.facts.code]) == 40
    assert len(started) > 3
    assert not any(map(alive, started))


def test_an_absent_blob_is_named_and_the_rest_is_read() -> None:
    snapshot = MemorySnapshot({"a.py": "import a\n", "z.py": "import z\n"})
    snapshot.entries = [*snapshot.entries, Entry("model.pkl", "0" * 40, None), Entry("gone.py", "1" * 40, 12)]
    read, unread = read_files(snapshot)
    assert unread == [{"path": "model.pkl", "reason": "absent from this copy of the repository"}]
    assert [bool(file.facts.code) for file in read] == [True, True, False, False]


def test_nobody_is_left_behind_when_the_caller_stops_early(monkeypatch, started) -> None:
    monkeypatch.setattr(reading, "facts_of", facts_or_death)
    wanted = {
        entry.blob: [reading.Wanted(entry.path, "python", entry.path, 10, Depth.WHOLE)]
        for entry in MemorySnapshot({"a.py": "x = 1\n", "b.py": "HANG"}).entries
    }
    facts = reading.read(MemorySnapshot({"a.py": "x = 1\n", "b.py": "HANG"}), wanted)
    next(facts)
    facts.close()
    assert len(started) == 2
    assert not any(map(alive, started))


def test_no_parser_hangs_on_long_runs_of_one_character_or_word() -> None:
    runs = (
        " ",
        "\t",
        "a",
        "a ",
        "\n",
        "[",
        "{",
        "(",
        '"',
        "=",
        "x=",
        "$",
        "# ",
        "\\\n",
        "- ",
        "import a\n",
        "<",
        "&a ",
    )
    endings = "py md txt sh yaml json toml ini R java go js tf sql scala ipynb"
    names = [f"a.{ending}" for ending in endings.split()]
    names += ["Makefile", "Dockerfile", ".env", "Jenkinsfile", "requirements.txt", "pom.xml", "Procfile"]
    files = {f"{number}/{name}": run * (100_000 // len(run)) for number, run in enumerate(runs) for name in names}
    _, unread = read_files(MemorySnapshot(files))
    assert [one for one in unread if "longer than" in one["reason"] or "crashed" in one["reason"]] == []


def test_paths_that_nobody_works_with_are_left_out_and_told() -> None:
    endless = f"{'old_' * 3000}x/a.py"
    read, unread = read_files(MemorySnapshot({"a.py": "import a\n", endless: "import b\n"}))
    assert [file.path for file in read] == ["a.py"]
    assert unread == [{"path": "", "reason": "files whose paths are longer than 500 characters"}]


@pytest.mark.parametrize(("folder", "kept"), [("data", False), ("lib/corpus", False), ("bindings", True)])
def test_sources_in_many_languages_that_lie_among_the_data_are_data(folder: str, kept: bool) -> None:
    sources = {
        f"{folder}/{end}/one{number}.{end}": "import flask\n"
        for end in ("py", "rb", "js", "java", "hs")
        for number in range(5)
    }
    files, unread = read_files(MemorySnapshot({"classifier.py": "import sklearn\n", **sources}))
    assert (len(files) > 1) is kept
    assert [one["path"] for one in unread] == ([] if kept else [f"{folder}/"])


def test_data_in_few_languages_is_read() -> None:
    names = [f"data/{end}/one{number}.{end}" for end in ("py", "sql", "sh", "R") for number in range(9)]
    files, unread = read_files(MemorySnapshot(dict.fromkeys(names, "")))
    assert (len(files), unread) == (36, [])
