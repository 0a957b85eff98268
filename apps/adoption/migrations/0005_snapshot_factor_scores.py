from django.db import migrations

TO_SCORES = """
UPDATE adoption_scoresnapshot
SET factors = (SELECT coalesce(jsonb_object_agg(factor->>'slug', factor->'score'), '{}')
               FROM jsonb_array_elements(factors) AS factor)
WHERE jsonb_typeof(factors) = 'array'
"""


class Migration(migrations.Migration):

    dependencies = [
        ('adoption', '0004_history_origin_and_attribution'),
    ]

    operations = [
        migrations.RunSQL(TO_SCORES, migrations.RunSQL.noop),
    ]
