"""Every page, in light and dark, wide and on a phone: nothing for axe-core to find, nothing to scroll sideways."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.template.loader import render_to_string

from apps.teams.models import Project
from tests.dashboard.tour import ADMIN_PATHS, PATHS, SIGNED_OUT, live_a_little
from tests.pseudo import CODE, make_catalogue

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def lived_in(fraud, alice):
    live_a_little(fraud, alice)


@pytest.mark.parametrize("width", [1400, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_are_open_to_everybody(open_page, sign_in, live_server, lived_in, theme, width):
    page = open_page(width=width, theme=theme)
    problems = []

    def look_at(paths):
        for path in paths:
            page.goto(f"{live_server.url}{path}")
            assert page.locator("h1").count() == 1, path
            problems.extend(problems_of(page, width))

    look_at(SIGNED_OUT)
    sign_in(page, "alice")
    look_at(PATHS)
    User.objects.filter(username="alice").update(is_superuser=True)
    look_at(ADMIN_PATHS)
    assert problems == []


@pytest.fixture
def abroad(settings, tmp_path):
    make_catalogue(tmp_path)
    settings.LOCALE_PATHS, settings.LANGUAGES = [tmp_path], [*settings.LANGUAGES, (CODE, "Nobody's")]


@pytest.mark.parametrize("width", [1400, 390])
def test_longer_words_of_another_language_break_no_page(
    open_page, sign_in, live_server, lived_in, width, settings, tmp_path
):
    make_catalogue(tmp_path)
    settings.LOCALE_PATHS, settings.LANGUAGES = [tmp_path], [*settings.LANGUAGES, (CODE, "Nobody's")]
    page = open_page(width=width)
    sign_in(page, "alice")
    User.objects.filter(username="alice").update(is_superuser=True)
    page.set_extra_http_headers({"Accept-Language": CODE})
    wide = []
    for path in [*PATHS, *ADMIN_PATHS]:
        page.goto(f"{live_server.url}{path}")
        assert "⟦" in page.content(), path
        wide += [path] if page.evaluate("document.documentElement.scrollWidth") > width else []
    assert wide == []


@pytest.mark.parametrize("width", [1400, 390])
def test_what_is_chosen_shows_where_the_systems_colours_are_forced(open_page, sign_in, live_server, lived_in, width):
    page = open_page(width=width, forced_colors="active")
    sign_in(page, "alice")
    page.goto(f"{live_server.url}/history/")
    links = "(link) => [getComputedStyle(link).borderBlockColor, getComputedStyle(link).backgroundColor].join()"
    for place in (".nav", ".seg"):
        looks = [
            (link.get_attribute("aria-current"), link.evaluate(links)) for link in page.locator(f"{place} a").all()
        ]
        current, others = ({look for said, look in looks if bool(said) is state} for state in (True, False))
        assert current.isdisjoint(others), place
        assert current
        assert others


def test_error_pages_are_open_to_everybody(open_page, rf):
    """What the views of errors answer, shown in a page of its own, so that the browser notes no error of a request."""
    page = open_page(width=390)
    problems = []
    lost = {"message": "Alice was first.", "view": {"project": Project(slug="leaky")}, "item": {"anchor": "item"}}
    for template in ("400", "403", "404", "409", "429", "500", "503"):
        page.set_content(render_to_string(f"{template}.html", lost, rf.get("/")))
        assert page.locator("h1").count() == 1
        problems += problems_of(page, 390)
    assert problems == []


def problems_of(page, width):
    found_by_axe = Axe().run(page).response["violations"]
    problems = [f"{page.url}: {one['id']}: {one['nodes'][0]['html']}" for one in found_by_axe]
    wide = page.evaluate("document.documentElement.scrollWidth")
    return problems + ([f"{page.url}: {wide} pixels wide"] if wide > width else [])
