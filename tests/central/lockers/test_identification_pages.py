"""The pages of somebody at a wall, against the certified provider: in the kiosk's browser, and on their own phone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from structlog.testing import capture_logs

from tests.leaks import leaks
from tests.provider.fixture import Person, RealProvider

if TYPE_CHECKING:  # Django is not set up yet when this file is read
    from onthaal.central.foundation.people.models import Municipality

ITSME = "http://itsme.services/v2/claim/"
LIES_READY = "Voorlopig rijbewijs"


def itsme(subject: str, *, on_the_phone: bool = False) -> Person:
    return Person(subject, {"given_name": "An", "family_name": "Peeters", f"{ITSME}ongoing_call": on_the_phone})


class Scene:
    """A wall at Aalter with a licence for An, registered with the provider; and somebody's browser."""

    def __init__(self, row: Municipality, real: RealProvider) -> None:
        from onthaal.central.foundation.tenancy import acting_for
        from tests.central.devices.addressees import lies_ready, somebody
        from tests.central.devices.cast import Teller, a_wall
        from tests.central.identity.signing_in import Desk

        self.desk = Desk(row, real, "itsme")
        self.real, self.row = real, row
        self.wall = a_wall(row)
        with acting_for(row.pk):
            an = somebody("an-1", issuer=self.desk.registered.issuer)
        self.licence = lies_ready(self.wall, Teller(), an)
        self.forgets()

    def forgets(self) -> None:
        """Another browser."""
        from django.test import Client

        self.browser = self.other = Client(headers={"host": self.row.host, "accept-language": "nl"})

    def begins(self, way: str, language: str = "nl") -> str:
        """The path that the wall opens, or shows as a QR."""
        from onthaal.central.lockers.access import actions as access
        from onthaal.core.protocol import StartIdentification

        asked = StartIdentification(boot="b", session="b.1", way=way, language=language)  # type: ignore[arg-type]
        with self.wall.acting():
            begun, handle = access.start_identification(kiosk_id=self.wall.kiosk.pk, asked=asked)
        self.begun = begun
        return f"/muur/{handle}"

    def now(self) -> tuple[str, str]:
        with self.wall.acting():
            self.begun.refresh_from_db()
        return self.begun.state, self.begun.why

    def approves(self, url: str, who: Person | None) -> Any:
        """Somebody at the provider; then the page they are sent back to."""
        if who is None:
            self.real.refuses(self.desk.registered)
        else:
            self.real.approves(self.desk.registered, who)
        back = urlsplit(self.real.follow(url))
        self.way_back = f"{back.path}?{back.query}"
        return self.browser.get(self.way_back)


def text(page: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def onward(page: Any) -> str:
    """Where the page that leads away leads."""
    import html

    (found,) = re.findall(r'http-equiv="refresh" content="0;url=([^"]+)"', page.content.decode())
    return html.unescape(found)


@pytest.fixture
def scene(
    aalter: Municipality, provider: RealProvider, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Scene]:
    from onthaal.central.foundation.identity import parties

    settings.ONTHAAL_IDENTITY_LOOPBACK = True
    settings.ONTHAAL_PUBLIC_URL = "http://aalter.example"
    parties.forget()
    yield Scene(aalter, provider)
    parties.forget()


# in the kiosk's own browser


def test_the_kiosks_browser_goes_straight_to_the_provider_and_back_to_a_page_that_says_look_up(scene: Scene) -> None:
    from onthaal.central.lockers.access import actions as access
    from onthaal.central.lockers.faces.citizen.wall import text_of

    page = scene.browser.get(scene.begins("page", "fr"))
    assert page.status_code == 302
    assert page.headers["Location"].startswith(scene.desk.registered.issuer)
    after = scene.approves(page.headers["Location"], itsme("an-1"))
    assert "Regardez l’écran de l’automate" in text(after)
    assert scene.now() == ("approved", "")
    assert scene.begun.handovers == [scene.licence.pk]
    with scene.wall.acting():
        shown = access.confirmation(scene.begun)
    asked = json.loads(scene.real.asked(scene.desk.registered)[-1]["params"]["claims"])["userinfo"]
    said = asked[f"{ITSME}claim_approval_text_key"]["value"]
    assert said.replace("'", "’") == text_of(shown, "fr"), "the phone shows the words of the wall's screen"
    assert shown.number in said


def test_a_page_loaded_again_says_the_same_and_opens_nothing_more(scene: Scene) -> None:
    page = scene.browser.get(scene.begins("page"))
    first = scene.approves(page.headers["Location"], itsme("an-1"))
    again = scene.browser.get(scene.way_back)
    assert text(again) == text(first)
    assert scene.now()[0] == "approved"


@pytest.mark.parametrize(
    ("who", "why"),
    [
        (itsme("bo-2"), "nothing-for-you"),
        (itsme("an-1", on_the_phone=True), "identity-risk"),
        (None, "identity-refused"),
    ],
    ids=["another person", "on the telephone", "who says no"],
)  # fmt: skip
def test_who_gets_nothing_is_told_why_and_where_a_person_helps(scene: Scene, who: Person | None, why: str) -> None:
    from onthaal.words import words

    page = scene.browser.get(scene.begins("page"))
    after = scene.approves(page.headers["Location"], who)
    assert scene.now() == ("refused", why)
    assert words(f"why.{why}", "nl") in text(after)
    assert "Kom naar het loket, of bel +32 9 325 22 00." in text(after)
    assert LIES_READY not in text(after)


def test_what_comes_back_after_the_session_ended_opens_nothing(scene: Scene) -> None:
    from onthaal.central.lockers.access import actions as access

    page = scene.browser.get(scene.begins("page"))
    with scene.wall.acting():
        access.end_identification(
            kiosk_id=scene.wall.kiosk.pk, identification_id=scene.begun.pk, boot="b", session="b.1"
        )
    after = scene.approves(page.headers["Location"], itsme("an-1"))
    assert scene.now() == ("over", "")
    assert (after.status_code, "Deze pagina werkt niet meer" in text(after)) == (410, True)


@pytest.mark.parametrize("way", ["page", "phone"])
@pytest.mark.parametrize("query", ["", "?state=%00&code=x", f"?state={'x' * 43}&code=y", "?state=a&state=b&code=c"])
def test_a_malformed_answer_ends_the_sign_in_of_who_stands_at_the_wall(scene: Scene, way: str, query: str) -> None:
    path = scene.begins(way)
    url = scene.browser.get(path).headers["Location"] if way == "page" else onward(scene.browser.post(path))
    scene.other = type(scene.browser)(headers={"host": scene.row.host})
    scene.other.get(f"/aanmelden/itsme/terug{query}")
    assert scene.now() == ("started", ""), "another browser ends nothing"
    page = scene.browser.get(f"/aanmelden/itsme/terug{query}")
    assert 'data-why="identity-failed"' in page.content.decode()
    assert scene.now() == ("refused", "identity-failed")
    assert [entry.data["why"] for entry in scene.desk.entries("sign-in.ended")] == ["identity-failed"]
    scene.approves(url, itsme("an-1"))
    assert scene.now() == ("refused", "identity-failed"), "and nothing opens after it"


def test_a_provider_that_is_down_is_said_at_once_and_the_wall_hears_it(scene: Scene) -> None:
    from tests.provider.lies import Broken

    with scene.real.line.lying(Broken("discovery", 500, b"")):
        page = scene.browser.get(scene.begins("page"))
    assert "U kunt zich nu niet aanmelden." in text(page)
    assert scene.now() == ("refused", "identity-unavailable")


# how often


@pytest.fixture
def one_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    """No new hour begins while what is done in one is counted."""
    from onthaal.central.foundation.people import tries

    monkeypatch.setattr(tries, "_AN_HOUR", 10**12)


@pytest.mark.usefixtures("one_hour")
def test_an_origin_that_tries_handle_after_handle_is_answered_no_more_for_the_hour(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    from onthaal.central.lockers.faces.citizen import wall

    monkeypatch.setattr(wall, "MISSES_AN_HOUR", 3)
    statuses = [scene.browser.get(f"/muur/{number:022}").status_code for number in range(4)]
    assert statuses == [410, 410, 410, 429]
    refused = scene.browser.get("/muur/x")
    assert (refused.status_code, "U vroeg te vaak." in text(refused)) == (429, True)
    other = scene.browser.get("/muur/x", REMOTE_ADDR="192.0.2.9")
    assert other.status_code == 410, "others are not kept waiting"


@pytest.mark.parametrize(("way", "leads"), [("phone", 200), ("page", 302)])
def test_who_shares_an_address_with_somebody_that_tries_handles_is_led_on_by_the_right_one(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, way: str, leads: int
) -> None:
    from onthaal.central.lockers.faces.citizen import wall

    monkeypatch.setattr(wall, "MISSES_AN_HOUR", 0)
    assert scene.browser.get("/muur/0000000000000000000000").status_code == 429
    assert scene.browser.get(scene.begins(way)).status_code == leads


@pytest.mark.usefixtures("one_hour")
def test_sign_ins_at_walls_have_a_limit_an_origin_and_the_wall_hears_it(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    from onthaal.central.lockers.faces.citizen import wall

    monkeypatch.setattr(wall, "BEGUN_AN_HOUR", 1)
    assert scene.browser.get(scene.begins("page")).status_code == 302
    refused = scene.browser.get(scene.begins("page", "fr"))
    assert (refused.status_code, "Trop de demandes." in text(refused)) == (429, True)
    assert scene.now() == ("refused", "too-many-requests")


def test_promise_16_what_is_counted_of_an_origin_names_nobody(scene: Scene) -> None:
    from django.db import connection

    scene.browser.get("/muur/0000000000000000000000", REMOTE_ADDR="192.0.2.9")
    scene.browser.get(scene.begins("page"), REMOTE_ADDR="192.0.2.9")
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(foundation_signintry)::text FROM foundation_signintry")
        kept = [row for (row,) in cursor.fetchall()]
    assert len(kept) == 2
    assert "192.0.2" not in str(kept)


# on the person's own phone


def test_the_phone_shows_what_to_compare_then_the_digits_to_type(scene: Scene) -> None:
    path = scene.begins("phone")
    asked = scene.browser.get(path)
    for part in ("Aalter", "Europalaan 22", "Automaat gemeentehuis", scene.begun.number):
        assert part in text(asked)
    assert scene.browser.get(path).status_code == 200, "whoever only looks at links uses nothing up"
    away = scene.browser.post(path)
    assert away.status_code == 200
    after = scene.approves(onward(away), itsme("an-1"))
    assert scene.now() == ("proved", "")
    assert f'id="digits">{scene.begun.digits}<' in after.content.decode()
    assert "Zeg deze cijfers nooit aan iemand" in text(after)
    assert text(scene.browser.get(scene.way_back)) == text(after), "loaded again it shows them again"


@pytest.mark.parametrize(
    ("lang", "words"), [("nl", "Staat dit getal"), ("fr", "Ce nombre est-il"), ("en", "Is this number")]
)
def test_the_phones_page_speaks_the_language_of_the_phone(scene: Scene, lang: str, words: str) -> None:
    page = scene.browser.get(scene.begins("phone", "nl"), headers={"accept-language": lang})
    assert words in text(page)
    assert page.headers["Content-Language"] == lang


def test_the_digits_are_for_the_browser_that_signed_in_alone(scene: Scene) -> None:
    away = scene.browser.post(scene.begins("phone"))
    scene.approves(onward(away), itsme("an-1"))
    with scene.wall.acting():
        scene.begun.refresh_from_db()
    scene.forgets()
    page = scene.browser.get(scene.way_back)
    assert f'id="digits">{scene.begun.digits}<' not in page.content.decode()
    assert page.status_code == 409


def test_a_stranger_who_approves_on_the_phone_learns_nothing_either(scene: Scene) -> None:
    away = scene.browser.post(scene.begins("phone"))
    after = scene.approves(onward(away), itsme("bo-2"))
    assert "Typ deze cijfers op de automaat" in text(after), "the phone's page is the same for everybody"
    assert LIES_READY not in text(after)


def test_a_handle_that_is_used_old_or_unknown_is_refused_without_a_word_of_which(scene: Scene) -> None:
    used = scene.begins("phone")
    scene.browser.post(used)
    over = scene.begins("phone")
    scene.begins("page")
    for path in (used, over, "/muur/AAAAAAAAAAAAAAAAAAAAAA", "/muur/x", "/muur/%00"):
        for page in (scene.browser.get(path), scene.browser.post(path)):
            assert page.status_code == 410, path
            assert "Begin opnieuw op het scherm van de automaat." in text(page)
    texts = {text(scene.browser.get(path)) for path in (used, over, "/muur/x")}
    assert len(texts) == 1


def test_no_page_of_a_wall_is_kept_by_a_browser_or_shown_in_another_page(scene: Scene) -> None:
    page = scene.browser.get(scene.begins("phone"))
    assert page.headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["Referrer-Policy"] == "same-origin"


def test_promise_16_the_pages_and_logs_of_a_wall_say_nothing_of_who_it_is(scene: Scene) -> None:
    from onthaal.central.foundation.journal.models import Entry

    said = []
    with capture_logs() as lines:
        for who in (itsme("an-1"), itsme("bo-2"), None):
            away = scene.browser.post(scene.begins("phone"))
            said.append(text(scene.approves(onward(away), who)))
    with scene.wall.acting():
        entries = list(Entry.objects.values())
    digits = scene.begun.handle_hash
    everything = "\n".join(str(part) for part in (said, lines, entries))
    assert leaks(everything, secrets=("Peeters", "an-1", "bo-2", digits, "state=", "code=")) == []
