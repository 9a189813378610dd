"""What can be wrong with a sign-in, one test a line: against the real provider, or a liar on the line to it."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec
import pytest

from onthaal.central.foundation.identity import beginning
from onthaal.central.foundation.identity.models import SignIn
from onthaal.central.foundation.people.models import Municipality
from onthaal.central.foundation.sealing import seal, unseal
from onthaal.central.foundation.tenancy import acting_for
from onthaal.core.refusals import Why
from tests.central.identity.lying import forged
from tests.central.identity.signing_in import BO, ITSME, Desk, case, refused, turned_clock, who
from tests.provider.fixture import RealProvider
from tests.provider.lies import DROP, Forged, Rotated, Signed

# 1 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "browser"),
    [
        case("no state at all", {"state": ""}, None),
        case("a state that is none of ours", {"state": "x" * 43}, None),
        case("a state of another shape", {"state": "' OR 1=1 --"}, None),
        case("the right state in another browser", {}, "a" * 22),
        case("the right state in a browser without its word", {}, ""),
    ],
)
def test_01_a_wrong_state_is_refused_before_anything_is_asked(desk: Desk, query: dict[str, str], browser: str) -> None:
    said = desk.goes(desk.begins())
    with desk.counted() as asked:
        assert refused(desk.comes_back({**said, **query}, browser=browser))
    assert asked == []
    assert len(desk.entries("sign-in.refused")) == 1
    assert desk.comes_back(said).assertion is not None, "who began it may still finish it"


def test_01_a_state_is_good_once(desk: Desk) -> None:
    said = desk.goes(desk.begins())
    assert desk.comes_back(said).assertion is not None
    with desk.counted() as asked:
        assert desk.comes_back(said).assertion is None
    assert asked == []


# 2 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "nonce", [case("missing", DROP), case("another", "x" * 43), case("empty", ""), case("no text", 1)]
)
def test_02_a_wrong_nonce_is_refused(desk: Desk, nonce: Any) -> None:
    assert refused(forged(desk, claims={"nonce": nonce}))
    assert desk.what() == "nonce"


def test_02_the_nonce_of_an_earlier_sign_in_is_refused(desk: Desk) -> None:
    desk.signs_in()
    earlier = desk.real.asked(desk.registered)[-1]["params"]["nonce"]
    assert refused(forged(desk, claims={"nonce": earlier}))
    assert desk.what() == "nonce"


# 3, 4 ------------------------------------------------------------------------------------------------------------


def test_03_a_code_of_another_sign_in_gives_nobody(desk: Desk) -> None:
    bos = desk.goes(desk.begins(browser="b" * 22), BO)
    ans = desk.goes(desk.begins())
    assert refused(desk.comes_back({**ans, "code": bos["code"]}))
    assert desk.what() == "code-refused"


def test_03_a_code_that_was_used_gives_nobody(desk: Desk) -> None:
    first = desk.goes(desk.begins())
    assert desk.comes_back(first).assertion is not None
    second = desk.goes(desk.begins())
    assert refused(desk.comes_back({**second, "code": first["code"]}))


def test_04_a_code_without_the_word_it_was_asked_with_gives_nobody(desk: Desk) -> None:
    said = desk.goes(desk.begins())
    with acting_for(desk.row.pk):
        row = SignIn.objects.get()
        kept = msgspec.json.decode(unseal(bytes(row.sealed), beginning.sealed_for(row)))
        row.sealed = seal(msgspec.json.encode({**kept, "verifier": "x" * 43}), beginning.sealed_for(row))
        row.save()
    assert refused(desk.comes_back(said))
    assert desk.what() == "code-refused"


def test_04_a_request_whose_challenge_was_dropped_gives_nobody(aalter: Municipality, provider: RealProvider) -> None:
    desk = Desk(aalter, provider, "acm-idm")
    url = urlsplit(desk.begins())
    query = dict(parse_qsl(url.query))
    assert query["code_challenge_method"] == "S256"
    kept = {name: value for name, value in query.items() if not name.startswith("code_challenge")}
    said = desk.goes(url._replace(query=urlencode(kept)).geturl())
    assert said["error"] == "invalid_request"
    assert refused(desk.comes_back(said), Why.IDENTITY_UNAVAILABLE)


# 5, 6 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("iss", [case("another", "https://evil.example"), case("left out by one that says it", None)])
def test_05_an_answer_of_another_issuer_is_refused(desk: Desk, iss: str | None) -> None:
    said = {name: value for name, value in desk.goes(desk.begins()).items() if name != "iss"}
    assert refused(desk.comes_back({**said, **({"iss": iss} if iss else {})}))
    assert desk.what() == "response-issuer"
    assert not any(path.endswith("/token") for _, path in desk.real.line.passed[-1:])


def test_05_an_answer_at_the_address_of_another_provider_is_refused(desk: Desk) -> None:
    said = desk.goes(desk.begins())
    with desk.counted() as asked:
        assert refused(desk.comes_back(said, profile="acm-idm"))
    assert asked == []


def test_05_a_token_of_another_issuer_is_refused(desk: Desk) -> None:
    assert refused(forged(desk, claims={"iss": "https://evil.example"}))
    assert desk.what() == "issuer"


@pytest.mark.parametrize(
    ("change", "what"),
    [
        case("another audience", {"aud": "somebody-else"}, "audience"),
        case("one more audience", {"aud": ["OURS", "somebody-else"]}, "audience"),
        case("no audience", {"aud": DROP}, "audience"),
        case("made out to another", {"azp": "somebody-else"}, "authorised-party"),
        case("of nobody", {"sub": ""}, "subject"),
    ],
)
def test_06_a_token_for_another_is_refused(desk: Desk, change: dict[str, Any], what: str) -> None:
    if isinstance(change.get("aud"), list):
        change = {"aud": [desk.registered.client_id, "somebody-else"]}
    assert refused(forged(desk, claims=change))
    assert desk.what() == what


def test_06_a_list_of_us_alone_is_us(desk: Desk) -> None:
    ours = desk.registered.client_id
    assert forged(desk, claims={"aud": [ours], "azp": ours}).assertion is not None


# 7, 8, 9 ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claim", "seconds", "good"),
    [
        case("over for two minutes", "exp", -120, False),
        case("over for longer than clocks may differ", "exp", -61, False),
        case("over for less than clocks may differ", "exp", -50, True),
        case("issued in two minutes", "iat", 120, False),
        case("issued a little later than now", "iat", 50, True),
        case("issued an hour before it was asked", "iat", -3600, False),
        case("issued a moment before it was asked", "iat", -30, True),
        case("not good yet", "nbf", 120, False),
        case("good in a moment", "nbf", 50, True),
        case("signed in long before", "auth_time", -3600, False),
        case("signed in just now", "auth_time", 0, True),
    ],
)
def test_07_time_is_held_against_our_clock(desk: Desk, claim: str, seconds: int, good: bool) -> None:
    finished = forged(desk, claims={claim: int(time.time()) + seconds})
    assert (finished.assertion is not None) == good
    assert good or refused(finished)


NO_TIMES = [
    case("a text", "2030"), case("yes", True), case("nothing", None), case("beyond all counting", 10**400),
    case("before all calendars", -(10**12)), case("a list", [1]),
]  # fmt: skip


@pytest.mark.parametrize("value", [case("not said", DROP), *NO_TIMES])
@pytest.mark.parametrize("dialect", ["itsme", "fas"])
def test_07_a_time_that_is_none_is_refused(
    aalter: Municipality, provider: RealProvider, dialect: str, value: Any
) -> None:
    desk = Desk(aalter, provider, dialect)
    for claim in ("exp", "iat"):
        assert refused(forged(desk, claims={claim: value}))
        assert len(desk.entries("sign-in.ended")) == len(desk.sign_ins())
    if value is not DROP:
        assert refused(forged(desk, claims={"auth_time": value}))


@pytest.mark.parametrize("auth_time", NO_TIMES)
def test_07_only_the_signed_token_says_when_somebody_signed_in(
    aalter: Municipality, provider: RealProvider, auth_time: Any
) -> None:
    desk = Desk(aalter, provider, "fas")
    lies = (
        Forged(provider, claims={"auth_time": DROP}),
        Forged(provider, which="userinfo", claims={"auth_time": auth_time, "iat": auth_time}),
    )
    with provider.line.lying(*lies):
        assert who(desk.signs_in()).auth_time.timestamp() == pytest.approx(time.time(), abs=60)


def test_08_only_the_signed_token_says_how_surely_somebody_signed_in(
    aalter: Municipality, provider: RealProvider
) -> None:
    desk = Desk(aalter, provider, "fas")
    lies = (
        Forged(provider, claims={"acr": DROP}),
        Forged(provider, which="userinfo", claims={"acr": "urn:be:fedict:iam:fas:Level500"}),
    )
    with provider.line.lying(*lies):
        assert refused(desk.signs_in(), Why.IDENTITY_WEAK)


@pytest.mark.parametrize(
    ("dialect", "acr", "good"),
    [
        case("itsme weaker", "itsme", f"{ITSME}acr_basic", False),
        case("itsme of another provider", "itsme", "urn:be:vlaanderen:authmech:eid", False),
        case("itsme as asked", "itsme", f"{ITSME}acr_advanced", True),
        case("itsme none: the service implies it", "itsme", DROP, True),
        case("acm weaker", "acm-idm", "urn:be:vlaanderen:authmech:csamtotp", False),
        case("acm none", "acm-idm", DROP, False),
        case("acm no text", "acm-idm", ["urn:be:vlaanderen:authmech:eid"], False),
        case("acm stronger", "acm-idm", "urn:be:vlaanderen:authmech:eid", True),
        case("fas none", "fas", DROP, False),
    ],
)
def test_08_a_weaker_sign_in_is_refused(
    aalter: Municipality, provider: RealProvider, dialect: str, acr: Any, good: bool
) -> None:
    finished = forged(Desk(aalter, provider, dialect), claims={"acr": acr})
    assert (finished.assertion is not None) == good
    assert good or refused(finished, Why.IDENTITY_WEAK)


@pytest.mark.parametrize(("at_hash", "good"), [case("wrong", "x" * 22, False), case("absent", DROP, True)])
def test_09_a_hash_of_another_access_token_is_refused(desk: Desk, at_hash: Any, good: bool) -> None:
    assert (forged(desk, claims={"at_hash": at_hash}).assertion is not None) == good
    assert good or desk.what() == "at-hash"


# 10 --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lie", "what"),
    [
        case("not signed", {"signed": Signed.NOT}, "alg"),
        case("HS256 with the public key", {"signed": Signed.WITH_THE_PUBLIC_KEY}, "alg"),
        case("by a stranger under the right name", {"signed": Signed.BY_A_STRANGER}, "signature"),
        case("one bit off", {"signed": Signed.BROKEN}, "signature"),
        case("with the address of its own keys", {"header": {"jku": "https://evil.example/keys"}}, "header"),
        case("with something critical", {"header": {"crit": ["b64"], "b64": False}}, "header"),
        case("without the name of a key", {"header": {"kid": ""}}, "kid"),
    ],
)
def test_10_a_token_that_the_provider_did_not_sign_is_refused(desk: Desk, lie: dict[str, Any], what: str) -> None:
    with desk.counted() as asked:
        assert refused(forged(desk, **lie))
    assert desk.what() == what
    assert sum(path.endswith("/jwkset") for path in asked) == 1, "only to begin with"


def test_10_an_unknown_key_is_looked_for_once_a_minute(desk: Desk, clock: turned_clock) -> None:
    desk.signs_in()
    for turned, looks in ((61, 1), (10, 0), (55, 1)):
        clock.turn(turned)
        with desk.counted() as asked:
            assert refused(forged(desk, signed=Signed.UNKNOWN_KID, claims=this_moment(clock)))
        assert sum(path.endswith("/jwkset") for path in asked) == looks
        assert desk.what() == "kid"


def this_moment(clock: turned_clock) -> dict[str, int]:
    now = int(clock.now().timestamp())
    return {"iat": now, "exp": now + 300}


def test_10_a_key_that_was_replaced_meanwhile_is_found(desk: Desk, clock: turned_clock) -> None:
    said, rotated = desk.goes(desk.begins()), Rotated(keeps=True)
    clock.turn(61)
    with desk.real.line.lying(rotated, Forged(desk.real, signing=rotated.key)):
        assert desk.comes_back(said).assertion is not None
