"""Google Cloud Build, whose files may have any name: each step is an image that is given its arguments one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.expressions import expression
from apps.analysis.facts.model import LONGEST_TEXT, Leaf

if TYPE_CHECKING:
    from collections.abc import Iterable

NAME = "cloudbuild.yaml"
_IMAGE = expression(r"^(?:[\w.-]*gcr\.io|[\w-]+-docker\.pkg\.dev|\$\{?_\w+)(?:/|\}?$)|^\S+/cloud-builders/")


def steps(leaves: Iterable[Leaf]) -> list[Leaf]:
    """The command line of each step, as a leaf `steps.N.args`; none where the leaves are of something else."""
    images: dict[str, str] = {}
    programs: dict[str, str] = {}
    given: dict[str, list[Leaf]] = {}
    for leaf in leaves:
        match leaf.keys:
            case ["steps", number, "name"]:
                images[number] = leaf.text
            case ["steps", number, "entrypoint"]:
                programs[number] = leaf.text
            case ["steps", number, "args", *_]:
                given.setdefault(number, []).append(leaf)
    if not given or not any(_IMAGE.search(image) for image in images.values()):
        return []
    return [
        Leaf(["steps", number, "args"], _command(programs.get(number) or _program(image), given[number]), line)
        for number, image in images.items()
        if number in given
        for line in [given[number][0].line]
    ]


def _program(image: str) -> str:
    return image.rpartition("/")[2].partition("@")[0].partition(":")[0]


def _command(program: str, given: list[Leaf]) -> str:
    return " ".join([program, *(leaf.text for leaf in given)])[:LONGEST_TEXT]
