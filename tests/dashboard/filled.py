"""Every form that changes something of a team or of the organisation, filled in so that it is accepted."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.urls import reverse
from django.utils import timezone

from apps.adoption.corrections import correct_profile
from apps.adoption.services import grant_waiver
from apps.catalog import State
from apps.dashboard.proposals import proposals_of
from apps.scans.models import Phase
from apps.teams.access import Action
from apps.teams.models import Project
from apps.teams.services import archive_project
from apps.teams.tokens import set_token
from apps.webhooks.models import Delivery, Endpoint
from tests.dashboard.making import claims, person, proposing, scan_request, scanned, tick, version
from tests.dashboard.routes import ROUTES
from tests.dashboard.world import CLAIM, ITEM

CHANGING = [name for name, (_, post) in ROUTES.items() if isinstance(post, Action)]
OURS = ("adoption", "scans", "teams", "webhooks", "auth")
# What differs each time that something is done.
NEW_EACH_TIME = {"key", "sealed", "sealed_before", "password", "delivery", "digest", "last_login"}


class Filled(NamedTuple):
    """A form on its way: `data` holds every field that it asks for."""

    address: str
    data: dict[str, object]


def day(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def filled(name: str, world, who: str = "admin") -> Filled:
    """The form that posts to the address called `name`, about the first team, as `who` would send it."""
    team, scored = world.places["Fraud"]
    return FORMS[name](team, Project.objects.get(pk=scored.pk), world.users[who])


def to(name: str, /, *args: object, **data: object) -> Filled:
    return Filled(reverse(name, args=args), data)


def ticked(_, scored, by):
    tick(scored, ITEM, State.UNMET, "Seen.", by)
    return {"version": version(scored, ITEM)}


def waived(_, scored, by):
    seen = version(scored, ITEM)
    grant_waiver(project=scored, item=ITEM, reason="Moves.", until=timezone.localdate(), by=by, version=seen)
    return {"version": version(scored, ITEM)}


def proposed(_, scored, by):
    until = timezone.localdate() + timedelta(days=9)
    scanned(scored, profile=claims(trains="fit.py"), settings=proposing(ITEM, "Moves in spring.", until))
    scored.scorecard.refresh_from_db()
    return {"mark": proposals_of(scored.scorecard)[ITEM].mark, "version": version(scored, ITEM)}


def archived(_, scored, by):
    return {"version": archive_project(project=scored, version=scored.version, by=by).version}


def corrected(_, scored, by):
    return {"version": correct_profile(project=scored, claim=CLAIM, holds=False, by=by).pk}


def with_token(owner, by):
    set_token(owner=owner, host="github.com", token="hunter2hunter2", by=by)
    return {"host": "github.com"}


def newcomer(team):
    """Somebody whose membership may go."""
    return team.memberships.get(user=person("newcomer", team))


def tree(team, scored, **more):
    return {"url": scored.url, "team": team.pk, "name": scored.name, "branch": "", "subfolder": "", "tags": ""} | more


def of_item(name, prepared=lambda *_: {}, **data):
    return lambda team, scored, by: to(name, scored.slug, ITEM, **data | prepared(team, scored, by))


def undoing(name, prepared):
    return lambda team, scored, by: to(name, scored.slug, ITEM, prepared(team, scored, by)["version"])


def seen(team, scored, by):
    return {"version": version(scored, ITEM)}


def of_project(name, prepared=lambda *_: {}, **data):
    return lambda team, scored, by: to(name, scored.slug, **data | prepared(team, scored, by))


def of_endpoint(name):
    return lambda team, scored, by: to(
        name, "projects", scored.slug, seen=Endpoint.objects.get(project=scored).rotated_at.isoformat()
    )


FORMS = {
    "tick": of_item("tick", seen, state="unmet", note="Seen.", evidence_url="", expires_at=day(30)),
    "clear-tick": of_item("clear-tick", ticked),
    "undo-tick": undoing("undo-tick", ticked),
    "waive": of_item("waive", seen, reason="Moves.", until=day(30)),
    "revoke-waiver": of_item("revoke-waiver", waived),
    "undo-waiver": undoing("undo-waiver", waived),
    "accept-exception": of_item("accept-exception", proposed),
    "report-verdict": of_item("report-verdict", seen, expected="unmet", note="Wrong."),
    "correct-claim": lambda team, scored, by: to("correct-claim", scored.slug, CLAIM, holds="no", version=0),
    "clear-claim": lambda *of: to("clear-claim", of[1].slug, CLAIM, **corrected(*of)),
    "scan": of_project("scan"),
    "backfill": of_project("backfill", do=""),
    "edit-project": lambda team, scored, by: to(
        "edit-project", scored.slug, **tree(team, scored, tags="new", scan_interval="24", version=scored.version)
    ),
    "archive-project": of_project("archive-project", lambda _, scored, by: {"version": scored.version}),
    "restore-project": of_project("restore-project", archived),
    "delete-project": of_project(
        "delete-project", lambda _, scored, by: {"version": scored.version, "confirmation": scored.name}
    ),
    "add-project": lambda team, scored, by: to(
        "add-project", **tree(team, scored, url="https://github.com/example/new", name="new")
    ),
    "import-projects": lambda team, scored, by: to(
        "import-projects", team=team.pk, text="", confirmed="",
        file=SimpleUploadedFile("list.csv", b"https://github.com/example/new"),
    ),
    "scan-board": lambda team, scored, by: to("scan-board"),
    "scan-team": lambda team, scored, by: to("scan-team", team.slug),
    "add-member": lambda team, scored, by: to("add-member", team.slug, person=person("new").username, role="viewer"),
    "change-role": lambda team, scored, by: to("change-role", team.slug, newcomer(team).pk, role="viewer"),
    "remove-member": lambda team, scored, by: to("remove-member", team.slug, newcomer(team).pk),
    "rename-team": lambda team, scored, by: to("rename-team", team.slug, name="Renamed"),
    "delete-team": lambda team, scored, by: to(
        "delete-team", type(team).objects.create(name="Old", slug="old").slug, confirmation="Old"
    ),
    "add-webhook": lambda team, scored, by: to("add-webhook", "teams", team.slug, provider="gitlab"),
    "rotate-webhook": of_endpoint("rotate-webhook"),
    "try-webhook": lambda team, scored, by: to("try-webhook", "projects", scored.slug),
    "remove-webhook": lambda team, scored, by: to("remove-webhook", "projects", scored.slug),
    "evaluate-delivery": lambda team, scored, by: to(
        "evaluate-delivery", "projects", scored.slug, Delivery.objects.get(endpoint__project=scored).pk
    ),
    "set-token": lambda team, scored, by: to(
        "set-token", "projects", scored.slug, host="github.com", token="hunter2hunter2", username=""
    ),
    "remove-token": lambda team, scored, by: to("remove-token", "projects", scored.slug, **with_token(scored, by)),
    "cancel-scan": lambda team, scored, by: to("cancel-scan", scan_request(scored, Phase.PENDING).pk),
    "retry-scan": lambda team, scored, by: to("retry-scan", scored.scans.get().pk),
    "new-team": lambda team, scored, by: to("new-team", name="New"),
    "add-person": lambda team, scored, by: to(
        "add-person", username="new", first_name="New", last_name="", email="new@example.org"
    ),
    "change-person": lambda team, scored, by: to("change-person", person("new").pk, active="on", admin="on"),
    "close-report": lambda team, scored, by: to("close-report", scored.verdict_reports.get().pk),
}  # fmt: skip


def rows(wanted) -> dict[str, list[tuple[object, ...]]]:
    """Every row of ours, each with the columns that `wanted` names for its model."""
    return {
        model.__name__: list(model._default_manager.order_by("pk").values_list(*wanted(model)))
        for model in apps.get_models()
        if model._meta.app_label in OURS
    }


def stored() -> dict[str, list[tuple[object, ...]]]:
    return rows(lambda model: [one.attname for one in model._meta.concrete_fields])


def happened() -> dict[str, list[tuple[object, ...]]]:
    """What is stored, without moments, numbers of rows and what is new each time."""
    return rows(lambda model: [name for one in model._meta.concrete_fields for name in lasting(one)])


def lasting(one: models.Field) -> list[str]:
    if isinstance(one, (models.DateTimeField, models.AutoField)) or one.name in NEW_EACH_TIME:
        return []
    if isinstance(one, models.ForeignKey):
        named = {"User": "username", "Team": "slug", "Project": "slug"}.get(one.related_model.__name__)
        return [f"{one.name}__{named}"] if named else []
    return [one.name]
