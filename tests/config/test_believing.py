"""What a request says of itself, and Django would believe."""

import io
from wsgiref.util import setup_testing_defaults

import pytest
from django.test import Client

from config.believing import Handler

# Not of text, without a way to replace, refusing everything, and two that bring lone surrogates.
ENCODINGS = ["base64", "idna", "undefined", "utf-7", "unicode_escape"]
TOKEN = "c" * 32


def asked(method: str, address: str, *, kind: str, body: bytes = b"") -> tuple[str, str]:
    """The status and the page that a server would get, which Django's client does not ask."""
    path, _, query = address.partition("?")
    environ = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "CONTENT_TYPE": kind,
        "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body), "HTTP_HOST": "localhost",
        "HTTP_COOKIE": f"csrftoken={TOKEN}", "HTTP_X_CSRFTOKEN": TOKEN,
    }  # fmt: skip
    setup_testing_defaults(environ)
    said = []
    answer = Handler()(environ, lambda status, _headers: said.append(status))
    page = b"".join(answer).decode()
    answer.close()
    return said[0], page


@pytest.mark.django_db
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_an_address_is_read_as_utf_8_whatever_encoding_a_request_names(encoding: str) -> None:
    address = "/sign-in/?next=/teams/%5Cud800%2B2AA-%C3%AB/"
    status, page = asked("GET", address, kind=f"text/plain; charset={encoding}")
    assert status == "200 OK"
    assert 'value="/teams/\\ud800+2AA-\u00eb/"' in page


@pytest.mark.django_db
@pytest.mark.parametrize("encoding", [*ENCODINGS, "utf-8"])
def test_a_form_is_read_as_utf_8_whatever_encoding_a_request_names(encoding: str) -> None:
    form = '--b\r\nContent-Disposition: form-data; name="login"\r\n\r\n\\ud800+2AA-\u00eb\r\n--b--\r\n'.encode()
    kind = f"multipart/form-data; boundary=b; charset={encoding}"
    status, page = asked("POST", "/sign-in/", kind=kind, body=form)
    assert status == "200 OK"
    assert 'value="\\ud800+2AA-\u00eb"' in page


@pytest.mark.django_db
@pytest.mark.parametrize("session", [r'"\000\000\000\000\000\000\000\000"', "\u00e9" * 10, "a" * 9000])
def test_a_session_that_cannot_be_is_none(client: Client, session: str) -> None:
    answer = client.get("/", headers={"Cookie": f"sessionid={session}"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in/?next=/")
