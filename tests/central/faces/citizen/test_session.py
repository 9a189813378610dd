"""A citizen's session: short, theirs alone, ended by one button on every page."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from onthaal.central.foundation.identity.actions import Begun, Finished
from onthaal.central.foundation.people.models import Municipality
from onthaal.core.refusals import Refusal, Why
from tests.central.faces.citizen.portal import BO, ISSUER, Browser, Portal, says

THEIRS = ("/mine/", "/apply/eerste-reispas/", "/apply/eerste-reispas/details/", "/apply/eerste-reispas/check/")


def test_who_is_not_signed_in_is_led_to_the_sign_in_page_and_back(portal: Portal) -> None:
    nobody = Browser(portal)
    for path in THEIRS:
        assert nobody.get(path)["Location"].startswith("/aanmelden/?next=")
    page = nobody.text("/aanmelden/?next=/apply/eerste-reispas/")
    assert "Aanmelden met itsme" in page
    assert 'value="/apply/eerste-reispas/"' in page


@pytest.mark.parametrize("asked", ["https://elsewhere.example/", "//elsewhere.example/", "/nergens/", "/" + "x" * 90])
def test_the_next_page_is_only_ever_one_of_ours(portal: Portal, asked: str) -> None:
    page = Browser(portal).text(f"/aanmelden/?next={asked}")
    assert 'name="next" value="/mine/"' in page


@pytest.mark.parametrize(("idle", "whole", "ends"), [(29, 0, False), (31, 0, True), (29, 5, True)])
def test_a_session_ends_after_half_an_hour_of_nothing_or_two_hours(
    portal: Portal, idle: int, whole: int, ends: bool
) -> None:
    an = portal.browser()
    for _ in range(whole):
        portal.clock.turn(minutes=29)
        an.get("/mine/")
    portal.clock.turn(minutes=idle)
    assert an.get("/mine/").status_code == (302 if ends else 200)
    if ends:
        assert "U was een tijd weg" in an.text("/aanmelden/")


def test_every_page_has_the_button_to_sign_out(portal: Portal) -> None:
    an = portal.browser()
    request = an.applies()
    for path in ("/", "/privacy/", "/mine/", f"/mine/{request.pk}/", "/apply/voorlopig-rijbewijs/", "/aanmelden/"):
        assert 'action="/sign-out/"' in an.text(path), path
    assert 'action="/sign-out/"' not in Browser(portal).text("/")


def test_after_signing_out_nothing_of_theirs_is_shown_any_more(portal: Portal) -> None:
    an = portal.browser()
    request = an.applies()
    assert an.post("/sign-out/")["Location"] == "/"
    assert "U bent afgemeld." in an.text("/")
    for path in ("/mine/", f"/mine/{request.pk}/"):
        assert an.get(path).status_code == 302
        assert "An Peeters" not in an.get(path).content.decode()


def test_who_signs_in_on_a_session_left_open_gets_nothing_of_it(portal: Portal) -> None:
    an = portal.browser()
    an.answers()
    an.signs_in(portal.arrives(**BO))
    page = an.text("/mine/")
    assert "Bo Maes" in page
    assert "An Peeters" not in page
    assert "Eerste reispas" not in page


def test_signing_in_draws_a_new_session_and_a_new_form_token(portal: Portal) -> None:
    nobody = Browser(portal)
    nobody.client.session.save()
    nobody.client.session["left"] = "behind"
    before = nobody.client.session.session_key
    nobody.signs_in(portal.arrives())
    assert nobody.client.session.session_key != before
    assert set(nobody.client.session.keys()) == {"citizen"}


def test_promise_11_a_session_of_one_municipality_is_nothing_in_another(portal: Portal, deinze: Municipality) -> None:
    an = portal.browser()
    assert an.get("/mine/", host="deinze.example").status_code == 302


def test_an_erased_identity_is_signed_out(portal: Portal) -> None:
    from onthaal.central.foundation.identity import actions as identities

    an = portal.browser()
    with portal.acting():
        assert an.identity is not None
        identities.erase(an.identity, now=portal.clock.now())
    assert an.get("/mine/").status_code == 302


def test_the_session_holds_no_name_and_no_number(portal: Portal) -> None:
    an = portal.browser(national_number="90051700104")
    an.applies()
    session = dict(an.client.session)
    times = [session["citizen"].pop(name) for name in ("at", "seen")]  # microseconds: any four digits come by once
    assert all(type(time) is float for time in times)
    kept = str(session)
    for told in ("An", "Peeters", "90051700104", "1990"):
        assert told not in kept


def test_forms_need_their_token(portal: Portal) -> None:
    an = Browser(portal, portal.arrives(), enforce_csrf_checks=True)
    request_page = "/apply/eerste-reispas/"
    assert an.answers().status_code == 403
    assert an.post("/sign-out/").status_code == 403
    assert an.get(request_page).status_code == 200


def test_their_pages_and_files_are_never_kept_by_a_browser(portal: Portal) -> None:
    from onthaal.central.lockers.requests.models import Attachment

    an = portal.browser()
    request = an.applies()
    with portal.acting():
        photo = Attachment.objects.get().pk
    for path in ("/mine/", f"/mine/{request.pk}/", f"/mine/files/{photo}/", "/apply/voorlopig-rijbewijs/"):
        assert an.get(path)["Cache-Control"] == "no-store", path


def begins(monkeypatch: pytest.MonkeyPatch, outcome: Begun | Refusal) -> list[dict[str, Any]]:
    """The provider's side of beginning, at its seam: what was asked of it."""
    from onthaal.central.foundation.identity import actions

    asked: list[dict[str, Any]] = []

    def begin(provider: Any, **given: Any) -> Begun:
        asked.append({"profile": provider.profile, **given})
        if isinstance(outcome, Refusal):
            raise outcome
        return outcome

    monkeypatch.setattr(actions, "begin", begin)
    return asked


def test_the_button_leads_to_the_provider(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = begins(monkeypatch, Begun(f"{ISSUER}/authorization?state=s", "s"))
    answer = Browser(portal).post("/aanmelden/", provider="itsme", next="/apply/eerste-reispas/")
    assert f'content="0;url={ISSUER}/authorization?state=s"' in answer.content.decode()
    assert answer.cookies["onthaal-aanmelden"]["httponly"]
    (given,) = asked
    assert (given["purpose"], given["about"]) == ("portal", "/apply/eerste-reispas/")


def test_a_provider_that_is_down_is_said_before_somebody_starts(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    begins(monkeypatch, Refusal(Why.IDENTITY_UNAVAILABLE))
    answer = Browser(portal).post("/aanmelden/", provider="itsme", next="/mine/")
    page = answer.content.decode()
    assert 'data-why="identity-unavailable"' in page
    assert portal.row.help_phone.replace(" ", "\u00a0") in page


def test_a_provider_that_is_silent_is_said_on_the_page_itself_and_begun_by_nobody(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    from onthaal.central.foundation.identity import watching
    from onthaal.central.foundation.identity.models import Provider

    asked = begins(monkeypatch, Begun(f"{ISSUER}/authorization?state=s", "s"))
    with portal.acting():
        watching.missed(Provider.objects.get().pk, portal.clock.now(), surely=True)
    page = Browser(portal).get("/aanmelden/").content.decode()
    assert 'data-away="itsme"' in page
    assert "itsme werkt nu niet. U kunt wel naar het loket komen." in page
    assert 'name="provider"' not in page, "no button that leads nowhere"
    answer = Browser(portal).post("/aanmelden/", provider="itsme", next="/mine/")
    assert 'data-why="identity-unavailable"' in answer.content.decode()
    assert asked == []


def test_an_origin_that_begins_again_and_again_waits_until_the_next_hour(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    from onthaal.central.lockers.faces.citizen.personal import signing

    asked = begins(monkeypatch, Begun(f"{ISSUER}/authorization?state=s", "s"))
    monkeypatch.setattr(signing, "BEGUN_AN_HOUR", 2)

    def begun(lang: str = "nl") -> Any:
        asked_for = {"provider": "itsme", "next": "/mine/"}
        return Browser(portal).client.post("/aanmelden/", asked_for, headers={"accept-language": lang})

    assert [begun().status_code for _ in range(3)] == [200, 200, 429]
    assert len(asked) == 2, "the provider is not asked for them"
    for lang, words in (("nl", "U vroeg te vaak."), ("fr", "Trop de demandes."), ("en", "Too many requests.")):
        assert words in begun(lang).content.decode()
    portal.clock.turn(minutes=61)
    assert begun().status_code == 200


def comes_back(browser: Browser, finished: Finished) -> Any:
    """The answer of the provider, as `follow` hears it."""
    from django.contrib.messages.storage.session import SessionStorage
    from django.test.client import RequestFactory

    from onthaal.central.web.signed_in import follow

    request: Any = RequestFactory().get("/aanmelden/itsme/terug", headers={"host": browser.portal.row.host})
    request.session, request.municipality, request.lang = browser.client.session, browser.portal.row, "nl"
    request.user, request._messages = None, SessionStorage(request)
    answer = follow(request, finished)
    request.session.save()
    browser.client.cookies["sessionid"] = request.session.session_key
    return answer


def sign_in_of(portal: Portal, about: str = "/apply/eerste-reispas/") -> Any:
    from onthaal.central.foundation.identity.models import Provider, SignIn

    now = portal.clock.now()
    with portal.acting():
        return SignIn.objects.create(
            provider=Provider.objects.get(), purpose="portal", about=about, state_hash="s", browser_hash="b",
            language="nl", started_at=now, expires_at=now, used_at=now, ended_at=now,
        )  # fmt: skip


def test_somebody_new_is_known_from_their_first_sign_in(portal: Portal) -> None:
    nobody, sign_in = Browser(portal), sign_in_of(portal)
    answer = comes_back(nobody, Finished(sign_in=sign_in, assertion=says()))
    assert answer["Location"] == "/apply/eerste-reispas/"
    assert "An Peeters" in nobody.text("/mine/")
    assert sign_in.identity.person.name == "An Peeters"


def test_going_back_to_the_providers_answer_signs_nobody_in(portal: Portal) -> None:
    an, sign_in = Browser(portal), sign_in_of(portal)
    comes_back(an, Finished(sign_in=sign_in, assertion=says()))
    an.post("/sign-out/")
    portal.clock.turn(minutes=2)
    answer = comes_back(an, Finished(sign_in=sign_in, again=True))
    assert 'data-why="sign-in-again"' in answer.content.decode()
    assert an.get("/mine/").status_code == 302


def test_a_second_tap_within_the_minute_is_the_same_sign_in(portal: Portal) -> None:
    an, sign_in = Browser(portal), sign_in_of(portal)
    comes_back(an, Finished(sign_in=sign_in, assertion=says()))
    other = Browser(portal)
    assert comes_back(other, Finished(sign_in=sign_in, again=True)).status_code == 302
    assert "An Peeters" in other.text("/mine/")


def test_who_says_no_at_the_provider_reads_why_and_may_try_again(portal: Portal) -> None:
    nobody = Browser(portal)
    answer = comes_back(nobody, Finished(sign_in=sign_in_of(portal), why=Why.IDENTITY_REFUSED))
    page = answer.content.decode()
    assert 'data-why="identity-refused"' in page
    assert 'value="/apply/eerste-reispas/"' in page
    assert nobody.get("/mine/").status_code == 302


def test_nothing_personal_is_in_the_journal_or_the_job_rows(portal: Portal) -> None:
    an = portal.browser(national_number="90051700104")
    an.applies(remark="voor Jozefien Peeters")
    with portal.acting():
        portal.town.posts()
    said = portal.everything_said()
    for told in ("Peeters", "an@post.example", "90051700104", "1990-05-17", "Jozefien", "Eerste reispas"):
        assert told not in said


def test_an_answer_to_no_sign_in_of_ours_is_refused(portal: Portal) -> None:
    answer = Client(headers={"host": "aalter.example"}).get("/aanmelden/itsme/terug?state=made-up&code=x")
    assert 'data-why="identity-failed"' in answer.content.decode()
