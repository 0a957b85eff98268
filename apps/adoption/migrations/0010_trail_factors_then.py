from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("adoption", "0009_trail")]

    operations = [
        migrations.AddField(
            model_name="trail",
            name="factors_then",
            field=ArrayField(
                ArrayField(models.SmallIntegerField(null=True)),
                default=list,
                help_text="The factors at the beginning of each period that changes are told of; only of projects.",
            ),
        ),
        # Trails that have seen nothing are written again at the next occasion.
        migrations.RunSQL(
            "UPDATE adoption_trail SET seen = 0 WHERE project_id IS NULL AND team_id IS NULL", migrations.RunSQL.noop
        ),
    ]
