"""The queue: one row per requested scan, from request to result. PostgreSQL is the truth; Celery only wakes workers."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.teams.models import Project, Team


class ScanCause(models.TextChoices):
    PERSON = "person", _("Person")
    WEBHOOK = "webhook", _("Webhook")
    SCHEDULE = "schedule", _("Schedule")
    HISTORY = "history", _("History")


# Smaller goes first.
PRIORITY = {ScanCause.PERSON: 10, ScanCause.WEBHOOK: 20, ScanCause.SCHEDULE: 30, ScanCause.HISTORY: 40}


class Phase(models.TextChoices):
    """Where a scan request is in its life."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


PENDING = Q(phase=Phase.PENDING)


class Stage(models.TextChoices):
    """What a running scan is doing; the order is the order of the work."""

    FETCH = "fetch", _("Fetch")
    READ = "read", _("Read")
    CHECK = "check", _("Check")
    SCORE = "score", _("Score")
    SAVE = "save", _("Save")


class ForgeQuerySet(models.QuerySet["Forge"]):
    def free(self) -> ForgeQuerySet:
        """Forges that may be asked for one more scan now."""
        running = (
            ScanRequest.objects.filter(phase=Phase.RUNNING, host=models.OuterRef("host"))
            .order_by()
            .values("host")
            .annotate(count=models.Count("pk"))
            .values("count")
        )
        return self.filter(Q(paused_until=None) | Q(paused_until__lte=Now())).exclude(
            models.Exists(running.filter(count__gte=settings.SCANS_PER_FORGE))
        )


class Forge(models.Model):
    """A host that repositories are fetched from. Its row is the lock under which its running scans are counted."""

    host = models.CharField(max_length=253, unique=True, help_text="Empty: repositories of this machine.")
    paused_until = models.DateTimeField(null=True, help_text="It asked for fewer requests; nothing is sent until then.")

    objects = ForgeQuerySet.as_manager()

    def __str__(self) -> str:
        return self.host or "this machine"


class ScanRequestQuerySet(models.QuerySet["ScanRequest"]):
    def open(self) -> ScanRequestQuerySet:
        return self.filter(phase__in=[Phase.PENDING, Phase.RUNNING])

    def claimable(self) -> ScanRequestQuerySet:
        """Pending requests whose time has come and whose project has no running scan, the most urgent first."""
        running = ScanRequest.objects.filter(phase=Phase.RUNNING, project=models.OuterRef("project"))
        return (
            self.filter(phase=Phase.PENDING, not_before__lte=Now())
            .exclude(models.Exists(running))
            .order_by("priority", "turn", "pk")
        )

    def closed(self) -> ScanRequestQuerySet:
        return self.filter(phase__in=[Phase.DONE, Phase.FAILED, Phase.CANCELLED])


class ScanRequest(models.Model):
    project = models.ForeignKey(Project, models.CASCADE, related_name="scans")
    cause = models.CharField(max_length=10, choices=ScanCause)
    priority = models.PositiveSmallIntegerField()
    team = models.ForeignKey(Team, models.CASCADE, related_name="+")
    host = models.CharField(max_length=253, blank=True, help_text="The forge that it will ask.")
    turn = models.PositiveBigIntegerField(
        default=0, help_text="Its place among those of one priority; teams alternate."
    )
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    requested_at = models.DateTimeField(default=timezone.now)
    not_before = models.DateTimeField(default=timezone.now)
    phase = models.CharField(max_length=10, choices=Phase, default=Phase.PENDING)
    at_least = models.CharField(max_length=64, blank=True, help_text="A commit that the forge said was pushed.")
    forced = models.BooleanField(default=False, help_text="Scan even if the head was scanned by this engine already.")

    attempts = models.PositiveSmallIntegerField(default=0)
    epoch = models.PositiveIntegerField(default=0, help_text="Grows with each claim; a stale holder's writes lose.")
    worker = models.CharField(max_length=200, blank=True)
    lease_until = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)

    stage = models.CharField(max_length=10, choices=Stage, blank=True)
    percent = models.PositiveSmallIntegerField(default=0)
    detail = models.CharField(max_length=200, blank=True)

    finished_at = models.DateTimeField(null=True)
    commit = models.CharField(max_length=64, blank=True)
    unchanged = models.BooleanField(default=False, help_text="The head had been scanned by this engine already.")
    reason = models.TextField(blank=True, help_text="Why it failed, in one sentence for people.")

    objects = ScanRequestQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["host", "priority", "turn", "id"], condition=Q(phase=Phase.PENDING), name="scan_queue"
            ),
            models.Index(fields=["priority", "turn"], condition=Q(phase=Phase.PENDING), name="scan_turns"),
            models.Index(
                fields=["team", "priority", "-turn"], condition=Q(phase=Phase.PENDING), name="scan_team_turns"
            ),
            models.Index(fields=["host"], condition=Q(phase=Phase.RUNNING), name="scan_running"),
            models.Index(fields=["finished_at"], condition=Q(finished_at__isnull=False), name="scan_finished"),
            models.Index(F("project"), F("requested_at").desc(), name="scan_by_project"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["project"], condition=Q(phase=Phase.PENDING), name="one_pending_scan_per_project"
            ),
            models.UniqueConstraint(
                fields=["project"], condition=Q(phase=Phase.RUNNING), name="one_running_scan_per_project"
            ),
            models.CheckConstraint(condition=Q(phase__in=Phase.values), name="phase_is_known"),
            models.CheckConstraint(
                condition=~Q(phase=Phase.RUNNING) | Q(lease_until__isnull=False), name="running_scan_has_a_lease"
            ),
        ]

    def __str__(self) -> str:
        return f"scan {self.pk} of {self.project}: {self.phase}"


class ScanSlot(models.Model):
    """When the schedule asks next for a project. Whoever moves it on has asked, so several beats ask once."""

    project = models.OneToOneField(Project, models.CASCADE, related_name="slot")
    next_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.project} at {self.next_at:%Y-%m-%d %H:%M}"


class FactPack(models.Model):
    """The file facts of one repository, packed: a re-scan parses only blobs that are not in here."""

    repository = models.CharField(max_length=64, unique=True, help_text="Digest of address, branch and subfolder.")
    engine_version = models.CharField(max_length=40)
    packed = models.BinaryField()
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"facts of {self.repository}"


class BackfillQuerySet(models.QuerySet["Backfill"]):
    def claimable(self) -> BackfillQuerySet:
        """Those whose time has come, of projects that were scanned, the longest waiting first."""
        scanned = self.filter(project__scorecard__isnull=False, project__archived_at=None)
        free = Forge.objects.free().values("host")
        return scanned.filter(phase=Phase.PENDING, not_before__lte=Now(), host__in=free).order_by("requested_at", "pk")


class Backfill(models.Model):
    """The one reconstruction of a project's past: which commits are judged, and how many are stored already."""

    project = models.OneToOneField(Project, models.CASCADE, related_name="backfill")
    host = models.CharField(max_length=253, blank=True, help_text="The forge that it will ask.")
    phase = models.CharField(max_length=10, choices=Phase, default=Phase.PENDING)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    requested_at = models.DateTimeField(default=timezone.now)
    not_before = models.DateTimeField(default=timezone.now)
    plan = models.JSONField(default=list, help_text="[commit, seconds from 1970] of each sample, newest first.")
    rules = models.CharField(max_length=81, blank=True, help_text="By what the stored samples were judged.")
    done = models.PositiveSmallIntegerField(default=0, help_text="How many samples of the plan are stored.")
    spent = models.FloatField(default=0, help_text="Seconds of work so far.")
    detail = models.CharField(max_length=200, blank=True)
    reason = models.TextField(blank=True, help_text="Why it ended early or waits, in one sentence for people.")

    attempts = models.PositiveSmallIntegerField(default=0, help_text="Claims since the last sample was stored.")
    epoch = models.PositiveIntegerField(default=0, help_text="Grows with each claim; a stale holder's writes lose.")
    lease_until = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = BackfillQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["requested_at"], condition=Q(phase__in=[Phase.PENDING, Phase.RUNNING]), name="open_backfills"
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(phase__in=Phase.values), name="backfill_phase_is_known"),
            models.CheckConstraint(
                condition=~Q(phase=Phase.RUNNING) | Q(lease_until__isnull=False), name="running_backfill_has_a_lease"
            ),
        ]

    def __str__(self) -> str:
        return f"history of {self.project}: {self.phase}, {self.done} of {len(self.plan)}"

    @property
    def open(self) -> bool:
        return self.phase in {Phase.PENDING, Phase.RUNNING}
