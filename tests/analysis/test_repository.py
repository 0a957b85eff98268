"""The questions that checks ask of all files."""

from __future__ import annotations

import pytest

from tests.analysis.making import facts_of

FILES = {
    "compose.yaml": "services:\n  api:\n    image: redis:7\n    ports: ['80:80', '81:81']\n",
    "k8s/app.yaml": "spec:\n  template:\n    spec:\n      containers:\n      - image: app:1\n",
    "tests/compose.yaml": "services: {db: {image: postgres:16}}\n",
}


@pytest.mark.parametrize(
    ("keys", "values"),
    [
        (("services", "*", "image"), ["redis:7"]),
        (("**", "image"), ["redis:7", "app:1"]),
        (("image",), []),
        (("services", "**"), ["redis:7", "80:80", "81:81"]),
        (("services", "*", "ports", "*"), ["80:80", "81:81"]),
        (("**", "containers", "*", "**"), ["app:1"]),
        (("s*", "?pi", "ima*"), ["redis:7"]),
    ],
)
def test_leaves_are_found_by_their_keys(keys: tuple[str, ...], values: list[str]) -> None:
    assert [leaf.text for _, leaf in facts_of(FILES).leaves(r"\.yaml$", *keys)] == values


def test_leaves_of_tests_count_only_when_asked_for() -> None:
    found = facts_of(FILES).leaves(r"compose", "**", "image", everywhere=True)
    assert [(file.path, leaf.line) for file, leaf in found] == [("compose.yaml", 3), ("tests/compose.yaml", 1)]


def test_calls_are_found_by_their_resolved_names_and_code_comes_before_notebooks() -> None:
    facts = facts_of(
        {
            "a.ipynb": '{"cells": [{"cell_type": "code", "source": ["import torch as t\\n", "t.save(1)"]}]}',
            "b.py": "from torch import save as keep\nkeep(model, 'x.pt')\nself.net.fit(x)\n",
        }
    )
    assert [(file.path, call.line) for file, call in facts.calls("torch.save")] == [("b.py", 2), ("a.ipynb", 1)]
    assert [call.name for _, call in facts.calls("*.fit")] == ["self.net.fit"]
