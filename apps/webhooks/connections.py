"""What the page of a project's or a team's connections shows: its webhook, what arrived lately, and its tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.repositories.policy import host_of
from apps.teams.access import Action, require
from apps.teams.models import Project, RepositoryToken, Team
from apps.webhooks.models import Delivery, Endpoint, Outcome
from apps.webhooks.signatures import Provider

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django_stubs_ext import StrOrPromise

SHOWN = 20
MARKS = {Outcome.QUEUED: "met", Outcome.PING: "met", Outcome.IGNORED: "na"}
# Where each forge asks for a webhook, and what to choose there.
STEPS = {
    Provider.GITHUB: (
        _("Settings, Webhooks, Add webhook"),
        _("Type application/json; just the push event"),
        _("Secret"),
    ),
    Provider.GITLAB: (
        _("Settings, Webhooks, Add new webhook"),
        _("Push events; leave SSL verification on"),
        _("Signing token, or Secret token where there is none"),
    ),
    Provider.GITEA: (_("Settings, Webhooks, Add webhook"), _("POST, application/json; push events"), _("Secret")),
    Provider.BITBUCKET: (_("Repository settings, Webhooks, Add webhook"), _("Trigger: repository push"), _("Secret")),
}


class Connections:
    """Of a project, or of a team for all its projects. `secret` is shown once, right after it was made."""

    def __init__(self, request: HttpRequest, kind: str, slug: str) -> None:
        """Raises `Http404` for who may not manage webhooks there."""
        self.kind = kind
        self.owner = _owner(kind, slug)
        self.team = self.owner.team if isinstance(self.owner, Project) else self.owner
        require(request.user, Action.MANAGE_WEBHOOKS, self.team)
        self._request = request
        self.secret = ""
        self.token_error = self.typed_host = self.typed_username = ""

    @property
    def of(self) -> dict[str, Project | Team]:
        return {"project" if isinstance(self.owner, Project) else "team": self.owner}

    def endpoint_or_404(self) -> Endpoint:
        return get_object_or_404(Endpoint.objects.select_related("project__team", "team"), **self.of)

    def delivery_or_404(self, key: int) -> Delivery:
        return get_object_or_404(
            Delivery.objects.select_related("endpoint__project", "endpoint__team"),
            pk=key,
            endpoint=self.endpoint_or_404(),
        )

    def fetched(self) -> Connections:
        """All that the page needs, however much arrived: the template asks for nothing."""
        self.endpoint = Endpoint.objects.filter(**self.of).first()
        self.deliveries = list(self.endpoint.deliveries.order_by("-received_at")[:SHOWN]) if self.endpoint else []
        for delivery in self.deliveries:
            delivery.mark = MARKS[Outcome(delivery.outcome)]  # type: ignore[attr-defined]
        self.tokens = list(RepositoryToken.objects.filter(**self.of).select_related("set_by").order_by("host"))
        self.hosts = self._hosts()
        return self

    def _hosts(self) -> list[str]:
        if isinstance(self.owner, Project):
            return [host for host in [host_of(self.owner.url)] if host]
        urls = Project.objects.active().filter(team=self.owner).values_list("url", flat=True)
        return sorted({host_of(url) for url in urls} - {""})

    @property
    def address(self) -> str:
        return self._request.build_absolute_uri(reverse("hook", args=[self.endpoint.key])) if self.endpoint else ""

    @property
    def steps(self) -> tuple[StrOrPromise, ...]:
        return STEPS[Provider(self.endpoint.provider)] if self.endpoint else ()

    @property
    def providers(self) -> list[tuple[str, str]]:
        return Provider.choices

    def url(self) -> str:
        return reverse("connections", args=[self.kind, self.owner.slug])


def _owner(kind: str, slug: str) -> Project | Team:
    if kind == "projects":
        return get_object_or_404(Project.objects.select_related("team"), slug=slug)
    if kind == "teams":
        return get_object_or_404(Team, slug=slug)
    raise Http404
