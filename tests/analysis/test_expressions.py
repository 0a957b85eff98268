import importlib
import pkgutil
import re

import pytest

import apps.analysis
from apps.analysis import compilations
from apps.analysis.expressions import expression


def test_an_expression_answers_like_a_compiled_one():
    word = expression(r"(?P<word>\w+)!", re.IGNORECASE)
    assert word.search("say Hello!").group("word") == "Hello"
    assert word.sub("-", "a! b!") == "- -"
    assert [found.start() for found in word.finditer("a! b!")] == [0, 3]
    assert word.match("no") is None
    assert word.pattern == r"(?P<word>\w+)!"
    assert word.flags & re.IGNORECASE


def test_an_expression_is_compiled_at_its_first_use(monkeypatch):
    asked = []
    really = compilations.once
    monkeypatch.setattr(compilations, "once", lambda *given: asked.append(given[0]) or really(*given))
    word = expression("a+(?#of this test)")
    assert asked == []
    assert word.search("caat").group() == "aa"
    assert word.search("cat").group() == "a"
    assert asked == [b"re str 0 a+(?#of this test)"]


def test_what_is_wrong_with_an_expression_is_said_as_python_says_it():
    with pytest.raises(re.error, match="unterminated subpattern"):
        expression("(a").search("a")


def test_every_expression_of_the_analysis_compiles():
    modules = [
        importlib.import_module(found.name) for found in pkgutil.walk_packages(apps.analysis.__path__, "apps.analysis.")
    ]
    later = type(expression(""))
    found = [value for module in modules for value in vars(module).values() if isinstance(value, later)]
    assert len(found) > 150
    for one in found:
        assert one.__copy__() == re.compile(one.pattern, one.flags)
