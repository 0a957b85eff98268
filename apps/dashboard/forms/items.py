"""What a person says of an item or of the system: a tick, a waiver, a correction."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.adoption.services import ATTESTATION_LIFE
from apps.catalog import State
from apps.dashboard.words import STATE_WORDS

DECIDED = [(state, word) for state, word in STATE_WORDS.items() if state != State.UNKNOWN]
LONGEST_TICK = timedelta(days=365)
LONGEST_WAIVER = timedelta(days=180)
FIRST_WAIVER = timedelta(days=90)  # what the form offers


def _day() -> forms.DateInput:
    return forms.DateInput({"class": "input", "type": "date"}, format="%Y-%m-%d")


class TickForm(forms.Form):
    """What a person says of one item. `version` is that of the standing the person saw."""

    state = forms.ChoiceField(
        choices=DECIDED,
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=_("Note"),
        max_length=2000,
        help_text=_("What you know and how, so that the next reader can judge it."),
        error_messages={"required": _("Say what you know and how, so that the next reader can judge it.")},
        widget=forms.Textarea({"class": "input", "rows": 2, "autofocus": True}),
    )
    evidence_url = forms.URLField(
        label=_("Link to evidence"),
        max_length=500,
        required=False,
        assume_scheme="https",
        widget=forms.URLInput({"class": "input", "placeholder": "https://"}),
    )
    expires_at = forms.DateField(
        label=_("Holds until"),
        help_text=_("Then the item opens again. At most a year."),
        widget=_day(),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def clean_evidence_url(self) -> str:
        url: str = self.cleaned_data["evidence_url"]
        if url and not url.startswith(("https://", "http://")):
            raise forms.ValidationError(_("Link to a web page, beginning with https://."))
        return url

    def clean_expires_at(self) -> datetime:
        """The end of the chosen day."""
        day = self.cleaned_data["expires_at"]
        today = timezone.localdate()
        if not today < day <= today + LONGEST_TICK:
            raise forms.ValidationError(_("Choose a day between tomorrow and a year from now."))
        return timezone.make_aware(datetime.combine(day, time.max))

    @staticmethod
    def default_end() -> str:
        return (timezone.localdate() + ATTESTATION_LIFE).isoformat()


class WaiverForm(forms.Form):
    """Why an item is left out of the score, and for how long."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=2000,
        help_text=_("Why it is accepted, and what will end it."),
        error_messages={"required": _("Say why, so that the next reader can judge it.")},
        widget=forms.Textarea({"class": "input", "rows": 2, "autofocus": True}),
    )
    until = forms.DateField(
        label=_("Ends on"), help_text=_("At most 180 days. The item counts again the day after."), widget=_day()
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def clean_until(self) -> date:
        day: date = self.cleaned_data["until"]
        today = timezone.localdate()
        if not today <= day <= today + LONGEST_WAIVER:
            raise forms.ValidationError(_("Choose a day between today and 180 days from now."))
        return day

    @staticmethod
    def default_end() -> str:
        return (timezone.localdate() + FIRST_WAIVER).isoformat()


class ReportForm(forms.Form):
    """What a check should have said. `version` is that of the standing the person saw."""

    expected = forms.ChoiceField(
        choices=DECIDED,
        widget=forms.RadioSelect,
        error_messages={"required": _("Say what it should be.")},
    )
    note = forms.CharField(
        label=_("What is wrong"),
        max_length=2000,
        help_text=_("The file that the check missed, or what it took for something else."),
        error_messages={"required": _("Say what the check missed, so that it can be mended.")},
        widget=forms.Textarea({"class": "input", "rows": 2, "autofocus": True}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, verdict: str, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        expected = self.fields["expected"]
        assert isinstance(expected, forms.ChoiceField)  # noqa: S101 - tells the type checker
        expected.choices = [choice for choice in DECIDED if choice[0] != verdict]


class CorrectionForm(forms.Form):
    """Whether a claim about the system holds. `version` is that of the claim the person saw."""

    holds = forms.ChoiceField(choices=[("yes", _("Yes")), ("no", _("No"))], widget=forms.RadioSelect)
    version = forms.IntegerField(widget=forms.HiddenInput)
