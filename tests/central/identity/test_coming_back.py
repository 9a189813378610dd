"""The page that providers send people back to: through the browser, with everything that a browser can send."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from structlog.testing import capture_logs

from onthaal.central.foundation.identity import finishing
from onthaal.central.foundation.identity.browsers import PATH, SECONDS, browser_of, cookie, keep_browser, sent_by
from onthaal.central.foundation.identity.finishing import AUDITED_A_MINUTE
from onthaal.central.foundation.journal.models import Entry
from onthaal.central.foundation.people.models import Municipality
from onthaal.central.foundation.tenancy import acting_for
from onthaal.core.refusals import Refusal, Why
from onthaal.words import words
from tests.central.identity.lying import Posted
from tests.central.identity.signing_in import Desk, case, locks_held
from tests.leaks import leaks

BACK = "/aanmelden/itsme/terug"
FAILED = words("why.identity-failed", "nl")


@pytest.fixture
def browser(aalter: Municipality, settings) -> Client:
    settings.ONTHAAL_SIGNED_IN = "tests.central.identity.following.follow"
    return Client(headers={"host": "aalter.example"})


def with_word(browser: Client, desk: Desk) -> Client:
    browser.cookies[cookie()] = desk.browser
    return browser


def strays(row: Municipality) -> list[Entry]:
    with acting_for(row.pk):
        return list(Entry.objects.filter(kind="sign-in.refused"))


def test_somebody_comes_back_and_is_followed_to_what_they_were_doing(desk: Desk, browser: Client) -> None:
    said = desk.goes(desk.begins(about="/mijn/"))
    first = with_word(browser, desk).get(BACK, said)
    assert first.content.decode() == "portal /mijn/ An again=False"
    assert first.headers["Cache-Control"] == "no-store"
    assert browser.get(BACK, said).content.decode() == "portal /mijn/ nobody again=True"
    assert locks_held() == 0


def test_who_says_no_is_told_so(desk: Desk, browser: Client) -> None:
    answer = with_word(browser, desk).get(BACK, desk.goes(desk.begins(), None))
    assert words("why.identity-refused", "nl") in answer.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        case("nothing", ""),
        case("no code", urlencode({"state": "x" * 43})),
        case("a code and an error", urlencode({"state": "x" * 43, "code": "y", "error": "access_denied"})),
        case("two states", f"state={'x' * 43}&state={'y' * 43}&code=z"),
        case("two codes", f"state={'x' * 43}&code=y&code=z"),
        case("a very long code", urlencode({"state": "x" * 43, "code": "y" * 5000})),
        case("a code that cannot be printed", urlencode({"state": "x" * 43, "code": "\0\n"})),
        case("an error of another shape", urlencode({"state": "x" * 43, "error": "<script>"})),
        case("an issuer without end", urlencode({"state": "x" * 43, "code": "y", "iss": "h" * 500})),
        case("a state of another alphabet", urlencode({"state": "é" * 43, "code": "y"})),
        case("no letters at all", "state=%ff%fe&code=%00"),
        case("a token in the query", urlencode({"id_token": "a.b.c", "state": "x" * 43})),
    ],
)
def test_a_malformed_answer_ends_in_a_clear_page_and_an_audit_line(
    aalter: Municipality, browser: Client, query: str
) -> None:
    answer = browser.get(f"{BACK}?{query}")
    assert answer.status_code == 409
    assert FAILED in answer.content.decode()
    (line,) = strays(aalter)
    assert set(line.data) == {"profile", "what"}
    assert not {"script", "x" * 43} & set(str(line.data).split())


def test_an_answer_is_only_ever_a_plain_request(browser: Client) -> None:
    assert browser.post(BACK, {"state": "x" * 43, "code": "y"}).status_code in (403, 405)
    assert browser.get("/aanmelden/nobody/terug").status_code == 404


def test_nobody_fills_our_journal_with_answers_to_nothing(aalter: Municipality, browser: Client) -> None:
    for _ in range(AUDITED_A_MINUTE + 5):
        assert browser.get(BACK).status_code == 409
    assert len(strays(aalter)) == AUDITED_A_MINUTE


def asked_by(rf: Any, row: Municipality, word: str = "") -> Any:
    request = rf.get("/aanmelden/", headers={"cookie": f"{cookie()}={word}"} if word else None)
    request.municipality = row
    return request


def test_the_word_of_a_browser_is_kept_from_pages_and_other_addresses(aalter: Municipality, rf, settings) -> None:
    from django.http import HttpResponse

    settings.PRODUCTION = True
    answer, word = HttpResponse(), browser_of(asked_by(rf, aalter))
    keep_browser(answer, word)
    (name, kept), *_ = answer.cookies.items()
    assert name == "__Secure-onthaal-aanmelden"
    assert (kept["path"], kept["samesite"], kept["max-age"]) == (PATH, "Lax", SECONDS)
    assert kept["httponly"]
    assert kept["secure"]
    assert sent_by(asked_by(rf, aalter, word)) == word
    assert sent_by(asked_by(rf, aalter, "<b>")) == ""


def test_a_browser_gets_a_fresh_word_at_each_beginning_where_none_is_under_way(desk: Desk, rf) -> None:
    said = desk.goes(desk.begins())
    assert browser_of(asked_by(rf, desk.row, desk.browser)) == desk.browser, "one in another window is under way"
    desk.comes_back(said)
    assert browser_of(asked_by(rf, desk.row, desk.browser)) != desk.browser
    assert browser_of(asked_by(rf, desk.row, "x" * 22)) != "x" * 22


def test_only_a_state_that_we_drew_is_waited_for(desk: Desk) -> None:
    from onthaal.central.foundation.identity import actions

    said = desk.goes(desk.begins())
    assert actions.begun_here(desk.row.pk, said["state"])
    for other in ("", "x" * 43, "x" * 5000, "\0"):
        assert not actions.begun_here(desk.row.pk, other)


def test_a_second_answer_waits_only_so_long_for_the_first(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finishing, "LOCK_SECONDS", 0.2)
    said = desk.goes(desk.begins())
    first = connection.copy()
    try:
        with first.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [finishing.lock_of(said["state"])])
        with pytest.raises(Refusal) as no:
            desk.comes_back(said)
        assert no.value.why is Why.TOO_MANY_REQUESTS
    finally:
        first.close()
    assert desk.comes_back(said).why is None, "nothing was used up"


def test_no_code_no_state_and_no_token_stands_in_a_log_or_a_row(desk: Desk, browser: Client) -> None:
    posted = Posted()
    with capture_logs() as lines, desk.real.line.lying(posted):
        said = desk.goes(desk.begins())
        with_word(browser, desk).get(BACK, said)
        browser.get(BACK, {**said, "state": "x" * 43})
        browser.get(BACK, {**desk.goes(desk.begins(), None), "iss": "https://evil.example"})
    assert lines
    rows: list[Any] = [vars(row) for row in desk.sign_ins()]
    with acting_for(desk.row.pk):
        rows += Entry.objects.values()
    form = posted.seen[0]
    secrets = (said["code"], said["state"], form["code_verifier"], form["client_assertion"], desk.browser)
    assert leaks("\n".join(map(str, [*lines, *rows])), secrets=secrets) == []


def test_what_libraries_say_of_addresses_is_not_heard() -> None:
    import logging  # noqa: TID251 (the libraries' own loggers are what is tried)

    assert not logging.getLogger("httpx").isEnabledFor(logging.INFO)
    assert not logging.getLogger("httpcore.http11").isEnabledFor(logging.DEBUG)
