"""Two histories that do not meet: facts that nobody keeps any more, and a kiosk's disk put back to an earlier state."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest

from onthaal import clock
from onthaal.central.foundation.attention.models import Alert, Task
from onthaal.central.foundation.journal import following
from onthaal.central.foundation.journal.models import Entry
from onthaal.central.lockers.devices.hearing import hear
from onthaal.central.lockers.devices.models import HeardFact, Log
from onthaal.central.lockers.places import actions as places
from onthaal.central.web import chains
from onthaal.core import facts
from onthaal.core.facts import Fact
from onthaal.core.protocol import Heard
from onthaal.core.refusals import Refusal, Why
from tests.central.devices.cast import Teller, Wall, collected, loaded, stays

pytestmark = pytest.mark.django_db


def asked(word: str) -> facts.HelpAsked:
    return facts.HelpAsked(session=word)


def keeping_from(teller: Teller, number: int, told: Sequence[Fact]) -> bytes:
    """A POST of a kiosk that keeps its facts from this number on."""
    body = msgspec.json.decode(teller.post(told))
    before = teller.facts[number - 2]
    return msgspec.json.encode(body | {"pruned": {"number": before.number, "hash": before.hash}})


def the_log(wall: Wall, name: str = "log-one") -> chains.Checked:
    with wall.acting():
        return next(one for one in chains.recomputed() if one.name == f"kiosk-log:{name}")


def gaps(wall: Wall) -> list[tuple[int, int]]:
    with wall.acting():
        noted = Entry.objects.filter(stream=f"kiosk:{wall.kiosk.pk}", kind="kiosk.log-gap")
        return [(data["first"], data["last"]) for data in noted.values_list("data", flat=True)]


@pytest.mark.parametrize("heard_before", [0, 2])
def test_facts_that_are_kept_nowhere_any_more_leave_a_gap_and_the_next_are_heard(
    wall: Wall, teller: Teller, heard_before: int
) -> None:
    with wall.acting():
        handover = wall.planned()
    teller.says(*(asked(f"s{number}") for number in range(4)), loaded(handover), asked("then"))
    if heard_before:
        hear(wall.device, teller.post(teller.facts[:heard_before]))
    # A kiosk that does not say what it keeps waits, as before.
    assert hear(wall.device, teller.post(teller.facts[5:])).heard_up_to == heard_before
    assert hear(wall.device, keeping_from(teller, 5, teller.facts[5:])).heard_up_to == 4
    for _ in range(2):
        assert hear(wall.device, keeping_from(teller, 5, teller.facts[4:])).heard_up_to == 6
    assert gaps(wall) == [(heard_before + 1, 4)]
    with wall.acting():
        assert stays() == {3: handover.pk}
        assert Log.objects.get().broken_at is None
        assert HeardFact.objects.count() == heard_before + 2
    checked = the_log(wall)
    remark = f"facts {heard_before + 1} to 4 were no longer kept anywhere"
    assert (checked.break_at, checked.remarks) == (None, (remark,))


def test_what_is_heard_behind_a_gap_must_stand_on_the_hash_that_was_told(wall: Wall, teller: Teller) -> None:
    teller.says(*(asked(f"s{number}") for number in range(6)))
    other = Teller(log="log-one")
    other.says(*(asked(f"other{number}") for number in range(6)))
    hear(wall.device, keeping_from(other, 5, teller.facts[4:]))
    with wall.acting():
        assert Log.objects.get().broken_at == 5


def test_a_kiosk_that_keeps_less_than_was_heard_leaves_no_gap(wall: Wall, teller: Teller) -> None:
    teller.says(*(asked(f"s{number}") for number in range(6)))
    hear(wall.device, teller.post(teller.facts[:5]))
    assert hear(wall.device, keeping_from(teller, 5, teller.facts[5:])).heard_up_to == 6
    assert gaps(wall) == []


def test_people_hear_of_a_gap_and_are_asked_to_count_until_somebody_did(wall: Wall, teller: Teller) -> None:
    teller.says(*(asked(f"s{number}") for number in range(6)))
    hear(wall.device, keeping_from(teller, 5, teller.facts[4:]))
    about = f"kiosk:{wall.kiosk.pk}"
    following.work(clock.now(), 100)
    with wall.acting():
        assert Alert.objects.get(kind="log-gap", about=about).level == Alert.Level.CRITICAL
        assert Task.objects.get(kind="log-gap", about=about).done_at is None
        places.counted(kiosk_id=wall.kiosk.pk, wrong=[], by=wall.clerk)
    following.work(clock.now(), 100)
    with wall.acting():
        assert Task.objects.get(kind="log-gap", about=about).done_at is not None


@pytest.mark.parametrize(
    "pruned",
    [{"number": 0, "hash": "a" * 64}, {"number": 4, "hash": "x"}, {"number": 2**63 - 1, "hash": "a" * 64}, {}, 4, "4"],
)
def test_a_beginning_that_is_none_is_refused_and_changes_nothing(wall: Wall, teller: Teller, pruned: object) -> None:
    teller.says(asked("s"))
    body = msgspec.json.decode(teller.post()) | {"pruned": pruned}
    with pytest.raises(Refusal) as no:
        hear(wall.device, msgspec.json.encode(body))
    assert no.value.why is Why.MALFORMED
    with wall.acting():
        assert not HeardFact.objects.exists()


# a disk put back


def put_back(teller: Teller, number: int) -> Teller:
    """The kiosk as it was after that fact, and a little later."""
    image = Teller(log=teller.log, boot="boot-two", facts=list(teller.facts[:number]), at=teller.at)
    image.says(*(asked(f"again{count}") for count in range(5)))
    return image


@pytest.mark.parametrize("begins", [3, 5, 6])
def test_facts_that_part_from_what_was_heard_are_not_mixed_with_it(wall: Wall, teller: Teller, begins: int) -> None:
    """However many there are: those behind what was heard would follow it by their numbers alone."""
    teller.says(*(asked(f"s{number}") for number in range(8)))
    hear(wall.device, teller.post())
    image = put_back(teller, 5)
    for last in (7, 10):
        answer = hear(wall.device, image.post(image.facts[begins - 1 : last]))
        assert (answer.heard_up_to, answer.same_up_to) == (8, 5)
    with wall.acting():
        assert (HeardFact.objects.count(), Log.objects.get().broken_at) == (8, None)
    # What the kiosk does then: a new log.
    new = Teller(log="log-two", at=image.at)
    new.says(facts.LogBegun(former="log-one", same_up_to=5), *(fact.body for fact in image.facts[5:]))
    assert hear(wall.device, new.post()) == Heard(log="log-two", heard_up_to=6, version=answer.version)
    following.work(clock.now(), 100)
    with wall.acting():
        assert set(Entry.objects.filter(stream=f"kiosk:{wall.kiosk.pk}").values_list("kind", flat=True)) >= {
            "kiosk.log-replaced",
            "kiosk.log-begun",
        }
        assert Alert.objects.get(kind="log-replaced").acknowledged_at is None
    assert the_log(wall).break_at is None
    assert the_log(wall, "log-two").break_at is None


def test_what_is_told_twice_is_the_same_and_the_rest_is_heard(wall: Wall, teller: Teller) -> None:
    with wall.acting():
        handover = wall.planned()
    teller.says(asked("a"), loaded(handover))
    hear(wall.device, teller.post())
    teller.says(collected(handover))
    answer = hear(wall.device, teller.post())
    assert (answer.heard_up_to, answer.same_up_to) == (3, 2)
    with wall.acting():
        handover.refresh_from_db()
        assert handover.stage == "collected"


def test_a_fact_that_could_not_be_read_says_nothing_of_another_history(wall: Wall, teller: Teller) -> None:
    one, two = teller.says(asked("a"), asked("b"))
    hear(wall.device, teller.raw(b"17", msgspec.json.encode(two)))
    answer = hear(wall.device, teller.post([one, two]))
    assert (answer.heard_up_to, answer.same_up_to) == (2, 2)
