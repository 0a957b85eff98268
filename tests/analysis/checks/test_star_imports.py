"""Frameworks that reach a module by a star import of another one, and imports among other work."""

from __future__ import annotations

from apps.analysis.checks.codebase import training
from apps.analysis.packages.imports import of_python as third_party
from apps.catalog import State
from tests.analysis.making import facts_of


def test_an_optimiser_of_a_module_that_imports_no_framework_itself_trains() -> None:
    network = (
        "from layers import *\n\n\nclass Net:\n    def __init__(self):\n"
        "        self.optimizer = tf.train.AdamOptimizer(0.1)\n        self.step = self.optimizer.minimize(self.loss)\n"
    )
    assert training.check(facts_of({"layers.py": "import tensorflow as tf\n", "net.py": network})).state is State.MET


def test_a_minimum_that_is_looked_for_without_a_framework_is_no_training() -> None:
    facts = facts_of({"solve.py": "from tools import *\n\nfound = problem.minimize(cost)\n"})
    assert training.check(facts).state is State.NA


def test_an_import_among_other_work_is_needed_whatever_is_caught() -> None:
    files = {"main.py": "try:\n    import jax\n    jax.devices()\nexcept Exception:\n    print('no device')\n"}
    assert [one.module for one in third_party(facts_of(files))] == ["jax"]
