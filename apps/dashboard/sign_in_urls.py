"""The addresses of signing in and of one's own account: allauth's views that are wanted here, and no others."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as keys
from allauth.socialaccount import views as social
from django.contrib.auth.views import LogoutView
from django.urls import path, re_path

from apps.dashboard.views import passwords
from apps.teams.sign_in import sso

urlpatterns = [
    path("sign-in/", account.login, name="account_login"),
    path("sign-in/closed/", account.account_inactive, name="account_inactive"),
    path("sign-in/passkey/", keys.login_webauthn, name="mfa_login_webauthn"),
    path("sign-in/second-step/", mfa.authenticate, name="mfa_authenticate"),
    path("sign-in/cancelled/", social.login_cancelled, name="socialaccount_login_cancelled"),
    path("sign-in/failed/", social.login_error, name="socialaccount_login_error"),
    path("sign-in/with/<slug:provider_id>/", sso.begin, name="openid_connect_login"),
    path("sign-in/with/<slug:provider_id>/back/", sso.come_back, name="openid_connect_callback"),
    path("sign-in/reset/", passwords.ask, name="account_reset_password"),
    path("sign-in/reset/asked/", passwords.asked, name="account_reset_password_done"),
    path("sign-in/reset/done/", passwords.done, name="account_reset_password_from_key_done"),
    re_path(
        r"^sign-in/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[-\w]+)/$",  # with the dash that allauth puts between them
        passwords.choose,
        name="account_reset_password_from_key",
    ),
    path("sign-out/", LogoutView.as_view(), name="logout"),
    path("account/", mfa.index, name="mfa_index"),
    path("account/password/", passwords.change, name="account_change_password"),
    path("account/confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("account/confirm/code/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("account/confirm/key/", keys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("account/authenticator/", totp.activate_totp, name="mfa_activate_totp"),
    path("account/authenticator/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/recovery-codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("account/recovery-codes/new/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("account/keys/", keys.list_webauthn, name="mfa_list_webauthn"),
    path("account/keys/add/", keys.add_webauthn, name="mfa_add_webauthn"),
    path("account/keys/<int:pk>/name/", keys.edit_webauthn, name="mfa_edit_webauthn"),
    path("account/keys/<int:pk>/remove/", keys.remove_webauthn, name="mfa_remove_webauthn"),
]
