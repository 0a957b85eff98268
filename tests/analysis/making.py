"""Facts of given contents, for tests of checks."""

from __future__ import annotations

from apps.analysis.facts.extract import Depth
from apps.analysis.facts.extract import facts_of as file_facts_of
from apps.analysis.facts.model import FileFacts
from apps.analysis.file import as_read
from apps.analysis.paths import Kind, Role, kind_of, role_of
from apps.analysis.profile import profile_of
from apps.analysis.repository import Facts, File


def facts_of(files: dict[str, str | bytes]) -> Facts:
    contents = {path: content.encode() if isinstance(content, str) else content for path, content in files.items()}
    return Facts([_made(path, content) for path, content in contents.items()], profile_of)


def _made(path: str, content: bytes) -> File:
    kind, role, name = kind_of(path), role_of(path), path.rsplit("/", 1)[-1].lower()
    facts = file_facts_of(kind, name, content)
    if role is Role.TEST and kind is Kind.PYTHON:
        facts.form = file_facts_of(kind, name, content, Depth.ASIDE).form
    return as_read(File(path, kind, role, len(content), FileFacts()), facts)
