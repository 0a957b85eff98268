"""Where the embedded services keep their data and listen, worked out from one folder without touching it."""

from __future__ import annotations

import hashlib
import os
import pwd
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import quote

PROJECT = Path(__file__).resolve().parent.parent.parent
OUTSIDE = Path("/var/lib/twelvefold")  # for root, when its data folder is closed to the account that runs the servers
LONGEST_SOCKET_PATH = 100  # bytes; Linux allows 107, macOS 103
DATABASE = "twelvefold"


class ServiceError(Exception):
    """An embedded service cannot do what was asked; the message is one sentence for a person."""


@dataclass(frozen=True, slots=True)
class Account:
    """The unprivileged account that runs the servers when Twelvefold itself runs as root."""

    uid: int
    gid: int

    def may_enter(self, folder: Path) -> bool:
        """Say whether `folder`, or the part of it that exists, can be entered, going by the mode bits alone."""
        for step in (folder, *folder.parents):
            try:
                found = step.stat()
            except FileNotFoundError:
                continue
            if found.st_uid == self.uid:
                needed = stat.S_IXUSR
            else:
                needed = stat.S_IXGRP if found.st_gid == self.gid else stat.S_IXOTH
            if not found.st_mode & needed:
                return False
        return True


@dataclass(frozen=True, slots=True)
class Places:
    """The folders and addresses of the services that live under `data`."""

    data: Path

    @classmethod
    def from_environment(cls) -> Self:
        """Read DATA_DIR; a relative path starts at the project's folder."""
        return cls(PROJECT / os.environ.get("DATA_DIR", ".twelvefold"))

    @property
    def demo(self) -> Path:
        """The folder of the demonstration's repositories."""
        return self.data / "demo"

    @property
    def account(self) -> Account | None:
        """Who runs the servers: None is whoever runs Twelvefold; PostgreSQL refuses root."""
        if os.geteuid() != 0:
            return None
        try:
            owner = (self.data / "postgres").stat()
        except OSError:
            owner = None
        if owner is not None and owner.st_uid != 0:
            return Account(owner.st_uid, owner.st_gid)
        try:
            nobody = pwd.getpwnam("nobody")
        except KeyError:
            raise ServiceError("PostgreSQL does not run as root, and this machine has no user “nobody”.") from None
        return Account(nobody.pw_uid, nobody.pw_gid)

    @property
    def home(self) -> Path:
        """The folder of the servers: `data`, or one of its own under /var/lib when root's data folder is closed."""
        account = self.account
        if account is None:
            return self.data
        outside = OUTSIDE / self._digest
        return self.data if account.may_enter(self.data) and not outside.exists() else outside

    @property
    def sockets(self) -> Path:
        """The folder of both sockets: under `home`, or a short one under /tmp where that path is too long."""
        inside = self.home / "run"
        if len(os.fsencode(inside / ".s.PGSQL.5432.lock")) <= LONGEST_SOCKET_PATH:
            return inside
        return Path("/tmp") / f"twelvefold-{self._digest}"  # noqa: S108  # nosec B108 - the same for every process; its owner is checked

    @property
    def database_url(self) -> str:
        return f"postgresql://twelvefold@/{DATABASE}?host={quote(str(self.sockets), safe='')}"

    @property
    def redis_url(self) -> str:
        return f"unix://{self.sockets / 'valkey.sock'}"

    @property
    def _digest(self) -> str:
        return hashlib.sha256(os.fsencode(self.data)).hexdigest()[:12]

    def make_data(self) -> None:
        """Make the data folder; others may pass through it, what is private inside has its own mode."""
        make_passable(self.data)
        if not os.access(self.data, os.W_OK | os.X_OK):
            raise ServiceError(f"The data folder {self.data} cannot be written; set DATA_DIR to one that can.")

    def make_home(self) -> None:
        """Make the folder of the servers, which only differs from the data folder when that is closed to them."""
        self.make_data()
        home = self.home
        if home != self.data:
            make_passable(OUTSIDE)
            make_passable(home)

    def secret_key(self) -> str:
        """The signing key of this data folder, made on first use and readable by its owner only."""
        path = self.data / "secret-key"
        self.make_data()
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text(encoding="ascii").strip()
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            key = secrets.token_urlsafe(48)
            stream.write(key)
        return key


def make_passable(folder: Path) -> None:
    """Make a folder that others may pass through without reading it; one that exists stays as it is."""
    try:
        folder.mkdir(parents=True)
        folder.chmod(0o711)
    except FileExistsError:
        return
    except OSError as error:
        raise ServiceError(f"The folder {folder} cannot be made: {error.strerror}.") from None
