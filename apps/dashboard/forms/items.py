"""What a person says of an item or of the system: a tick, a waiver, a correction."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone

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
        max_length=2000,
        help_text="What you know and how, so that the next reader can judge it.",
        error_messages={"required": "Say what you know and how, so that the next reader can judge it."},
        widget=forms.Textarea({"class": "input", "rows": 2, "autofocus": True}),
    )
    evidence_url = forms.URLField(
        label="Link to evidence",
        max_length=500,
        required=False,
        assume_scheme="https",
        widget=forms.URLInput({"class": "input", "placeholder": "https://"}),
    )
    expires_at = forms.DateField(
        label="Holds until",
        help_text="Then the item opens again. At most a year.",
        widget=_day(),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def clean_evidence_url(self) -> str:
        url: str = self.cleaned_data["evidence_url"]
        if url and not url.startswith(("https://", "http://")):
            raise forms.ValidationError("Link to a web page, beginning with https://.")
        return url

    def clean_expires_at(self) -> datetime:
        """The end of the chosen day."""
        day = self.cleaned_data["expires_at"]
        today = timezone.localdate()
        if not today < day <= today + LONGEST_TICK:
            raise forms.ValidationError("Choose a day between tomorrow and a year from now.")
        return timezone.make_aware(datetime.combine(day, time.max))

    @staticmethod
    def default_end() -> str:
        return (timezone.localdate() + ATTESTATION_LIFE).isoformat()


class WaiverForm(forms.Form):
    """Why an item is left out of the score, and for how long."""

    reason = forms.CharField(
        max_length=2000,
        help_text="Why it is accepted, and what will end it.",
        error_messages={"required": "Say why, so that the next reader can judge it."},
        widget=forms.Textarea({"class": "input", "rows": 2, "autofocus": True}),
    )
    until = forms.DateField(
        label="Ends on", help_text="At most 180 days. The item counts again the day after.", widget=_day()
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def clean_until(self) -> date:
        day: date = self.cleaned_data["until"]
        today = timezone.localdate()
        if not today <= day <= today + LONGEST_WAIVER:
            raise forms.ValidationError("Choose a day between today and 180 days from now.")
        return day

    @staticmethod
    def default_end() -> str:
        return (timezone.localdate() + FIRST_WAIVER).isoformat()


class ReportForm(forms.Form):
    """What a check should have said. `version` is that of the standing the person saw."""

    expected = forms.ChoiceField(
        choices=DECIDED,
        widget=forms.RadioSelect,
        error_messages={"required": "Say what it should be."},
    )
    note = forms.CharField(
        label="What is wrong",
        max_length=2000,
        help_text="The file that the check missed, or what it took for something else.",
        error_messages={"required": "Say what the check missed, so that it can be mended."},
        widget=forms.Textarea({"class": "input", "rows": 2, "autofocus": True}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, verdict: str, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        expected = self.fields["expected"]
        assert isinstance(expected, forms.ChoiceField)  # noqa: S101 - tells the type checker
        expected.choices = [choice for choice in DECIDED if choice[0] != verdict]


class CorrectionForm(forms.Form):
    """Whether a claim about the system holds."""

    holds = forms.ChoiceField(choices=[("yes", "Yes"), ("no", "No")], widget=forms.RadioSelect)
