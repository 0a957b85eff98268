"""A list of repositories to add at once, and each of its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.dashboard.forms.projects import AddProjectForm
from apps.repositories.errors import AddressRefused
from apps.repositories.policy import check_address
from apps.repositories.rules import address_rules
from apps.teams.access import Action, teams_where
from apps.teams.models import Team

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.contrib.auth.models import User

LARGEST = 1_000_000  # characters of a list, bytes of a file


class ImportForm(forms.Form):
    """Where the list comes from, and whose the projects are that name no team of their own."""

    text = forms.CharField(
        label=_("List"),
        max_length=LARGEST,
        required=False,
        help_text=_("One repository address a line, or CSV with a heading."),
        widget=forms.Textarea({"class": "input mono", "rows": 8, "spellcheck": "false"}),
    )
    file = forms.FileField(
        label=_("Or a CSV file"),
        required=False,
        widget=forms.FileInput({"class": "input", "accept": ".csv,.txt,text/csv,text/plain"}),
    )
    team = forms.ModelChoiceField(
        Team.objects.none(),
        label=_("Team"),
        empty_label=None,
        help_text=_("For rows that name none."),
        widget=forms.Select({"class": "select"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        teams = self.fields["team"]
        assert isinstance(teams, forms.ModelChoiceField)  # noqa: S101 - tells the type checker
        teams.queryset = teams_where(user, Action.ADD_PROJECT)

    def clean_file(self) -> str:
        file = self.cleaned_data["file"]
        if file is None:
            return ""
        if file.size > LARGEST:
            raise forms.ValidationError(_("The file is larger than 1 MB."))
        try:
            text: str = file.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise forms.ValidationError(_("The file is not text in UTF-8.")) from error
        if "\0" in text:
            raise forms.ValidationError(_("The file is not text in UTF-8."))
        return text

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        cleaned["text"] = cleaned.get("file") or cleaned.get("text", "")
        if not cleaned["text"].strip() and not self.errors:
            self.add_error("text", _("Paste a list or choose a file."))
        return cleaned


class ImportRowForm(AddProjectForm):
    """One row: `team` is known already, and so are all the trees, so that a row costs no query."""

    def __init__(
        self,
        typed: dict[str, str],
        *,
        user: User,
        team: Team,
        known: dict[tuple[str, str, str, str], str],
        resolver: Callable[[str], list[str]],
    ) -> None:
        super().__init__(typed, user=user)
        self.owner, self.known, self.resolver = team, known, resolver
        del self.fields["team"]

    def clean_url(self) -> str:
        try:
            return check_address(self.cleaned_data["url"], rules=address_rules(), resolver=self.resolver).url
        except AddressRefused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal

    def clean(self) -> dict[str, Any]:
        self.cleaned_data["team"] = self.owner
        return super().clean()

    def same_tree(self, tree: dict[str, Any]) -> str:
        return self.known.get((tree["team"].slug, tree["url"], tree["branch"], tree["subfolder"]), "")
