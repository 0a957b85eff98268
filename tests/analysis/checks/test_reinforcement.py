"""Reinforcement learning: its environments are simulations, and its modes, samples and measures have names of their own."""

from __future__ import annotations

import pytest

from apps.analysis.checks.codebase import inference, training
from apps.analysis.checks.config import environment
from apps.analysis.checks.logs import training_metrics
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


@pytest.mark.parametrize("mode", ["training", "self.training", "mode", "was_training", "state", "prev_state"])
def test_a_mode_that_is_handed_to_a_network_trains_nothing(mode: str) -> None:
    switch = f"import torch\n\n\ndef switch(model, {mode.replace('self.', '')}, self=None):\n    model.train({mode})\n"
    assert training.check(facts_of({"utils.py": switch})).state is State.NA
    fitted = facts_of({"utils.py": switch.replace(f"train({mode})", "train(data)")})
    assert training.check(fitted).state is State.MET
    counted = "import nltk\n\n\ndef fit(train):\n    return nltk.NaiveBayesClassifier.train(train)\n"
    assert training.check(facts_of({"words.py": counted})).state is State.MET


def test_a_sequence_that_is_sampled_from_a_memory_is_no_answer_of_a_model() -> None:
    memory = "import numpy as np\nimport tensorflow as tf\n\n\nclass Replay:\n    def _sample_sequence(self):\n        return np.stack(self.seen)\n"
    assert inference.check(facts_of({"replay.py": memory, "train.py": AGENT})).state is State.UNMET
    writer = memory.replace("Replay", "Writer").replace("np.stack(self.seen)", "self.model(self.seen)")
    assert inference.check(facts_of({"writer.py": writer, "train.py": AGENT})).state is State.MET


@pytest.mark.parametrize(
    ("line", "state"),
    [
        ("logger.log('train/loss', loss, step)", State.PARTIAL),
        ("self.logger.log('eval_reward', loss, 3)", State.PARTIAL),
        ("logger.log(logging.INFO, 'loss %s', loss)", State.MET),
        ("logger.log('INFO', f'loss {loss}')", State.MET),
        ("logger.log('The loss is %s.', loss)", State.MET),
        ("logger.info('loss %s', loss)", State.MET),
        ("logger.error('no loss: %s', loss)", State.PARTIAL),
    ],
)
def test_a_table_of_numbers_is_no_logger_and_an_error_no_metric(line: str, state: State) -> None:
    told = f"import logging\nimport torch\n\nlogging.basicConfig()\n\n\ndef update(self, loss, step, logger):\n    loss.backward()\n    print('done', loss)\n    {line}\n"
    assert training_metrics.check(facts_of({"train.py": told})).state is state
