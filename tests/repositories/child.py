"""A confined child that misbehaves on request: the tests' stand-in for git and for a parser."""

import ctypes
import os
import platform
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from apps.repositories.confined import Limits, serve
from apps.repositories.errors import RepositoryError
from apps.repositories.jail import ARCHITECTURES


class Wish(Limits):
    do: str
    payload: bytes = b""


def work(request, report):  # noqa: C901 - a list of wishes
    report("read", 0.1, "Begun")
    text = os.fsdecode(request.payload[:1000])
    match request.do:
        case "environment":
            return dict(os.environ)
        case "echo":
            return len(request.payload)
        case "refuse":
            raise RepositoryError("It is not to be had.", passing=True)
        case "raise":
            raise ValueError("a programmer's mistake")
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "hang":
            time.sleep(60)
        case "shout":
            print("printed where frames go")
            sys.stderr.write("noise\n" * 100_000)
            return "heard"
        case "eat":
            return len(bytearray(request.memory_mb * 2 * 1024 * 1024))
        case "write":
            with tempfile.TemporaryFile() as file:
                file.write(b"\0" * (request.file_mb * 1024 * 1024 + 1))
        case "garble":
            return {"an answer": "of another shape"}
        case "hold":
            re.match(r"(a+)+$", "a" * 200 + "b")  # native code that keeps the interpreter for itself
        case "bear":
            child = subprocess.Popen(["sleep", "60"])
            report("read", 0.2, str(child.pid))
            time.sleep(60)
        case "socket":
            return attempted(lambda: socket.socket(getattr(socket, f"AF_{text.upper()}")).close() or "opened")
        case "call":
            number = ARCHITECTURES[platform.machine()][1][text]
            return attempted(lambda: called(number))
        case "read":
            return attempted(lambda: Path(text).read_text())
        case "touch":
            return attempted(lambda: Path(text).write_text("x") and "written")
        case "cat":
            done = subprocess.run(["cat", text], capture_output=True, text=True, check=False)
            return done.stdout + done.stderr
    return None


def attempted(deed):
    try:
        return deed()
    except OSError as problem:
        return type(problem).__name__


def called(number):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(number, 0, 0, 0, 0, 0) < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return "done"


if __name__ == "__main__":
    serve(Wish, work)
