"""What people fill in: a new project, a tick, a correction."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.utils import timezone

from apps.adoption.services import ATTESTATION_LIFE
from apps.catalog import State
from apps.dashboard.words import STATE_WORDS
from apps.repositories.errors import AddressRefused
from apps.repositories.policy import check_address
from apps.teams.access import Action, teams_where
from apps.teams.models import Project, Team

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

# What git itself refuses in the name of a branch, and a leading dash, which a command could take for an option.
BAD_BRANCH = re.compile(r"^[-/]|[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/$|\.lock$|\.$")
TAG = re.compile(r"[\w][\w .+-]{0,29}")
LONGEST_TICK = timedelta(days=365)


def _text(*, mono: bool = False, **attributes: str) -> forms.TextInput:
    return forms.TextInput({"class": "input mono" if mono else "input", "autocomplete": "off", **attributes})


class SignInForm(AuthenticationForm):
    """Django's own, in our looks."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = "input"


class AddProjectForm(forms.Form):
    """A repository to score. Only teams in which the person may add projects are offered."""

    url = forms.CharField(
        label="Repository address",
        max_length=500,
        help_text="As for git clone, beginning with https://.",
        widget=_text(mono=True, inputmode="url", spellcheck="false", autofocus="", **{"data-names": "id_name"}),
    )
    team = forms.ModelChoiceField(Team.objects.none(), empty_label=None, widget=forms.Select({"class": "select"}))
    name = forms.CharField(
        max_length=100, required=False, help_text="Empty: the last part of the address.", widget=_text()
    )
    branch = forms.CharField(
        max_length=200, required=False, help_text="Empty: the repository's default branch.", widget=_text(mono=True)
    )
    subfolder = forms.CharField(
        label="Sub-folder",
        max_length=300,
        required=False,
        help_text="The folder that is the system, in a repository of several.",
        widget=_text(mono=True),
    )
    tags = forms.CharField(
        max_length=300, required=False, help_text="Separated by commas: online, gpu, tier-1.", widget=_text()
    )

    def __init__(self, *args: Any, user: User | AnonymousUser, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        teams = self.fields["team"]
        assert isinstance(teams, forms.ModelChoiceField)  # noqa: S101 - tells the type checker
        teams.queryset = teams_where(user, Action.ADD_PROJECT)

    def clean_url(self) -> str:
        try:
            return check_address(self.cleaned_data["url"], local_roots=settings.LOCAL_REPOSITORY_ROOTS).url
        except AddressRefused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal

    def clean_branch(self) -> str:
        branch: str = self.cleaned_data["branch"]
        if branch and BAD_BRANCH.search(branch):
            raise forms.ValidationError("That is not the name of a branch.")
        return branch

    def clean_subfolder(self) -> str:
        folder = PurePosixPath(self.cleaned_data["subfolder"].strip("/"))
        if ".." in folder.parts or any(ord(character) < 32 for character in str(folder)):
            raise forms.ValidationError("Name a folder inside the repository, like services/ranker.")
        return "" if str(folder) == "." else str(folder)

    def clean_tags(self) -> list[str]:
        tags = [tag for tag in (part.strip().lower() for part in self.cleaned_data["tags"].split(",")) if tag]
        if not all(TAG.fullmatch(tag) for tag in tags):
            raise forms.ValidationError("A tag is a word of at most 30 characters, like online or tier-1.")
        return sorted(set(tags))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("url") and not cleaned.get("name"):
            cleaned["name"] = name_from(cleaned["url"])
        tree = {key: cleaned.get(key) for key in ("team", "url", "branch", "subfolder")}
        if all(value is not None for value in tree.values()):
            known = Project.objects.filter(**tree).first()
            if known:
                self.add_error("url", f"This team has that repository already, as {known.name}.")
        return cleaned


def name_from(url: str) -> str:
    """The last part of a repository's address, without `.git`."""
    return (urlsplit(url).path.rstrip("/").rpartition("/")[2].removesuffix(".git") or "project")[:100]


class TickForm(forms.Form):
    """What a person says of one item. `version` is that of the standing the person saw."""

    state = forms.ChoiceField(
        choices=[(state, word) for state, word in STATE_WORDS.items() if state != State.UNKNOWN],
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
    expires_on = forms.DateField(
        label="Holds until",
        help_text="Then the item opens again. At most a year.",
        widget=forms.DateInput({"class": "input", "type": "date"}, format="%Y-%m-%d"),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def clean_evidence_url(self) -> str:
        url: str = self.cleaned_data["evidence_url"]
        if url and not url.startswith(("https://", "http://")):
            raise forms.ValidationError("Link to a web page, beginning with https://.")
        return url

    def clean_expires_on(self) -> datetime:
        """The end of the chosen day."""
        day = self.cleaned_data["expires_on"]
        today = timezone.localdate()
        if not today < day <= today + LONGEST_TICK:
            raise forms.ValidationError("Choose a day between tomorrow and a year from now.")
        return timezone.make_aware(datetime.combine(day, time.max))

    @staticmethod
    def default_end() -> str:
        return (timezone.localdate() + ATTESTATION_LIFE).isoformat()


class CorrectionForm(forms.Form):
    """Whether a claim about the system holds."""

    holds = forms.ChoiceField(choices=[("yes", "Yes"), ("no", "No")], widget=forms.RadioSelect)
