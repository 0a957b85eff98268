"""Databases that Django's settings name, each by an engine and what stands beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.code.origins import Origin, Source, origin_of
from apps.analysis.services.clients import Kind
from apps.analysis.services.use import Located, Use, located_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apps.analysis.facts.model import Assign
    from apps.analysis.repository import Facts, File

_ENGINES = {"sqlite3": "SQLite", "postgresql": "PostgreSQL", "postgis": "PostgreSQL", "mysql": "MySQL", "djongo": "MongoDB"}  # fmt: skip
_AROUND = 8  # lines in which the keys of one database stand
_BY_ADDRESS = ("dj_database_url.config", "dj_database_url.parse", "env.db", "env.db_url", "env.dj_db_url")


def uses(facts: Facts) -> Iterator[Use]:
    found = list(_named(facts))
    given = {(use.service, use.places[0].path) for use in found if use.located is Located.ATTACHED}
    for use in found:
        # beside a database that the environment gives, one of this machine is its default
        beside = (use.service, use.places[0].path) in given and use.located is not Located.ATTACHED
        if not (beside and use.service != "SQLite" and use.value in _OF_THIS_MACHINE):
            yield use


_OF_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", ""})


def _named(facts: Facts) -> Iterator[Use]:
    for file, one in facts.assigns(r"^ENGINE$|\[ENGINE\]$", files=facts.scripts):
        engine = origin_of(facts, file, one.value, one.scope, one.line)
        service = _ENGINES.get((engine.literal or "").rsplit(".", 1)[-1]) if "." in (engine.literal or "") else None
        if service:
            yield _use(facts, file, one, service, settable=engine.settable)
    for file, call in facts.calls(*_BY_ADDRESS, files=facts.scripts):
        default = call.kwargs.get("default", "")
        value = default if isinstance(default, str) and not default.startswith("$") else ""
        yield Use(Kind.DATABASE, "an SQL database", Located.ATTACHED, (file.at(call.line),), value)


def _use(facts: Facts, file: File, engine: Assign, service: str, *, settable: bool) -> Use:
    wanted = ("NAME",) if service == "SQLite" else ("HOST", "CLIENT", "NAME")
    beside = {
        one.name: one
        for one in (file.facts.code.assigns if file.facts.code else ())
        if one.how == "key" and one.name in wanted and abs(one.line - engine.line) <= _AROUND
    }
    located = next((beside[name] for name in wanted if name in beside), None)
    here = file.at(engine.line)
    origin = (
        origin_of(facts, file, located.value, located.scope, located.line) if located else Origin(Source.UNKNOWN, here)
    )
    value = "sqlite" if service == "SQLite" else origin.literal or ""
    on_disk = Located.ATTACHED if settable else Located.LOCAL
    how = on_disk if service == "SQLite" else located_by(origin)
    return Use(Kind.DATABASE, service, how, (here, origin.place), value)
