"""Credential-like literals, by rules of high precision; what is kept of one is masked."""

from __future__ import annotations

import base64
import contextlib
import math
import re
from collections import Counter
from typing import TYPE_CHECKING

from apps.analysis.expressions import expression
from apps.analysis.facts.model import Secret
from apps.analysis.facts.search import Search, line_around
from apps.analysis.facts.secret_shapes import SHAPES, Shape
from apps.analysis.paths import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST = 20  # of one file
LONGEST = 400  # bytes of a name with its value
REACH = 160  # bytes beyond the line that a shape may look at
_QUOTED_ONLY = frozenset(
    {Kind.PYTHON, Kind.NOTEBOOK, Kind.JAVA, Kind.SCALA, Kind.GO, Kind.R, Kind.SCRIPT, Kind.GROOVY, Kind.JSON, Kind.TOML}
)

# --- names that hold credentials ------------------------------------------------------------------------------------------
_PASSWORDS = ("passphrase", "passwd", "pwd", "_pass", "_pw", "password")
_KEYS = (
    "api_key", "apikey", "api-key", "secret", "access_key", "accesskey", "access-key", "token", "appid", "app_key", "appkey", "fernet_key", "private_key", "auth_key",
    "encryption_key", "account_key", "accountkey", "subscription_key", "subscription-key", "signing_key", "webhook_url", "slack_webhook", "storage_key", "license_key",
)  # fmt: skip
# What may still follow in the name; `token_type`, `secret_name` and `password_field` hold no credential.
_REST = r"(?:_?(?:key(?:_?base)?|value|default|prod(?:uction)?|dev|stag(?:e|ing)|test|local|\d{1,3}))?"
_ASSIGNED = r"\s*+(?::\s*+(?:str|String|string)\s*+)?(?:=>|:=|==?|:)\s*+"
_QUOTED = expression(
    rf"{_REST}\\?['\"]?\]?\)?{_ASSIGNED}\\?(?:[fbru]{{0,2}})['\"]([^'\"\s\\]{{3,300}})\\?['\"]", re.IGNORECASE
)
_ASKED_FOR = expression(r"\(\s*\\?['\"][\w.-]*$")  # what a call asks for first; a list of words asks for none
_READ_WITH_DEFAULT = expression(
    rf"{_REST}\\?['\"]\s*,\s*(?:default\s*=\s*)?\\?['\"]([^'\"\s\\]{{3,200}})\\?['\"]\s*\)", re.IGNORECASE
)
_BARE = expression(
    rf"{_REST}['\"]?[ \t]*+(?:=|:[ \t]++|:=)[ \t]*+['\"]?([^\s'\"#;,&|<>(){{}}\[\]$%]{{3,300}})['\"]?[ \t]*(?=$|[\s#;,&])",
    re.IGNORECASE | re.MULTILINE,
)
_BADGE = expression(r"badge|shields\.io|codecov|travis-ci|coveralls|circleci", re.IGNORECASE)  # their tokens are public
_OPENED = expression(r"\$\{[A-Za-z0-9_.]*$")
_QUERY = expression(r"=([A-Za-z0-9_.-]{12,200})")
_FALLBACK = expression(r"[A-Za-z0-9_.]*:-?([^}\s$\"']{3,200})\}")
_NEW_PROJECT = expression(r"['\"](django-insecure-[^'\"\s]{10,200})['\"]")  # its letters may look like a variable
_ASSIGNED_KEY = expression(r"\s*SECRET_KEY\s*(?::\s*str\s*)?=\s*r?['\"]$")  # no default behind anything
_SEALED_BY = b"SealedSecret"
_SEALED = re.compile(rb"^kind:[ \t]{0,9}%b\b" % _SEALED_BY, re.MULTILINE)
# What signs the sessions of a web application: however plain, whoever knows it can write them.
_SIGNS = expression(
    r"(?:^|\bapp\.|\[\\?['\"])[ \t]{0,40}(?:secret_key|SECRET_KEY)(?:\\?['\"]\])?[ \t]{0,9}=[ \t]{0,9}[bru]?\\?['\"]([^'\"\s\\]{1,200})\\?['\"]",
    re.MULTILINE,
)
# The key by which a page may ask a search, where it is that of a page.
SEARCH_KEY = "assigned API key"
_SEARCHES = expression(r"(?:^|[\s{,'\"])(?:search[_-]?)?(?:[aA]pi[_-]?[kK]ey|[aA]ppI[dD]|appid)$")
_OF_PAGES = frozenset({Kind.SCRIPT, Kind.YAML})
_CONNECTION = expression(r"([A-Za-z][A-Za-z0-9+.-]{2,24})://([^\s:/@'\"<>]{1,80}):([^\s@/'\"<>]{1,120})@([\w.{}$-]+)")

# The same in parts that are named: `host=db dbname=x password=y`, `Server=db;Password=y`.
_NAMED_PARTS = expression(
    r"(?<=['\"])[^'\"\n]{0,200}\b(?:password|pwd)\s?=\s?([^\s;'\"{}$%<>]{3,80})[^'\"\n]{0,200}", re.IGNORECASE
)
_HOST_PART = expression(r"\b(?:host|server|data source)\s?=\s?(?:tcp:)?([\w.-]+)", re.IGNORECASE)

# --- values ---------------------------------------------------------------------------------------------------------------
_DUMMY = expression(
    r"^(?:change[-_ ]?(?:me|this|it)\w*|pass(?:word|wd)?\d*|p@ss\w*|secret\w{0,8}|admin\w*|root\w*|test\w*|example\w*|dummy\w*|fake\w*|postgres\w*|mysql\w*|guest|user\w*|default\w*|minio\w*|"
    r"contrase\w*|mi[-_]?clave\w*|senha\w*|motdepasse\w*|passwort\w*|parola\w*|wachtwoord\w*|rabbit\w*|airflow\w*|mlflow\w*|redis\w*|mongo\w*|foo\w*|bar\w*|qwerty\w*|0*12345\w*|abc\w{0,4}|letmein|toor|demo\w*|local\w*|dev\w*|not[-_]?(?:a[-_])?secret\w*|insecure\w*|"
    r"django-insecure\S*|s3cr3t\w*|pw\d*|superset\w*|prefect\w*|grafana\w*|kafka\w*|neo4j\w*|elastic\w*|sa|secure\w*|my[-_]?\w*|temp\w*|welcome\w*|strong\w*|sample\w*|super\w*|"
    r"(?:\w+[-_])?(?:password|passwd|secret|pass)\d*|clickhouse|cassandra|dagster\w*|jupyter|label\w*studio\w*|database|db\w*)[!@#$*]{0,3}$",
    re.IGNORECASE,
)
_PLACEHOLDER = expression(
    r"y[o0]ur|<[^>]+>|placeholder|x{4,}|\.{3,}|\*{3,}|replace|insert|enter[-_]|todo|redacted|hidden|goes[-_ ]?here|[-_]here$|_?token_here|^\[.*\]$|^sk-\.|^sk-x|fill|paste|put[-_]|example|dummy|"
    r"^(?:api|secret|access|app)[-_]?key$|^key$|^-+$|^_+$|^x+$|^0+$|api[-_]?key[-_]?(?:value)?$",
    re.IGNORECASE,
)
_INDIRECT = expression(
    r"\$|\{|\}|os\.environ|getenv|process\.env|secrets?[.:/]|vars?\.|env[.:]|^%|%$|__\w+__|^\(|\)$|^None$|^null$|^true$|^false$|^undefined$|^string$|^str$|^[Ss]tring|^(?:data|self|config|settings|args|"
    r"st|params|request|cls|this)\.|\(|^!|^@|^&|^op://|^vault:|^ssm:|^arn:|^projects/|^/|^\./|^~|^https?://|^gs://|^s3://|^[\^~<>=]+\d|^\d+(?:\.\d+){1,3}$|^#|^bearer$|^\\|^\|\-?$|^>-?$",
    re.IGNORECASE,
)
_WORDS = expression(r"^[A-Za-z]+(?:[ _.:/-][A-Za-z]+)*$")
_LOCAL_HOST = expression(
    r"^(?:localhost|127\.0\.0\.1|0\.0\.0\.0|host\.docker\.internal|[a-z][a-z0-9_-]*)$", re.IGNORECASE
)
_KNOWN_SAMPLES = expression(
    r"EXAMPLE|SflKxwRJ|^Eby8vdM02x|^AKIA(?:X+|[A-Z]{16}$)|abcdefghij|1234567890|0{8}|x{8}", re.IGNORECASE
)


# One pass over all bytes finds the lines that the slow look is for: those with an issuer's shape, and those that assign.
_NAMED = rb"(?i)(?:passw(?:or)?d|passphrase|pwd|_pass|_pw|secret|api[_-]?key|access[_-]?key|token|appid|app_?key|(?:fernet|private|auth|encryption|account|signing|storage|license)_?key|subscription[_-]key|webhook)"
# Two searches, because Hyperscan compiles plain words and expressions apart in half the time of all together.
_ISSUERS = Search([shape.hint for shape in SHAPES])
_NAMES = Search(
    [
        rb"://[^\s/@]+:[^\s/@]+@",
        rb"django-insecure-",
        _NAMED + rb"[\w-]*\\?[\x27\"]?[\])]*\s?(?::\s?[Ss]tr(?:ing)?\s?)?[=:,]",
    ]
)


# Without one of these, code gives nothing to a name: neither in quotes, nor in an address, nor for want of a variable.
_GIVES = expression(r"['\"?&]|://|\$\{")


def of(content: bytes, *, kind: Kind = Kind.TEXT, path_is_sample: bool = False) -> list[Secret]:
    """Secrets of one file, at most `MOST`. `path_is_sample`: an example file, in which placeholders are expected."""
    found: dict[tuple[int, str], Secret] = {}
    # A cluster's key has encrypted what it holds.
    is_sealed = kind is Kind.YAML and _SEALED_BY in content and _SEALED.search(content)
    looked: dict[int, int] = {}  # expression -> up to where its lines have been looked at
    named = ((len(SHAPES) + number, offset) for number, offset in sorted(_NAMES.hits(content)))
    first, counted = 1, 0  # the line on which that place lies
    for number, offset in (*sorted(_ISSUERS.hits(content)), *named):  # the shapes that name an issuer speak first
        if offset <= looked.get(number, 0):
            continue
        start, end = line_around(content, offset - 1)
        looked[number] = end if content[end : end + 1] in {b"", b"\n"} else end - LONGEST
        shape = SHAPES[number] if number < len(SHAPES) else None
        text = content[start : end + (REACH if shape else 0)].decode(errors="replace")
        if shape is None and kind in _QUOTED_ONLY and not _GIVES.search(text):
            continue
        for rule, value, at, weak in _of_shape(text, shape) if shape else _of_names(text, kind):
            first += content.count(b"\n", counted, start) - content.count(b"\n", start, counted)
            line, counted = first + text.count("\n", 0, at), start
            known = any(one[0] == line and (value in one[1] or one[1] in value) for one in found)
            idle = weak and (path_is_sample or _is_idle(text, value, at))
            if not known and not idle and not (is_sealed and shape is None):
                found[line, value] = Secret(rule, line, masked(value), weak, shape is not None)
        if len(found) >= MOST:
            break
    return list(found.values())[:MOST]


# A line that says nothing to a machine, or only tells its reader, and the name of a key under which a store keeps a password.
_COMMENT = expression(r"\s*(?:#(?!\s{0,9}define\b)|//|@?(?:echo|printf)\b[^>|\n]*(?:\n|$))")
_NAME_OF_KEY = expression(r"password_?keys?[\"']?\s{0,9}[:=]\s{0,9}[\"']?$", re.IGNORECASE)


def _is_idle(text: str, value: str, at: int) -> bool:
    """Whether a plain word logs in nowhere: it stands in a comment, begins a sentence or command, or names a key."""
    before, after = text[at - 1 : at], text[at + len(value) :]
    phrase = before in {"'", '"'} and after[:1].isspace() and before in after.split("\n", 1)[0]
    begins = text.rfind("\n", 0, at) + 1
    return phrase or bool(_COMMENT.match(text, begins)) or bool(_NAME_OF_KEY.search(text, max(0, at - 40), at))


Hit = tuple[str, str, int, bool]  # rule, value, where it starts, weak


def _of_shape(text: str, shape: Shape) -> Iterator[Hit]:
    for match in shape.pattern.finditer(text):
        if not _is_sample(match.group(1)):
            yield shape.name, match.group(1), match.start(1), False


def _of_names(text: str, kind: Kind) -> Iterator[Hit]:
    """Connection strings, and what is assigned to the name of a credential."""
    for match in _CONNECTION.finditer(text):
        verdict = _judge_connection(match.group(2), match.group(3), match.group(4))
        if verdict is not None:
            yield "connection string with password", f"{match.group(2)}:{match.group(3)}", match.start(2), verdict
    for match in _NAMED_PARTS.finditer(text):
        host = _HOST_PART.search(match.group(0))
        verdict = _judge_password("", match.group(1))
        if verdict is not None and host:
            local = bool(_LOCAL_HOST.match(host.group(1)))
            yield "connection string with password", match.group(1), match.start(1), verdict or local
    for match in _NEW_PROJECT.finditer(text):
        yield "key of a new project", match.group(1), match.start(1), not _ASSIGNED_KEY.match(text, 0, match.start(1))
    low = text.lower()
    for words, judge in ((_PASSWORDS, _judge_password), (_KEYS, _judge_key)):
        for found, name in _assigned(text, low, kind, words):
            if kind is Kind.YAML and _NAME_OF_VARIABLE.match(found.group(1)) and not _PLACEHOLDER.match(found.group(1)):
                continue  # which key of a store, or which variable, holds it
            verdict = _judge_encoded(judge, name, found.group(1))
            if verdict is not None:
                searches = kind in _OF_PAGES and _SEARCHES.search(text, max(0, found.start() - 40), found.start())
                rule = SEARCH_KEY if searches else "assigned credential"
                yield rule, found.group(1), found.start(1), verdict
    for match in _SIGNS.finditer(text):
        if not _INDIRECT.search(match.group(1)):
            yield "assigned credential", match.group(1), match.start(1), True


def _judge_encoded(judge: Callable[[str, str], bool | None], name: str, value: str) -> bool | None:
    """The verdict on a value, or, where that is one of a real shape, on what it is the base64 of."""
    verdict = judge(name, value)
    return judge(name, _decoded(value)) or False if verdict is False else verdict


def _decoded(value: str) -> str:
    """What is written in base64, as in a Secret of Kubernetes; other texts as they are."""
    with contextlib.suppress(ValueError):
        told = base64.b64decode(value, validate=True).decode("ascii").strip()
        if len(told) >= 3 and told.isprintable():
            return told
    return value


def _assigned(text: str, low: str, kind: Kind, words: tuple[str, ...]) -> Iterator[tuple[re.Match[str], str]]:
    for word in words:
        at = low.find(word)
        while at >= 0:
            end = at + len(word)
            match = _QUOTED.match(text, end)
            if match is None and _ASKED_FOR.search(text, max(0, at - 60), at):
                match = _READ_WITH_DEFAULT.match(text, end)
            if match is None and _OPENED.search(text, max(0, at - 60), at):
                match = _FALLBACK.match(text, end)
            if match is None and text[at - 1 : at] in {"?", "&"}:
                match = _QUERY.match(text, end)
            if match is None and kind not in _QUOTED_ONLY:
                match = _BARE.match(text, end)
            if match and not (text[at - 1 : at] in {"?", "&"} and _BADGE.search(text, max(0, at - 200), at)):
                yield match, word
            at = low.find(word, end)


def _judge_connection(user: str, password: str, host: str) -> bool | None:
    """None: no credential at all; True: a weak or local-only one; False: one of a real shape."""
    if re.search(r"[${}%*()]|^<|^\[|:\[[^\]]*\]$", f"{user}:{password}") and not re.search(
        r"%[0-9A-Fa-f]{2}", password
    ):
        return None
    return bool(
        _DUMMY.match(password)
        or _PLACEHOLDER.search(f"{user}:{password}")
        or _LOCAL_HOST.match(host)
        or password == user
        or _WORDS.match(password)
    )


# A name under which a store keeps a credential says of itself what it is; AWS ends it with a few random characters.
_NAME_OF_SECRET = expression(
    r"^[a-z][a-z0-9]*(?:[_/-][a-z0-9]+)*[_/-](?:api[_-]?key|access[_-]?key|token|secret|password|credentials?|key)s?(?:[_-][A-Za-z0-9]{1,8})?$"
)
_NAME_OF_VARIABLE = expression(r"^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*_(?:KEY|TOKEN|SECRET|PASSWORD|DSN|URL)$")


# The id of an application, which opens nothing alone, and one that nobody was given: its first block is one character.
_UUID = expression(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_MADE_UP_UUID = expression(r"([0-9a-f])\1{7}-", re.IGNORECASE)


def _judge_password(_name: str, value: str) -> bool | None:
    if _INDIRECT.search(value) or (_MADE_UP_UUID.match(value) and _UUID.fullmatch(value)):
        return None
    if _DUMMY.match(value) or _PLACEHOLDER.search(value) or _WORDS.match(value):
        return True if not re.search(r"[./]", value) else None
    return not (len(value) >= 8 and _kinds(value) >= 2 and len(set(value)) >= 6 and any(c.isdigit() for c in value))


def _judge_key(name: str, value: str) -> bool | None:
    if _UUID.fullmatch(value) and (name == "appid" or _MADE_UP_UUID.match(value)):
        return None
    is_placeholder = _PLACEHOLDER.search(value) or _MADE_UP_KEY.fullmatch(value)
    if _INDIRECT.search(value) or (_NAME_OF_SECRET.match(value) and not is_placeholder):
        return None
    if _looks_random(value) and not _is_sample(value) and not _PLACEHOLDER.search(value):
        return False
    if name == "token" or len(value) > 120:
        return None
    return True if is_placeholder and not value.islower() else True if is_placeholder and len(value) >= 6 else None


_MADE_UP_KEY = expression(
    r"change[-_]?me\w*|minio\w*|secret\w{0,8}|test\w*|dummy\w*|\w*secret[-_]?key\w*|\w*insecure\w*|mysecret\w*",
    re.IGNORECASE,
)


def _looks_random(value: str) -> bool:
    """Long, of mixed characters and spread: no word, date, version or identifier made of words."""
    if len(value) < 16 or re.fullmatch(r"[\d.:-]+", value) or re.search(r"\s", value):
        return False
    if re.fullmatch(r"[0-9a-fA-F]{24,128}", value):
        return _entropy(value) > 2.8
    digits = sum(c.isdigit() for c in value)
    words = re.findall(r"[A-Za-z]{4,}", value)
    spelled = sum(len(word) for word in words if word.islower() or word.istitle() or word.isupper())
    return _kinds(value) >= 2 and digits >= 2 and spelled < len(value) * 0.5 and _entropy(value) > 3.4


def _kinds(value: str) -> int:
    return sum(bool(re.search(kind, value)) for kind in ("[a-z]", "[A-Z]", r"\d", r"[^A-Za-z\d]"))


def _entropy(value: str) -> float:
    """Shannon entropy, bits a character."""
    return -sum(n / len(value) * math.log2(n / len(value)) for n in Counter(value).values())


def _is_sample(value: str) -> bool:
    """Values that documentation made up; a web token says of itself whom it is for."""
    if value.startswith("eyJ"):
        claims = value.split(".")[1]
        with contextlib.suppress(ValueError):
            told = base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)).decode(errors="replace")
            if re.search(r"demo|example|test|John Doe|localhost|sample|1234567890|1516239022", told, re.IGNORECASE):
                return True
    return bool(_KNOWN_SAMPLES.search(value)) or (len(set(value[4:])) <= 4 and not value.startswith("-----"))


def masked(value: str) -> str:
    """The first characters, enough to recognise which one it is, never enough to use it."""
    return value[: min(4, len(value) // 4)] + "…" + f" ({len(value)} characters)"


def redacted(text: str) -> str:
    """`text` with every credential-like value masked, weak ones too: for whatever is stored or shown."""
    low = text.lower()
    for shape in (one for one in SHAPES if one.is_hinted_in(text, low)):
        for match in reversed(list(shape.pattern.finditer(text))):
            text = text[: match.start(1)] + masked(match.group(1)) + text[match.end(1) :]
    for _, value, start, _ in sorted(_of_names(text, Kind.TEXT), key=lambda hit: -hit[2]):
        if text.startswith(value, start):
            text = text[:start] + masked(value) + text[start + len(value) :]
    return text
