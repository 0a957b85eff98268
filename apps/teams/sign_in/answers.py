"""What the organisation's provider answers: from where it was asked, soon, short, and of a form that can be kept."""

from __future__ import annotations

import json
import time
from typing import Any

from requests import RequestException, Response, Session
from urllib3.exceptions import HTTPError

SECONDS_OF_SILENCE = 5
SECONDS_FOR_AN_ANSWER = 15
MOST_BYTES = 1_000_000  # a person with thousands of groups needs a fraction of that
PIECE = 65_536


class ProviderSession(Session):
    """Takes no redirect, which would carry the client's secret elsewhere, and reads no answer without end."""

    def request(self, *args: Any, **kwargs: Any) -> Response:  # noqa: ANN401 - as requests has it
        kwargs |= {"timeout": SECONDS_OF_SILENCE, "allow_redirects": False, "stream": True}
        until = time.monotonic() + SECONDS_FOR_AN_ANSWER
        with super().request(*args, **kwargs) as answer:
            answer._content = _body(answer, until)  # noqa: SLF001 - where requests looks for what it read itself
        answer.headers.setdefault("content-type", "")  # which allauth takes for granted
        if answer.is_redirect:
            raise RequestException("The provider answers with a redirect.", response=answer)
        if answer.ok:
            check_storable(_read(answer))
        return answer


def _body(answer: Response, until: float) -> bytes:
    body = b""
    try:
        while piece := answer.raw.read1(PIECE, decode_content=True):
            body += piece
            if len(body) > MOST_BYTES or time.monotonic() > until:
                raise RequestException("The provider's answer has no end.", response=answer)
    except HTTPError as error:
        raise RequestException("The provider's answer breaks off.", response=answer) from error
    return body


def _read(answer: Response) -> Any:  # noqa: ANN401 - what JSON can say
    try:
        return answer.json()
    except (ValueError, RecursionError) as error:
        raise RequestException("The provider's answer cannot be read.", response=answer) from error


def check_storable(told: Any) -> None:  # noqa: ANN401 - what JSON can say
    """`RequestException` unless `told` is an object that the database takes."""
    try:
        text = json.dumps(told, ensure_ascii=False, allow_nan=False)
        text.encode()
    except (ValueError, RecursionError) as error:
        raise RequestException("The provider says what cannot be kept.") from error
    if not isinstance(told, dict) or "\\u0000" in text:
        raise RequestException("The provider says what cannot be kept.")
