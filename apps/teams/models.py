"""Teams, who belongs to them, the projects they own, and the trail of what people changed."""

from __future__ import annotations

from datetime import timedelta
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Cast, Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.contrib.auth.models import User


SHORTEST_SCAN_INTERVAL = timedelta(hours=1)


class Team(models.Model):
    name = models.CharField(max_length=80, unique=True)
    slug = models.SlugField(max_length=80, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    VIEWER = "viewer", _("Viewer")
    MEMBER = "member", _("Member")
    MAINTAINER = "maintainer", _("Maintainer")


class Membership(models.Model):
    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.MEMBER)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "user"], name="one_membership_per_person_and_team"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} is {self.role} of {self.team}"


class ProjectQuerySet(models.QuerySet["Project"]):
    def with_card(self) -> ProjectQuerySet:
        """With team and scorecard, for a page of their own."""
        return self.select_related("team", "scorecard")

    def for_board(self) -> ProjectQuerySet:
        """What boards show: not the archived, with team and scorecard, in the order of the board."""
        return self.active().with_card().order_by("team__name", "name")

    def active(self) -> ProjectQuerySet:
        """Those that are not archived: only they are scanned on their own."""
        return self.filter(archived_at=None)

    def of_members(self, user: User) -> ProjectQuerySet:
        return self.filter(team__memberships__user=user)


class Project(models.Model):
    team = models.ForeignKey(Team, models.CASCADE, related_name="projects")
    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=100, unique=True)
    url = models.CharField("repository address", max_length=500)
    branch = models.CharField(max_length=200, blank=True, help_text="Empty: the repository's default branch.")
    subfolder = models.CharField(
        max_length=300, blank=True, help_text="The folder that is the system, in a repository of several."
    )
    tags = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    scan_interval = models.DurationField(
        null=True, blank=True, help_text="Time between two scheduled scans. Empty: as the deployment's settings say."
    )
    archived_at = models.DateTimeField(null=True, blank=True, help_text="Since then it is kept and no longer scanned.")
    version = models.PositiveIntegerField(default=1, help_text="Grows with every change; a stale one is refused.")

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        indexes = [models.Index(Lower("url"), name="project_by_url")]
        constraints = [
            models.UniqueConstraint(
                fields=["team", "url", "branch", "subfolder"], name="one_project_per_tree_and_team"
            ),
            models.CheckConstraint(
                condition=models.Q(scan_interval=None) | models.Q(scan_interval__gte=SHORTEST_SCAN_INTERVAL),
                name="scan_interval_is_an_hour_or_more",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("project", args=[self.slug])


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    def asked_for(self, asked: Mapping[str, str]) -> AuditEntryQuerySet:
        """Newest first, what an address asks for: words in `q`, a `deed`, and `before`, the id that a page ended at."""
        words = asked.get("q", "").replace("\x00", "").split()[:10]
        found = self.annotate(host=Cast("address", models.CharField())) if words else self
        for word in words:
            places = ("by_name", "team", "project", "subject", "deed", "host")
            found = found.filter(reduce(or_, (models.Q(**{f"{place}__icontains": word}) for place in places)))
        if asked.get("deed"):
            found = found.filter(deed=asked["deed"].replace("\x00", ""))
        if asked.get("before", "").isdecimal() and len(asked["before"]) < 19:
            found = found.filter(pk__lt=int(asked["before"]))
        return found


class AuditEntry(models.Model):
    """One change that a person or the system made. The database refuses to change or delete a row.

    Teams and projects are named, not referenced: the entry outlives them. Written by `apps.teams.audit.record`.
    """

    at = models.DateTimeField(auto_now_add=True)
    deed = models.CharField(max_length=30)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(max_length=150, blank=True, help_text="The user name at that time; empty: the system.")
    address = models.GenericIPAddressField(null=True)
    team = models.CharField(max_length=80, blank=True, help_text="Its slug.")
    project = models.CharField(max_length=100, blank=True, help_text="Its slug.")
    subject = models.CharField(max_length=200, blank=True, help_text="An item, a claim, a user name.")
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["project", "-id"]),
            models.Index(fields=["team", "-id"]),
            models.Index(fields=["by", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.by_name or 'Twelvefold'}: {self.deed} {self.subject}"

    @property
    def changes(self) -> list[tuple[str, Any, Any]]:
        """What differs: word, before, after; None where it was not or is no more."""
        before, after = self.before or {}, self.after or {}
        words = dict.fromkeys([*before, *after])
        return [(word, before.get(word), after.get(word)) for word in words if before.get(word) != after.get(word)]


class RepositoryToken(models.Model):
    """Reads private repositories of one host, for one project or for all of a team. Sealed; no page ever shows it."""

    team = models.ForeignKey(Team, models.CASCADE, null=True, related_name="repository_tokens")
    project = models.ForeignKey(Project, models.CASCADE, null=True, related_name="repository_tokens")
    host = models.CharField(max_length=253, help_text="The only host that is ever given it.")
    username = models.CharField(max_length=100)
    sealed = models.TextField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(team=None, project__isnull=False) | models.Q(team__isnull=False, project=None),
                name="repository_token_has_one_owner",
            ),
            models.UniqueConstraint(fields=["team", "host"], name="one_repository_token_per_team_and_host"),
            models.UniqueConstraint(fields=["project", "host"], name="one_repository_token_per_project_and_host"),
        ]

    def __str__(self) -> str:
        return f"token for {self.host} of {self.project or self.team}"
