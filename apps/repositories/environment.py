"""The exact environment of every git process: nothing of the worker's own reaches it."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from apps.repositories.policy import Address
    from apps.teams.tokens import Credential

LOCAL_CONFIG = Path(__file__).with_name("local.gitconfig")
SEARCH_PATH = "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin"

EXACT = {
    "PATH": SEARCH_PATH,
    "LANG": "C.UTF-8",
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "/bin/false",
    "SSH_ASKPASS": "/bin/false",
    "GIT_PROTOCOL_FROM_USER": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_LFS_SKIP_SMUDGE": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "MALLOC_ARENA_MAX": "2",  # each arena of a thread takes 64 MB of the limit on address space
}
# Read from the environment, these win over whatever a repository's own config says.
CONFIG = {
    "protocol.allow": "never",
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "core.symlinks": "false",
    "credential.helper": "",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "submodule.recurse": "false",
    # Packs are mapped in windows, so that a large one fits into the limit on address space.
    "core.packedGitWindowSize": "32m",
    "core.packedGitLimit": "128m",
    "core.deltaBaseCacheLimit": "32m",
    "pack.threads": "2",
    "core.bigFileThreshold": "16m",
}
FETCH_CONFIG = {
    "init.templateDir": "",
    "fetch.recurseSubmodules": "false",
    "fetch.unpackLimit": "1",
    "transfer.fsckObjects": "true",
    "transfer.bundleURI": "false",
    "transfer.credentialsInUrl": "die",
    "http.followRedirects": "false",
    "http.lowSpeedLimit": "1000",
    "http.lowSpeedTime": "20",
}
# Old repositories break these rules of form, and none of them matters to who only reads blobs.
HARMLESS_DEFECTS = ("badTimezone", "missingSpaceBeforeDate", "zeroPaddedFilemode", "zeroPaddedDate", "badDateOverflow")


class Egress(msgspec.Struct, frozen=True):
    """The way out of this deployment: a proxy that git must use, and the authorities that its forges' keys name.

    `credential` opens one private repository.
    """

    proxy: str = ""
    ca_file: str = ""
    credential: Credential | None = None


DIRECT = Egress()


def reading_environment() -> dict[str, str]:
    """For processes that only read a repository of this machine, whoever owns it: no protocol may be spoken."""
    return EXACT | {"GIT_ALLOW_PROTOCOL": "none"} | _numbered(CONFIG | {"safe.directory": "*"})


def fetching_environment(address: Address, mirrors: Path, egress: Egress = DIRECT) -> dict[str, str]:
    """For the one process that fetches `address`: its protocol alone, its host pinned to the checked addresses.

    A credential is sent to that host only, and stands nowhere else: not in the address, an argument or a file.
    A damaged mirror must not make git look for a repository above the folder of `mirrors`.
    """
    protocol = "file" if address.is_local else "https"
    config = CONFIG | FETCH_CONFIG | {f"protocol.{protocol}.allow": "always", "http.proxy": egress.proxy}
    config |= {f"fetch.fsck.{defect}": "ignore" for defect in HARMLESS_DEFECTS}
    exact = EXACT | {"GIT_ALLOW_PROTOCOL": protocol, "GIT_CEILING_DIRECTORIES": str(mirrors)}
    if address.is_local:
        exact["GIT_CONFIG_GLOBAL"] = str(LOCAL_CONFIG)
    else:
        ips = ",".join(f"[{ip}]" if ":" in ip else ip for ip in address.ips)
        config["http.curloptResolve"] = f"{address.host}:{address.port}:{ips}"
        if egress.credential is not None:
            pair = base64.b64encode(f"{egress.credential.username}:{egress.credential.token}".encode()).decode()
            config[f"http.https://{address.host}:{address.port}/.extraHeader"] = f"Authorization: Basic {pair}"
    if egress.ca_file:
        exact["GIT_SSL_CAINFO"] = egress.ca_file
    return exact | _numbered(config)


def _numbered(config: dict[str, str]) -> dict[str, str]:
    numbered = {"GIT_CONFIG_COUNT": str(len(config))}
    for number, (key, value) in enumerate(config.items()):
        numbered |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return numbered
