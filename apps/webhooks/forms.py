"""What people fill in to connect a forge. A token is taken and never shown again."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.webhooks.signatures import Provider

VISIBLE = re.compile(r"[\x21-\x7e]+")


class WebhookForm(forms.Form):
    provider = forms.ChoiceField(choices=Provider.choices)


class TokenForm(forms.Form):
    host = forms.ChoiceField(error_messages={"invalid_choice": _("Choose a host of these projects.")})
    token = forms.CharField(max_length=500, error_messages={"required": _("Paste the token.")})
    username = forms.CharField(max_length=100, required=False)

    def __init__(self, *args: Any, hosts: list[str], **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        field = self.fields["host"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type checker
        field.choices = [(host, host) for host in hosts]

    def clean_token(self) -> str:
        return self._visible("token")

    def clean_username(self) -> str:
        return self._visible("username") if self.cleaned_data["username"] else ""

    def _visible(self, name: str) -> str:
        """What goes into a header holds no space and no control character; a user name no colon either."""
        value: str = self.cleaned_data[name]
        if not VISIBLE.fullmatch(value) or (name == "username" and ":" in value):
            raise forms.ValidationError(_("This has spaces or special characters, which none has."))
        return value
