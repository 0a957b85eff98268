"""Waits in a process of its own until the pages answer, then says where they are and how to stop."""

from __future__ import annotations

import http.client
import os
import sys
import time

PATIENCE_SECONDS = 60


def answers(host: str, port: int) -> bool:
    """Say whether the web process serves: any answer of its own counts, an error of its own does not."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status < 500
    except OSError:
        return False
    finally:
        connection.close()


def main(host: str, port: str, sign_in: str, parent: str) -> None:
    """`parent` is the id of the process that started this one; it may be gone before this one looks for it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not answers(host, int(port)):
        if time.monotonic() > deadline or os.getppid() != int(parent):
            return
        time.sleep(0.1)
    print(f"\n  Twelvefold is at  http://{host}:{port}/\n  {sign_in}\n  Stop it with      Ctrl-C\n", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
