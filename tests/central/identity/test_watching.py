"""Providers are looked at each minute, so that nobody is the first to find one silent."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from onthaal.central.foundation.identity import queries
from onthaal.central.foundation.identity.models import Provider, ProviderState
from onthaal.central.foundation.identity.watching import look_at_providers
from onthaal.central.foundation.people.models import Municipality
from onthaal.central.foundation.tenancy import acting_for
from onthaal.core.refusals import Refusal, Why
from tests.central.identity.signing_in import Desk, case, refused, turned_clock
from tests.provider.lies import Broken, Discovered

SILENT, BACK = "identity.provider-silent", "identity.provider-back"


def looks(clock: turned_clock, *, after: float = 61) -> int:
    clock.turn(after)
    return look_at_providers()


def is_up(desk: Desk) -> bool:
    with acting_for(desk.row.pk):
        return queries.available(desk.provider)


def told(desk: Desk) -> list[str]:
    """What the journal says of silences, in order."""
    return [entry.kind for kind in (SILENT, BACK) for entry in desk.entries(kind)]


def test_a_provider_that_nobody_looked_at_yet_is_taken_to_answer(desk: Desk) -> None:
    assert is_up(desk)


@pytest.mark.parametrize(
    "where",
    [
        case("nothing answers", Broken("all")),
        case("its own page is gone", Broken("discovery", 404, b"")),
        case("its keys are gone", Broken("jwks", 503, b"")),
        case("it lists no key", Broken("jwks", 200, b'{"keys": []}')),
        case("it says it is another", Discovered({"issuer": "https://other.example"})),
    ],
)
def test_two_looks_that_find_nothing_and_nobody_is_sent_there_until_one_finds_it(
    desk: Desk, clock: turned_clock, where: Broken | Discovered
) -> None:
    assert looks(clock) == 1
    with desk.real.line.lying(where):
        looks(clock)
        assert is_up(desk), "once is a lost packet"
        looks(clock, after=16)
        assert not is_up(desk)
        looks(clock)
    assert told(desk) == [SILENT], "said once"
    assert looks(clock, after=16) == 1
    assert is_up(desk)
    assert told(desk) == [SILENT, BACK]
    assert desk.entries(BACK)[0].data["seconds"] >= 61


def test_what_was_kept_of_a_provider_for_an_hour_does_not_hide_its_silence(desk: Desk, clock: turned_clock) -> None:
    desk.begins()
    with desk.real.line.lying(Broken("all")):
        assert desk.begins(), "its addresses are still known"
        looks(clock)
        looks(clock)
        assert not is_up(desk)


def test_a_provider_is_looked_at_once_a_minute_and_sooner_while_it_is_not_certain(
    desk: Desk, clock: turned_clock
) -> None:
    assert [looks(clock, after=0), looks(clock, after=0), looks(clock, after=50), looks(clock, after=11)] == [
        1,
        0,
        0,
        1,
    ]
    with desk.real.line.lying(Broken("discovery")):
        assert [looks(clock), looks(clock, after=10), looks(clock, after=6)] == [1, 0, 1]


def test_one_look_serves_every_municipality_that_uses_the_provider(
    desk: Desk, deinze: Municipality, clock: turned_clock
) -> None:
    with acting_for(deinze.pk):
        theirs = Provider.objects.create(profile="itsme", issuer=desk.provider.issuer, client_id="deinze")
    with desk.counted() as asked:
        assert looks(clock) == 2
    assert len(asked) == 2, "its page and its keys"
    with desk.real.line.lying(Broken("all")):
        looks(clock)
        looks(clock)
    with acting_for(deinze.pk):
        assert not queries.available(theirs)
    assert not is_up(desk)


def test_one_person_who_finds_it_silent_is_enough(desk: Desk) -> None:
    with desk.real.line.lying(Broken("discovery")), pytest.raises(Refusal) as no:
        desk.begins()
    assert no.value.why is Why.IDENTITY_UNAVAILABLE
    assert not is_up(desk)
    assert told(desk) == [SILENT]


def test_one_person_who_comes_back_and_finds_it_silent_is_enough(desk: Desk) -> None:
    back = desk.goes(desk.begins())
    with desk.real.line.lying(Broken("token")):
        assert refused(desk.comes_back(back), Why.IDENTITY_UNAVAILABLE)
    assert not is_up(desk)


def test_nobody_makes_it_silent_by_saying_so_in_their_own_browser(desk: Desk) -> None:
    """The way back is an address that a visitor can write."""
    back = desk.goes(desk.begins(), None)
    said = {"state": back["state"], "iss": back["iss"], "error": "temporarily_unavailable"}
    assert refused(desk.comes_back(said), Why.IDENTITY_UNAVAILABLE)
    assert is_up(desk)


def test_one_that_knows_us_no_more_is_not_silent(desk: Desk) -> None:
    back = desk.goes(desk.begins())
    with desk.real.line.lying(Broken("token", 401, b'{"error": "invalid_client"}')):
        assert refused(desk.comes_back(back), Why.IDENTITY_UNAVAILABLE)
    assert is_up(desk), "our looks could not find it back"


def test_one_that_is_not_used_any_more_is_not_missed(desk: Desk, clock: turned_clock) -> None:
    with desk.real.line.lying(Broken("all")):
        looks(clock)
        looks(clock)
        desk.set(enabled=False)
        assert looks(clock) == 0
    assert told(desk) == [SILENT, BACK]


def test_promise_16_a_look_says_which_provider_and_nothing_else(desk: Desk, clock: turned_clock) -> None:
    with desk.real.line.lying(Broken("all")), capture_logs() as logs:
        looks(clock)
    assert [sorted(line) for line in logs] == [["event", "issuer", "log_level", "what"]]
    with acting_for(desk.row.pk):
        assert ProviderState.objects.get().missed == 1
