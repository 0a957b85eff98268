"""The address behind a request: what trusted proxies saw, never what a client says of itself."""

import pytest
from django.test import RequestFactory

from apps.teams.origin import OriginMiddleware, client_address, origin


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, None, "203.0.113.9"),
        (0, "198.51.100.1", "203.0.113.9"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        (2, "6.6.6.6, 198.51.100.1, 10.0.0.1", "198.51.100.1"),
        (2, "198.51.100.1", "203.0.113.9"),
        (1, "2001:db8::1", "2001:db8::1"),
        (1, "::ffff:198.51.100.1", "198.51.100.1"),
        (1, "198.51.100.1:50123", "198.51.100.1"),
        (1, "[2001:db8::1]:50123", "2001:db8::1"),
        (1, "[2001:db8::1]", "2001:db8::1"),
        (1, "2001:db8::1:50123", None),
        (1, "198.51.100.1:", None),
        (1, "fe80::1%eth0", "fe80::1"),
        (1, "<script>", None),
        (1, None, "203.0.113.9"),
    ],
)
def test_only_what_trusted_proxies_say_counts(settings, proxies, forwarded, address):
    settings.TRUSTED_PROXY_COUNT = proxies
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    assert client_address(RequestFactory().get("/", headers=headers, REMOTE_ADDR="203.0.113.9")) == address


def test_the_address_is_at_hand_while_its_request_is_answered():
    seen = []
    OriginMiddleware(lambda request: seen.append(origin()))(RequestFactory().get("/", REMOTE_ADDR="203.0.113.9"))
    assert seen == ["203.0.113.9"]
    assert origin() is None
