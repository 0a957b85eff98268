"""A history is read into commits, and one that contradicts itself is refused."""

import json

import pytest

from apps.embedded.demo.history import PLANTED, read_history

START = "@@ commit 9 ana: Begin\n@@ write train.py\nimport os\n\nprint(os.name)\n"


def tree_after(*sections: str) -> dict[str, bytes]:
    return read_history(START + "\n@@ commit 3 leo: Go on\n" + "\n".join(sections))[-1].tree


def test_a_commit_has_its_day_author_and_message():
    first, second = read_history(START + "\n@@ commit 3 leo: Go on\nWith a reason.\n@@ delete train.py\n")
    assert (first.days_ago, first.author, first.message) == (9, "ana", "Begin\n")
    assert (second.days_ago, second.author, second.message) == (3, "leo", "Go on\n\nWith a reason.\n")
    assert first.tree == {"train.py": b"import os\n\nprint(os.name)\n"}
    assert second.tree == {}


def test_an_edit_replaces_whole_lines():
    assert tree_after("@@ edit train.py\nprint(os.name)\n====\nprint(1)\n") == {"train.py": b"import os\n\nprint(1)\n"}


def test_an_edit_can_take_the_first_lines_out():
    assert tree_after("@@ edit train.py\nimport os\n====\n") == {"train.py": b"\nprint(os.name)\n"}


@pytest.mark.parametrize("old", ["print(", "import sys", "import os\nprint(os.name)"])
def test_an_edit_of_lines_that_are_not_there_is_refused(old):
    with pytest.raises(ValueError, match="not there exactly once"):
        tree_after(f"@@ edit train.py\n{old}\n====\nprint(1)\n")


def test_a_move_keeps_the_content():
    assert tree_after("@@ move train.py src/train.py\n") == {"src/train.py": b"import os\n\nprint(os.name)\n"}


def test_a_file_without_lines_is_empty_and_bytes_are_kept():
    tree = tree_after("@@ write pkg/__init__.py\n", "@@ base64 model.pkl\ngASVAP8=\n")
    assert tree["pkg/__init__.py"] == b""
    assert tree["model.pkl"] == b"\x80\x04\x95\x00\xff"


def test_a_notebook_has_cells_and_outputs():
    tree = tree_after("@@ notebook a.ipynb\n# %% [markdown]\n# # Title\n# %%\nprint(1)\n# %% [output]\n1\n")
    title, code = json.loads(tree["a.ipynb"])["cells"]
    assert (title["cell_type"], title["source"]) == ("markdown", ["# Title"])
    assert (code["cell_type"], code["source"], code["outputs"][0]["text"]) == ("code", ["print(1)"], ["1"])


def test_a_planted_credential_is_put_in():
    assert tree_after("@@ write key.txt\n<<planted:cloud-id>>\n")["key.txt"].decode().strip() == PLANTED["cloud-id"]


def test_an_unknown_change_is_refused():
    with pytest.raises(ValueError, match="knows no 'rename'"):
        tree_after("@@ rename train.py\n")
