"""What patterns tell of files that no parser reads."""

from __future__ import annotations

from apps.analysis.facts import signals


def test_calls_of_code_without_a_syntax_tree_are_found_by_their_whole_names() -> None:
    text = (
        "import torch.nn as nn\nprint nn.Linear(1)\nmake().fit (x)\nrows[0].save(y)\n" + "a" + ".a" * 50 + "\nend()\n"
    )
    found = signals.python_calls(text, {"nn": "torch.nn"})
    assert found == [("torch.nn.Linear", 2), ("make", 3), ("fit", 3), ("save", 4), ("end", 6)]
