"""Credential-like literals, by rules of high precision; what is kept of one is masked."""

from __future__ import annotations

import re
from dataclasses import dataclass

from apps.analysis.facts.model import Secret
from apps.analysis.facts.search import Search, line_around

MOST = 20  # secrets of one file
REACH = 120  # bytes beyond the line that a rule may look at


@dataclass(frozen=True, slots=True)
class Rule:
    """`hint` is found by one pass over all bytes; `pattern` looks at the line on which a hint ends, and decides."""

    name: str
    hint: bytes
    pattern: re.Pattern[str]


def _rule(name: str, hint: bytes, pattern: str) -> Rule:
    return Rule(name, hint, re.compile(pattern))


# The shapes are those that the issuers document and that gitleaks and secret-scanning services use.
RULES = (
    _rule("AWS access key", rb"(?:AKIA|ASIA)[A-Z2-7]{16}", r"\b((?:AKIA|ASIA)[A-Z2-7]{16})\b"),
    _rule("AWS secret key", rb"(?i)aws.{0,20}secret.{0,20}[=:]", r"(?i)aws.{0,20}secret.{0,20}[=:]\s*['\"]?([A-Za-z0-9/+]{40})\b"),
    _rule("GitHub token", rb"gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60}", r"\b(gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{60,})\b"),
    _rule("GitLab token", rb"glpat-[A-Za-z0-9_-]{20}", r"\b(glpat-[A-Za-z0-9_-]{20,})\b"),
    _rule("Google API key", rb"AIza[A-Za-z0-9_-]{35}", r"\b(AIza[A-Za-z0-9_-]{35})\b"),
    _rule("OpenAI key", rb"sk-[A-Za-z0-9_-]{40}", r"\b(sk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{20,}T3BlbkFJ[A-Za-z0-9_-]{20,}|sk-[A-Za-z0-9]{48})\b"),
    _rule("Anthropic key", rb"sk-ant-[A-Za-z0-9_-]{40}", r"\b(sk-ant-[A-Za-z0-9_-]{40,})\b"),
    _rule("Hugging Face token", rb"hf_[A-Za-z]{34}", r"\b(hf_[A-Za-z]{34,})\b"),
    _rule("Slack token", rb"xox[abposr]-[0-9A-Za-z-]{20}", r"\b(xox[abposr]-[0-9A-Za-z-]{20,})\b"),
    _rule("Slack webhook", rb"hooks\.slack\.com/services/T", r"(hooks\.slack\.com/services/T[A-Z0-9]{8,}/B[A-Z0-9]{8,}/[A-Za-z0-9]{20,})"),
    _rule("Stripe key", rb"[rs]k_live_[A-Za-z0-9]{20}", r"\b([rs]k_live_[A-Za-z0-9]{20,})\b"),
    _rule("private key", rb"PRIVATE KEY(?: BLOCK)?-----", r"(-----BEGIN (?:RSA |EC |DSA |OPENSSH |PGP )?PRIVATE KEY(?: BLOCK)?-----)(?=\s*(?:\\n|\n)[A-Za-z0-9+/=\\n\s]{40})"),
    _rule("Azure storage key", rb"AccountKey=[A-Za-z0-9+/]{80}", r"AccountKey=([A-Za-z0-9+/]{80,}={0,2})"),
    _rule("SendGrid key", rb"SG\.[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{39}", r"\b(SG\.[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{39,})\b"),
    _rule("Telegram token", rb"\d{8,10}:AA[A-Za-z0-9_-]{33}", r"\b(\d{8,10}:AA[A-Za-z0-9_-]{33})\b"),
    _rule("Twilio key", rb"(?i)twilio.{0,30}SK[a-f0-9]{32}", r"(?i)twilio.{0,30}\b(SK[a-f0-9]{32})\b"),
    _rule("npm token", rb"npm_[A-Za-z0-9]{36}", r"\b(npm_[A-Za-z0-9]{36})\b"),
    _rule("PyPI token", rb"pypi-AgEIcHlwaS5vcmc", r"\b(pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,})\b"),
    _rule("W&B key", rb"(?i)wandb.{0,60}[a-f0-9]{40}", r"(?i)wandb.{0,40}(?:key|login).{0,12}['\"]([a-f0-9]{40})['\"]"),
    _rule("connection string with password", rb'://[^\s:/@\x27\"{}$<>]{1,60}:[^\s@/\x27\"{}$<>]{3,80}@[\w.-]', r"\b[a-z][a-z0-9+]{2,20}://([^\s:/@'\"{}$<>]{1,60}:[^\s@/'\"{}$<>]{3,80})@[\w.-]+"),
    _rule(
        "assigned credential",
        rb'(?i)(?:passw(?:or)?d|pwd|secret|api[_-]?key|access[_-]?key|token|appid|app[_-]?key|credential)[\w-]{0,20}[\x27"]?\]?\s{0,3}(?::\s{0,3}str\s{0,3})?(?:=>|=|:)\s{0,3}[\x27"][^\x27"\s]{4}',
        r"(?i)(?<![\w-])[\w.-]{0,40}(?:password|passwd|pwd|secret|secret[_-]?key|api[_-]?key|apikey|access[_-]?key|access[_-]?token|auth[_-]?token|"
        r"client[_-]?secret|private[_-]?token|appid|app[_-]?key|token)['\"]?\]?\s*(?::\s*str\s*)?(?:=>|=|:)\s*['\"]([^'\"\s]{4,200})['\"]",
    ),
    _rule(
        "assigned credential",
        rb"(?i)^\s{0,40}(?:-\s{0,4}|export\s{1,4}|ENV\s{1,4}|ARG\s{1,4})?[A-Z0-9_]{0,40}(?:PASSWORD|PASSWD|SECRET|API_KEY|ACCESS_KEY|TOKEN)[A-Z0-9_]{0,40}\s{0,8}[=:]\s{0,8}[^\s#$<{]{4}",
        r"(?im)^\s*(?:-\s*|export\s+|ENV\s+|ARG\s+)?[A-Z0-9_]*(?:PASSWORD|PASSWD|SECRET|SECRET_KEY|API_KEY|ACCESS_KEY|TOKEN|password)[A-Z0-9_]*\s*[=:]\s*([^\s'\"#$<{]{4,200})\s*$",
    ),
)  # fmt: skip

_SEARCH = Search([rule.hint for rule in RULES])
_DUMMY = re.compile(
    r"(?i)^(?:changeme|change[-_ ]?(?:me|this|it)|pass(?:word|wd)?\d*|secret\d*|admin\d*|root\d*|test\w*|example\w*|dummy\w*|fake\w*|"
    r"postgres\w*|mysql\w*|guest|user\w*|default|minio\w*|minioadmin|rabbitmq|airflow|mlflow\w*|redis\w*|mongo\w*|foo\w*|bar\w*|qwerty|"
    r"12345\w*|abc\d*|letmein|toor|demo\w*|local\w*|dev\w*|not[-_]?(?:a[-_])?secret\w*|insecure\w*|django-insecure\S*|s3cr3t|pw\d*|superset\w*|"
    r"prefect\w*|grafana\w*|kafka\w*|neo4j\w*|elastic\w*|sa|x+|\*+|\.{3,}|-+|null|none|true|false|undefined|string|str|token|key|api[-_]?key|bearer)$"
)
_PLACEHOLDER = re.compile(
    r"(?i)your|<.*>|\{.*\}|\$|placeholder|xxxx|\.\.\.|\*\*\*|replace|insert|enter|todo|redacted|hidden|goes[-_ ]?here|sample|example|here$|"
    r"dummy|fake|my[-_]|os\.environ|getenv|process\.env|secrets?\.|vars?\.|env\.|^\(|\)$|\[|\]|^%|%$|^__|__$"
)
_WORDS = re.compile(r"^[A-Za-z]+(?:[ _.:/-][A-Za-z]+)*$")
_LOCAL_HOST = re.compile(
    r"@(?:localhost|127\.0\.0\.1|db|postgres\w*|mysql|redis|mongo\w*|rabbitmq|host\.docker\.internal|[a-z-]+)(?::|/|$)"
)
_SAMPLE = re.compile(r"(?i)(example|sample|template|\.dist|\.tmpl)")


def of(content: bytes, *, path_is_sample: bool = False) -> list[Secret]:
    """Secrets of one file, at most `MOST`. `path_is_sample`: a `*.example` file, where weak ones are expected."""
    found: dict[tuple[int, str], Secret] = {}
    seen: set[tuple[int, int]] = set()
    for number, offset in sorted(_SEARCH.hits(content)):  # the rules that name an issuer speak first
        start, end = line_around(content, offset - 1)
        if (number, start) in seen:
            continue
        seen.add((number, start))
        text = content[start : end + REACH].decode(errors="replace")
        line = content.count(b"\n", 0, start) + 1
        for match in RULES[number].pattern.finditer(text):
            verdict = _judge(RULES[number], match.group(1), text[match.start() : match.end() + 60])
            if match.start() > end - start or verdict is None or (verdict and path_is_sample):
                continue
            value = match.group(1)
            at = line + text.count("\n", 0, match.start(1))
            found.setdefault((at, value), Secret(RULES[number].name, at, masked(value), verdict))
        if len(found) >= MOST:
            break
    return list(found.values())[:MOST]


def _judge(rule: Rule, value: str, context: str) -> bool | None:
    """None: no credential at all; True: a weak or local-only one; False: one of a real shape."""
    if rule.name == "connection string with password":
        password = value.split(":", 1)[1]
        if _PLACEHOLDER.search(value):
            return None
        return bool(_DUMMY.match(password) or _LOCAL_HOST.search(context))
    if rule.name != "assigned credential":
        return None if _is_repetitive(value) or re.search(r"(?i)example|xxxx|0{8}|1234567890", value) else False
    if _PLACEHOLDER.search(value) or value.startswith(("/", "./", "http", "arn:", "projects/", "sha256")):
        return None
    if _DUMMY.match(value):
        return True
    if _WORDS.match(value) or len(value) < 6:
        return None
    return not _looks_random(value)


def _looks_random(value: str) -> bool:
    """Long, of mixed characters: not a word, not a date, not a version, not an identifier in words."""
    if len(value) < 12 or re.fullmatch(r"[\d.:-]+", value):
        return False
    kinds = sum(bool(re.search(kind, value)) for kind in ("[a-z]", "[A-Z]", r"\d", r"[^A-Za-z\d]"))
    digits = sum(c.isdigit() for c in value)
    hexadecimal = bool(re.fullmatch(r"[0-9a-fA-F]{24,}", value))
    return hexadecimal or (kinds >= 2 and digits >= 2 and len(set(value)) >= 8)


def _is_repetitive(value: str) -> bool:
    return len(set(value[4:])) <= 4


def masked(value: str) -> str:
    """The first characters, enough to recognise which one it is, never enough to use it."""
    return value[: min(4, len(value) // 4)] + "…" + f" ({len(value)} characters)"


def redacted(text: str) -> str:
    """`text` with every credential-like value masked, weak ones too: for whatever is stored or shown."""
    for rule in RULES:
        for match in reversed(list(rule.pattern.finditer(text))):
            value = match.group(1)
            if not _PLACEHOLDER.search(value):
                text = text[: match.start(1)] + masked(value) + text[match.end(1) :]
    return text
