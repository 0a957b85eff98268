"""Schemas are changed by versioned migrations.

## What it does
Looks for a schema of the system's own (tables, collections, entities) and for the tool that changes it: Alembic, Django,
Flyway, Liquibase, dbt, Prisma, Drizzle, Knex, golang-migrate, yoyo, Aerich, Piccolo…

*Met* when a versioned migration tool is used. *Partial* when SQL scripts are run by hand, when
tables and collections are made where they are missing (`create_all()`, `CREATE TABLE` in code, Hibernate's `ddl-auto`, a
Prisma schema that is pushed, Django's `migrate` without migrations in the repository), when one service versions its
schema and another one does not, or when dbt versions what it derives and the tables that it reads are made by hand.
*Unmet* when a schema exists and nothing manages it. *Not applicable* when the system has no schema of its own.

## Why it matters
Features, labels and predictions outlive releases. A schema whose changes are versioned can be brought to any release, on
every environment, by one command.

## How to adopt it
```shell
# before: Base.metadata.create_all(engine) at start
# after, as a one-off before the release
alembic upgrade head
```

## References
- The Twelve-Factor App, XII. Admin processes: https://12factor.net/admin-processes
- Alembic tutorial: https://alembic.sqlalchemy.org/en/latest/tutorial.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.expressions import expression
from apps.analysis.findings import Effort, finding
from apps.analysis.repository import places
from apps.analysis.running import starts
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.facts.model import Call
    from apps.analysis.findings import Evidence, Finding
    from apps.analysis.repository import Facts, File

_FILES = (
    r"(^|/)(alembic\.ini|dbt_project\.yml|flyway\.(conf|toml)|liquibase\.properties|schema\.prisma|aerich\.ini|atlas\.hcl|sqitch\.(conf|plan)|drizzle\.config\.[jt]s|piccolo_conf\.py|yoyo\.ini|knexfile\.[jt]s)$"
    r"|(^|/)(alembic|migrations?)/(versions/)?(?!__init__)(?=\w*\d{3})\w++\.(py|sql|js|ts)$|(^|/)(alembic|migrations?)/(versions/|env\.py)|/V\d+(_\d+)*__[^/]+\.sql$|\.(up|down)\.sql$|(^|/)[Mm]igrations/\d{14}_\w+\.cs$|(^|/)db/changelog|(^|/)db\.changelog[\w.-]*\.xml$|(^|/)(db|database|liquibase|migrations?)/([\w.-]+/){0,4}changelog[\w.-]*\.xml$|(^|/)migrations/[^/]+/(up|down)\.sql$|(^|/)prisma/migrations/"
)
_OF_PRISMA = expression(r"(^|/)migrations/.")
_CREATES = (
    "*.create_all", "*.create_tables", "*.create_collection", "*.recreate_collection", "*.CollectionSchema", "*.create_class", "*.indices.create", "*.create_hypertable", "*.ensure_indexes", "*.create_index", "*.init_db",
    "*.init_beanie", "*.create_table", "*.create_or_update_index", "*.to_sql",
)  # fmt: skip

# What calls the function that it is given, elsewhere than in the loop of events.
_RUNS_OTHERS = ("*.run_sync", "*.to_thread", "*.run_in_executor", "*.run_in_threadpool")
_HANDED = ("metadata.create_all", "db.create_all", ".create_tables")


def check(facts: Facts) -> Finding:
    if not facts.profile.schema.holds:
        return finding(State.NA, "The system has no schema of its own.")
    files = facts.named(_FILES)
    if not any(_OF_PRISMA.search(file.path) for file in files) and not facts.commands(r"\bprisma migrate\b"):
        files = [file for file in files if file.name != "schema.prisma"]  # pushed as it is, with no versions
    by_hand = [file.at() for file in files if _PLAIN.search(file.path)] if not _tools(facts) else []
    versioned = [
        *(file.at() for file in files if file.at() not in by_hand),
        *places(
            facts.imports(
                "alembic",
                "django.db.migrations",
                "flask_migrate",
                "yoyo",
                "peewee_migrate",
                "aerich",
                "playhouse.migrate",
            )
        ),
    ]
    versioned += places(facts.leaves(r"(^|/)pyproject\.toml$", "tool", "aerich", "**"))
    versioned += places(facts.leaves(r"\.(ya?ml|json)$", "databaseChangeLog", "**"))  # of Liquibase
    beside = _beside_models(facts, versioned)
    if beside:
        return finding(
            State.PARTIAL,
            f"dbt makes what is derived (`{versioned[0].path}`), the tables that it reads are made by hand (`{beside[0].path}`).",
            [*versioned[:1], *beside],
            remedy="Version the raw tables, too: by a migration tool, or as seeds and sources that one command loads.",
            effort=Effort.DAYS,
        )
    apart = _apart(facts, versioned)
    if apart:
        return finding(
            State.PARTIAL,
            f"`{versioned[0].path}` versions the schema of one part; another one is made where it is missing (`{apart[0].path}:{apart[0].line}`).",
            [*versioned[:1], *apart],
            remedy="Version the schemas of all services.",
            effort=Effort.DAYS,
        )
    if versioned:
        return finding(State.MET, f"Schema changes are versioned: `{versioned[0].path}`.", versioned)
    created = [*by_hand, *_created(facts)]
    remedy = "Introduce a migration tool (for SQLAlchemy: Alembic) and run it as a one-off command before each release."
    if by_hand:
        return finding(
            State.PARTIAL, f"SQL scripts are numbered (`{by_hand[0].path}`), but no tool says which of them were applied.", created,
            remedy=remedy, effort=Effort.DAYS,
        )  # fmt: skip
    if created:
        return finding(
            State.PARTIAL,
            f"The schema is created where it is missing, but its changes are not versioned: `{created[0].path}:{created[0].line}`.",
            created,
            remedy=remedy,
            effort=Effort.DAYS,
        )
    return finding(
        State.UNMET,
        "A schema is defined, but nothing creates or migrates it.",
        facts.profile.schema.evidence,
        remedy=remedy,
        effort=Effort.DAYS,
    )


_OF_MIGRATIONS = expression(r"/?(alembic|migrations?|versions|prisma|db|database|sql|flyway|liquibase|supabase)(/.*)?$")


def _apart(facts: Facts, versioned: list[Evidence]) -> list[Evidence]:
    """Schemas that other services make, where migrations lie in the folder of one service only."""
    services = {file.folder for file in starts.system_images(facts) if file.folder}
    roots = {_OF_MIGRATIONS.sub("", place.path.rpartition("/")[0]) for place in versioned}
    covered = {next((one for one in _and_above(root) if one in services), "") for root in roots}
    others = services - covered
    if not covered or "" in covered:
        return []
    return [place for place in _created(facts) if not others.isdisjoint(_and_above(place.path.rpartition("/")[0]))]


def _and_above(folder: str) -> list[str]:
    parts = folder.split("/")
    return ["/".join(parts[:n]) for n in range(len(parts), 0, -1)]


def _beside_models(facts: Facts, versioned: list[Evidence]) -> list[Evidence]:
    """Tables that scripts make where dbt is the only tool: it versions what it derives of them."""
    dbt = {place.path.removesuffix("dbt_project.yml") for place in versioned if place.path.endswith("dbt_project.yml")}
    if not dbt or len(dbt) < len(versioned):
        return []
    return [
        place for place in _created(facts) if not (place.path.startswith(tuple(dbt)) and place.path.endswith(".sql"))
    ]


# Scripts that any tool or person may run; the others are named or placed as one tool asks.
_PLAIN = expression(r"^(?!.*(supabase|prisma|drizzle|alembic)/)(?!.*([./](up|down)\.sql|/V\d+(_\d+)*__[^/]+)$).*\.sql$")
_TOOLS = (
    "node-pg-migrate", "db-migrate", "postgrator", "umzug", "knex", "kysely", "sequelize-cli", "typeorm", "drizzle-kit", "postgres-migrations", "@databases/pg-migrations", "yoyo-migrations", "flyway-core", "liquibase-core", "quarkus-flyway", "quarkus-liquibase", "liquibase-hibernate",
)  # fmt: skip


def _tools(facts: Facts) -> list[Evidence]:
    """Tools that apply numbered scripts and keep which were applied."""
    declared = [(file, one) for file, one in facts.dependencies if one.name.endswith(_TOOLS)]
    run = facts.commands(r"\b(migrate|dbmate|goose|sqlx|flyway|sqitch|yoyo|supabase|wrangler|tern|refinery)\b")
    composed = facts.leaves(r"\.ya?ml$", "**", "image", value=r"migrate|flyway|liquibase|dbmate")
    kept = facts.texts(r"\b(schema_(migrations|versions?)|applied_migrations|migrations_applied)\b")
    marked = [file.at(line) for file, line, _ in facts.signals("migration-mark")]
    return [*places(declared), *places(run), *places(composed), *places(kept), *marked]


def _is_handed(_: File, call: Call) -> bool:
    """Whether what makes the tables is handed over to be called: `await connection.run_sync(Base.metadata.create_all)`."""
    return any(isinstance(one, str) and one.endswith(_HANDED) for one in call.args)


def _created(facts: Facts) -> list[Evidence]:
    automatic = facts.leaves(r"application[\w-]*\.(properties|ya?ml)$", value=r"^(update|create|create-drop)$")
    scripts = [file.at(line) for file, line, _ in facts.signals("schema", r"TABLE|VIEW|SCHEMA|DATABASE")]
    mounted = facts.leaves(r"\.ya?ml$", "**", "volumes", "**", value="/docker-entrypoint-initdb")
    made = facts.signals("schema-made")
    django = facts.commands(r"\bmanage\.py (?:makemigrations|migrate)\b")  # without files, made anew wherever it runs
    queries = facts.texts(r"\bCREATE\s+(?:OR\s+REPLACE\s+)?TABLE\b")
    return [
        *places([pair for pair in automatic if "ddl" in pair[1].keys[-1]]),
        *places(facts.calls(*_CREATES)),
        *places(facts.calls(*_RUNS_OTHERS, where=_is_handed)),
        *scripts,
        *places(mounted),
        *places(django),
        *(file.at() for file in facts.named(r"(^|/)schema\.prisma$")),
        *places(queries),
        *(file.at(line) for file, line, _ in made),
    ]
