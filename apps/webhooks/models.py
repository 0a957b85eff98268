"""Where forges deliver, and what they delivered lately."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.teams.models import Project, Team
from apps.webhooks.signatures import Provider


class Endpoint(models.Model):
    """One address for a project, or for all projects of a team, with the secret that deliveries are signed with."""

    provider = models.CharField(max_length=10, choices=Provider)
    project = models.OneToOneField(Project, models.CASCADE, null=True, related_name="endpoint")
    team = models.OneToOneField(Team, models.CASCADE, null=True, related_name="endpoint")
    key = models.CharField(max_length=40, unique=True, help_text="Names the endpoint in its address.")
    sealed = models.TextField()
    sealed_before = models.TextField(blank=True, help_text="The secret before, good until `before_until`.")
    before_until = models.DateTimeField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    rotated_at = models.DateTimeField()
    refused = models.PositiveIntegerField(default=0, help_text="Deliveries with a wrong signature.")
    refused_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(provider__in=Provider.values), name="provider_is_known"),
            models.CheckConstraint(
                condition=Q(team=None, project__isnull=False) | Q(team__isnull=False, project=None),
                name="endpoint_has_one_owner",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_provider_display()} endpoint of {self.owner}"

    @property
    def owner(self) -> Project | Team:
        owner = self.project or self.team
        assert owner is not None  # noqa: S101 - the database keeps it
        return owner


class Outcome(models.TextChoices):
    QUEUED = "queued", _("Queued")
    IGNORED = "ignored", _("Ignored")
    PING = "ping", _("Ping")


class Delivery(models.Model):
    """One genuine delivery: what was needed of it, and what followed. Forgotten after `WEBHOOK_HISTORY`."""

    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="deliveries")
    delivery = models.CharField(max_length=100, help_text="The forge's own name for it, else the digest.")
    digest = models.CharField(max_length=64, help_text="Of the body: most forges sign nothing else.")
    received_at = models.DateTimeField()
    event = models.CharField(max_length=100, blank=True)
    pushed = models.JSONField(default=dict, help_text="Branches and their new commits.")
    default_branch = models.CharField(max_length=500, blank=True)
    addresses = models.JSONField(default=list, help_text="What the forge calls the repository; only compared.")
    outcome = models.CharField(max_length=10, choices=Outcome)
    note = models.CharField(max_length=300, blank=True, help_text="Which projects it asked scans of, or why none.")
    evaluated_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["endpoint", "-received_at"], name="delivery_by_endpoint"),
            models.Index(fields=["received_at"], name="delivery_by_age"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "delivery"], name="one_row_per_delivery"),
            models.UniqueConstraint(fields=["endpoint", "digest"], name="one_row_per_body"),
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="delivery_outcome_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.delivery}: {self.outcome}"

    @property
    def commit(self) -> str:
        return next(iter(self.pushed.values()), "")
