"""A confined child that misbehaves on request: the tests' stand-in for git and for a parser."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time

from apps.repositories.confined import Limits, serve
from apps.repositories.errors import RepositoryError


class Wish(Limits):
    do: str
    payload: bytes = b""


def work(request, report):  # noqa: C901 - a list of wishes
    report("read", 0.1, "Begun")
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
    return None


if __name__ == "__main__":
    serve(Wish, work)
