from django.db import migrations

from apps.teams.sealed import seal, unseal


def _each(change):
    def run(apps, editor):
        for row in apps.get_model("mfa", "Authenticator").objects.all():
            words = [word for word in ("secret", "seed") if word in row.data]
            if words:
                row.data |= {word: change(row.data[word]) for word in words}
                row.save(update_fields=["data"])

    return run


class Migration(migrations.Migration):
    dependencies = [("teams", "0007_audit_trail_is_never_emptied"), ("mfa", "0003_authenticator_type_uniq")]
    operations = [migrations.RunPython(_each(seal), _each(unseal))]
