"""What a scan found, what people say, what holds in the end, and how that changed."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from apps.catalog import State
from apps.teams.models import Project, Team

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
    # The same by position in the catalogue, so that boards filter, sort and average without opening `factors`.
    factor_scores = ArrayField(models.FloatField(null=True), default=list)
    factor_states = ArrayField(models.CharField(max_length=10), default=list)
    counts = models.JSONField(help_text="Items by state.")
    waived = models.PositiveSmallIntegerField(default=0, help_text="Items under a waiver.")
    contested = models.PositiveSmallIntegerField(default=0, help_text="Items whose tick contradicts the scan.")
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

    @property
    def rules(self) -> str:
        return rules(self.catalogue_version, self.engine_version)


class Origin(models.TextChoices):
    """How a piece of history is known: somebody watched it happen, or a past commit was judged later."""

    OBSERVED = "observed"
    RECONSTRUCTED = "reconstructed"


class ScoreSnapshot(models.Model):
    """A score as it was from one moment on; history is drawn from these.

    An observed one is written when the score or the rules change. A reconstructed one is a past commit judged by the
    rules of its `engine_version`: what the code alone was worth, before anybody ticked anything.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="snapshots")
    at = models.DateTimeField(help_text="When it began to hold: of a reconstructed one the commit's credible date.")
    origin = models.CharField(max_length=13, choices=Origin, default=Origin.OBSERVED)
    commit = models.CharField(max_length=64)
    score = models.FloatField(null=True)
    coverage = models.FloatField()
    grade = models.CharField(max_length=1, blank=True)
    factors = models.JSONField(help_text="Score by factor, null where none applies.")
    states = models.JSONField(default=dict, help_text="Effective state by item; empty in rows of earlier versions.")
    catalogue_version = models.CharField(max_length=40)
    engine_version = models.CharField(max_length=40)

    class Meta:
        indexes = [models.Index(F("project"), F("at").desc(), include=["score"], name="snapshots_of_project")]
        constraints = [
            models.CheckConstraint(condition=Q(origin__in=Origin.values), name="snapshot_origin_is_known"),
            models.UniqueConstraint(
                fields=["project", "commit"],
                condition=Q(origin=Origin.RECONSTRUCTED),
                name="one_reconstruction_per_commit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project} at {self.at:%Y-%m-%d}: {self.score}"

    @property
    def rules(self) -> str:
        return rules(self.catalogue_version, self.engine_version)


class Trail(models.Model):
    """Past scores day by day, kept ready for pages: of one project, of a team, or of all when neither is named.

    `scores[-1]` held at the end of `until`; days without a score are null. Today is not in it: pages add it.
    """

    project = models.OneToOneField(Project, models.CASCADE, null=True, related_name="trail")
    team = models.OneToOneField(Team, models.CASCADE, null=True, related_name="trail")
    until = models.DateField()
    scores = ArrayField(models.SmallIntegerField(null=True))
    factors = ArrayField(
        ArrayField(models.SmallIntegerField(null=True)),
        default=list,
        help_text="Per factor the same; only of teams and of all.",
    )
    factors_then = ArrayField(
        ArrayField(models.SmallIntegerField(null=True)),
        default=list,
        help_text="The factors at the beginning of each period that changes are told of; only of projects.",
    )
    observed_since = models.DateField(null=True, help_text="Before it, past commits were judged later.")
    breaks = ArrayField(
        models.DateField(), default=list, help_text="Days on which another engine or standard began to judge."
    )
    seen = models.BigIntegerField(default=0, help_text="The last snapshot that went into it.")

    class Meta:
        constraints = [
            models.UniqueConstraint(models.Value(1), condition=Q(project=None, team=None), name="one_trail_of_all"),
            models.CheckConstraint(condition=Q(project=None) | Q(team=None), name="trail_is_of_one"),
        ]

    def __str__(self) -> str:
        return f"{self.project or self.team or 'all'} until {self.until}"


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
        indexes = [models.Index(fields=["item", "state", "project"], name="standing_by_item")]

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
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", help_text="Nobody: it ran out."
    )

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
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", help_text="Nobody: it ran out."
    )

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


class VerdictReport(models.Model):
    """A member's word that a check judged wrongly, for those who mend checks."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="verdict_reports")
    item = models.CharField(max_length=60)
    verdict = models.CharField(max_length=10, choices=STATES, help_text="What the scan said.")
    expected = models.CharField(max_length=10, choices=STATES, help_text="What it should have said.")
    note = models.TextField()
    commit = models.CharField(max_length=64, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "item", "by"],
                condition=Q(closed_at=None),
                name="one_open_report_per_person",
            ),
            models.CheckConstraint(condition=~Q(expected=models.F("verdict")), name="report_contradicts_the_verdict"),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None) | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="closed_report_is_signed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.by}: {self.item} is {self.expected}, not {self.verdict}"


class Cause(models.TextChoices):
    CODE = "code"
    RULES = "rules"
    PROFILE = "profile"
    ATTESTATION = "attestation"
    WAIVER = "waiver"
    EXPIRY = "expiry"
    ERROR = "error", "Scanner error"


def rules(catalogue_version: str, engine_version: str) -> str:
    """By what an item was judged, in one word that can be compared: `catalogue/engine`."""
    return f"{catalogue_version}/{engine_version}"


class Transition(models.Model):
    """One change of an item's effective state, with its cause. Never edited, never deleted on its own.

    Observed ones are dated when they were seen; reconstructed ones by the commit after which the state was another.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="transitions")
    item = models.CharField(max_length=60)
    before = models.CharField(max_length=10, choices=STATES)
    after = models.CharField(max_length=10, choices=STATES)
    cause = models.CharField(max_length=12, choices=Cause)
    origin = models.CharField(max_length=13, choices=Origin, default=Origin.OBSERVED)
    before_commit = models.CharField(
        max_length=64, blank=True, help_text="The last judged commit that had the state before; empty at first."
    )
    commit = models.CharField(max_length=64, blank=True, help_text="The first judged commit that has the new state.")
    paths = models.JSONField(default=list, help_text="The files that decided, the most telling first.")
    rules_before = models.CharField(max_length=81, blank=True)
    rules_after = models.CharField(max_length=81, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    note = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["project", "-at"]),
            models.Index(F("project"), F("item"), F("at").desc(), name="transitions_of_item"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(cause__in=Cause.values), name="transition_cause_is_known"),
            models.CheckConstraint(condition=Q(origin__in=Origin.values), name="transition_origin_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.item}: {self.before} to {self.after}"
