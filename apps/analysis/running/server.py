"""What is known of one server: its program, how it is started, and where its port comes from."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from apps.analysis.running.starts import DEPLOYED

if TYPE_CHECKING:
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import File
    from apps.analysis.running.starts import Start


class Port(StrEnum):
    """Where a server's port comes from."""

    ENVIRONMENT = "environment"  # or a flag
    FIXED = "fixed"  # in the command or a config file, or left at the framework's default
    LITERAL = "literal"  # in source code


class Server(msgspec.Struct, frozen=True):
    """`start` is the command that starts it, None where code does. `graceful` servers stop cleanly on SIGTERM."""

    program: str
    place: Evidence
    port: Port
    file: File
    start: Start | None = None
    development: bool = False
    graceful: bool = True
    workers: int | None = None  # processes: None where nothing says so, 0 where the environment says so

    @property
    def is_deployed(self) -> bool:
        return self.start is not None and self.start.by in DEPLOYED
