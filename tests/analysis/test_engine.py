"""The engine as a whole: cache, subfolders, broken files, crashing checks."""

from __future__ import annotations

from apps.analysis import checks
from apps.analysis import files as analysis_files
from apps.analysis.engine import analyse
from apps.analysis.files import read_files
from apps.analysis.findings import Finding
from apps.analysis.snapshot import MemorySnapshot
from apps.catalog import ITEMS, State


def test_every_item_of_the_catalogue_gets_a_finding() -> None:
    report = analyse(MemorySnapshot({"train.py": "import torch\n"}))
    assert list(report.findings) == list(ITEMS)


def test_a_second_scan_takes_all_facts_from_the_cache() -> None:
    files = {"a.py": "import torch\n", "b.yaml": "a: 1\n"}
    first = analyse(MemorySnapshot(files))
    read: list[str] = []

    class Watched(MemorySnapshot):
        def read(self, blobs):
            wanted = list(blobs)
            read.extend(wanted)
            return super().read(wanted)

    second = analyse(Watched(files), cached=first.packed_facts)
    assert second.findings == first.findings
    assert second.packed_facts == first.packed_facts
    cited = {place.path for finding in second.findings.values() for place in finding.evidence if place.line}
    assert len(read) == len(cited)


def test_a_damaged_cache_is_an_empty_one() -> None:
    files = {"a.py": "import torch\n"}
    whole = analyse(MemorySnapshot(files))
    assert analyse(MemorySnapshot(files), cached=b"\xc1nonsense").packed_facts == whole.packed_facts


def test_a_broken_file_is_listed_and_costs_only_itself() -> None:
    report = analyse(MemorySnapshot({"ok.py": "import torch\n", "broken.yaml": "a: [\n"}))
    assert [one["path"] for one in report.unread] == ["broken.yaml"]


def test_packages_that_were_installed_into_a_folder_are_those_of_others() -> None:
    files = {
        "api/package/handler.py": "import neat\nimport small\n",
        "api/package/neat/__init__.py": "import torch\n",
        "api/package/neat-2.1.0.dist-info/METADATA": "Name: neat\n",
        "api/package/small.py": "import torch\n",
        "api/package/small-0.1.dist-info/RECORD": "small.py,,\n",
        "api/package/neatest/own.py": "import numpy\n",
        "neat/own.py": "import numpy\n",
    }
    found, unread = read_files(MemorySnapshot(files))
    assert [file.path for file in found] == ["api/package/handler.py", "api/package/neatest/own.py", "neat/own.py"]
    assert [one["path"] for one in unread] == ["api/package/neat-2.1.0.dist-info/", "api/package/small-0.1.dist-info/"]


def test_a_crashing_check_costs_only_its_item(monkeypatch) -> None:
    def crash(facts):
        raise RuntimeError("boom")

    monkeypatch.setattr(checks, "load", lambda: {"config.secrets": crash})
    report = analyse(MemorySnapshot({"a.py": "x = 1\n"}))
    assert report.findings["config.secrets"].error == "RuntimeError: boom"
    assert report.findings["config.secrets"].state is State.UNKNOWN
    assert isinstance(report.findings["logs.requests"], Finding)


def test_only_the_subfolder_is_judged_and_paths_stay_whole(monkeypatch) -> None:
    seen: list[str] = []

    def look(facts):
        seen.extend(file.path for file in facts.files)
        return Finding(State.MET, "Seen.", (facts.files[0].at(1),))

    monkeypatch.setattr(checks, "load", lambda: {"logs.requests": look})
    report = analyse(MemorySnapshot({"api/app.py": "import flask\n", "web/app.js": "x"}), subfolder="api")
    assert seen == ["app.py"]
    place = report.findings["logs.requests"].evidence[0]
    assert (place.path, place.line, place.excerpt) == ("api/app.py", 1, "import flask")


def test_test_code_is_searched_for_credentials_and_for_nothing_else() -> None:
    key = "AKIA" + "Q3EGRX7ZP5WNL2KD"
    files, _ = read_files(
        MemorySnapshot({"tests/test_a.py": f"import torch\nk = '{key}'\n", "test.py": "import torch\n"})
    )
    aside, system = files
    assert (aside.facts.code, len(aside.facts.secrets)) == (None, 1)
    assert system.facts.code is not None  # in research code, test.py is the evaluation


def test_of_a_large_tree_the_most_telling_files_are_parsed_whole_and_of_the_rest_the_imports_are_known(
    monkeypatch,
) -> None:
    monkeypatch.setattr(analysis_files, "MOST_PYTHON", 3000)
    dull = {f"layers/l{n}.py": "import torch.nn\n" + "x = 1\n" * 100 for n in range(20)}
    telling = {"z_train.py": "import argparse\nimport mlflow\nlearning_rate = 0.1\nloss.backward()\n"}
    snapshot = MemorySnapshot(dull | telling)
    pack = analysis_files.Pack.unpack(b"")
    files, _ = read_files(snapshot, pack=pack)
    by_path = {file.path: file.facts for file in files}
    assert [call.name for call in by_path["z_train.py"].code.calls] == ["loss.backward"]
    whole = [path for path, facts in by_path.items() if facts.code.assigns]
    assert 0 < sum(len(dull.get(path, "")) for path in whole) <= 3000
    assert all(facts.code.imports for facts in by_path.values())
    again, _ = read_files(snapshot, pack=analysis_files.Pack.unpack(pack.packed()))
    assert again == files


def test_of_too_many_files_those_that_say_nothing_are_left_out_first(monkeypatch) -> None:
    monkeypatch.setattr(analysis_files, "MOST_FILES", 3)
    pictures = {f"data/{number}.png": b"" for number in range(4)}
    files, unread = read_files(
        MemorySnapshot({**pictures, "src/train.py": "import torch\n", "setup.cfg": "[a]\nb=1\n"})
    )
    assert {file.path for file in files} == {"data/0.png", "src/train.py", "setup.cfg"}
    assert unread[0]["reason"] == "3 files beyond the first 3"


def test_a_folder_of_data_is_one_below_the_subfolder_alone() -> None:
    sources = {f"{number}.{suffix}": "x" for number in range(5) for suffix in ("c", "go", "java", "rb", "py")}
    project = MemorySnapshot({f"data/proj/src/{name}": content for name, content in sources.items()})
    files, unread = read_files(project, subfolder="data/proj")
    assert (len(files), unread) == (25, [])
    corpus = MemorySnapshot({f"proj/data/{name}": content for name, content in sources.items()})
    files, unread = read_files(corpus, subfolder="proj")
    assert (files, [one["path"] for one in unread]) == ([], ["proj/data/"])
