"""Services, settings and models of systems in several parts, as their owners read them."""

from __future__ import annotations

import pytest

from apps.analysis.checks.admin_processes import migrations
from apps.catalog import State
from tests.analysis.making import facts_of

API = "from fastapi import FastAPI\napp = FastAPI()\n"
ENTITY = "from sqlalchemy.orm import declarative_base\nBase = declarative_base()\nclass Run(Base):\n    __tablename__ = 'runs'\n"


@pytest.mark.parametrize(
    ("line", "state"),
    [
        ("await connection.run_sync(Base.metadata.create_all)", State.PARTIAL),
        ("await asyncio.to_thread(SQLModel.metadata.create_all, engine)", State.PARTIAL),
        ("await connection.run_sync(Base.metadata.reflect)", State.UNMET),
        ("register(Base.metadata.create_all)", State.UNMET),
    ],
)
def test_what_makes_the_tables_may_be_handed_to_a_connection(line: str, state: State) -> None:
    start = (
        f"from models import Base\nasync def start():\n    async with engine.begin() as connection:\n        {line}\n"
    )
    assert migrations.check(facts_of({"models.py": ENTITY, "main.py": API + start})).state is state
