import html
import re

import pytest
from django.test import Client
from django.urls import reverse

from apps.adoption.corrections import clear_correction, correct_profile, open_corrections
from apps.adoption.models import ProfileCorrection
from apps.analysis import claims as analysis_claims
from apps.dashboard.claims import CLAIMS
from apps.scans.models import Phase, ScanRequest
from tests.dashboard.making import COMMIT, claims, person, project, scanned

HTMX = {"HX-Request": "true"}


@pytest.fixture
def ranker(fraud):
    return scanned(project(fraud, "ranker"), profile=claims(trains="train.py"))


@pytest.fixture
def address(ranker):
    return reverse("correct-claim", args=[ranker.slug, "serves"])


def text_of(response):
    return html.unescape(response.content.decode())


def line_of(page, claim):
    begin = page.index(f'<li id="claim-{claim}"')
    return page[begin : page.index("</li>", begin)]


def test_every_claim_of_a_profile_has_words():
    assert set(CLAIMS) == set(analysis_claims.CLAIMS)


def test_page_says_what_the_system_is_and_where_that_shows(client, bob, ranker):
    client.force_login(bob)
    page = text_of(client.get(ranker.get_absolute_url()))
    trains = line_of(page, "trains")
    assert '<span class="tag">yes</span>' in trains
    assert f'href="https://github.com/example/ranker/blob/{COMMIT}/train.py#L3"' in trains
    assert '<span class="tag">no</span>' in line_of(page, "serves")


def test_stages_that_the_repository_holds_are_named_in_the_order_of_the_work(client, bob, fraud):
    stages = {"training": {"holds": True}, "preprocessing": {"holds": True}, "inference": {"holds": False}}
    staged = scanned(project(fraud), profile=claims() | {"stages": stages})
    client.force_login(bob)
    assert "Stages in the repository: preprocessing, training." in text_of(client.get(staged.get_absolute_url()))


def test_project_without_a_scan_has_no_profile(client, bob, fraud):
    client.force_login(bob)
    assert b'id="profile"' not in client.get(project(fraud).get_absolute_url()).content


def test_member_corrects_a_claim_without_javascript_and_a_forced_scan_follows(client, bob, ranker, address):
    client.force_login(bob)
    assert b"<html" in client.get(address).content
    response = client.post(address, {"holds": "yes", "version": 0})
    assert response.url == f"/projects/{ranker.slug}/#claim-serves"
    correction = open_corrections(ranker)["serves"]
    assert (correction.holds, correction.by) == (True, bob)
    request = ScanRequest.objects.get(project=ranker)
    assert (request.phase, request.forced, request.requested_by) == (Phase.PENDING, True, bob)
    serves = line_of(text_of(client.get(response.url)), "serves")
    assert '<span class="tag">yes</span>' in serves
    assert "Bob said so" in serves
    assert "the next scan takes it up" in serves


def test_htmx_gets_the_line_and_the_scan_that_was_asked_for(client, bob, address):
    client.force_login(bob)
    assert client.get(address, headers=HTMX).content.startswith(b'<li id="claim-serves" data-editing>')
    answer = client.post(address, {"holds": "yes", "version": 0}, headers=HTMX).content.decode()
    assert answer.lstrip().startswith('<li id="claim-serves"')
    assert '<section id="scan" hx-swap-oob="true"' in answer
    assert "Your correction is saved." in answer


def test_corrected_claim_tells_what_the_scan_had_found(client, bob, ranker):
    correct_profile(project=ranker, claim="serves", holds=True, by=bob)
    said = {"serves": {"holds": True, "evidence": [], "found": False, "corrected_by": "member"}}
    follows = {"model": {"holds": True, "evidence": [], "found": False, "corrected_by": "member"}}
    written = {"batch": {"holds": True, "evidence": [], "found": False, "corrected_by": "settings"}}
    scanned(ranker, profile=claims() | said | follows | written)
    client.force_login(bob)
    page = text_of(client.get(ranker.get_absolute_url()))
    assert "the scan found no sign of it." in line_of(page, "serves")
    assert "the next scan" not in line_of(page, "serves")
    assert "It follows from what people say." in line_of(page, "model")
    assert "The settings in the repository say so; the scan found no sign of it." in line_of(page, "batch")


def test_correction_is_cleared_and_a_scan_looks_again(client, bob, ranker):
    said = correct_profile(project=ranker, claim="serves", holds=True, by=bob)
    client.force_login(bob)
    address = reverse("clear-claim", args=[ranker.slug, "serves"])
    assert client.get(address).status_code == 405
    assert client.post(address, {"version": said.pk}).url.endswith("#claim-serves")
    assert open_corrections(ranker) == {}
    assert ScanRequest.objects.get(project=ranker).forced
    client.post(address)
    assert ProfileCorrection.objects.get().ended_by == bob


def test_second_of_two_people_sees_who_was_faster_and_may_save_again(client, alice, bob, ranker, address):
    client.force_login(bob)
    opened = client.get(address).context["form"].initial["version"]
    said = correct_profile(project=ranker, claim="serves", holds=True, by=alice)
    response = client.post(address, {"holds": "no", "version": opened}, headers=HTMX)
    page = text_of(response)
    assert response.status_code == 409
    assert "Somebody corrected this meanwhile. Alice says yes." in re.sub("<[^>]+>", "", page)
    assert re.search(r'value="no"[^>]*checked', page)
    assert open_corrections(ranker)["serves"] == said
    assert not ScanRequest.objects.filter(project=ranker).exists()
    again = re.search(r'name="version" value="(\d+)"', page)[1]
    assert client.post(address, {"holds": "no", "version": again}).status_code == 302
    assert (open_corrections(ranker)["serves"].holds, open_corrections(ranker)["serves"].by) == (False, bob)


@pytest.mark.parametrize("version", ["0", "", "x", "9" * 30])
def test_a_correction_that_one_did_not_see_is_not_cleared(client, alice, bob, ranker, version):
    said = correct_profile(project=ranker, claim="serves", holds=True, by=alice)
    client.force_login(bob)
    response = client.post(reverse("clear-claim", args=[ranker.slug, "serves"]), {"version": version})
    assert (response.status_code, "Alice says yes." in text_of(response)) == (409, True)
    assert open_corrections(ranker)["serves"] == said


def test_a_correction_that_was_cleared_meanwhile_is_told(client, alice, bob, ranker, address):
    said = correct_profile(project=ranker, claim="serves", holds=True, by=alice)
    clear_correction(project=ranker, claim="serves", by=alice)
    client.force_login(bob)
    response = client.post(address, {"holds": "yes", "version": said.pk})
    assert (response.status_code, "The correction is cleared now." in text_of(response)) == (409, True)
    assert open_corrections(ranker) == {}


@pytest.mark.parametrize("holds", ["", "maybe", None])
def test_wrong_answer_is_told_in_place_and_nothing_is_stored(client, bob, address, holds):
    client.force_login(bob)
    said = {"version": 0} if holds is None else {"version": 0, "holds": holds}
    response = client.post(address, said, headers=HTMX)
    assert response.status_code == 422
    assert not ProfileCorrection.objects.exists()


def test_onlookers_and_other_teams_cannot_correct(client, carol, ranker, address):
    for user in (carol, person("Dan")):
        client.force_login(user)
        assert client.get(address).status_code == 404
        assert client.post(address, {"holds": "yes"}).status_code == 404
        assert client.post(reverse("clear-claim", args=[ranker.slug, "serves"])).status_code == 404
        assert b">Correct<" not in client.get(ranker.get_absolute_url()).content
    assert not ProfileCorrection.objects.exists()


@pytest.mark.parametrize("name", ["claim", "correct-claim", "clear-claim"])
def test_claim_that_does_not_exist_is_a_404(client, bob, ranker, name):
    client.force_login(bob)
    address = reverse(name, args=[ranker.slug, "flies"])
    assert (client.post(address) if name == "clear-claim" else client.get(address)).status_code == 404


def test_correction_needs_its_csrf_token(bob, address):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(bob)
    assert strict.post(address, {"holds": "yes"}).status_code == 403


def test_cancel_brings_the_line_back(client, bob, ranker):
    client.force_login(bob)
    address = reverse("claim", args=[ranker.slug, "serves"])
    assert b'id="claim-serves"' in client.get(address, headers=HTMX).content
    assert client.get(address).url.endswith("#claim-serves")


def test_what_the_repository_says_of_itself_is_named(client, bob, fraud):
    said = {"path": ".twelvefold.toml", "root": "services/a", "exclude": ["old/**"], "profile": {}, "proposals": []}
    small = scanned(project(fraud), profile=claims(), settings=said)
    client.force_login(bob)
    page = text_of(client.get(small.get_absolute_url()))
    assert "names <code>services/a</code> as the system" in page
    assert "<code>old/**</code>" in page
