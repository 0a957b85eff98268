"""Secrets of second steps lie sealed in the database, and open with the keys of this deployment alone."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.utils import decrypt
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.django_db


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


@pytest.fixture
def secret() -> str:
    return generate_totp_secret()


@pytest.fixture
def app(django_user_model, secret):
    TOTP.activate(django_user_model.objects.create_user("ada"), secret)
    return Authenticator.objects.get(type="totp")


def test_codes_cannot_be_made_from_the_database(app, secret):
    assert secret not in str(app.data)
    assert app.wrap().validate_code(code_of(secret))
    codes = RecoveryCodes.activate(app.user)
    (kept,) = Authenticator.objects.filter(type="recovery_codes")
    assert kept.data["seed"].startswith("gAAAA")
    assert kept.wrap().validate_code(codes.get_unused_codes()[0])


def test_they_are_sealed_anew_and_a_lost_one_is_named_and_proves_nobody(app, secret, settings):
    settings.FIELD_KEYS = ["new"]
    call_command("reseal")
    app.refresh_from_db()
    settings.SECRET_KEY = "another"
    assert app.wrap().validate_code(code_of(secret))
    settings.FIELD_KEYS = ["other"]
    with pytest.raises(CommandError, match="of ada"):
        call_command("reseal")
    with pytest.raises(ValidationError):
        app.wrap().validate_code(code_of(secret))


def test_those_set_before_serve_as_they_are_and_are_sealed_with_the_others(app, secret):
    Authenticator.objects.update(data={"secret": secret})
    app.refresh_from_db()
    assert app.wrap().validate_code(code_of(secret))
    call_command("reseal")
    app.refresh_from_db()
    assert secret not in str(app.data)
    assert decrypt(app.data["secret"]) == secret
