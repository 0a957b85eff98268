"""A token opens repositories of its host for its owner, and is shown to nobody."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection

from apps.repositories.environment import Egress, fetching_environment
from apps.repositories.policy import Address
from apps.teams.models import AuditEntry, Project, RepositoryToken, Team
from apps.teams.tokens import credential_for, remove_token, set_token

pytestmark = pytest.mark.django_db
HOST = "forge.example"


@pytest.fixture
def alice():
    return User.objects.create_user("alice")


@pytest.fixture
def system():
    team = Team.objects.create(name="Fraud", slug="fraud")
    return Project.objects.create(team=team, name="scorer", slug="scorer", url=f"https://{HOST}/x/scorer")


def test_a_projects_own_token_goes_before_its_teams_and_no_other_host_gets_one(system, alice):
    assert credential_for(system, HOST) is None
    set_token(owner=system.team, host=HOST, token="of-the-team", by=alice)
    assert credential_for(system, HOST).token == "of-the-team"
    set_token(owner=system, host=HOST, token="of-the-project", username="deploy", by=alice)
    assert (credential_for(system, HOST).username, credential_for(system, HOST).token) == ("deploy", "of-the-project")
    assert credential_for(system, "evil.example") is None
    assert credential_for(system, "") is None
    remove_token(owner=system, host=HOST, by=alice)
    assert credential_for(system, HOST).token == "of-the-team"


def test_another_team_gets_no_token(system, alice):
    set_token(owner=system.team, host=HOST, token="secret", by=alice)
    other = Project.objects.create(
        team=Team.objects.create(name="Search", slug="search"), name="x", slug="x", url=system.url
    )
    assert credential_for(other, HOST) is None


def test_a_new_token_takes_the_place_of_the_older_one(system, alice):
    for token in ("old", "new"):
        set_token(owner=system, host=HOST, token=token, by=alice)
    assert credential_for(system, HOST).token == "new"
    assert RepositoryToken.objects.count() == 1


def test_a_token_has_one_owner(system, alice):
    token = set_token(owner=system, host=HOST, token="secret", by=alice)
    with pytest.raises(IntegrityError):
        RepositoryToken.objects.filter(pk=token.pk).update(team=system.team)


def test_a_token_stands_in_no_row_no_repr_and_no_audit_entry(system, alice):
    set_token(owner=system, host=HOST, token="hunter2hunter2", by=alice)
    with connection.cursor() as cursor:
        cursor.execute("SELECT teams_repositorytoken::text FROM teams_repositorytoken")
        stored = cursor.fetchone()[0]
    credential = credential_for(system, HOST)
    entries = [str(vars(entry)) for entry in AuditEntry.objects.all()]
    assert len(entries) == 1
    assert "hunter2" not in stored + repr(credential) + str(credential) + "".join(entries)


def test_a_token_is_given_to_git_through_its_environment_for_the_one_host(system, alice):
    set_token(owner=system, host=HOST, token="hunter2", by=alice)
    address = Address(system.url, HOST, ("1.1.1.1",))
    given = fetching_environment(address, Path("/m"), Egress(credential=credential_for(system, HOST)))
    without = fetching_environment(address, Path("/m"))
    config = {
        given[f"GIT_CONFIG_KEY_{n}"]: given[f"GIT_CONFIG_VALUE_{n}"] for n in range(int(given["GIT_CONFIG_COUNT"]))
    }
    assert config["http.https://forge.example:443/.extraHeader"] == "Authorization: Basic eC10b2tlbi1hdXRoOmh1bnRlcjI="
    assert config["http.followRedirects"] == "false"
    assert not any("extraHeader" in value for value in without.values())
