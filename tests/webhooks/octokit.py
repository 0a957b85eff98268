"""GitHub's own example payloads and its own signer, installed by npm; without npm, a few examples kept here.

The examples are those of @octokit/webhooks-examples, under the MIT licence beside `examples.json`.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
INSTALLED = HERE.parents[1] / ".venv" / "octokit"
PACKAGES = ["@octokit/webhooks-examples@7.6.1", "@octokit/webhooks-methods@6.0.0"]


def installed() -> Path | None:
    """Where the packages are, installed once; None where there is no npm, which continuous integration has."""
    if shutil.which("npm") is None:
        assert not os.environ.get("CI"), "npm is needed here"
        return None
    INSTALLED.mkdir(parents=True, exist_ok=True)
    with (INSTALLED / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (INSTALLED / "done").exists():
            command = ["npm", "install", "--no-audit", "--no-fund", "--no-save", "--ignore-scripts", *PACKAGES]
            subprocess.run(command, cwd=INSTALLED, check=True, capture_output=True, timeout=120)
            (INSTALLED / "done").touch()
    return INSTALLED


def examples() -> list[tuple[str, dict]]:
    """Pairs of event and payload."""
    folder = installed()
    source = (
        folder / "node_modules/@octokit/webhooks-examples/api.github.com/index.json"
        if folder
        else HERE / "examples.json"
    )
    found = json.loads(source.read_text(encoding="utf-8"))
    return [(event["name"], payload) for event in found for payload in event["examples"]]


def signatures(pairs: list[tuple[str, bytes]]) -> list[str]:
    """What GitHub's library makes of (secret, body)."""
    folder = installed()
    if folder is None:
        return ["sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest() for secret, body in pairs]
    shutil.copy(HERE / "sign.mjs", folder / "sign.mjs")
    given = json.dumps([{"secret": secret, "body": body.decode()} for secret, body in pairs])
    ran = subprocess.run(
        ["node", folder / "sign.mjs"], cwd=folder, input=given, capture_output=True, text=True, check=True
    )
    return json.loads(ran.stdout)
