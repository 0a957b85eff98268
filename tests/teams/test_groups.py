"""What groups mean: rules that cannot be read are refused when the deployment starts."""

import pytest

from apps.teams.checks import single_sign_on
from apps.teams.sign_in.groups import GroupRule


def test_rules_are_read():
    assert GroupRule.read("/ml/fraud leads=fraud:maintainer") == GroupRule("/ml/fraud leads", "fraud", "maintainer")
    assert GroupRule.read(" root = admin".replace(" = ", "=")) == GroupRule("root")


@pytest.mark.parametrize("text", ["", "fraud", "a=b", "a=b:owner", "a=b:c:d", "=admin", "a=:member", "a=b:"])
def test_what_is_no_rule_is_refused(text):
    with pytest.raises(ValueError, match="no rule of groups"):
        GroupRule.read(text)


def test_settings_that_cannot_be_meant_are_refused(settings):
    assert single_sign_on(None) == []
    settings.OIDC_GROUPS, settings.OIDC_ISSUER = ["a=fraud:member", "b=fraud:owner"], "http://login.example.org"
    assert [error.id for error in single_sign_on(None)] == ["teams.E001", "teams.E002"]
    settings.OIDC_GROUPS, settings.OIDC_ISSUER = [], "http://localhost:8080/realms/one"
    assert single_sign_on(None) == []
