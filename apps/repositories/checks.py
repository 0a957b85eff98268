"""What `manage.py check` says of this machine: whether its git and its kernel are fit to meet strangers."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Warning  # noqa: A004 - Django's own name

from apps.repositories.environment import reading_environment
from apps.repositories.jail import has_seccomp, landlock_version

NEEDED = (2, 37)  # the first that pins addresses: http.curloptResolve
SOUND = (2, 43, 7)  # the first of its line that mends what hostile repositories were known to do in July 2025


def check_git(**_: object) -> list[CheckMessage]:
    """Asked of the git that the children find, on their search path."""
    try:
        answer = subprocess.run(
            ["git", "--version"],  # noqa: S607 - found on the fixed search path of the exact environment
            env=reading_environment(), capture_output=True, check=True, timeout=10,
        ).stdout.decode()  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return [Error("Git cannot be started.", hint="Install git; scans fetch with it.", id="repositories.E001")]
    found = version_in(answer)
    if found < NEEDED:
        return [
            Error(
                f"This git ({_shown(found)}) cannot pin the address of a host, so that scans would not be safe.",
                hint=f"Install git {_shown(SOUND)} or newer.",
                id="repositories.E002",
            )
        ]
    if found < SOUND:
        return [
            Warning(
                f"This git ({_shown(found)}) is older than {_shown(SOUND)}, "
                "which mends faults that hostile repositories use.",
                hint="Update git. Where the system's maintainers mend their older git, silence this: "
                "SILENCED_SYSTEM_CHECKS=repositories.W001.",
                id="repositories.W001",
            )
        ]
    return []


def check_certificates(**_: object) -> list[CheckMessage]:
    if settings.FORGE_CA_FILE and not Path(settings.FORGE_CA_FILE).is_file():
        return [Error("FORGE_CA_FILE names no file; no forge could be reached.", id="repositories.E003")]
    return []


def check_confinement(**_: object) -> list[CheckMessage]:
    lacks = [name for name, has in (("seccomp", has_seccomp()), ("Landlock", landlock_version())) if not has]
    if not lacks:
        return []
    return [
        Info(
            f"This system lacks {' and '.join(lacks)}: the children that fetch and parse keep their limits and "
            "their bare environment, but not every wall around them (docs/assurance-case.md).",
            id="repositories.I001",
        )
    ]


def version_in(answer: str) -> tuple[int, ...]:
    """The numbers of `git version 2.39.5 (Apple Git-154)`; () when there are none."""
    found = re.search(r"\d+(?:\.\d+)+", answer)
    return tuple(map(int, found.group().split("."))) if found else ()


def _shown(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version)) or "of unknown version"
