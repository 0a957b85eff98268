"""The database itself refuses to change or delete what the audit trail holds, whoever asks through the application."""

from django.db import migrations

CREATE = """
CREATE FUNCTION teams_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER audit_trail_is_append_only BEFORE UPDATE OR DELETE ON teams_auditentry
    FOR EACH ROW EXECUTE FUNCTION teams_refuse_change();
"""
DROP = """
DROP TRIGGER audit_trail_is_append_only ON teams_auditentry;
DROP FUNCTION teams_refuse_change();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('teams', '0003_audit_trail'),
    ]

    operations = [
        migrations.RunSQL(CREATE, DROP),
    ]
