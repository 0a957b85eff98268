import django.contrib.postgres.fields
from django.db import migrations, models

FILL = """
UPDATE adoption_scorecard AS card SET
    factor_scores = ARRAY(
        SELECT (one->>'score')::float8 FROM jsonb_array_elements(factors) WITH ORDINALITY AS t(one, place) ORDER BY place
    ),
    factor_states = ARRAY(
        SELECT one->>'state' FROM jsonb_array_elements(factors) WITH ORDINALITY AS t(one, place) ORDER BY place
    ),
    waived = (SELECT count(*) FROM adoption_standing WHERE project_id = card.project_id AND waived),
    contested = (SELECT count(*) FROM adoption_standing WHERE project_id = card.project_id AND contested)
"""


class Migration(migrations.Migration):
    dependencies = [("adoption", "0007_verdict_reports")]

    operations = [
        migrations.AddField(
            model_name="scorecard",
            name="factor_scores",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.FloatField(null=True), default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="scorecard",
            name="factor_states",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=10), default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="scorecard",
            name="waived",
            field=models.PositiveSmallIntegerField(default=0, help_text="Items under a waiver."),
        ),
        migrations.AddField(
            model_name="scorecard",
            name="contested",
            field=models.PositiveSmallIntegerField(default=0, help_text="Items whose tick contradicts the scan."),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
