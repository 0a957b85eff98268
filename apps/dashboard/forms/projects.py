"""Which repository a project is, whose, and how often it is looked at."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.repositories.errors import AddressRefused
from apps.repositories.policy import check_address
from apps.repositories.rules import address_rules
from apps.teams.access import Action, teams_where
from apps.teams.models import Project, Team

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

    from apps.teams.models import ProjectQuerySet

# What git itself refuses in the name of a branch, and a leading dash, which a command could take for an option.
BAD_BRANCH = re.compile(r"^[-/]|[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/$|\.lock$|\.$")
TAG = re.compile(r"[\w][\w .+-]{0,29}")
HOUR = timedelta(hours=1)
INTERVALS = {
    1: _("Every hour"),
    6: _("Every 6 hours"),
    24: _("Every day"),
    7 * 24: _("Every week"),
    30 * 24: _("Every 30 days"),
}


def _text(*, mono: bool = False, **attributes: str) -> forms.TextInput:
    return forms.TextInput({"class": "input mono" if mono else "input", "autocomplete": "off", **attributes})


class AddProjectForm(forms.Form):
    """A repository to score. Only teams in which the person may add projects are offered."""

    url = forms.CharField(
        label=_("Repository address"),
        max_length=500,
        help_text=_("As for git clone, beginning with https://."),
        widget=_text(mono=True, inputmode="url", spellcheck="false", autofocus="", **{"data-names": "id_name"}),
    )
    team = forms.ModelChoiceField(
        Team.objects.none(), label=_("Team"), empty_label=None, widget=forms.Select({"class": "select"})
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        required=False,
        help_text=_("Empty: the last part of the address."),
        widget=_text(),
    )
    branch = forms.CharField(
        label=_("Branch"),
        max_length=200,
        required=False,
        help_text=_("Empty: the repository's default branch."),
        widget=_text(mono=True),
    )
    subfolder = forms.CharField(
        label=_("Sub-folder"),
        max_length=300,
        required=False,
        help_text=_("The folder that is the system, in a repository of several."),
        widget=_text(mono=True),
    )
    tags = forms.CharField(
        label=_("Tags"),
        max_length=300,
        required=False,
        help_text=_("Separated by commas: online, gpu, tier-1."),
        widget=_text(),
    )

    def __init__(self, *args: Any, user: User | AnonymousUser, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        teams = self.fields["team"]
        assert isinstance(teams, forms.ModelChoiceField)  # noqa: S101 - tells the type checker
        teams.queryset = teams_where(user, Action.ADD_PROJECT)
        if settings.LOCAL_REPOSITORY_ROOTS:
            self.fields["url"].help_text = _(
                "As for git clone, beginning with https://; or a folder below those of LOCAL_REPOSITORY_ROOTS."
            )

    def clean_url(self) -> str:
        try:
            return check_address(self.cleaned_data["url"], rules=address_rules()).url
        except AddressRefused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal

    def clean_branch(self) -> str:
        branch: str = self.cleaned_data["branch"]
        if branch and BAD_BRANCH.search(branch):
            raise forms.ValidationError(_("That is not the name of a branch."))
        return branch

    def clean_subfolder(self) -> str:
        folder = PurePosixPath(self.cleaned_data["subfolder"].strip("/"))
        if ".." in folder.parts or any(ord(character) < 32 for character in str(folder)):
            raise forms.ValidationError(_("Name a folder inside the repository, like services/ranker."))
        return "" if str(folder) == "." else str(folder)

    def clean_tags(self) -> list[str]:
        tags = [tag for tag in (part.strip().lower() for part in self.cleaned_data["tags"].split(",")) if tag]
        if not all(TAG.fullmatch(tag) for tag in tags):
            raise forms.ValidationError(_("A tag is a word of at most 30 characters, like online or tier-1."))
        return sorted(set(tags))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("url") and not cleaned.get("name"):
            cleaned["name"] = name_from(cleaned["url"])
        tree = {key: cleaned.get(key) for key in ("team", "url", "branch", "subfolder")}
        if all(value is not None for value in tree.values()):
            known = self.same_tree(tree)
            if known:
                self.add_error("url", _("This team has that repository already, as %(name)s.") % {"name": known})
        return cleaned

    def same_tree(self, tree: dict[str, Any]) -> str:
        """The name of another project that is this very tree, or ''."""
        return self.others().filter(**tree).values_list("name", flat=True).first() or ""

    def others(self) -> ProjectQuerySet:
        """The projects that must not be the same tree."""
        return Project.objects.all()


class EditProjectForm(AddProjectForm):
    """A project as it is, to change. `version` is the one that the person saw."""

    scan_interval = forms.TypedChoiceField(
        label=_("Scheduled scans"),
        required=False,
        coerce=lambda hours: timedelta(hours=int(hours)),
        empty_value=None,
        help_text=_("Pushes and people start scans besides."),
        widget=forms.Select({"class": "select"}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, project: Project, user: User | AnonymousUser, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, user=user, initial=_as_typed(project), **kwargs)
        self.project = project
        interval = self.fields["scan_interval"]
        assert isinstance(interval, forms.ChoiceField)  # noqa: S101 - tells the type checker
        interval.choices = interval_choices(project.scan_interval)
        self.fields["name"].required = True
        self.fields["name"].help_text = ""
        del self.fields["url"].widget.attrs["data-names"]

    def clean_url(self) -> str:
        """An address that stays was checked when it came, and is checked again at every scan."""
        stays = self.cleaned_data["url"] == self.project.url
        return self.project.url if stays else super().clean_url()

    def others(self) -> ProjectQuerySet:
        return Project.objects.exclude(pk=self.project.pk)


def interval_choices(own: timedelta | None) -> list[tuple[str, str]]:
    """Hours and how people say it; `own` is among them even if nobody would choose it."""
    usual = settings.SCAN_INTERVAL // HOUR
    hours = sorted({*INTERVALS, *(() if own is None else (own // HOUR,))})
    named = [(str(one), str(INTERVALS.get(one) or _every(one))) for one in hours]
    return [("", _("As usual here: %(how_often)s") % {"how_often": _every(usual).lower()}), *named]


def _every(hours: int) -> str:
    return ngettext("Every %(hours)s hour", "Every %(hours)s hours", hours) % {"hours": hours}


def _as_typed(project: Project) -> dict[str, Any]:
    return {
        "team": project.team_id,
        "name": project.name,
        "url": project.url,
        "branch": project.branch,
        "subfolder": project.subfolder,
        "tags": ", ".join(project.tags),
        "scan_interval": "" if project.scan_interval is None else str(project.scan_interval // HOUR),
        "version": project.version,
    }


def name_from(url: str) -> str:
    """The last part of a repository's address, without `.git`."""
    return (urlsplit(url).path.rstrip("/").rpartition("/")[2].removesuffix(".git") or "project")[:100]
