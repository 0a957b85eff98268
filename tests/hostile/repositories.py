"""Builds hostile repositories: `VARIANTS` maps a name to what makes it in an empty store."""

from __future__ import annotations

import unicodedata
import zlib
from collections.abc import Callable
from functools import partial

from tests.hostile import payloads
from tests.hostile.objects import FILE, LINK, MODULE, TREE, WHO, Store

Build = Callable[[Store], object]

PLAIN = {"train.py": "import torch\n\nlr = 0.1\n", "requirements.txt": "torch==2.4.0\n"}
NOBODY = "1" * 40
EVIL = "touch PWNED"


def _bomb(store: Store, *, width: int, depth: int) -> None:
    tree = store.folder({f"f{n}": "x" for n in range(width)})
    for _ in range(depth):
        tree = store.tree([(TREE, f"d{n:03}".encode(), tree) for n in range(width)])
    store.commit(tree)


def _deep(store: Store, *, depth: int) -> None:
    tree = store.folder(PLAIN)
    for _ in range(depth):
        tree = store.tree([(TREE, b"d", tree)])
    store.commit(tree)


def _zeros(store: Store, *, name: str, size: int) -> None:
    store.of(PLAIN | {name: (FILE, store.put_zeros(size))})


def _with(store: Store, **files: object) -> None:
    store.of(PLAIN | files)


def _named(store: Store, *, names: list[bytes]) -> None:
    blob = store.put("blob", b"import os\nos.environ['A']\n")
    entries = [(FILE, name, blob) for name in names] + [(FILE, b"train.py", blob)]
    store.commit(store.tree(sorted(entries, key=lambda one: one[1])))


def _inside(store: Store, *, folders: list[bytes]) -> None:
    tree = store.folder({"post-checkout": f"#!/bin/sh\n{EVIL}\n", "config": f"[core]\n\tfsmonitor = {EVIL}\n"})
    for name in reversed(folders):
        tree = store.tree([(TREE, name, tree)])
    store.commit(tree)


def _module(store: Store, *, url: str, path: str) -> None:
    modules = f'[submodule "{path}"]\n\tpath = {path}\n\turl = {url}\n\tupdate = !{EVIL}\n'
    store.of(PLAIN | {".gitmodules": modules, "sub": (MODULE, NOBODY)})


def _branch(store: Store, *, name: str) -> None:
    store.commit(store.folder(PLAIN), branch=name)


def _absent(store: Store, *, names: list[str]) -> None:
    store.of(PLAIN | dict.fromkeys(names, (FILE, NOBODY)))


def _commit(store: Store, *, raw: bytes) -> None:
    tree = store.folder(PLAIN).encode()
    store.commit("", raw=raw.replace(b"TREE", tree).replace(b"WHO", WHO))


def _raw_tree(store: Store, *, raw: bytes) -> None:
    blob = bytes.fromhex(store.put("blob", b"x\n"))
    store.commit(store.put("tree", raw.replace(b"BLOB", blob)))


def _head(store: Store, *, kind: str) -> None:
    tree = store.folder(PLAIN)
    commit = store.commit(tree)
    tag = f"object {commit}\ntype commit\ntag a\ntagger ".encode() + WHO + b"\n\na\n"
    store.point({"blob": store.put("blob", b"x"), "tree": tree, "tag": store.put("tag", tag), "nothing": NOBODY}[kind])


def _damaged(store: Store, *, content: bytes) -> None:
    store.of(PLAIN)
    blob = store.put("blob", PLAIN["train.py"].encode())
    store.write(blob, content)


def _many(store: Store, *, count: int) -> None:
    blob = store.put("blob", b"import os\n")
    store.commit(store.tree(sorted((FILE, f"m{n:06}.py".encode(), blob) for n in range(count))))


def _references(store: Store, *, count: int) -> None:
    commit = store.of(PLAIN)
    lines = "".join(f"{commit} refs/heads/b{n:07}\n" for n in range(count))
    (store.path / "packed-refs").write_text(f"# pack-refs with: peeled fully-peeled sorted \n{lines}")


def _configured(store: Store, *, config: str) -> None:
    store.of(PLAIN)
    with (store.path / "config").open("a") as file:
        file.write(config)
    hooks = store.path / "hooks"
    hooks.mkdir()
    for name in ("post-checkout", "pre-receive", "post-update", "reference-transaction", "fsmonitor-watchman"):
        (hooks / name).write_text(f"#!/bin/sh\n{EVIL}\n")
        (hooks / name).chmod(0o755)


def _variants() -> dict[str, Build]:  # noqa: C901 - a list
    made: dict[str, Build] = {}

    def add(title: str, build: Callable[..., object], /, **parameters: object) -> None:
        assert title not in made, title
        made[title] = partial(build, **parameters)

    for width, depth in ((10, 3), (10, 6), (10, 9), (2, 24), (100, 3), (256, 2)):
        add(f"bomb of {width} to the {depth}", _bomb, width=width, depth=depth)
    for depth in (50, 500, 2000, 5000):
        add(f"{depth} folders deep", _deep, depth=depth)
    for size in (1_000_000, 20_000_000, 20_000_001, 64_000_000):
        for name in ("train.py", "book.ipynb", "config.yaml", "requirements.txt", "Dockerfile", "data.bin"):
            add(f"{size} zeros in {name}", _zeros, name=name, size=size)
    add("a GiB of zeros", _zeros, name="model.bin", size=1 << 30)
    targets = [
        "/etc/passwd",
        "../../../../etc/passwd",
        "/dev/zero",
        "/dev/random",
        "/proc/self/environ",
        ".",
        "..",
        "Dockerfile",
        "x" * 4000,
        "",
        "a\nb",
    ]
    for number, target in enumerate(targets):
        for name in ("Dockerfile", "requirements.txt", ".twelvefold.toml", ".gitmodules"):
            add(f"link {number} as {name}", _with, **{name: (LINK, target)})
    for number, url in enumerate(
        (f"ext::sh -c '{EVIL}'", "file:///etc", f"--upload-pack={EVIL}", "../..", f"ssh://-oProxyCommand={EVIL}/x")
    ):
        for path in ("sub", "../sub", ".git/hooks", "-x"):
            add(f"submodule {number} at {path}", _module, url=url, path=path)
    for number, text in enumerate(
        (
            f'* filter=x\n*.py diff=x merge=x ident\n[filter "x"]\n\tsmudge = {EVIL}\n',
            "* working-tree-encoding=no-such\n",
            "* export-subst text eol=crlf\n",
            "[attr]a a\n* a\n",
            "* " + "x " * 100_000 + "\n",
            "/" * 5000 + " x\n",
        )
    ):
        add(
            f"attributes {number}",
            _with,
            **{".gitattributes": text, ".lfsconfig": f"[lfs]\n\turl = ext::sh -c '{EVIL}'\n"},
        )
    for number, folders in enumerate(
        (
            [b".git", b"hooks"],
            [b".GIT", b"hooks"],
            [b"git~1", b"hooks"],
            [b".git ", b"hooks"],
            [b".g\xe2\x80\x8cit", b"hooks"],
            [b"..", b"hooks"],
            [b".", b"hooks"],
            [b"hooks"],
            [b"objects", b"pack"],
            [b"a", b"..", b"..", b"b"],
        )
    ):
        add(f"hooks {number}", _inside, folders=folders)
    for number, name in enumerate(
        (
            b"../x.py",
            b"/etc/x.py",
            b"a/b.py",
            b"-h",
            b"--upload-pack=touch PWNED",
            b"a\nb.py",
            b"a\tb.py",
            b"a\rb.py",
            b"\xff\xfe.py",
            b"caf\xe9.py",
            "\u202eyp.rekcah".encode(),
            "\u2066a\u2069.py".encode(),
            b"\x1b[31mred.py",
            b"\x07.py",
            b"n" * 4000 + b".py",
            b"CON",
            b"aux.py",
            b"a:b.py",
            b"a\\b.py",
            b"%00.py",
            b"{{7*7}}.py",
            b"<script>alert(1)<",
            b"$(touch PWNED).py",
            b"`touch PWNED`.py",
            b"'; touch PWNED;'.py",
            b"=cmd()|x.csv",
            b" .py",
            b"\xed\xa0\x80.py",
            b"\xf0\x9f\x92\xa9.py",
        )
    ):
        add(f"path {number}", _named, names=[name])
    add("case twins", _named, names=[b"Dockerfile", b"dockerfile", b"DOCKERFILE", b"README.md", b"readme.md"])
    add("form twins", _named, names=[unicodedata.normalize(form, "caf\u00e9.py").encode() for form in ("NFC", "NFD")])
    add(
        "all twins of requirements",
        _named,
        names=[name.encode() for name in ("requirements.txt", "Requirements.txt", "REQUIREMENTS.TXT")],
    )
    for number, name in enumerate(
        ("-h", "--help", "HEAD", "x;touch PWNED", "$(touch PWNED)", "b" * 200, "a/b/c/d/e", "\u00fc\u202e")
    ):
        add(f"branch {number}", _branch, name=name)
    add("a blob that is absent", _absent, names=["model.bin"])
    add("code that is absent", _absent, names=["serve.py", "Dockerfile", ".twelvefold.toml"])
    for number, raw in enumerate(
        (
            b"tree TREE\n",
            b"",
            b"tree TREE\nauthor x\ncommitter y\n\n",
            b"tree TREE\nauthor WHO\ncommitter WHO\n\n\0\xff",
            b"author WHO\ncommitter WHO\n\nno tree\n",
            b"tree " + b"2" * 40 + b"\nauthor WHO\ncommitter WHO\n\nx\n",
            b"tree TREE\nparent " + b"3" * 40 + b"\nauthor WHO\ncommitter WHO\n\nx\n",
            b"tree TREE\n"
            + b"parent " * 1
            + b"4" * 40
            + b"\n"
            + (b"parent " + b"5" * 40 + b"\n") * 20_000
            + b"author WHO\ncommitter WHO\n\nx\n",
            b"tree TREE\nauthor WHO\ncommitter WHO\n\n" + b"m" * 30_000_000,
            b"tree TREE\nauthor A <a> 99999999999999999999 +9999\ncommitter B <b> -1 -0000\n\nx\n",
            b"tree TREE\nauthor WHO\ncommitter WHO\nencoding \x1b]0;x\x07\ngpgsig x\n\nx\n",
        )
    ):
        add(f"commit {number}", _commit, raw=raw)
    for number, raw in enumerate(
        (
            b"100644 b\0BLOB100644 a\0BLOB",
            b"100644 a\0BLOB100644 a\0BLOB",
            b"000100644 a\0BLOB",
            b"777777 a\0BLOB",
            b"100644 \0BLOB",
            b"100644 a\0" + b"\0" * 20,
            b"100644 a\0BLO",
            b"100644 a",
            b"",
            b"40000 a\0BLOB",
            b"160000 a\0BLOB",
            b"100644 a\n\0BLOB",
            b"1" * 100_000,
        )
    ):
        add(f"tree {number}", _raw_tree, raw=raw)
    for kind in ("blob", "tree", "tag", "nothing"):
        add(f"head is a {kind}", _head, kind=kind)
    for number, content in enumerate(
        (
            b"",
            b"garbage",
            zlib.compress(b"blob 5\0other"),
            zlib.compress(b"blob 99999999999\0x"),
            zlib.compress(b"nonsense 3\0abc"),
            zlib.compress(bytes(50_000_000)),
        )
    ):
        add(f"damaged object {number}", _damaged, content=content)
    for count in (5_000, 60_000):
        add(f"{count} files", _many, count=count)
    add("200000 references", _references, count=200_000)
    for number, config in enumerate(
        (
            f"[core]\n\tfsmonitor = {EVIL}\n\thooksPath = hooks\n\tpager = {EVIL}\n",
            f"[uploadpack]\n\tpackObjectsHook = {EVIL}\n",
            f"[include]\n\tpath = /etc/passwd\n[alias]\n\tls-tree = !{EVIL}\n",
            '[extensions]\n\tworktreeConfig = true\n\tpartialClone = origin\n[remote "origin"]\n\turl = ext::sh -c id\n\tpromisor = true\n',
        )
    ):
        add(f"configuration {number}", _configured, config=config)
    for (name, trick), content in payloads.every().items():
        add(f"{trick} in {name}", _with, **{name: content})
    return made


VARIANTS = _variants()
