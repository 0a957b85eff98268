"""No page is left out of those that a browser looks at, for violations of the policy among others."""

from django.test import Client
from django.urls import resolve

from tests.dashboard.routes import ROUTES
from tests.dashboard.tour import ADMIN_PATHS, PATHS, SIGNED_OUT

# Asked for the password again first, in the middle of signing in, or only where mail is set up: test_account.py and
# test_passkeys.py go there.
LOOKED_AT_ELSEWHERE = {
    "account_reset_password", "account_reset_password_done", "account_reset_password_from_key",
    "account_reset_password_from_key_done", "mfa_authenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn",
    "mfa_activate_totp", "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes",
    "mfa_add_webauthn", "mfa_edit_webauthn", "mfa_remove_webauthn", "openid_connect_login", "openid_connect_callback",
    "socialaccount_login_error",
}  # fmt: skip


def test_browsers_look_at_every_page_there_is(world):
    browsed = {resolve(path.partition("?")[0]).url_name for path in [*PATHS, *ADMIN_PATHS, *SIGNED_OUT]}
    signed_in, anybody = Client(), Client()
    signed_in.force_login(world.users["admin"])
    missing = set()
    for pattern, _, address in world.asked:
        if ROUTES[pattern.name][0] is not None and pattern.name not in browsed | LOOKED_AT_ELSEWHERE:
            answers = [client.get(address) for client in (signed_in, anybody)]
            if any(answer.status_code == 200 and b"<html" in b"".join(answer) for answer in answers):
                missing.add(pattern.name)
    assert missing == set()
