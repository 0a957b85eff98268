"""What a delivery says: which branches of which repository moved to which commit. Nothing else of it is read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from apps.webhooks.signatures import Provider

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
NO_COMMIT = re.compile(r"0+")
BRANCHES = "refs/heads/"
LONGEST_NAME = 500
MOST_BRANCHES = 50

EVENT_HEADERS = {
    Provider.GITHUB: ("X-GitHub-Event",),
    Provider.GITLAB: ("X-Gitlab-Event",),
    Provider.GITEA: ("X-Gitea-Event", "X-Forgejo-Event"),
    Provider.BITBUCKET: ("X-Event-Key",),
}
DELIVERY_HEADERS = {
    Provider.GITHUB: ("X-GitHub-Delivery",),
    Provider.GITLAB: ("webhook-id", "Idempotency-Key", "X-Gitlab-Event-UUID"),
    Provider.GITEA: ("X-Gitea-Delivery", "X-Forgejo-Delivery"),
    Provider.BITBUCKET: ("X-Request-UUID", "X-Request-Id"),
}
PUSHES = {"push", "Push Hook", "repo:push", "repo:refs_changed"}
PINGS = {"ping", "diagnostics:ping"}


class BadPayload(Exception):  # noqa: N818 - it names what happened
    """The body is not what this forge sends. `str()` says why, for who set the webhook up."""


@dataclass(frozen=True, slots=True)
class Event:
    """`pushed` maps branches to their new commits; `addresses` are names of the repository, never fetched from."""

    name: str
    delivery: str
    pushed: dict[str, str] = field(default_factory=dict)
    default_branch: str = ""
    addresses: list[str] = field(default_factory=list)

    @property
    def is_push(self) -> bool:
        return self.name in PUSHES

    @property
    def is_ping(self) -> bool:
        return self.name in PINGS


class _Repository(msgspec.Struct):
    """GitHub, Gitea and Forgejo; GitLab calls it project."""

    default_branch: str | None = None
    clone_url: str | None = None
    html_url: str | None = None
    git_http_url: str | None = None
    web_url: str | None = None


class _Push(msgspec.Struct):
    ref: str
    after: str
    repository: _Repository | None = None
    project: _Repository | None = None


class _Target(msgspec.Struct):
    hash: str = ""


class _New(msgspec.Struct):
    type: str
    name: str
    target: _Target


class _CloudChange(msgspec.Struct):
    new: _New | None = None


class _CloudPush(msgspec.Struct):
    changes: list[_CloudChange] = []


class _Ref(msgspec.Struct):
    id: str


class _ServerChange(msgspec.Struct):
    ref: _Ref
    toHash: str  # noqa: N815 - the forge's own name


class _Links(msgspec.Struct):
    html: Any = None
    clone: Any = None


class _BitbucketRepository(msgspec.Struct):
    links: _Links = msgspec.field(default_factory=_Links)


class _Bitbucket(msgspec.Struct):
    repository: _BitbucketRepository
    push: _CloudPush | None = None
    changes: list[_ServerChange] = []


def event_of(provider: str, headers: Mapping[str, str], body: bytes) -> Event:
    """Raises `BadPayload`."""
    if headers.get("Content-Encoding", "identity") != "identity":
        raise BadPayload("The body is compressed.")
    name, delivery = (_first(headers, names[Provider(provider)]) for names in (EVENT_HEADERS, DELIVERY_HEADERS))
    if name not in PUSHES:
        return Event(name, delivery)
    if headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
        body = _form(body)
    try:
        pushed, default, addresses = _bitbucket(body) if provider == Provider.BITBUCKET else _common(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as problem:
        raise BadPayload("The body is not the JSON of a push.") from problem
    if any(not _is_name(branch) or not COMMIT.fullmatch(commit) for branch, commit in pushed.items()):
        raise BadPayload("The body names no branch or no commit.")
    known = [address for address in addresses if _is_name(address)]
    return Event(name, delivery, pushed, default if _is_name(default) else "", known)


def _first(headers: Mapping[str, str], names: tuple[str, ...]) -> str:
    value = next((headers[name] for name in names if headers.get(name)), "")
    return "".join(character for character in value if character.isprintable() and character.isascii())[:100]


def _form(body: bytes) -> bytes:
    try:
        return parse_qs(body.decode("ascii"), strict_parsing=True, max_num_fields=5)["payload"][0].encode()
    except (ValueError, KeyError) as problem:
        raise BadPayload("The form holds no payload.") from problem


def _common(body: bytes) -> tuple[dict[str, str], str, list[str]]:
    push = msgspec.json.decode(body, type=_Push)
    of = push.project or push.repository or _Repository()
    addresses = [of.html_url or "", of.clone_url or "", of.web_url or "", of.git_http_url or ""]
    return _moved([(push.ref, push.after)]), of.default_branch or "", addresses


def _bitbucket(body: bytes) -> tuple[dict[str, str], str, list[str]]:
    said = msgspec.json.decode(body, type=_Bitbucket)
    cloud = [change.new for change in (said.push.changes if said.push else []) if change.new]
    refs = [(BRANCHES + new.name, new.target.hash) for new in cloud if new.type == "branch"]
    refs += [(change.ref.id, change.toHash) for change in said.changes]
    links = said.repository.links
    places = [links.html, *(links.clone if isinstance(links.clone, list) else [])]
    addresses = [place.get("href") for place in places if isinstance(place, dict)]
    return _moved(refs), "", [address for address in addresses if isinstance(address, str)]


def _moved(refs: list[tuple[str, str]]) -> dict[str, str]:
    """Branches that exist after the push: tags and deletions ask for no scan."""
    if len(refs) > MOST_BRANCHES:
        raise BadPayload(f"The push moves more than {MOST_BRANCHES} branches.")
    return {
        ref.removeprefix(BRANCHES): commit
        for ref, commit in refs
        if ref.startswith(BRANCHES) and not NO_COMMIT.fullmatch(commit)
    }


def _is_name(text: str) -> bool:
    return 0 < len(text) <= LONGEST_NAME and text.isprintable()


def comparable(address: str) -> set[str]:
    """The spellings under which a project may name the repository at `address`: with and without `.git` or a slash."""
    try:
        parts = urlsplit(address.lower())
    except ValueError:
        return set()
    if parts.scheme != "https" or not parts.hostname:
        return set()
    base = f"https://{parts.hostname}{parts.path.rstrip('/').removesuffix('.git')}"
    return {base, f"{base}.git", f"{base}/", f"{base}.git/"}
