"""That every text of every page is marked for translation, shown in a language that nobody speaks."""

import pytest
from django.contrib.auth.models import User
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.text import capfirst

from apps.catalog import FACTORS, ITEMS
from apps.dashboard.templatetags.marks import glyph
from apps.teams.audit import Deed
from apps.webhooks.signatures import Provider
from config.languages import languages_in
from tests.dashboard.tour import ADMIN_PATHS, PATHS, SIGNED_OUT, live_a_little
from tests.pseudo import CODE, make_catalogue, unmarked

# Stays English: what the standard says, what scans, workers and probes say, names, and words of files.
STANDARD = {
    *(text for factor in FACTORS for text in (factor.name, factor.short, factor.question)),
    *(text for item in ITEMS.values() for text in (item.title, item.subject, item.remedy)),
    *(capfirst(text) for item in ITEMS.values() for text in (item.met, item.partial, item.unmet, item.na)),
}
SCENE = {
    "Twelvefold", "leaky", "fresh", "Fraud", "fraud", "alice", "Alice", "online", "pii", "https://", "github.com",
    "github.com/example/", "As it should be.", "A key is in", "a.py", "Revoke it.", "Seen.", "Moves in spring.",
    "The host answered 403.", "serving/a/rather/long/path/app.py", "services/leaky", "Concurrency",
}  # fmt: skip
PROBES = {"Database", "well", "Migrations", "Broker", "Beat", "never seen", "Worker"}
AUDITED = {deed.value for deed in Deed} | {"note:", "state:", "unmet", "until:", "evidence_url:", "holds:", "True"}
DATA = {text for text in STANDARD | SCENE | PROBES | AUDITED | set(Provider.labels) if text}


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory):
    folder = tmp_path_factory.mktemp("locale")
    make_catalogue(folder)
    return folder


@pytest.fixture
def abroad(client, settings, catalogue):
    settings.LOCALE_PATHS, settings.LANGUAGES = [catalogue], [*settings.LANGUAGES, (CODE, "Nobody's")]
    return lambda path: client.get(path, headers={"Accept-Language": CODE})


def test_every_text_of_every_page_is_marked(abroad, client, fraud, alice):
    live_a_little(fraud, alice)
    User.objects.filter(username="alice").update(is_superuser=True)
    found = {}

    def look_at(paths):
        for path in paths:
            response = abroad(path)
            assert response.status_code == 200, path
            if left := unmarked(response.content.decode(), DATA):
                found[path] = left

    look_at(SIGNED_OUT)
    client.force_login(alice)
    look_at([*PATHS, *ADMIN_PATHS])
    assert found == {}


@pytest.mark.parametrize("template", ["400", "403", "404", "429", "500", "503"])
def test_error_pages_are_marked(abroad, rf, template):
    with translation.override(CODE):
        page = render_to_string(f"{template}.html", {"theme": ""}, rf.get("/"))
    assert "⟦" in page
    assert unmarked(page, DATA) == []


def test_refusals_of_a_form_are_marked(abroad, client, alice):
    client.force_login(alice)
    typed = {"url": "ftp://example.org/x", "team": "", "branch": "-x", "tags": "a" * 40}
    page = client.post("/projects/add/", typed, headers={"Accept-Language": CODE}).content.decode()
    assert page.count("hint err") == 4
    assert unmarked(page, DATA) == []


def test_a_browser_gets_english_where_its_language_is_not_there(client, alice):
    client.force_login(alice)
    response = client.get("/", headers={"Accept-Language": "de, en-us;q=0.5"})
    assert response.headers["Content-Language"] == "en-gb"
    assert "Accept-Language" in response.headers["Vary"]


def test_what_is_kept_of_a_mark_is_kept_for_each_language(abroad):
    with translation.override("en-gb"):
        assert "Unmet" in glyph("unmet")
    with translation.override(CODE):
        assert "⟦" in glyph("unmet")
    with translation.override("en-gb"):
        assert "⟦" not in glyph("unmet")


def test_each_compiled_catalogue_is_a_language(catalogue, tmp_path):
    assert languages_in(tmp_path) == []
    assert languages_in(catalogue) == [(CODE, CODE)]
