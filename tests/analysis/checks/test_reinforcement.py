"""Reinforcement learning: its environments are simulations, and its modes, samples and measures have names of their own."""

from __future__ import annotations

import pytest

from apps.analysis.checks.config import environment
from apps.catalog import State
from tests.analysis.making import facts_of

AGENT = "import torch\n\n\ndef update(loss):\n    loss.backward()\n"


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("import gym\n\nenv = gym.make('Hopper-v2')\nenv.seed(3)\nenv.reset()\n", State.NA),
        ("import gym\n\nenv = gym.make('Hopper-v2')\nkeys = env.obs_space.items()\n", State.NA),
        ("from environs import Env\n\nenv = Env()\nhost = env.str('HOST')\n", State.MET),
        ("import environ\n\nenv = environ.Env()\nurl = env.db('DATABASE_URL')\n", State.MET),
        ("import environ\n\nenv = environ.Env()\nhost = env('HOST')\n", State.MET),
    ],
)
def test_a_simulation_that_is_called_an_environment_reads_none(code: str, state: State) -> None:
    assert environment.check(facts_of({"train.py": code + AGENT})).state is state
