"""A migration leaves the tables fit for the version before it, whose processes go on while it runs."""

import pytest
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.models.fields import NOT_PROVIDED

# The last migrations of the first release: no version before it runs anywhere.
FIRST_RELEASE = {"adoption": 10, "scans": 6, "teams": 6, "webhooks": 1}


def what_breaks_the_version_before(migration):
    """Operations that old code may not survive. `contract = "why it does"` in the migration answers for them."""
    if getattr(migration, "contract", ""):
        return []
    new = {operation.name_lower for operation in migration.operations if isinstance(operation, migrations.CreateModel)}
    return [operation.describe() for operation in migration.operations if not _survives(operation, new)]


def _survives(operation, new):
    if isinstance(operation, migrations.AddField) and operation.model_name_lower not in new:
        # Old code inserts rows without the column, and Django leaves no other default in the database.
        return operation.field.null or operation.field.db_default is not NOT_PROVIDED or operation.field.many_to_many
    harmless = (migrations.CreateModel, AddIndexConcurrently, migrations.AlterModelOptions)
    return isinstance(operation, harmless) or getattr(operation, "model_name_lower", None) in new


def ours():
    loader = MigrationLoader(None)
    return [
        migration
        for (app, name), migration in sorted(loader.disk_migrations.items())
        if type(migration).__module__.startswith("apps.") and int(name[:4]) > FIRST_RELEASE.get(app, 0)
    ]


def test_every_migration_leaves_the_version_before_at_work():
    assert {str(one): broken for one in ours() if (broken := what_breaks_the_version_before(one))} == {}


@pytest.mark.parametrize(
    "operation",
    [
        migrations.AddField("team", "colour", models.CharField(max_length=9, null=True)),
        migrations.AddField("team", "colour", models.CharField(max_length=9, db_default="blue")),
        migrations.CreateModel("Colour", [("id", models.BigAutoField(primary_key=True))]),
        AddIndexConcurrently("team", models.Index(fields=["name"], name="team_by_name")),
    ],
)
def test_what_only_adds_is_fine(operation):
    assert not what_breaks_the_version_before(migration_of(operation))


@pytest.mark.parametrize(
    "operation",
    [
        migrations.AddField("team", "colour", models.CharField(max_length=9, default="blue")),
        migrations.RemoveField("team", "name"),
        migrations.RenameField("team", "name", "title"),
        migrations.AlterField("team", "name", models.CharField(max_length=9)),
        migrations.DeleteModel("team"),
        migrations.AddConstraint("team", models.CheckConstraint(condition=~models.Q(name=""), name="named")),
        migrations.AddIndex("team", models.Index(fields=["name"], name="team_by_name")),
        migrations.RunSQL("DROP TABLE teams_team"),
    ],
)
def test_what_takes_away_or_locks_has_to_give_its_reason(operation):
    assert what_breaks_the_version_before(migration_of(operation))
    assert not what_breaks_the_version_before(migration_of(operation, contract="Nobody reads it since 0.2."))


def migration_of(operation, contract=""):
    return type("Migration", (migrations.Migration,), {"operations": [operation], "contract": contract})("x", "teams")
