"""Pages of one's own account that ask for the password first, and those of a forgotten one."""

import pytest

from tests.browser.test_access import problems_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]

GUARDED = ["/account/authenticator/", "/account/keys/add/", "/account/keys/"]
FORGOTTEN = ["/sign-in/reset/", "/sign-in/reset/asked/", "/sign-in/reset/1-abc/", "/sign-in/reset/done/"]


@pytest.mark.parametrize("width", [1400, 390])
def test_pages_of_ones_account_are_open_to_everybody(open_page, sign_in, live_server, bob, settings, width):
    settings.MAIL = True
    page, problems = open_page(width=width), []

    def look_at(paths):
        for path in paths:
            page.goto(f"{live_server.url}{path}")
            assert page.locator("h1").count() == 1, path
            problems.extend(problems_of(page, width))

    look_at(FORGOTTEN)
    sign_in(page, "bob")
    page.goto(f"{live_server.url}/account/authenticator/")
    page.get_by_label("Password").fill("a long pass phrase")
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url(f"{live_server.url}/account/authenticator/")
    look_at(GUARDED)
    assert problems == []
