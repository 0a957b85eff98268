from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("adoption", "0010_trail_factors_then")]

    operations = [
        AddIndexConcurrently(
            "standing", models.Index(fields=["item", "state", "project"], name="standing_by_item")
        ),
    ]
