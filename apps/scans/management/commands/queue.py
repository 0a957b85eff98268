"""`manage.py queue`: how the queue is doing, in a terminal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand

from apps.scans import insight
from apps.scans.vitals import look

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    help = "Shows what waits, runs and failed, and whether beat and workers are alive."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, **options: Any) -> None:  # noqa: ANN401
        now = insight.depth()
        figures = {
            "waiting": now.waiting, "by_cause": now.by_cause, "later": now.later,
            "oldest_seconds": round(now.oldest_seconds), "running": now.running, "ended_in_a_day": now.ended,
        }  # fmt: skip
        if options["json"]:
            self.stdout.write(json.dumps(figures | {"vitals": {one.name: one.said for one in look()}}, sort_keys=True))
            return
        for name, value in figures.items():
            self.stdout.write(f"{name.replace('_', ' '):<16}{value}")
        for vital in look():
            self.stdout.write(f"{vital.name:<16}{vital.said}")
        for request in insight.running():
            self.stdout.write(f"running         {request.project} at {request.percent} % by {request.worker}")
        for request in insight.failures():
            self.stdout.write(f"failed          {request.project}: {request.reason}")
