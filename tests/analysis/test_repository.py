"""The questions that checks ask of all files."""

from __future__ import annotations

import pytest

from apps.analysis.engine import Tree, assemble
from apps.analysis.files import Pack
from apps.analysis.snapshot import MemorySnapshot
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


def test_the_schema_of_a_custom_resource_is_no_configuration() -> None:
    crd = (
        "kind: CustomResourceDefinition\nspec:\n  group: a.example\n  schema:\n"
        "    openAPIV3Schema: {properties: {image: {default: redis:7}}}\n  scope: Cluster\n"
    )
    leaves = facts_of({"crd.yaml": crd}).by_path["crd.yaml"].facts.leaves
    assert [leaf.text for leaf in leaves] == ["CustomResourceDefinition", "a.example", "Cluster"]


@pytest.mark.parametrize(
    "schema",
    [
        "\n      type: object\n\n# a remark\n      properties:\n        port: {default: 8080}",
        "\n      # a remark\n      description: |\n        openAPIV3Schema:\n          image: redis:7",
        " # as below\n      type: object\n      default: redis:7",
        " {type: object,\n      default: redis:7}",
        "",
    ],
)
def test_what_stands_behind_such_a_schema_is_read_from_its_own_line(schema: str) -> None:
    crd = (
        f"kind: CustomResourceDefinition\nspec:\n  schema:\n    openAPIV3Schema:{schema}\n  scope: Cluster\n---\na: b\n"
    )
    leaves = facts_of({"crd.yaml": crd}).by_path["crd.yaml"].facts.leaves
    last = crd.count("\n")
    assert [(leaf.text, leaf.line) for leaf in leaves if leaf.keys[-1] != "openAPIV3Schema"] == [
        ("CustomResourceDefinition", 1),
        ("Cluster", last - 2),
        ("b", last),
    ]


FILES_OF_TWO_COMMITS = {
    "a.py": ("import torch\ntorch.save(1)\nlr = 1\n", "import torch\nlr = 2\n"),
    "b.py": ("import os\nos.getenv('X')\n", None),
    "c.py": (None, "import torch.nn\n\n\ndef f():\n    return torch.nn.Linear(1)\n"),
    "same.py": ("import torch\nlr = 3\nurl = 'http://a/b'\n",) * 2,
    "n.ipynb": ('{"cells": [{"cell_type": "code", "source": ["import torch\\n", "lr = 4"]}]}',) * 2,
    "x.yaml": ("image: redis:7\n", "image: redis:8\n"),
    "same.yaml": ("image: app:1\n",) * 2,
    "run.sh": ("python a.py\n", "python a.py\npython c.py\n"),
    "m.R": ("model <- train(x)\n",) * 2,
}


def test_what_a_neighbouring_commit_knows_changes_no_answer() -> None:
    before, after = (
        MemorySnapshot({path: texts[number] for path, texts in FILES_OF_TWO_COMMITS.items() if texts[number]})
        for number in range(2)
    )
    pack = Pack.unpack(b"")

    def answers(tree: Tree) -> list[object]:
        facts = tree.facts
        return [
            facts.named("a"),
            facts.named("x", everywhere=True),
            facts.imports("torch"),
            facts.imports("torch", files=facts.scripts),
            facts.calls("torch.*", "os.getenv"),
            facts.calls("*.save", files=facts.scripts),
            facts.assigns("lr"),
            facts.texts("http"),
            facts.defines("f"),
            facts.signals("train"),
            facts.leaves("yaml", "image"),
            facts.commands("python"),
        ]

    first = assemble(before, pack=pack)
    answers(first)
    pack.turn()
    second = assemble(after, pack=pack, neighbour=first)
    alone = assemble(after, pack=Pack.unpack(b""))
    assert second.facts.by_path["same.py"] is first.facts.by_path["same.py"]
    assert answers(second) == answers(alone)
    assert all(answers(alone)[index] for index in (0, 2, 3, 4, 6, 8, 9, 10, 11))


def test_a_damaged_pack_is_an_empty_one() -> None:
    for damaged in (b"\x92\xa9" + b"\xa9" * 20, b"\x92\xa1v", b"\xc1", b"{}"):
        assert Pack.unpack(damaged).packed() == Pack.unpack(b"").packed()
