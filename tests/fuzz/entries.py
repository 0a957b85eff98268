"""Every place where bytes of strangers enter: one function each, which may refuse its input but never break."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial

import msgspec

from apps.analysis.engine import Report
from apps.analysis.facts.extract import UNREAD, Depth, facts_of
from apps.analysis.facts.secrets import redacted
from apps.analysis.files import Pack
from apps.analysis.paths import Kind, kind_of, role_of
from apps.analysis.settings_file import parse as parse_settings
from apps.repositories.commit import listed
from apps.repositories.complaints import explain
from apps.repositories.errors import AddressRefused, RepositoryError
from apps.repositories.fetch import BRANCH, Fetched
from apps.repositories.frames import FrameBuffer, decode_message
from apps.repositories.policy import check_address

Entry = Callable[[bytes], object]

# Files whose parser is chosen by name: one of each, beside one of every kind.
NAMED = {
    "setup.py": Kind.PYTHON,
    "pipfile": Kind.TOML,
    "package.json": Kind.JSON,
    "setup.cfg": Kind.INI,
    "pom.xml": Kind.XML,
    "build.sbt": Kind.SCALA,
    "go.mod": Kind.TEXT,
    "description": Kind.TEXT,
    "conda.yaml": Kind.YAML,
}


def _file(content: bytes, *, kind: Kind, name: str = "file", depth: Depth = Depth.WHOLE) -> None:
    msgspec.msgpack.encode(facts_of(kind, name, content, depth))


def _address(content: bytes) -> None:
    try:
        address = check_address(content.decode(errors="replace"), resolver=lambda _: ["1.1.1.1"])
    except AddressRefused:
        return
    assert address.ips == ("1.1.1.1",)
    assert address.url.startswith("https://")


def _frames(content: bytes) -> None:
    """What a child that was taken over may answer."""
    try:
        for body in FrameBuffer().feed(content):
            message = decode_message(body)
            for answer in (Report, Fetched):
                msgspec.msgpack.decode(getattr(message, "content", b""), type=answer)
    except ValueError:  # msgspec's errors are of it
        return


def _listing(content: bytes) -> None:
    with suppress(RepositoryError):
        listed(content)


def _path(content: bytes) -> None:
    path = content.decode("utf-8", "backslashreplace")
    kind_of(path), role_of(path)


def _branch(content: bytes) -> None:
    name = content.decode(errors="replace")
    if BRANCH.fullmatch(name):
        assert not {" ", ":", "\n", "\0"} & set(name)


ENTRIES: dict[str, Entry] = {
    **{str(kind): partial(_file, kind=kind) for kind in Kind if kind not in UNREAD},
    **{name: partial(_file, kind=kind, name=name) for name, kind in NAMED.items()},
    "thin-python": partial(_file, kind=Kind.PYTHON, depth=Depth.THIN),
    "settings-file": lambda content: parse_settings(content).as_json(),
    "fact-pack": lambda content: Pack.unpack(content).packed(),
    "listing": _listing,
    "complaint": lambda content: explain(content.decode(errors="replace"), "host"),
    "masking": lambda content: redacted(content.decode(errors="replace")),
    "address": _address,
    "frames": _frames,
    "path": _path,
    "branch": _branch,
}

# What a fuzzer starts from, so that it need not guess the grammar first.
SEEDS: dict[str, list[bytes]] = {
    "python": [b"import torch as t\n\n\ndef f(x: int = 1):\n    return t.save(x, f'{x}.pt')\n"],
    "notebook": [b'{"cells": [{"cell_type": "code", "source": ["import os\\n", "!pip install x\\n", "%%bash"]}]}'],
    "shell": [b'#!/bin/sh\nset -e\nexport A=1; for x in *; do python "$x" --lr ${A:-1} | tee log; done\n'],
    "make": [b"run: build\n\t@python train.py $(ARGS)\nbuild:\n\tdocker build . \\\n\t-t x\n"],
    "dockerfile": [b'FROM python:3.11 AS a\nARG X=1\nENV A=$X B="c d"\nRUN pip install x && \\\n  y\nCMD ["a", "b"]\n'],
    "procfile": [b"web: gunicorn app:app --port $PORT\n"],
    "yaml": [b"a: &a {b: [1, 2]}\nc: *a\n<<: *a\n--- !!str x\n"],
    "json": [b'{"a": [1, 2.5, null, "\\u00e9"], // c\n "b": {"c": true},}'],
    "toml": [b'[a.b]\nc = 1\n[[d]]\ne = {f = "g", h = 2024-01-01}\n'],
    "ini": [b"[a]\nb = c\n d\n[e]\nf: g\n"],
    "env": [b"export A=b\nC='d'\n"],
    "requirements": [b"-r x.txt\ntorch==2.4.0 ; python_version<'3' --hash=sha256:aa\n-e git+https://h/x@1#egg=y\n"],
    "groovy": [b"pipeline { stage('a') { sh 'python x.py' } }\nimplementation 'a:b:1'\n"],
    "pom.xml": [b"<dependency><artifactId>a</artifactId><version>1</version></dependency>"],
    "settings-file": [b"exclude = ['a/**']\nroot = 'b'\n[profile]\nserves = true\n[[exception]]\nitem = 'x'\n"],
    "listing": [
        b"100644 blob " + b"a" * 40 + b"      12\tdir/name\0" + b"160000 commit " + b"b" * 40 + b"       -\tm\0"
    ],
    "complaint": [b"fatal: unable to access 'https://h/x/': The requested URL returned error: 503"],
    "address": [b"https://example.org:443/team/a%20b.git/", "https://b\u00fccher.example/x".encode()],
    "masking": [b'token = "ghp_012345678901234567890123456789abcdef"', b"postgresql://u:p4ssw0rdX@h/db"],
}
