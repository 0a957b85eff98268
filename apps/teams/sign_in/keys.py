"""Forms that take what a security key answers, from whoever sends it: what is none is told in place."""

from __future__ import annotations

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn import forms
from django.forms import Form


class _Careful(Form):
    """allauth reads most of what is no answer as an error of its own."""

    def full_clean(self) -> None:
        try:
            super().full_clean()
        except (KeyError, TypeError, ValueError, RecursionError):
            self.data = {name: self.data.get(name) for name in self.fields} | {"credential": ""}  # a page would read it
            self.add_error("credential", get_adapter().validation_error("incorrect_code"))


class SignInByKey(_Careful, forms.LoginWebAuthnForm):  # type: ignore[misc] # allauth has no types
    pass


class AuthenticateByKey(_Careful, forms.AuthenticateWebAuthnForm):  # type: ignore[misc]
    pass


class ConfirmByKey(_Careful, forms.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    pass


class AddKey(_Careful, forms.AddWebAuthnForm):  # type: ignore[misc]
    pass
