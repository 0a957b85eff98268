"""Who may do what, asked for one action or for all at once."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser, User

from apps.teams.access import RULES, Action, actions_of, may, teams_where
from apps.teams.models import Membership, Role, Team

DOCS = Path(__file__).parents[2] / "docs"

pytestmark = pytest.mark.django_db


@pytest.fixture
def fraud():
    return Team.objects.create(name="Fraud", slug="fraud")


def people(team):
    for role in Role.values:
        user = User.objects.create_user(role)
        Membership.objects.create(team=team, user=user, role=role)
        yield user
    yield User.objects.create_user("onlooker")
    yield User.objects.create_superuser("admin")
    yield AnonymousUser()


def test_all_actions_at_once_are_those_one_by_one(fraud, django_assert_max_num_queries):
    for user in people(fraud):
        with django_assert_max_num_queries(1):
            actions = actions_of(user, fraud)
        assert actions == {action for action in Action if may(user, action, fraud)}


def test_only_maintainers_of_the_team_waive(fraud):
    allowed = [user.username for user in people(fraud) if Action.WAIVE in actions_of(user, fraud)]
    assert allowed == ["maintainer", "admin"]


def test_every_action_has_its_rule_and_is_asked_of_teams_and_of_one_team_alike(fraud):
    assert set(RULES) == set(Action)
    for user in people(fraud):
        for action in Action:
            assert teams_where(user, action).contains(fraud) is may(user, action, fraud)


def test_roles_only_ever_add_rights(fraud):
    viewer, member, maintainer, onlooker, admin, nobody = (actions_of(user, fraud) for user in people(fraud))
    assert nobody < onlooker == viewer < member < maintainer < admin == frozenset(Action)


def test_anybody_may_read_where_the_settings_say_so(fraud, settings):
    nobody = AnonymousUser()
    assert actions_of(nobody, fraud) == frozenset()
    settings.PUBLIC_READ = True
    assert actions_of(nobody, fraud) == {Action.VIEW}
    assert may(nobody, Action.VIEW, fraud)
    assert not may(nobody, Action.TICK, fraud)


def test_the_documentation_shows_this_table():
    spec = spec_from_file_location("permissions", DOCS / "permissions.py")
    permissions = module_from_spec(spec)
    spec.loader.exec_module(permissions)
    assert (DOCS / "permissions.md").read_text(encoding="utf-8") == permissions.page()
