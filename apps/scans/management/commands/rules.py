"""Says, before a release, what the running rules would change."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandParser

from apps.repositories.children import ChildCrashed
from apps.repositories.errors import RepositoryError
from apps.scans.differences import differences
from apps.teams.models import Project


class Command(BaseCommand):
    help = (
        "Judge the last scanned commit of each project by the running code and list what would change. Writes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["diff"])
        parser.add_argument("projects", nargs="*", metavar="SLUG", help="these projects; none means all")

    def handle(self, *_args: object, projects: list[str], **_options: object) -> None:
        scanned = Project.objects.filter(scorecard__isnull=False, archived_at=None).select_related("scorecard")
        if projects:
            scanned = scanned.filter(slug__in=projects)
        changed = items = 0
        for project in scanned.order_by("slug"):
            try:
                found = differences(project, project.scorecard.commit)
            except (RepositoryError, ChildCrashed) as problem:
                self.stdout.write(f"{project.slug}: cannot be judged. {problem}")
                continue
            for one in found:
                self.stdout.write(f"{project.slug}: {one.item}: {one.stored} -> {one.now}: {one.summary}")
            changed += bool(found)
            items += len(found)
        self.stdout.write(f"{items} items of {changed} projects would change; {len(scanned)} were asked.")
        if items:
            raise SystemExit(1)
