"""The command that makes the first admin, and an admin of whoever has an account."""

from django.contrib.auth.models import User
from django.core.management import call_command

from apps.teams.models import AuditEntry
from tests.dashboard.test_sign_in import sign_in


def test_the_command_makes_the_first_admin(client, db, capsys):
    call_command("admin", "root", email="root@example.org")
    password = capsys.readouterr().out.split()[-1]
    assert sign_in(client, "root", password).url == "/"
    assert User.objects.get().is_superuser
    assert AuditEntry.objects.get().deed == "person.added"


def test_the_command_makes_an_account_that_exists_an_admin_and_keeps_its_password(client, bob, capsys):
    User.objects.filter(pk=bob.pk).update(is_active=False)
    call_command("admin", "bob")
    assert capsys.readouterr().out == "bob is an admin now.\n"
    assert sign_in(client).url == "/"
    assert AuditEntry.objects.get().before == {"admin": False, "active": False}


def test_the_command_knows_an_account_however_its_name_is_written(client, bob):
    """Two that differ in that alone would let nobody in."""
    call_command("admin", "BOB")
    assert sign_in(client).url == "/"
    assert User.objects.get().is_superuser
