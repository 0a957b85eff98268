"""Language models that are asked by plain HTTP: no client of theirs is imported, their addresses tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apps.analysis.facts.model import Text
    from apps.analysis.repository import Facts, File

# With the host before it, or a value in its place: the path alone may be a route of the system's own.
_ADDRESSES = (
    r"(://|\}).{0,120}(/chat/completions|:(stream)?generateContent)$|://api\.(openai|anthropic|mistral|cohere|groq)\.\w{2,3}/"
    r"|(:11434|ollama[\w.-]{0,40}(:\d{2,5})?)/api/(generate|chat)$|://api-inference\.huggingface\.co/models/"
)


def addresses(facts: Facts) -> list[tuple[File, Text]]:
    return facts.texts(_ADDRESSES, files=facts.scripts)


# Models that a server of models keeps, by the paths of its protocols.
_MODELS = r"(://|\}).{0,120}(/v1/models/[^/\s]{1,60}(/versions/\d{1,9})?:(predict|classify|regress)|/v2/models/[^/\s]{1,60}(/versions/\d{1,9})?/infer|/invocations)$"


def models(facts: Facts) -> list[tuple[File, Text]]:
    return facts.texts(_MODELS, files=facts.scripts)
