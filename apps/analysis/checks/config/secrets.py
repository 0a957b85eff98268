"""No credential is in tracked files.

## What it does
Searches every tracked text, documentation, notebooks and their outputs included, for credentials: by the shapes that
issuers document, by private keys and connection strings, and by what is assigned to names such as `password` or
`api_key`. Values are masked in everything that is stored or shown.

*Met* when there is none; placeholders in example files and documentation are fine. *Partial* for weak or local-only
passwords and placeholders in configuration that runs, and for the passwords that CI gives to the `services:` that it
starts beside a job. The key by which the pages of a documentation site search (`apiKey`, `appId`) is public: whoever
reads these pages has it. *Unmet* for a credential of a real shape.

## Why it matters
Whoever can read the repository, or any copy of it, can use the credential: read the training data, run up a bill with a
model provider, replace a model in its registry. Removing it from the last commit does not remove it from history.

## How to adopt it
```python
# before
openai.api_key = "the key itself"

# after
openai.api_key = os.environ["OPENAI_API_KEY"]
```

Revoke what was tracked, then read it from the environment or a secret store.

## References
- The Twelve-Factor App, III. Config: https://12factor.net/config
- OWASP Secrets Management Cheat Sheet
- GitHub, About secret scanning: https://docs.github.com/en/code-security/secret-scanning
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.analysis.environment import credentials
from apps.analysis.findings import Effort, finding
from apps.catalog import State

if TYPE_CHECKING:
    from apps.analysis.findings import Finding
    from apps.analysis.repository import Facts


def check(facts: Facts) -> Finding:
    real, weak = credentials.real(facts), credentials.weak(facts)
    if real:
        file, first = real[0]
        more = f", and {len(real) - 1} more" if len(real) > 1 else ""
        return finding(
            State.UNMET,
            f"A credential is tracked: {first.rule} `{first.masked}` in `{file.path}:{first.line}`{more}.",
            [file.at(one.line) for file, one in [*real, *weak]],
            remedy="Revoke it, take it out of the repository and its history, and read it from the environment.",
            effort=Effort.HOURS,
        )
    opening = credentials.of_other_hosts(facts)
    if opening:
        return finding(
            State.UNMET,
            f"The password of a server elsewhere is written into `{opening[0].path}:{opening[0].line}`.",
            opening,
            remedy="Change it, take it out of the repository and its history, and read it from the environment.",
            effort=Effort.HOURS,
        )
    if weak:
        file, first = weak[0]
        return finding(
            State.PARTIAL,
            f"Only weak or local-only credentials are tracked, as `{first.masked}` in `{file.path}:{first.line}`.",
            [file.at(one.line) for file, one in weak],
            remedy="Read them from the environment and keep placeholders in an example file only.",
            effort=Effort.HOURS,
        )
    scanned = sum(file.facts.lines > 0 for file in facts.files)
    if not scanned:
        return finding(State.UNKNOWN, "There is no text in the repository that could be searched for credentials.")
    return finding(State.MET, f"No credential was found in {scanned} tracked text files.", credentials.readers(facts))
