"""Asks for the past of projects, or reports how far it is."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.scans.backfills import request_backfill
from apps.scans.models import Backfill
from apps.teams.models import Project


class Command(BaseCommand):
    help = "Judge past commits of projects, so that their charts begin before they were added. Workers do the work."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("projects", nargs="*", metavar="SLUG", help="the projects; none means --list")
        parser.add_argument("--all", action="store_true", help="every project, the archived ones excepted")
        parser.add_argument("--list", action="store_true", help="show how far each history is, ask for nothing")

    def handle(self, *_args: object, projects: list[str], **options: object) -> None:
        chosen = Project.objects.filter(archived_at=None)
        if not options["all"]:
            chosen = Project.objects.filter(slug__in=projects)
            if unknown := set(projects) - {project.slug for project in chosen}:
                raise CommandError(f"There is no project {', '.join(sorted(unknown))}.")
        if options["list"] or not (projects or options["all"]):
            for row in Backfill.objects.select_related("project").order_by("project__slug"):
                self.stdout.write(
                    f"{row.project.slug}: {row.phase}, {row.done} of {len(row.plan)} {row.reason}".strip()
                )
            return
        for project in chosen.order_by("slug"):
            if request_backfill(project=project) is None:
                raise CommandError("Histories are off: BACKFILL_WEEKS and BACKFILL_MONTHS are 0.")
        self.stdout.write(f"Asked for the history of {len(chosen)} projects.")
