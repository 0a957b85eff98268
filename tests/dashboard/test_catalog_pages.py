import html

import pytest
from django.urls import reverse

from apps.analysis import checks
from apps.catalog import ITEMS
from apps.dashboard.prose import Explanation, explanation_of, html_of
from apps.dashboard.views import catalog
from tests.dashboard.making import scanned


def text_of(response):
    return html.unescape(response.content.decode())


@pytest.mark.parametrize("item", ITEMS)
def test_every_item_is_explained_by_its_check(item):
    explained = explanation_of(item)
    assert all(getattr(explained, part).strip() for part in Explanation.__slots__)


def test_page_of_an_item_holds_criteria_rulings_and_what_its_check_says(client, bob):
    client.force_login(bob)
    page = text_of(client.get(reverse("item", args=["config.secrets"])))
    for heading in ("How it is judged", "Rulings", "What the scan does", "Why it matters", "How to adopt it"):
        assert f">{heading}</h2>" in page
    assert '<pre tabindex="0"><code># before\n' in page
    assert '<a href="https://12factor.net/config">https://12factor.net/config</a>' in page
    assert "Revoke the credential" in page


def test_page_of_an_item_without_a_check_still_holds_its_criteria(client, bob, monkeypatch):
    monkeypatch.setattr(catalog, "explanation_of", lambda item: Explanation(*[html_of("")] * 5))
    client.force_login(bob)
    page = text_of(client.get(reverse("item", args=["config.secrets"])))
    assert ">How it is judged</h2>" in page
    assert "What the scan does" not in page


def test_item_page_lists_its_siblings(client, bob):
    client.force_login(bob)
    page = text_of(client.get(reverse("item", args=["config.secrets"])))
    assert 'href="/catalog/config.hyperparameters/"' in page
    assert 'href="/catalog/config.secrets/"' not in page


def test_every_finding_leads_to_the_page_of_its_item(client, bob, scorer):
    client.force_login(bob)
    page = text_of(client.get(scanned(scorer).get_absolute_url()))
    assert all(f'<a class="title" href="/catalog/{item}/">' in page for item in ITEMS)


def test_documentation_of_what_is_no_item_is_empty():
    assert checks.documentation("../engine") == ""
    assert checks.documentation("config.nothing") == ""


def test_html_in_markdown_comes_out_as_text():
    assert "<script" not in html_of("<script>x</script>\n\n```\n<img src=x>\n```\n[x](javascript:alert(1))")
    assert "<img" not in html_of("```\n<img src=x>\n```")
    assert "href" not in html_of("[x](javascript:alert(1))")
