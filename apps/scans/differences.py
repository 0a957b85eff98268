"""What the running rules would change, found without writing anything or asking any forge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings

from apps.adoption.corrections import open_corrections
from apps.adoption.models import Standing
from apps.analysis.engine import Report
from apps.analysis.version import engine_version
from apps.repositories.cache import in_use, mirror_of
from apps.repositories.children import ask
from apps.repositories.environment import reading_environment
from apps.repositories.errors import RepositoryError
from apps.repositories.policy import check_address
from apps.repositories.rules import address_rules
from apps.scans.analysis_child import AnalysisRequest
from apps.scans.models import FactPack
from apps.scans.runner import CHILD_FILE_MB, repository_key

if TYPE_CHECKING:
    from apps.teams.models import Project


@dataclass(frozen=True, slots=True)
class Difference:
    """An item that the running rules would judge otherwise."""

    item: str
    stored: str
    now: str
    summary: str


def differences(project: Project, commit: str) -> list[Difference]:
    """What would change of the automatic results of `commit`. `RepositoryError` or `ChildCrashed` if nobody can say."""
    address = check_address(project.url, rules=address_rules())
    mirror = mirror_of(address, settings.MIRROR_DIR)
    pack = FactPack.objects.filter(repository=repository_key(project), engine_version=engine_version()).first()
    seconds = settings.SCAN_DEADLINE.total_seconds()
    with in_use(mirror):
        if not mirror.exists():
            raise RepositoryError("Its mirror is gone; the next scan brings it back.")
        report = ask(
            "apps.scans.analysis_child",
            AnalysisRequest(
                git_dir=str(mirror),
                commit=commit,
                subfolder=project.subfolder,
                corrections={claim: one.holds for claim, one in open_corrections(project).items()},
                cached=bytes(pack.packed) if pack else b"",
                seconds=int(seconds) + 1,
                memory_mb=settings.SCAN_MEMORY_MB,
                file_mb=CHILD_FILE_MB,
                reads=[str(mirror)],
            ),
            answer=Report,
            environment=reading_environment(),
            seconds=seconds,
            on_progress=lambda _progress: None,
        )
    stored = dict(Standing.objects.filter(project=project).values_list("item", "automatic"))
    return [
        Difference(item, stored.get(item, "unknown"), found.state, found.summary)
        for item, found in report.findings.items()
        if found.state != stored.get(item, "unknown")
    ]
