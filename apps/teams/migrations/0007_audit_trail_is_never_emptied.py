"""The database refuses to empty the audit trail at one stroke too, which no trigger for single rows sees."""

from django.db import migrations

CREATE = """
CREATE TRIGGER audit_trail_is_never_emptied BEFORE TRUNCATE ON teams_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION teams_refuse_change();
"""
DROP = "DROP TRIGGER audit_trail_is_never_emptied ON teams_auditentry;"


class Migration(migrations.Migration):
    contract = "no version empties the trail"

    dependencies = [
        ('teams', '0006_repository_tokens'),
    ]

    operations = [
        migrations.RunSQL(CREATE, DROP),
    ]
