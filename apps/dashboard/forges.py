"""Where a forge shows one line of one file at one commit. Pure."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

# How each kind of forge writes the address of a file at a commit, and of a line in it.
FORMS = {
    "github": ("/blob/{commit}/{path}", "#L{line}"),
    "gitlab": ("/-/blob/{commit}/{path}", "#L{line}"),
    "gitea": ("/src/commit/{commit}/{path}", "#L{line}"),
    "bitbucket": ("/src/{commit}/{path}", "#lines-{line}"),
}
# How each writes the address of what changed between two commits.
COMPARED = {
    "github": "/compare/{before}...{after}",
    "gitlab": "/-/compare/{before}...{after}",
    "gitea": "/compare/{before}...{after}",
    "bitbucket": "/branches/compare/{after}..{before}",
}
KINDS = {
    "github.com": "github",
    "gitlab.com": "gitlab",
    "bitbucket.org": "bitbucket",
    "codeberg.org": "gitea",
    "gitea.com": "gitea",
}
# A forge on a host of its own is known by its name: gitlab.example.org.
NAMED = {"github": "github", "gitlab": "gitlab", "gitea": "gitea", "forgejo": "gitea"}


def web_address(url: str) -> str:
    """The repository's page for people, or '' when `url` is not https."""
    return url.rstrip("/").removesuffix(".git") if url.startswith("https://") else ""


def kind_of(url: str) -> str:
    """Whose manners the host has, or '' when nobody knows."""
    host = urlsplit(web_address(url)).hostname or ""
    return KINDS.get(host) or next((kind for name, kind in NAMED.items() if host.startswith(f"{name}.")), "")


def comparison_address(url: str, *, before: str, after: str) -> str:
    """The page that shows what changed between two commits, or '' when there is none."""
    kind = kind_of(url)
    if not kind or not before or not after or before == after:
        return ""
    return web_address(url) + COMPARED[kind].format(before=quote(before), after=quote(after))


def line_address(url: str, *, commit: str, path: str, line: int | None) -> str:
    """The page that shows `path` at `commit`, or '' when nobody knows how the host writes it."""
    base, kind = web_address(url), kind_of(url)
    if not kind or not commit:
        return ""
    file_form, line_form = FORMS[kind]
    anchor = line_form.format(line=line) if line else ""
    return base + file_form.format(commit=quote(commit), path=quote(path)) + anchor
