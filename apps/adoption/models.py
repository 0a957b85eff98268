"""What a scan found, what people say, what holds in the end, and how that changed."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.catalog import State
from apps.teams.models import Project

STATES = [(state.value, state.value) for state in State]


class Scorecard(models.Model):
    """The project's present score: one row that boards read."""

    project = models.OneToOneField(Project, models.CASCADE, related_name="scorecard")
    commit = models.CharField(max_length=64)
    scanned_at = models.DateTimeField()
    score = models.FloatField(null=True)
    coverage = models.FloatField()
    verified = models.FloatField(null=True)
    grade = models.CharField(max_length=1, blank=True)
    weakest = models.CharField(max_length=40, blank=True)
    factors = models.JSONField(help_text="Per factor: slug, state, score, coverage, met, counted.")
    counts = models.JSONField(help_text="Items by state.")
    profile = models.JSONField(default=dict, help_text="What the system is, with evidence.")
    unread = models.JSONField(default=list, help_text="Files that the scan left out, with the reason.")
    settings = models.JSONField(default=dict, help_text="What the repository's own settings said; empty without any.")
    catalogue_version = models.CharField(max_length=40)
    engine_version = models.CharField(max_length=40)
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.project}: {self.score}"

    @property
    def provisional(self) -> bool:
        return self.coverage < 0.8


class ScoreSnapshot(models.Model):
    """A scorecard as it was after one change; history is drawn from these."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="snapshots")
    at = models.DateTimeField()
    commit = models.CharField(max_length=64)
    score = models.FloatField(null=True)
    coverage = models.FloatField()
    grade = models.CharField(max_length=1, blank=True)
    factors = models.JSONField()
    catalogue_version = models.CharField(max_length=40)
    engine_version = models.CharField(max_length=40)

    class Meta:
        indexes = [models.Index(fields=["project", "-at"])]

    def __str__(self) -> str:
        return f"{self.project} at {self.at:%Y-%m-%d}: {self.score}"


class Standing(models.Model):
    """One item of one project: the automatic result, and the effective state derived from it and what people say."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="standings")
    item = models.CharField(max_length=60)
    automatic = models.CharField(max_length=10, choices=STATES, default=State.UNKNOWN)
    summary = models.TextField(blank=True)
    remedy = models.TextField(blank=True)
    effort = models.CharField(max_length=10, blank=True)
    evidence = models.JSONField(default=list, help_text="[{path, line, excerpt}], the most telling first.")
    commit = models.CharField(max_length=64, blank=True)
    error = models.TextField(blank=True, help_text="Why the check could not judge, when it crashed.")
    state = models.CharField(max_length=10, choices=STATES, default=State.UNKNOWN, help_text="The effective state.")
    waived = models.BooleanField(default=False)
    contested = models.BooleanField(default=False)
    since = models.DateTimeField(help_text="When the effective state began.")
    version = models.PositiveIntegerField(default=1, help_text="Grows with every change; a stale one is refused.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "item"], name="one_standing_per_item"),
            models.CheckConstraint(condition=Q(state__in=[s.value for s in State]), name="standing_state_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.project} {self.item}: {self.state}"


class OpenQuerySet(models.QuerySet[Any]):
    def open_of(self, project: Project, item: str) -> OpenQuerySet:
        """The record of an item that has not ended, if there is one."""
        return self.filter(project=project, item=item, ended_at=None)


class Attestation(models.Model):
    """A person's tick: what somebody who knows the system says of an item, until it expires or is cleared."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="attestations")
    item = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=STATES)
    note = models.TextField(blank=True)
    evidence_url = models.URLField(max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = OpenQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "item"], condition=Q(ended_at=None), name="one_open_attestation_per_item"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[State.MET, State.PARTIAL, State.UNMET, State.NA]),
                name="attestation_state_is_decided",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.by}: {self.item} is {self.state}"


class Waiver(models.Model):
    """An accepted exception: the item is left out of the score, with a reason, until a day."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="waivers")
    item = models.CharField(max_length=60)
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    until = models.DateField(help_text="The last day on which it holds.")
    ended_at = models.DateTimeField(null=True)

    objects = OpenQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "item"], condition=Q(ended_at=None), name="one_open_waiver_per_item"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="waiver_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.item} waived until {self.until}"


class ProfileCorrection(models.Model):
    """What a person says the system is, where the scan got it wrong. Holds for every scan until somebody ends it."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="corrections")
    claim = models.CharField(max_length=40)
    holds = models.BooleanField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "claim"], condition=Q(ended_at=None), name="one_open_correction_per_claim"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="ended_correction_is_signed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.by}: {self.claim} is {self.holds}"


class Cause(models.TextChoices):
    CODE = "code"
    RULES = "rules"
    PROFILE = "profile"
    ATTESTATION = "attestation"
    WAIVER = "waiver"
    EXPIRY = "expiry"


class Transition(models.Model):
    """One change of an item's effective state, with its cause. Never edited, never deleted on its own."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="transitions")
    item = models.CharField(max_length=60)
    before = models.CharField(max_length=10, choices=STATES)
    after = models.CharField(max_length=10, choices=STATES)
    cause = models.CharField(max_length=12, choices=Cause)
    commit = models.CharField(max_length=64, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    note = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["project", "-at"])]
        constraints = [models.CheckConstraint(condition=Q(cause__in=Cause.values), name="transition_cause_is_known")]

    def __str__(self) -> str:
        return f"{self.item}: {self.before} to {self.after}"
