"""One file's content to its facts: parsers are chosen by kind, and a broken file costs no more than itself."""

from __future__ import annotations

import codecs
import configparser
import hashlib
import re
from contextlib import suppress
from enum import StrEnum
from functools import cache
from typing import TypeVar

import msgspec

from apps.analysis.expressions import expression
from apps.analysis.facts import (
    blocks,
    code,
    commands,
    manifests,
    notebook,
    other_python,
    secrets,
    signals,
    tree,
    workflows,
)
from apps.analysis.facts.model import Assign, Call, Code, Define, FileFacts, Import, Instruction, Leaf, Text, last_of
from apps.analysis.facts.required import needed_by
from apps.analysis.facts.search import Words
from apps.analysis.facts.telling import subjects_of
from apps.analysis.paths import Kind

LARGEST = 2_000_000  # bytes; a larger text is not parsed, only searched up to here
SMALLEST_BUNDLE, LONGEST_MEAN = 20_000, 500  # bytes of a script, and of its lines in the mean, that nobody writes
LARGEST_JSON = 300_000  # bytes; a larger one is data, not configuration
_LFS = b"version https://git-lfs.github.com/spec/"
_NO_SECRETS = {Kind.LOCK, Kind.OPAQUE, Kind.MODEL, Kind.ARCHIVE}
# What a file is told to be by its content, as its form.
IN_R, MEASURES, INSTALLS, IMAGE = "cells.r", "measures.py", "installs a platform", "dockerfile"
_TESTS = expression(rb"\bdef test_|\bpytest\b|\bunittest\b|\bTestCase\b|\bTestClient\b")
_MEASURES = expression(
    rb"\bsklearn\.metrics\b|\btorchmetrics\b|_score\(|mean_\w{4,20}_error|classification_report|confusion_matrix|\.evaluate\(|\btest_net\("
)
UNREAD = frozenset({Kind.OPAQUE, Kind.MODEL, Kind.ARCHIVE})  # of these only the name, the size and LFS matter

_Placed = TypeVar("_Placed", Import, Call, Assign, Define, Text)

BROKEN = (
    SyntaxError, ValueError, RecursionError, MemoryError, msgspec.DecodeError, configparser.Error,
    LookupError, TypeError, AttributeError,
)  # fmt: skip


class Depth(StrEnum):
    """How much is asked of a file's content."""

    WHOLE = "whole"
    THIN = "thin"  # Python of a large tree: imports by pattern, and how much the file may tell
    ASIDE = "aside"  # code that is no part of the running system: credentials only


def facts_of(kind: Kind, name: str, content: bytes, depth: Depth = Depth.WHOLE) -> FileFacts:
    """`name` is the file's base name in lower case: manifests are told apart by it. Never raises for bad content."""
    content = in_utf8(content)
    if content.startswith(_LFS):
        return FileFacts(lfs=True)
    if kind in UNREAD:
        return FileFacts()
    facts = FileFacts(lines=content.count(b"\n") + 1)
    if b"\0" in content[:8000]:
        facts.unparsed = "binary content"
        return facts
    if depth is Depth.ASIDE and kind is Kind.PYTHON and _measures(content):
        depth, facts.form = Depth.WHOLE, MEASURES
    if depth is not Depth.WHOLE:
        facts.secrets = secrets.of(content, kind=kind)
        if depth is Depth.THIN:
            facts.subjects = subjects_of(content)
            facts.code = Code(signals.python_imports(_decoded(content)))
        return facts
    if kind is Kind.SCRIPT and _is_minified(content):
        facts.unparsed = "minified code"
        facts.secrets = secrets.of(content, kind=kind)
        return facts
    if len(content) > LARGEST and kind is not Kind.NOTEBOOK:
        facts.unparsed = f"larger than {LARGEST // 1_000_000} MB"
        content = content[:LARGEST]
        text = _decoded(content)
    else:
        text = _decoded(content)
        try:
            _parse(kind, name, content, text, facts)
        except BROKEN as problem:
            facts.unparsed = f"{type(problem).__name__}: {problem}"[:160]
            if kind is Kind.PYTHON:
                _read_in_part(text, facts)
    if kind not in _NO_SECRETS:
        is_sample = bool(re.search(r"example|sample|template|\.dist$|\.tmpl$", name))
        facts.secrets = secrets.of(content, kind=kind, path_is_sample=is_sample)
    facts.signals = facts.signals or signals.of(Kind.DOCKERFILE if facts.form == IMAGE else kind, text)
    return facts


def _measures(content: bytes) -> bool:
    """Whether code below a folder of tests tests a model, and not the code."""
    return bool(_words_of_measuring().held_by(content) and _MEASURES.search(content) and not _TESTS.search(content))


@cache
def _words_of_measuring() -> Words:
    return Words(needed_by(_MEASURES.pattern.decode()).words)


def _is_minified(content: bytes) -> bool:
    """Whether a tool wrote the code for browsers: it is no source, and a pattern can take seconds on its lines."""
    return len(content) > SMALLEST_BUNDLE and len(content) > LONGEST_MEAN * (content.count(b"\n") + 1)


def in_utf8(content: bytes) -> bytes:
    """The content in UTF-8, where a mark at its beginning says that it is UTF-16, as some shells write it."""
    if not content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or content.startswith(codecs.BOM_UTF32_LE):
        return content
    return content.decode("utf-16", errors="replace").encode()


def _decoded(content: bytes) -> str:
    text = content.decode("utf-8", errors="replace").removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _parse(kind: Kind, name: str, content: bytes, text: str, facts: FileFacts) -> None:  # noqa: C901, PLR0912
    match kind:
        case Kind.PYTHON:
            tree_of_code = code.tree_of(text)
            facts.code = code.of_tree(
                tree_of_code, longest_list=manifests.MOST_REQUIRED if name == "setup.py" else code.LONGEST_LIST
            )
            facts.blocks = blocks.of_functions(tree_of_code, text)
            facts.digest = _digest(text)
            if name == "setup.py":
                facts.dependencies = manifests.of_setup(facts.code)
            elif "# /// script" in text:
                import tomllib  # loads slowly, and few scripts name packages

                with suppress(tomllib.TOMLDecodeError, RecursionError):
                    facts.dependencies = manifests.of_script(text)
        case Kind.NOTEBOOK:
            _parse_notebook(content, facts)
        case Kind.SHELL:
            facts.commands = commands.of_shell(text)
        case Kind.MAKE:
            facts.commands = commands.of_make(text)
        case Kind.PROCFILE:
            facts.commands = commands.of_procfile(text)
        case Kind.GROOVY:
            facts.commands = commands.of_groovy(text)
            facts.dependencies = manifests.of_gradle(text)
        case Kind.DOCKERFILE:
            facts.instructions = _instructions(name, text)
        case Kind.YAML:
            _parse_yaml(name, text, facts)
        case Kind.JSON if len(content) <= LARGEST_JSON:
            facts.leaves = tree.of_json(content, text)
            if name == "package.json":
                facts.dependencies = manifests.of_package_json(facts.leaves)
        case Kind.TOML:
            facts.leaves = tree.of_toml(text)
            facts.dependencies = _OF_TOML.get(name, manifests.of_pyproject)(facts.leaves)
        case Kind.INI:
            facts.leaves = tree.of_ini(text)
            facts.dependencies = manifests.of_setup_cfg(facts.leaves) if name == "setup.cfg" else []
        case Kind.ENV:
            facts.leaves = tree.of_env(text)
        case Kind.REQUIREMENTS:
            facts.dependencies = manifests.of_requirements(text)
        case Kind.XML:
            facts.dependencies = manifests.of_xml(name, text)
        case Kind.SCALA if name.endswith(".sbt"):
            facts.dependencies = manifests.of_sbt(text)
        case Kind.TEXT:
            _parse_text(name, text, facts)
        case Kind.SCRIPT | Kind.R | Kind.JAVA | Kind.SCALA | Kind.GO:
            facts.digest = _digest(text)


_OF_TOML = {
    "pipfile": manifests.of_pipfile, "pixi.toml": manifests.of_pixi, "project.toml": manifests.of_julia,
    "cargo.toml": manifests.of_cargo,
}  # fmt: skip


def _parse_text(name: str, text: str, facts: FileFacts) -> None:
    if workflows.is_workflow(name):
        facts.commands = workflows.of_workflow(text)
    elif commands.is_crontab(name):
        facts.commands = commands.of_crontab(text)
    elif name in {"go.mod", "description"}:
        facts.dependencies = manifests.of_go_mod(text) if name == "go.mod" else manifests.of_description(text)
    elif name.rpartition(".")[2] in {name, "docker"} and _is_image(text):
        facts.instructions, facts.form = _instructions(name, text), IMAGE


# A compose file may name it as it likes; a model of Ollama begins alike, and its prompt may go on so.
_BEGINS = expression(
    r"\A(?:[ \t]*(?:#[^\n]{0,400})?\n|ARG[ \t][^\n]{1,200}\n){0,60}"
    r"FROM[ \t]+[\w./:@${}-]{1,200}[ \t]*(?:$|[Aa][Ss][ \t])",
    re.MULTILINE,
)
_OF_OLLAMA = expression(r"^(?:SYSTEM|TEMPLATE|PARAMETER|ADAPTER|MESSAGE|LICENSE)[ \t]", re.MULTILINE)
_BUILDS = expression(r"^(?:RUN|COPY|ADD|CMD|ENTRYPOINT|WORKDIR)[ \t]", re.MULTILINE)


def _is_image(text: str) -> bool:
    return bool(_BEGINS.search(text) and _BUILDS.search(text) and not _OF_OLLAMA.search(text))


def _instructions(name: str, text: str) -> list[Instruction]:
    from apps.analysis.facts import dockerfile, images  # the first loads slowly, and few files need it

    return images.of_others(name, text) if images.is_other(name) else dockerfile.of_dockerfile(text)


def _parse_yaml(name: str, text: str, facts: FileFacts) -> None:
    # not every repository needs these
    from apps.analysis.facts import ansible, azure_devops, azure_ml, cloud_build, platforms, switched_off, yaml_leaves

    facts.leaves = ansible.with_manifests(switched_off.without(yaml_leaves.of_yaml(text)))
    if steps := cloud_build.steps(facts.leaves):
        facts.leaves += steps
        facts.form = cloud_build.NAME
    elif azure_devops.is_pipeline(facts.leaves):
        facts.form = azure_devops.NAME
    else:
        facts.leaves += azure_ml.schema(facts.leaves)
        facts.form = INSTALLS if _installs(facts.leaves) else platforms.name_of(name, facts.leaves)
    facts.dependencies = manifests.of_conda(facts.leaves)


_RIGHTS = frozenset({
    "ClusterRole", "ClusterRoleBinding", "ServiceAccount", "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
})  # fmt: skip
_TAUGHT, _BROUGHT = "CustomResourceDefinition", _RIGHTS | {"Namespace", "Role", "RoleBinding"}


def _installs(leaves: list[Leaf]) -> bool:
    """Whether a cluster is taught new kinds of objects: what a platform's makers publish to install it.

    A workload there is theirs where the kinds come first and rights in the cluster are given, too.
    """
    kinds = [leaf.text for leaf in leaves if leaf.keys == ["kind"]]
    others = [number for number, kind in enumerate(kinds) if kind != _TAUGHT and kind not in _BROUGHT]
    return _TAUGHT in kinds and (not others or (kinds.index(_TAUGHT) < others[0] and not _RIGHTS.isdisjoint(kinds)))


def _parse_notebook(content: bytes, facts: FileFacts) -> None:
    source = notebook.source_of(content)
    if source is None:
        _parse_cells_in_r(content, facts)
        return
    facts.commands = source.commands
    try:
        parsed = code.of_tree(code.tree_of(source.text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        parsed = code.of_tree(code.tree_of(source.without_broken_cells()))
    lines = source.text.split("\n")
    facts.blocks = [
        block for start, end in source.cells for block in blocks.of_cell(lines[start:end], source.lines[start])
    ]
    facts.code = _relined(parsed, source.lines)
    facts.digest = _digest(source.text)


def _parse_cells_in_r(content: bytes, facts: FileFacts) -> None:
    source = notebook.in_r(content)
    if source is None:
        return
    found = signals.of(Kind.R, source.text)
    facts.signals = [msgspec.structs.replace(one, line=source.lines[one.line - 1]) for one in found]
    facts.digest, facts.form = _digest(source.text), IN_R


def _relined(parsed: Code, lines: list[int]) -> Code:
    """The same facts with the lines of the notebook's file."""

    def at(line: int) -> int:
        return lines[line - 1] if 0 < line <= len(lines) else line

    def moved(found: list[_Placed]) -> list[_Placed]:
        return [msgspec.structs.replace(one, line=at(one.line)) for one in found]

    defines = [msgspec.structs.replace(one, decorators=moved(one.decorators)) for one in parsed.defines]
    return Code(
        moved(parsed.imports), moved(parsed.calls), moved(parsed.assigns), moved(defines), moved(parsed.texts),
        at(parsed.main) if parsed.main else 0,
    )  # fmt: skip


def _read_in_part(text: str, facts: FileFacts) -> None:
    """Python that this version does not know, as far as it goes: all but broken lines, else what patterns tell."""
    read = other_python.read(text)
    if read is None:
        facts.code = _by_pattern(text)
        return
    facts.code, facts.blocks = code.of_tree(read.tree), blocks.of_functions(read.tree, read.text)
    facts.digest = _digest(text)
    if not read.lost:
        facts.unparsed = ""


def _by_pattern(text: str) -> Code:
    """What patterns can tell of Python that has no syntax tree (Python 2, half-written cells, templates)."""
    imports = signals.python_imports(text)
    names = {one.module.rsplit(".", 1)[-1]: one.module for one in imports}
    calls = [Call(name, last_of(name), line) for name, line in signals.python_calls(text, names)]
    main = re.search(r"^if __name__\s*==", text, re.MULTILINE)
    return Code(imports, calls, main=text.count("\n", 0, main.start()) + 1 if main else 0)


def _digest(text: str) -> str:
    """Equal for code that differs only in comments and white space; empty for trivial files."""
    if "/*" in text:
        end = text.rfind("*/") + 2  # what begins behind it has no end
        text = re.sub(r"(?ms)^[^\S\n]*+/\*.*?\*/", "", text[:end]) + text[end:]
    bare = "".join(re.sub(r"#.*|//.*", "", text).split())
    return hashlib.sha256(bare.encode(errors="replace")).hexdigest()[:24] if len(bare) > 200 else ""
