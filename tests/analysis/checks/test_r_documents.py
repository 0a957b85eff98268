"""Documents of R Markdown and Quarto: a person runs them piece by piece, as notebooks."""

from __future__ import annotations

import pytest

from apps.analysis.checks.admin_processes import retraining
from apps.analysis.checks.codebase import evaluation, inference, preprocessing, training
from apps.analysis.checks.disposability import startup
from apps.catalog import State
from tests.analysis.making import facts_of

CODE = (
    "library(caret)\n"
    "rows <- createDataPartition(d$Class, p = .75, list = FALSE)\n"
    "model <- train(Class ~ ., data = d[rows, ], method = 'ranger')\n"
    "confusionMatrix(predict(model, d[-rows, ]), d$Class[-rows])\n"
)
DOCUMENT = f"---\ntitle: Forest\n---\n\n```{{r}}\n{CODE}```\n"


@pytest.mark.parametrize("check", [preprocessing.check, training.check, evaluation.check, inference.check])
@pytest.mark.parametrize("name", ["forest.Rmd", "forest.qmd"])
def test_what_only_a_document_does_is_partial(check, name) -> None:
    found = check(facts_of({name: DOCUMENT}))
    assert found.state is State.PARTIAL
    assert "only in notebooks" in found.summary


@pytest.mark.parametrize("check", [training.check, evaluation.check, inference.check])
def test_what_a_script_does_too_is_met(check) -> None:
    assert check(facts_of({"forest.Rmd": DOCUMENT, "forest.R": CODE})).state is State.MET


def test_a_script_that_prepares_where_it_trains_does_it_inline() -> None:
    assert preprocessing.check(facts_of({"forest.R": CODE})).state is State.PARTIAL
    split = {"split.R": CODE.splitlines()[1] + "\n", "forest.R": CODE}
    assert preprocessing.check(facts_of(split)).state is State.MET


def test_nothing_is_started_and_retraining_is_by_hand() -> None:
    facts = facts_of({"forest.Rmd": DOCUMENT})
    assert startup.check(facts).state is State.NA
    assert retraining.check(facts).state is State.UNMET
