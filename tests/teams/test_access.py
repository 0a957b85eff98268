"""Who may do what, asked for one action or for all at once."""

import pytest
from django.contrib.auth.models import AnonymousUser, User

from apps.teams.access import Action, actions_of, may
from apps.teams.models import Membership, Role, Team

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
