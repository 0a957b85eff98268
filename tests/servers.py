"""Servers for one run of the tests: those that the environment does not name are started, and end with the process."""

import atexit
import os
import shutil
from contextlib import ExitStack

import psycopg

from apps.embedded.places import Places
from apps.embedded.services import attached


def start_servers(places: Places) -> ExitStack:
    """Starts what is missing and names it in the environment. Closing the answer ends it before the process does."""
    variables = {"DATABASE_URL": ("postgres", places.database_url), "REDIS_URL": ("valkey", places.redis_url)}
    missing = {variable: service for variable, service in variables.items() if not os.environ.get(variable)}
    servers = ExitStack()
    atexit.register(servers.close)
    servers.callback(shutil.rmtree, places.data, ignore_errors=True)
    servers.callback(shutil.rmtree, places.home, ignore_errors=True)
    servers.enter_context(attached(places, [name for name, _ in missing.values()]))
    os.environ.update({variable: url for variable, (_, url) in missing.items()})
    if "DATABASE_URL" in missing:
        with psycopg.connect(f"{places.database_url}&user=postgres", autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")  # nobody needs this cluster after a power cut
            connection.execute("SELECT pg_reload_conf()")
    return servers
