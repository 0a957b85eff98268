"""Finding by word: what is found is whole and in the order of the files."""

from __future__ import annotations

from apps.analysis.index import Index
from apps.analysis.leaves import Leaves
from tests.analysis.making import facts_of

FILES = {
    "a.yaml": "spec:\n  replicas: 2\n  template:\n    replicas: 3\n",
    "b.yaml": "replicas: 4\nkind: Deployment\n",
}


def values(*patterns: str) -> list[object]:
    files = facts_of(FILES).files
    return [leaf.value for _, leaf in Leaves(files).of(files, patterns, "")]


def test_what_is_found_comes_in_the_order_it_was_given() -> None:
    (file, *_) = facts_of(FILES).files
    index = Index([("fit", file, 1), ("load", file, 2), ("fit", file, 3)])
    assert index.of(["load", "fit", "absent"]) == [(file, 1), (file, 2), (file, 3)]


def test_a_pattern_leads_to_leaves_at_its_depth_only() -> None:
    assert values("replicas") == [4]
    assert values("*", "replicas") == [2]


def test_two_stars_are_any_number_of_keys() -> None:
    assert values("**", "replicas") == [2, 3, 4]
    assert values("spec", "**", "replicas") == [2, 3]


def test_a_key_that_no_file_has_leads_nowhere() -> None:
    assert values("**", "absent") == []
