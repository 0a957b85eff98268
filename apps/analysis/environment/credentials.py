"""The credentials of a repository: which are real, which are weak, and where the system reads its own from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apps.analysis.expressions import expression
from apps.analysis.facts.secrets import SEARCH_KEY
from apps.analysis.paths import Kind, Role
from apps.analysis.repository import places

if TYPE_CHECKING:
    from apps.analysis.facts.model import Secret
    from apps.analysis.findings import Evidence
    from apps.analysis.repository import Facts, File

_NOT_RUNNING = frozenset({Role.TEST, Role.DOCS})
_CONFIG_KINDS = frozenset({Kind.YAML, Kind.ENV, Kind.INI, Kind.TOML, Kind.JSON, Kind.TERRAFORM, Kind.DOCKERFILE})


def real(facts: Facts) -> list[tuple[File, Secret]]:
    """Credentials of a real shape in any own file; in tests only those that an issuer's shape proves."""
    passing = facts.once(_of_passing_services)
    return [
        (file, one)
        for file in facts.own
        for one in file.facts.secrets
        if not one.weak
        and (file.role is not Role.TEST or one.proven)
        and (one.proven or not (_searches(file, one) or (file.path, one.line) in passing))
    ]


_OF_A_SITE = expression(r"(^|/)(_?pkgdown\.ya?ml|docusaurus\.config\.\w+|\.vitepress/config\.\w+)$")


def _searches(file: File, one: Secret) -> bool:
    """Whether it is the key by which the pages of a site of documentation search: whoever reads these has it."""
    return one.rule == SEARCH_KEY and bool(_OF_A_SITE.search(file.path))


def _of_passing_services(facts: Facts) -> set[tuple[str, int]]:
    """(path, line) of what CI tells the databases that it starts beside a job, and that end with it."""
    told = facts.leaves(r"(^|/)\.github/workflows/", "jobs", "*", "services", "*", "env", "*")
    return {(file.path, leaf.line) for file, leaf in told}


def of_other_hosts(facts: Facts) -> list[Evidence]:
    """Calls that log in to a named host elsewhere by a literal password: however plain it is, it opens something."""
    return places(
        (file, call)
        for file, call in facts.calls(*_LOGS_IN)
        if file.role not in _NOT_RUNNING
        and _is_literal(call.kwargs.get("password") or call.kwargs.get("passwd"))
        and _ELSEWHERE.search(str(call.kwargs.get("host") or call.kwargs.get("server") or ""))
    )


_LOGS_IN = ("*.connect", "*.connect_async", "*.create_pool", "*.MongoClient", "*.Redis", "*.StrictRedis", "*.Connection", "*.SMTP", "*.connector.*")  # fmt: skip
_ELSEWHERE = expression(r"^(?!localhost|127\.|0\.0\.|10\.|192\.168\.|example\.)[\w-]+(\.[\w-]+){2,}$")


def _is_literal(value: object) -> bool:
    return isinstance(value, str) and bool(value) and not re.search(r"^[$<{]|^(your|my|change|x{2,}|\*)", value)


def weak(facts: Facts) -> list[tuple[File, Secret]]:
    """Weak or local-only literals in what runs; prose and tests do not run. Configuration comes first."""
    passing = facts.once(_of_passing_services)
    found = [
        (file, one)
        for file in facts.own
        if file.role not in _NOT_RUNNING and file.kind is not Kind.PROSE
        for one in file.facts.secrets
        if one.weak or ((file.path, one.line) in passing and not one.proven)
    ]
    return sorted(found, key=lambda pair: (pair[0].kind not in _CONFIG_KINDS, pair[0].kind is Kind.NOTEBOOK))


def readers(facts: Facts) -> list[Evidence]:
    """Where credentials are read from the environment, from CI's secrets or named in an example file."""
    wanted = r"(?i)key|token|secret|password|credential"
    read = [
        (file, call)
        for file, call in facts.calls(
            "os.getenv", "os.environ.get", "os.environ[]", "getenv", "*.config", "*.get_secret*"
        )
        if any(isinstance(one, str) and _is_named(one) for one in call.args[:1])
    ]
    hosted = facts.leaves(r"\.ya?ml$", value=r"secrets\.[A-Z]|secretKeyRef")
    examples = [
        file.at(1) for file in facts.named(r"(^|/|\.)env[^/]*\.(example|sample|template|dist)$", everywhere=True)
    ]
    fields = [(file, one) for file, one in facts.assigns(wanted) if one.how == "field"]
    return [*places(read), *places(hosted), *places(fields), *examples] or _logins(facts)


def _logins(facts: Facts) -> list[Evidence]:
    """Where a client logs in by a role or a named profile, which keeps credentials out of the repository."""
    roles = facts.calls("*.get_execution_role", "google.auth.default", "*.DefaultAzureCredential", "boto3.*")
    named = [pair for pair in facts.calls("*") if any("profile_name" in name for name in pair[1].kwargs)]
    return places([*named, *roles])


_NAMES = expression(r"key|token|secret|password|credential", re.IGNORECASE)


def _is_named(name: str) -> bool:
    return bool(_NAMES.search(name))
