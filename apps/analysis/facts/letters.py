"""Letters as expressions take them that do not mind the case, so that words can be looked for without an expression."""

from __future__ import annotations

# What is a letter of ASCII where case is ignored, and that `lower` leaves as it is or makes longer; the last for bytes.
_AS_ASCII = (("\u017f", "s"), ("\u0131", "i"), ("\u0130", "i"), ("\u212a", "k"))


def folded(text: str) -> str:
    """The text in small letters, those of ASCII just where an expression finds them in any case. Every place stays."""
    return (text if text.isascii() else in_ascii(text)).lower()


def in_ascii(text: str) -> str:
    """The text with letters of ASCII for those that are one where case is ignored."""
    for letter, plain in _AS_ASCII:
        text = text.replace(letter, plain)
    return text
