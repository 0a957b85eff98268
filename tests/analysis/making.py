"""Facts of given contents, for tests of checks."""

from __future__ import annotations

from apps.analysis.facts.extract import facts_of as file_facts_of
from apps.analysis.paths import kind_of, role_of
from apps.analysis.profile import profile_of
from apps.analysis.repository import Facts, File


def facts_of(files: dict[str, str | bytes]) -> Facts:
    contents = {path: content.encode() if isinstance(content, str) else content for path, content in files.items()}
    made = [
        File(
            path,
            kind_of(path),
            role_of(path),
            len(content),
            file_facts_of(kind_of(path), path.rsplit("/", 1)[-1].lower(), content),
        )
        for path, content in contents.items()
    ]
    return Facts(made, profile_of)
