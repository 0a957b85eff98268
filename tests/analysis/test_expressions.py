import importlib
import pkgutil
import re

import apps.analysis
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
    compiled = []
    really = re.compile
    monkeypatch.setattr(re, "compile", lambda *given: compiled.append(given) or really(*given))
    word = expression("a+")
    assert compiled == []
    assert word.search("caat").group() == "aa"
    assert word.search("cat").group() == "a"
    assert compiled == [("a+", 0)]


def test_every_expression_of_the_analysis_compiles():
    modules = [
        importlib.import_module(found.name) for found in pkgutil.walk_packages(apps.analysis.__path__, "apps.analysis.")
    ]
    later = type(expression(""))
    found = [value for module in modules for value in vars(module).values() if isinstance(value, later)]
    assert len(found) > 150
    for one in found:
        re.compile(one.pattern, one.flags)
