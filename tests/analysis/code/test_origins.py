"""Where values come from, for the ways in which Python programs are given them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from apps.analysis.code.origins import MOST_ASKED, Origin, Source, _Resolver, origin_of_argument
from apps.analysis.engine import assemble
from apps.analysis.files import Pack
from apps.analysis.snapshot import MemorySnapshot
from tests.analysis.making import facts_of

if TYPE_CHECKING:
    from apps.analysis.engine import Tree
    from apps.analysis.repository import Facts

_PATH = "from pathlib import Path\n"


def origin(source: str, **others: str) -> Origin:
    return _of_connect(facts_of({"app.py": source} | {f"{name}.py": text for name, text in others.items()}))


def _of_connect(facts: Facts) -> Origin:
    """The origin of the first argument of the only call of `connect` in `app.py`."""
    [(file, call)] = [pair for pair in facts.calls("connect", "*.connect") if pair[0].path == "app.py"]
    return origin_of_argument(facts, file, call, 0, "url")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("connect('postgres://db/x')", Source.LITERAL),
        ("connect('data/app.db')", Source.LOCAL_PATH),
        ("connect('sqlite:///app.db')", Source.LOCAL_PATH),
        ("import os\nconnect('sqlite:///' + os.path.join(app.instance_path, 'app.db'))", Source.LOCAL_PATH),
        ("import os\nconnect('sqlite:///' + os.path.join(os.environ['DATA'], 'app.db'))", Source.ENVIRONMENT),
        ("import os\nconnect('postgres://' + os.path.join(app.host, 'app'))", Source.UNKNOWN),
        ("import os\nconnect(os.getenv('A'))", Source.ENVIRONMENT),
        ("import os\nconnect(os.environ['A'])", Source.ENVIRONMENT),
        ("from os import environ\nconnect(environ.get('A'))", Source.ENVIRONMENT),
        ("from decouple import config\nconnect(config('A'))", Source.ENVIRONMENT),
        ("import os\nU = os.environ.get('A') or 'x'\nconnect(U)", Source.ENVIRONMENT),
        ("import os\nH = os.environ['H']\nconnect(f'redis://{H}:6379/0')", Source.ENVIRONMENT),
        ("import os\nconnect('redis://' + os.environ['H'])", Source.ENVIRONMENT),
        ("import os\nconnect('s3://our-bucket/' + os.environ['USER'])", Source.LITERAL),
        ("import os\nconnect(os.path.join(os.environ['ROOT'], 'a.db'))", Source.ENVIRONMENT),
        ("import os\nconnect(os.path.join(os.path.dirname(__file__), 'a.db'))", Source.LOCAL_PATH),
        ("import yaml\ncfg = yaml.safe_load(open('c.yml'))\nconnect(cfg['db']['url'])", Source.CONFIG_FILE),
        (
            "import os\ndef setting(key, default=None):\n    return os.getenv(key) or default\ndef url():\n"
            "    return setting('DATABASE_URL', default='postgres://localhost/x')\nconnect(url())",
            Source.ENVIRONMENT,
        ),
        (
            "def setting(key, default=None):\n    return default\n"
            "def url():\n    return setting('URL', 'x')\nconnect(url())",
            Source.UNKNOWN,
        ),
        ("import sys\nconnect(sys.argv[1])", Source.FLAG),
        ("import typer\ndef main(url: str = typer.Option('x')):\n    connect(url)", Source.FLAG),
        ("import click\n@click.command()\n@click.option('--url')\ndef main(url):\n    connect(url)", Source.FLAG),
        ("from prefect import flow\n@flow\ndef run(url='x'):\n    connect(url)", Source.PARAMETER),
        ("from absl import flags\nFLAGS = flags.FLAGS\nconnect(FLAGS.url)", Source.FLAG),
        ("import hydra\n@hydra.main()\ndef main(cfg):\n    connect(cfg.db.url)", Source.FLAG),
        (f"{_PATH}D = Path(__file__).parent.parent / 'data'\nconnect(D / 'a.db')", Source.LOCAL_PATH),
        (
            "from pathlib import Path\nD = Path(__file__).resolve().parents[1]\nP = D.parent / 'a'\nconnect(str(P))",
            Source.LOCAL_PATH,
        ),
        (
            "import os\nfrom pathlib import Path\nD = Path(os.environ['D']).resolve().parent\nconnect(D / 'a')",
            Source.ENVIRONMENT,
        ),
        ("P = {'a': 'data/a.db', 'b': 'data/b.db'}\nQ = {'c': 'postgres://db/x'}\nconnect(P[key])", Source.LOCAL_PATH),
        ("def run(node):\n    connect(node.parent)", Source.UNKNOWN),
        ("connect(unheard_of)", Source.UNKNOWN),
    ],
)
def test_a_value_is_told_by_what_reads_it(source: str, expected: Source) -> None:
    assert origin(source).source is expected


def test_a_default_is_kept_with_the_variable_that_overrides_it() -> None:
    found = origin("import os\nURL = os.getenv('A', 'redis://prod:6379')\n\nconnect(URL)")

    assert (found.source, found.literal, found.place.line) == (Source.ENVIRONMENT, "redis://prod:6379", 2)


def test_a_path_beside_the_code_is_told_with_what_it_names() -> None:
    found = origin("from pathlib import Path\nHERE = Path(__file__).parent\nconnect(HERE / 'models' / 'a.pkl')")

    assert found.literal == "__file__/models/a.pkl"


def test_a_parsed_argument_leads_to_its_declaration() -> None:
    found = origin(
        "import argparse\n"
        "parser = argparse.ArgumentParser()\n"
        "parser.add_argument('--db-url', default='localhost')\n"
        "args = parser.parse_args()\n"
        "connect(args.db_url)\n"
    )

    assert (found.source, found.literal, found.place.line) == (Source.FLAG, "localhost", 3)


def test_a_field_of_a_settings_class_comes_from_the_environment() -> None:
    settings = (
        "from pydantic_settings import BaseSettings\n"
        "class Settings(BaseSettings):\n"
        "    db_url: str = 'postgres://localhost'\n"
        "settings = Settings()\n"
    )
    found = origin("from settings import settings\nconnect(settings.db_url)", settings=settings)

    assert (found.source, found.literal, found.place.path) == (
        Source.ENVIRONMENT,
        "postgres://localhost",
        "settings.py",
    )


def test_a_name_is_followed_into_the_module_that_defines_it() -> None:
    assert (
        origin("from constants import URL\nconnect(URL)", constants="URL = 'http://10.0.0.1'\n").literal
        == "http://10.0.0.1"
    )
    assert origin("import constants\nconnect(constants.URL)", constants="import os\nURL = os.getenv('U')\n").settable


def test_a_parameter_is_followed_to_its_callers() -> None:
    client = (
        "class Client:\n"
        "    def __init__(self, url):\n"
        "        self.url = url\n"
        "    def open(self):\n"
        "        connect(self.url)\n"
    )

    assert origin(client, main="from app import Client\nClient('http://10.0.0.1')\n").literal == "http://10.0.0.1"
    assert (
        origin(client, main="import os\nfrom app import Client\nClient(url=os.environ['U'])\n").source
        is Source.ENVIRONMENT
    )


def test_of_several_callers_the_one_that_cannot_be_changed_decides() -> None:
    source = "import os\ndef use(url):\n    connect(url)\nuse(os.environ['U'])\nuse('http://10.0.0.1')\n"

    assert origin(source).source is Source.LITERAL


def test_globals_that_a_configurator_overrides_are_flags() -> None:
    assert origin("url = 'x'\nexec(open('configurator.py').read())\nconnect(url)\n").source is Source.FLAG


def test_names_that_refer_to_each_other_end_as_unknown() -> None:
    assert origin("a = b\nb = a\nconnect(a)").source is Source.UNKNOWN


def test_an_answer_does_not_depend_on_what_was_asked_before() -> None:
    names = "".join(f"x{n} = x{n - 1}\n" for n in range(1, 14))
    source = f"x0 = 'postgres://db/x'\n{names}near(x6)\nfar(x13)\n"

    def origins(*asked: str) -> dict[str, Source]:
        facts = facts_of({"app.py": source})
        calls = {call.name: (file, call) for file, call in facts.calls("near", "far")}
        return {name: origin_of_argument(facts, *calls[name], 0).source for name in asked}

    assert origins("near", "far") == origins("far", "near")


_CALLS = "import os\nfrom app import run\nrun({})\n"
_MAKES = "class Settings(BaseSettings):\n    def url(self): return of(self)"


@pytest.mark.parametrize(
    ("source", "path", "before", "after"),
    [
        ("connect(url())", "urls.py", "import os\ndef url(): return os.getenv('U')", "url = None"),
        ("u = url()\nconnect(u)", "urls.py", "import os\ndef url(): return os.getenv('U')", "url = None"),
        ("import urls\nconnect(urls.URL)", "urls.py", "import os\nURL = os.environ['U']", "URL = 'postgres://db/x'"),
        ("connect(settings.url)", "kept.py", "class Settings(BaseSettings):\n    url: str = 'x'", "url = 'x'"),
        ("connect(settings.url())", "kept.py", _MAKES, f"\n{_MAKES}"),
        ("connect(args.url)", "flags.py", "add_argument('--url', default='a')", "\nadd_argument('--url', default='b')"),
        ("connect(FLAGS.url)", "flags.py", "DEFINE_string('url', 'a', '')", "DEFINE_string('url', 'b', '')"),
        ("", "app.py", "u = 'redis://db'\nconnect(u)", "u = 'data/a.db'\nconnect(u)"),
        ("def run(url):\n    connect(url)", "main.py", _CALLS.format("os.environ['U']"), _CALLS.format("'redis://db'")),
        ("connect(cfg.url)", "main.py", "import hydra\n@hydra.main()\ndef main(cfg): pass", "def main(cfg): pass"),
    ],
)  # fmt: skip
def test_what_is_known_of_a_neighbour_holds_as_long_as_the_files_do_that_it_rests_on(
    source: str, path: str, before: str, after: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[str] = []
    follow = _Resolver._expression

    def expression(self: _Resolver, at: Any, text: str, depth: int) -> Origin:
        looked_at.append(text)
        return follow(self, at, text, depth)

    monkeypatch.setattr(_Resolver, "_expression", expression)
    pack = Pack.unpack(b"")

    def asked(other: str, beside: str, neighbour: Tree | None) -> tuple[Tree, Origin]:
        snapshot = MemorySnapshot({"app.py": source, path: other, "beside.py": beside})
        tree = assemble(snapshot, pack=pack, neighbour=neighbour)
        pack.turn()
        looked_at.clear()
        return tree, _of_connect(tree.facts)

    first, known = asked(before, "a = 1", None)
    second, again = asked(before, "a = 2", first)
    assert again == known
    assert not looked_at
    _, changed = asked(after, "a = 2", second)
    assert changed == _of_connect(facts_of({"app.py": source, path: after, "beside.py": "a = 2"})) != known


def test_what_was_found_within_a_cycle_is_found_anew_in_the_next_commit() -> None:
    """It depends on where the cycle was entered, and that may have been in a file that is gone."""
    defaults = {"a": "args.b", "b": "args.a or args.c", "c": "'z'"}
    flags = "\n".join(f"add_argument('--{name}', default={value})" for name, value in defaults.items())
    pack = Pack.unpack(b"")
    first = assemble(MemorySnapshot({"flags.py": flags, "app.py": "connect(args.b)"}), pack=pack)
    _of_connect(first.facts)
    pack.turn()
    after = {"flags.py": flags, "app.py": "\nconnect(args.a)"}
    second = assemble(MemorySnapshot(after), pack=pack, neighbour=first)
    assert _of_connect(second.facts) == _of_connect(facts_of(after))
    assert _of_connect(second.facts).literal == "z"


def test_an_answer_that_rests_on_many_names_keeps_none_of_them() -> None:
    """Thousands of values that each rest on thousands of names would fill the memory."""
    tens = range(MOST_ASKED // 10)
    parts = [f"v{ten} = {' or '.join(f'x.n{ten}{one}' for one in range(10))}" for ten in tens]
    whole = f"whole = {' or '.join(f'v{ten}' for ten in tens)}"
    facts = facts_of({"app.py": "\n".join([*parts, whole, "connect(whole)"])})
    _of_connect(facts)
    asked = [len(one.asked) for one in facts.once(_Resolver)._known.values()]
    assert 20 < max(asked) < MOST_ASKED
