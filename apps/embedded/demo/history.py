"""Reads the text in which a demonstration repository is written: its commits, each with its changes.

A history is a sequence of `@@` sections. `@@ commit DAYS_AGO USERNAME: SUBJECT` opens a commit; the lines after it are
the message's body. Its changes follow: `@@ write PATH`, `@@ base64 PATH` (bytes), `@@ notebook PATH` (cells in percent
format), `@@ edit PATH` (whole lines, a `====` line, the lines that take their place), `@@ move OLD NEW` and
`@@ delete PATH`. `<<planted:NAME>>` stands for a credential that nobody ever issued.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass

# Joined here from halves and under harmless names, so that no scanner takes this file or a history for a leak.
PLANTED = {
    "cloud-id": "AKIA" + "Q3EGRZ7LK5NVT2WJ",
    "cloud-pair": "vT8kq1ZrXwN5bYpL0dHs" + "/c6GJm3uEoRfA9iKtB2x",
    "chat": "sk-proj-" + "T3v9QmXc72LrWbKd0JnZy5HsPfGa18UeRoVi4MtE6kBx",
    "warehouse": "qW7-" + "hT2vLp9xRz4m",
    "local": "change" + "me",
}

_COMMIT = re.compile(r"^@@ commit (\d+) (\w+): (.+)\n", re.MULTILINE)
_CHANGE = re.compile(r"^@@ (\w+) (.+)\n", re.MULTILINE)
_CELL = re.compile(r"^# %%(?: \[(\w+)\])?\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit: when and by whom, and the whole tree after it (path to content)."""

    days_ago: int
    author: str
    message: str
    tree: dict[str, bytes]


def read_history(text: str) -> list[Commit]:
    """The commits of a history, oldest first. Raises ValueError where it contradicts itself."""
    for name, credential in PLANTED.items():
        text = text.replace(f"<<planted:{name}>>", credential)
    commits: list[Commit] = []
    tree: dict[str, bytes] = {}
    _, *opened = _COMMIT.split(text)
    for days, author, subject, rest in _grouped(opened, 4):
        body, *changes = _CHANGE.split(rest)
        for verb, argument, content in _grouped(changes, 3):
            _change(tree, verb, argument, content.strip("\n"))
        commits.append(Commit(int(days), author, f"{subject}\n\n{body.strip()}".strip() + "\n", dict(tree)))
    return commits


def _grouped(parts: list[str], size: int) -> list[tuple[str, ...]]:
    return list(zip(*[iter(parts)] * size, strict=True))


def _change(tree: dict[str, bytes], verb: str, argument: str, content: str) -> None:
    match verb:
        case "write":
            tree[argument] = f"{content}\n".encode() if content else b""
        case "base64":
            tree[argument] = base64.b64decode(content)
        case "notebook":
            tree[argument] = _notebook(content)
        case "edit":
            tree[argument] = _edited(argument, tree[argument].decode(), content).encode()
        case "move":
            old, new = argument.split()
            tree[new] = tree.pop(old)
        case "delete":
            del tree[argument]
        case _:
            raise ValueError(f"a history knows no '{verb}'")


def _edited(path: str, text: str, change: str) -> str:
    old, separator, new = f"{change}\n".partition("\n====\n")
    if not separator or f"\n{text}".count(f"\n{old}\n") != 1:
        raise ValueError(f"{path}: these lines are not there exactly once: {old!r}")
    return f"\n{text}".replace(f"\n{old}\n", f"\n{new}" if new.strip() else "\n")[1:]


def _notebook(text: str) -> bytes:
    _, *parts = _CELL.split(text)
    cells: list[dict[str, object]] = []
    for number, (kind, source) in enumerate(_grouped(parts, 2), start=1):
        lines = source.strip("\n").splitlines(keepends=True)
        if kind == "output":
            cells[-1]["outputs"] = [{"name": "stdout", "output_type": "stream", "text": lines}]
        elif kind == "markdown":
            cells.append(
                {"cell_type": "markdown", "metadata": {}, "source": [line.removeprefix("# ") for line in lines]}
            )
        else:
            code: dict[str, object] = {"cell_type": "code", "execution_count": number, "metadata": {}}
            cells.append(code | {"outputs": [], "source": lines})
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 4}
    return (json.dumps(notebook, indent=1) + "\n").encode()
