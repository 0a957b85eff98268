"""Pages of one's own account that ask for the password first, and those of a forgotten one."""

import pytest

from tests.browser.test_access import problems_of
from tests.dashboard.test_sign_in import code_for

pytestmark = [pytest.mark.browser, pytest.mark.slow]

GUARDED = ["/account/authenticator/", "/account/keys/add/", "/account/keys/"]
FORGOTTEN = ["/sign-in/reset/", "/sign-in/reset/asked/", "/sign-in/reset/1-abc/", "/sign-in/reset/done/"]
WITH_TWO_STEPS = {
    "/account/": "Your account",
    "/account/recovery-codes/": "Recovery codes",
    "/account/recovery-codes/new/": "New recovery codes",
    "/account/authenticator/remove/": "Take the authenticator away",
    "/account/keys/": "Security keys",
    "/account/password/": "Change the password",
    "/account/confirm/": "Confirm that it is you",
    "/account/confirm/code/": "Confirm that it is you",
}


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


@pytest.mark.parametrize("width", [1400, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_of_an_account_with_two_steps_are_open_to_everybody(open_page, sign_in, live_server, bob, theme, width):
    page, problems = open_page(width=width, theme=theme), []
    sign_in(page, "bob")
    page.goto(f"{live_server.url}/account/authenticator/")
    page.get_by_label("Password").fill("a long pass phrase")
    page.get_by_role("button", name="Confirm").click()
    secret = page.get_by_text("Secret:").locator("code").inner_text()
    page.get_by_label("Authenticator code").fill(code_for(secret))
    page.get_by_role("button", name="Add it").click()
    page.wait_for_url(lambda address: not address.endswith("/authenticator/"))
    for path, heading in WITH_TWO_STEPS.items():
        page.goto(f"{live_server.url}{path}")
        assert page.url == f"{live_server.url}{path}"
        assert page.get_by_role("heading", level=1).all_inner_texts() == [heading]
        problems += problems_of(page, width)
    assert problems == []
