"""Forms of teams and of the organisation's people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib.auth.models import User
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.teams.models import Role, Team

if TYPE_CHECKING:
    from apps.teams.models import Membership

TEXT = {"class": "input", "autocomplete": "off"}
ROLES = [(role.value, role.label) for role in Role]


class AddMemberForm(forms.Form):
    """Somebody who has an account, and what the person may do in the team."""

    person = forms.CharField(
        label=_("User name or e-mail address"), max_length=254, widget=forms.TextInput(TEXT | {"spellcheck": "false"})
    )
    role = forms.ChoiceField(
        label=_("Role"), choices=ROLES, initial=Role.MEMBER, widget=forms.Select({"class": "select"})
    )

    def clean_person(self) -> User:
        typed = self.cleaned_data["person"].strip()
        found = User.objects.filter(Q(username__iexact=typed) | Q(email__iexact=typed), is_active=True)[:2]
        if len(found) != 1:
            raise forms.ValidationError(_("Nobody here has that name or address. An admin can add them."))
        return found[0]


class RoleForm(forms.Form):
    """Another role for one member; it has a select of its own on a page with many."""

    role = forms.ChoiceField(label=_("Role"), choices=ROLES, widget=forms.Select({"class": "select"}))

    @classmethod
    def of(cls, membership: Membership) -> RoleForm:
        return cls(initial={"role": membership.role}, auto_id=f"member-{membership.pk}-%s")


class TeamForm(forms.Form):
    """A team's name."""

    name = forms.CharField(label=_("Name"), max_length=80, widget=forms.TextInput(TEXT))

    def __init__(self, *args: object, team: Team | None = None, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.team = team

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        others = Team.objects.filter(name__iexact=name)
        if (others.exclude(pk=self.team.pk) if self.team else others).exists():
            raise forms.ValidationError(_("There is a team of that name."))
        return name


class AddPersonForm(forms.Form):
    """A new account."""

    username = forms.CharField(
        label=_("User name"), max_length=150, validators=[UnicodeUsernameValidator()], widget=forms.TextInput(TEXT)
    )
    first_name = forms.CharField(label=_("First name"), max_length=150, required=False, widget=forms.TextInput(TEXT))
    last_name = forms.CharField(label=_("Last name"), max_length=150, required=False, widget=forms.TextInput(TEXT))
    email = forms.EmailField(label=_("E-mail address"), required=False, widget=forms.EmailInput(TEXT))

    def clean_username(self) -> str:
        username: str = User.normalize_username(self.cleaned_data["username"])
        if User.objects.filter(username__iexact=username).exists():
            raise forms.ValidationError(_("Somebody has that user name."))
        return username
