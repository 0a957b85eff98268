"""Host names of any script, as the ASCII names that are looked up, so that a look-alike shows itself."""

from __future__ import annotations

import unicodedata

import idna

LONGEST_HOST = 253
# Japanese, Chinese and Korean names mix these.
EAST_ASIAN = frozenset({"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HANGUL", "BOPOMOFO"})


def as_ascii(host: str) -> str:
    """`host` in lower case, its international labels in punycode; '' for a name that cannot be, or mixes scripts."""
    if host.isascii():
        return host.lower()
    labels = host.lower().split(".")
    if len(host) > LONGEST_HOST or any(_poses(label) for label in labels):
        return ""
    if any(letter.lower().isascii() for letter in host if not letter.isascii()):  # the sign for kelvin
        return ""
    try:
        return ".".join(label if label.isascii() else idna.alabel(label).decode("ascii") for label in labels)
    except (UnicodeError, ValueError):  # compatibility characters, such as digits in circles, are among what it refuses
        return ""


def _poses(label: str) -> bool:
    """Whether a label mixes scripts, or lays marks over Latin letters that form no letter of their own."""
    scripts = {unicodedata.name(letter, "?").split(" ", 1)[0] for letter in label if letter.isalpha()}
    if len(scripts) > 1:
        return not scripts <= EAST_ASIAN
    return scripts == {"LATIN"} and any(map(unicodedata.combining, unicodedata.normalize("NFC", label)))
