"""Language models that are asked by plain HTTP, and models whose calls have names of their own."""

import pytest

from apps.analysis.checks.codebase import evaluation, inference, training
from apps.catalog import State
from tests.analysis.making import facts_of

ASK = "import requests\n\ndef reply(base, model, question):\n    url = {}\n    return requests.post(url, json=question).json()\n"
ROUTE = (
    "from fastapi import FastAPI\n\napp = FastAPI()\n\n@app.post('{}')\ndef complete(body: dict):\n    return body\n"
)


@pytest.mark.parametrize(
    "address",
    [
        "f\"{base.rstrip('/')}/chat/completions\"",
        "f'{base}/models/{model}:generateContent'",
        "'https://api.openai.com/v1/responses'",
        "'http://localhost:11434/api/generate'",
        "'http://ollama:11434/api/chat'",
        "'https://llm.example.com/v1/chat/completions'",
    ],
)
def test_the_address_of_a_language_model_tells_that_one_is_asked(address: str) -> None:
    facts = facts_of({"reply.py": ASK.format(address)})
    assert facts.profile.language_model.holds
    assert facts.profile.model.holds
    assert inference.check(facts).state is State.MET
    assert training.check(facts).state is State.NA
    assert evaluation.check(facts).state is State.UNMET


@pytest.mark.parametrize("address", ["'http://backend:8000/api/chat'", "f'{base}/api/generate'", "'/chat/completions'"])
def test_the_address_of_an_own_service_tells_of_none(address: str) -> None:
    assert not facts_of({"page.py": ASK.format(address)}).profile.language_model.holds


def test_a_route_of_its_own_is_no_question() -> None:
    assert not facts_of({"app.py": ROUTE.format("/v1/chat/completions")}).profile.language_model.holds


@pytest.mark.parametrize(
    "code",
    [
        "import pytesseract\n\ndef read(picture):\n    return pytesseract.image_to_string(picture)\n",
        "import easyocr\n\nreader = easyocr.Reader(['en'])\n\ndef read(picture):\n    return reader.readtext(picture)\n",
        "import bentoml\n\nrunner = bentoml.pytorch.get('encoder:latest').to_runner()\n\nasync def read(x):\n    return await runner.async_run(x)\n",
    ],
)
def test_readers_of_pictures_and_runners_of_bentoml_are_asked(code: str) -> None:
    assert inference.check(facts_of({"read.py": code})).state is State.MET
