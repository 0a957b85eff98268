"""Where the embedded services keep their data and listen, worked out from one folder without touching it."""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

LONGEST_SOCKET_PATH = 100  # bytes; Linux allows 107, macOS 103
DATABASE = "twelvefold"


@dataclass(frozen=True, slots=True)
class Places:
    """The folders and addresses of the services that live under `data`."""

    data: Path

    @property
    def sockets(self) -> Path:
        """The folder of both sockets: under `data`, or in the temporary folder where that path is too long."""
        inside = self.data / "run"
        if len(os.fsencode(inside / ".s.PGSQL.5432.lock")) <= LONGEST_SOCKET_PATH:
            return inside
        digest = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"twelvefold-{digest}"

    @property
    def database_url(self) -> str:
        return f"postgresql://twelvefold@/{DATABASE}?host={quote(str(self.sockets), safe='')}"

    @property
    def redis_url(self) -> str:
        return f"unix://{self.sockets / 'valkey.sock'}"

    def secret_key(self) -> str:
        """The signing key of this data folder, made on first use and readable by its owner only."""
        path = self.data / "secret-key"
        try:
            return path.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            self.data.mkdir(parents=True, exist_ok=True)
            key = secrets.token_urlsafe(48)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(descriptor, "w", encoding="ascii") as stream:
                stream.write(key)
            return key
