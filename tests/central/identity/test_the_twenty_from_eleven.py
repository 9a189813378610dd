"""What can be wrong with a sign-in, one test a line, the second half."""

from __future__ import annotations

import json
import socket
import threading
from datetime import timedelta
from functools import partial
from typing import Any

import msgspec
import pytest
from django.db import connections
from structlog.testing import capture_logs

from onthaal import clock as our_clock
from onthaal.central.foundation.identity import actions, keyring, parties, profiles
from onthaal.central.foundation.identity.models import ClientKey, Identity
from onthaal.central.foundation.identity.oidc.asking import confirmed_text
from onthaal.central.foundation.identity.oidc.breaker import Breaker
from onthaal.central.foundation.identity.oidc.errors import Unavailable, Wrong
from onthaal.central.foundation.identity.oidc.fetching import Fetcher
from onthaal.central.foundation.journal.models import Entry
from onthaal.central.foundation.people.actions import create_person
from onthaal.central.foundation.people.models import Municipality
from onthaal.central.foundation.tenancy import acting_for
from onthaal.core.protocol import Confirmation
from onthaal.core.refusals import Refusal, Why
from onthaal.words import LANGS, words
from tests.central.conftest import municipality
from tests.central.identity.lying import Changed, Counting, Garbled, Posted, claims_of, forged
from tests.central.identity.signing_in import AN, BO, ITSME, NUMBER, Desk, case, refused, turned_clock, who
from tests.leaks import leaks
from tests.provider.fixture import RealProvider
from tests.provider.lies import Broken, Discovered, Forged, Sealed, Signed
from tests.provider.small_client import answer, sign

UNAVAILABLE = Why.IDENTITY_UNAVAILABLE


# 11, 12, 13 ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lie", "what"),
    [
        case("signed only", {"sealed": Sealed.NOT}, "not-encrypted"),
        case("RSA1_5", {"sealed": Sealed.RSA1_5}, "wrapper-alg"),
        case("another content encryption", {"sealed": Sealed.OTHER_CONTENT}, "wrapper-alg"),
        case("zip", {"sealed": Sealed.ZIPPED}, "wrapper-header"),
        case("a zip bomb", {"sealed": Sealed.ZIP_BOMB}, "token-form"),
        case("no content type", {"sealed": Sealed.NO_CTY}, "content-type"),
        case("another content type", {"sealed": Sealed.WRONG_CTY}, "content-type"),
        case("to a key that is not ours", {"sealed": Sealed.UNKNOWN_KID}, "our-key"),
        case("not signed inside a good wrapper", {"signed": Signed.NOT}, "alg"),
    ],
)
def test_11_a_token_that_is_not_wrapped_as_agreed_is_refused(desk: Desk, lie: dict[str, Any], what: str) -> None:
    assert refused(forged(desk, **lie))
    assert desk.what() == what


@pytest.mark.parametrize(
    ("change", "what"),
    [
        case("cut short", lambda token: token[:-8], "decryption"),
        case("another end", lambda token: token[:-8] + "AAAAAAAA", "decryption"),
        case("only dots", lambda token: "....", "token-form"),
        case("nothing", lambda token: "", "not-encrypted"),
        case("very long", lambda token: "A" * 70_000, "token-form"),
        case("no letters of a token", lambda token: "é.é.é.é.é", "token-form"),
    ],
)
def test_11_a_text_that_is_no_token_is_refused(desk: Desk, change: Any, what: str) -> None:
    with desk.real.line.lying(Garbled(change)):
        assert refused(desk.signs_in())
    assert desk.what() == what


@pytest.mark.parametrize(("hours", "good"), [case("inside the day", 23, True), case("after the day", 25, False)])
def test_12_a_replaced_key_of_ours_opens_for_a_day(desk: Desk, hours: int, good: bool) -> None:
    with acting_for(desk.row.pk):
        keyring.rotate_keys(our_clock.now())
        old = ClientKey.objects.filter(use="enc", replaced_at__isnull=False)
        assert old.update(replaced_at=our_clock.now() - timedelta(hours=hours)) == 1
    finished = desk.signs_in()  # the provider still writes to the key it was given
    assert (finished.assertion is not None) == good
    assert good or desk.what() == "our-key"


def test_13_names_of_another_person_are_refused(desk: Desk) -> None:
    with desk.real.line.lying(Forged(desk.real, which="userinfo", claims={"sub": BO.sub})):
        assert refused(desk.signs_in())
    assert desk.what() == "userinfo-subject"


def test_13_names_that_are_not_sealed_are_refused(desk: Desk) -> None:
    with desk.real.line.lying(Broken("userinfo", status=200, body=json.dumps({"sub": AN.sub}).encode())):
        assert refused(desk.signs_in())
    assert desk.what() == "not-encrypted"


# 14 --------------------------------------------------------------------------------------------------------------


def test_14_our_proof_is_never_the_same_and_not_good_twice(desk: Desk) -> None:
    posted = Posted()
    with desk.real.line.lying(posted):
        assert desk.signs_in().assertion is not None
        assert desk.signs_in().assertion is not None
    one, two = (form["client_assertion"] for form in posted.seen)
    assert claims_of(one)["jti"] != claims_of(two)["jti"]
    assert claims_of(one)["exp"] - claims_of(one)["iat"] == 60
    with desk.real.line.lying(Posted(put={"client_assertion": one})):
        assert refused(desk.signs_in(), UNAVAILABLE)
    assert desk.what() == "our-registration"


@pytest.mark.parametrize("change", [case("meant for another", {"aud": "https://x.example"}), case("old", {"exp": 1})])
def test_14_a_proof_that_is_not_right_is_refused_there(desk: Desk, change: dict[str, Any]) -> None:
    posted = Posted()
    with desk.real.line.lying(posted):
        desk.signs_in()
    wrong = {**claims_of(posted.seen[0]["client_assertion"]), "jti": "another", **change}
    assertion = sign(desk.private_key("sig"), wrong)
    with desk.real.line.lying(Posted(put={"client_assertion": assertion})):
        assert refused(desk.signs_in(), UNAVAILABLE)


def test_14_each_profile_says_whom_its_proof_is_for(
    aalter: Municipality, provider: RealProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(aalter, provider, "acm-idm")
    assert desk.signs_in().assertion is not None
    other = msgspec.structs.replace(profiles.named("acm-idm"), audience="token-endpoint")
    monkeypatch.setattr("onthaal.central.foundation.identity.beginning.named", {"acm-idm": other}.__getitem__)
    assert refused(desk.signs_in(), UNAVAILABLE)


# 15, 16 ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", [case("somebody", AN), case("nobody", None)])
def test_15_the_same_answer_again_does_nothing_and_ends_the_same(desk: Desk, person: Any) -> None:
    said = desk.goes(desk.begins(), person)
    first = desk.comes_back(said)
    with desk.counted() as asked:
        second = desk.comes_back(said)
    assert asked == []
    assert (second.why, second.again, second.assertion) == (first.why, True, None)
    assert second.sign_in is not None
    assert second.sign_in == first.sign_in
    assert len(desk.entries("sign-in.ended")) == 1


def test_15_two_answers_at_once_are_one(committed: None, provider: RealProvider) -> None:
    desk = Desk(municipality("aalter", "aalter.example"), provider, "itsme")
    said, found = desk.goes(desk.begins()), []

    def tap() -> None:
        found.append(desk.comes_back(said))
        connections.close_all()

    taps = [threading.Thread(target=tap) for _ in range(4)]
    with desk.counted() as asked:
        for one in taps:
            one.start()
        for one in taps:
            one.join(60)
    assert sorted(finished.again for finished in found) == [False, True, True, True]
    assert {finished.why for finished in found} == {None}
    assert sum(path.endswith("/token") for path in asked) == 1


@pytest.mark.parametrize(
    ("error", "why"),
    [
        case("no", "access_denied", Why.IDENTITY_REFUSED),
        case("nobody touched the phone", "login_required", Why.IDENTITY_REFUSED),
        case("the provider is busy", "temporary_unavailable", UNAVAILABLE),
        case("our request is not right", "invalid_request_object", UNAVAILABLE),
        case("a word nobody knows", "something_else", Why.IDENTITY_FAILED),
    ],
)
def test_16_who_says_no_is_told_so_and_asked_nothing_more(desk: Desk, error: str, why: Why) -> None:
    url = desk.begins()
    desk.real.fails(desk.registered, error, "An Peeters said no")
    with desk.counted() as asked:
        said = answer(desk.real.follow(url))
        assert refused(desk.comes_back(said), why)
    assert not [path for path in asked if path.endswith(("/token", "/userinfo", "/jwkset"))]
    (line,) = desk.entries("sign-in.ended")
    assert line.data["why"] == why.value
    assert "Peeters" not in str(line.data)


# 17, 18 ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lie",
    [
        case("broken", Broken("discovery")),
        case("not there", Broken("discovery", status=404)),
        case("no JSON", Broken("discovery", status=200, body=b"<html>")),
        case("half of it", Broken("discovery", status=200, body=b'{"issuer": "http://127.0.0.1"}')),
        case("too long", Broken("discovery", status=200, body=b" " * 300_000)),
        case("sent on", Broken("discovery", status=302)),
        case("another issuer", Discovered({"issuer": "https://evil.example"})),
        case("keys elsewhere", Discovered({"jwks_uri": "http://10.0.0.1/keys"})),
        case("a page of files", Discovered({"token_endpoint": "file:/etc/passwd"})),
        case("no keys", Broken("jwks", status=200, body=b'{"keys": 1}')),
        case("nothing to write to", Changed("/jwkset", lambda page: {"keys": page["keys"][:1]})),
    ],
)
def test_17_a_provider_that_is_not_there_is_said_before_anybody_starts(desk: Desk, lie: Any) -> None:
    with desk.real.line.lying(lie), pytest.raises(Refusal) as no:
        desk.begins()
    assert no.value.why == UNAVAILABLE
    assert desk.sign_ins() == []


@pytest.mark.parametrize("where", ["token", "userinfo"])
def test_17_a_provider_that_breaks_half_way_gives_nobody(desk: Desk, where: str) -> None:
    said = desk.goes(desk.begins())
    with desk.real.line.lying(Broken(where, status=503)):
        assert refused(desk.comes_back(said), UNAVAILABLE)
    assert refused(desk.comes_back(said), UNAVAILABLE), "again is no second try"


def test_17_a_provider_that_keeps_us_waiting_is_not_waited_for(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parties, "Fetcher", partial(Fetcher, seconds=0.3))
    parties.forget()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        desk.set(issuer=f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(Refusal) as no:
            desk.begins()
    assert no.value.why == UNAVAILABLE


def test_17_a_provider_that_fails_is_left_alone_for_a_while(desk: Desk, clock: turned_clock) -> None:
    dead = Counting("/openid-configuration", Broken("discovery"))
    with desk.real.line.lying(dead):
        for _ in range(6):
            with pytest.raises(Refusal):
                desk.begins()
        assert dead.times == 3
        clock.turn(31)
        with pytest.raises(Refusal):
            desk.begins()
        assert dead.times == 4, "one looks whether it is back"
        with pytest.raises(Refusal):
            desk.begins()
        assert dead.times == 4
    clock.turn(31)
    assert desk.begins()


def test_17_what_one_municipality_wrote_down_wrong_closes_nothing_for_another(
    desk: Desk, deinze: Municipality, provider: RealProvider
) -> None:
    other = Desk(deinze, provider, "itsme")
    came = [desk.goes(desk.begins()) for _ in range(4)]
    desk.set(client_id="nobody-there-knows")
    for said in came:
        assert refused(desk.comes_back(said), UNAVAILABLE)
        assert desk.what() == "our-registration"
    assert who(other.signs_in()).subject == AN.sub


def test_17_an_answer_that_is_wrong_is_an_answer() -> None:
    line = Breaker()
    for fault in (Unavailable, Unavailable, Wrong, Unavailable, Unavailable):
        with pytest.raises(fault), line.watching("https://idp.example"):
            raise fault("said")
    assert not line.closed("https://idp.example"), "four failures, but not three in a row"
    with pytest.raises(Unavailable), line.watching("https://idp.example"):
        raise Unavailable("no-answer")
    assert line.closed("https://idp.example")


def test_18_a_service_that_the_provider_does_not_know_is_our_mistake(desk: Desk) -> None:
    desk.set(portal_service="OTHER")
    assert refused(desk.signs_in(), UNAVAILABLE)
    assert desk.what() == "provider:invalid_scope"


# 19, 20 ----------------------------------------------------------------------------------------------------------


def test_19_a_national_number_that_we_may_not_have_is_dropped(desk: Desk) -> None:
    told = {f"{ITSME}BENationalNumber": NUMBER}
    with capture_logs() as lines, desk.real.line.lying(Forged(desk.real, claims=told)):
        finished = desk.signs_in()
    assert who(finished).national_number is None
    asked = json.loads(desk.real.asked(desk.registered)[-1]["params"]["claims"])
    assert f"{ITSME}BENationalNumber" not in asked["userinfo"]
    with acting_for(desk.row.pk):
        person = create_person(name="x", email="x@example.org", language="nl")
        bound = actions.bind(person, who(finished))
        assert (bound.number_key, bound.number_sealed) == ("", None)
    nothing_personal(desk, lines)


def test_19_a_national_number_that_we_may_have_is_kept_sealed(desk: Desk) -> None:
    desk.set(authorisation="BR 12/2026")
    with capture_logs() as lines:
        finished = desk.signs_in()
    assert who(finished).national_number == NUMBER
    with acting_for(desk.row.pk):
        person = create_person(name="x", email="x@example.org", language="nl")
        bound = actions.bind(person, who(finished))
        assert actions.know(who(finished)) == bound
        kept = list(Identity.objects.values())
    assert bound.number_key
    assert NUMBER not in str(kept)
    nothing_personal(desk, lines)


def nothing_personal(desk: Desk, lines: Any) -> None:
    rows: list[Any] = [vars(row) for row in desk.sign_ins()]
    with acting_for(desk.row.pk):
        rows += Entry.objects.values("stream", "kind", "by", "about", "data")
    said = "\n".join(map(str, [*lines, *rows]))
    assert leaks(said, secrets=(NUMBER, "Peeters", AN.sub, "1990-05-17")) == []
    codes = [form for _, form in desk.real.line.passed if "code=" in form]
    assert codes == []


@pytest.mark.parametrize("lang", LANGS)
def test_20_the_phone_shows_what_the_wall_shows(desk: Desk, lang: Any) -> None:
    shown = Confirmation(municipality="Aalter", street="Europalaan 22 – inkom", wall="Muur ‘A’", number="48")
    text = words("identify.confirmation", lang, **msgspec.structs.asdict(shown))
    finished = desk.signs_in(purpose="wall-page", about="identification:1", confirmation=text, lang=lang)
    assert finished.why is None, desk.what()
    params = desk.real.asked(desk.registered)[-1]["params"]
    asked = json.loads(params["claims"])["userinfo"]
    assert asked[f"{ITSME}claim_approval_template_name"] == {"essential": True, "value": "free_text"}
    assert asked[f"{ITSME}claim_approval_text_key"]["value"] == confirmed_text(text)
    assert {"48", "Aalter", "Europalaan"} <= set(confirmed_text(text).replace(",", "").replace(".", "").split())
    confirmed_text(text).encode("iso8859-15")
    assert "service:WALL" in params["scope"].split()
    assert "given_name" not in asked, "a wall needs no names"


def test_20_somebody_on_the_telephone_is_sent_to_the_desk_from_a_wall(desk: Desk) -> None:
    calling = {"how": {f"{ITSME}ongoing_call": True}}
    assert refused(desk.signs_in(AN, purpose="wall-page", **calling), Why.IDENTITY_RISK)
    assert desk.signs_in(AN, **calling).assertion is not None, "at home they may"
    desk.set(refuse_on_call=False)
    assert who(desk.signs_in(AN, purpose="wall-page", **calling)).risk.ongoing_call is True
