"""What asks for a person: which door it is about, when it is one thing, and when it is news again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from onthaal.core import facts
from tests.central.lockers.town import Town
from tests.central.lockers.wall import Wall

if TYPE_CHECKING:
    from onthaal.central.foundation.attention.models import Alert

EVENTS: dict[str, Any] = {
    "found": lambda door: facts.FoundItem(compartment=door, session=f"f{door}"),
    "door-forced": lambda door: facts.OpenedWithoutCommand(compartment=door),
    "not-opened": lambda door: facts.OpenNotDetected(intent=f"i{door}", compartment=door),
    "door-left-open": lambda door: facts.DoorLeftOpen(compartment=door),
    "unexpected-content": lambda door: facts.UnexpectedContent(compartment=door),
    "fact-conflict": lambda door: facts.Returned(handover=999, compartment=door, grade="D", session=f"r{door}"),
}


def mails(town: Town) -> int:
    """How many went to the duty address, or are to go."""
    return len([mail for mail in town.mails(stream(town)) if mail.kind == "alert" and mail.status != "dropped"])


def stream(town: Town) -> str:
    return f"kiosk:{town.seeded.kiosk.pk}"


def of_kind(rows: set[tuple[str, str]], kind: str) -> set[str]:
    return {about for one, about in rows if one == kind}


@pytest.mark.parametrize("kind", EVENTS)
def test_what_happens_behind_two_doors_is_two_tasks_two_alerts_and_two_mails(town: Town, wall: Wall, kind: str) -> None:
    wall.tells(EVENTS[kind](4), EVENTS[kind](5))
    town.follows()
    doors = {f"{stream(town)}:door:4", f"{stream(town)}:door:5"}
    assert of_kind(town.tasks(), kind) == doors
    assert of_kind(town.alerts(), kind) == doors
    assert mails(town) == 2


def test_a_burst_at_one_door_is_one_task_one_alert_and_one_mail(town: Town, wall: Wall) -> None:
    for _ in range(4):
        wall.tells(EVENTS["door-forced"](2))
        town.follows()
        town.clock.turn(minutes=10)
    assert (of_kind(town.tasks(), "door-forced"), mails(town)) == ({f"{stream(town)}:door:2"}, 1)
    assert len(of_kind(town.alerts(), "door-forced")) == 1


def test_a_door_that_is_forced_again_a_day_later_is_mailed_again(town: Town, wall: Wall) -> None:
    for _ in range(2):
        wall.tells(EVENTS["door-forced"](2))
        town.follows()
        town.clock.turn(days=1)
    (alert,) = alerts("door-forced")
    assert (mails(town), alert.raised_at > town.clock.now() - timedelta(days=1, minutes=1)) == (2, True)


def test_the_mail_says_at_which_wall_and_door(town: Town, wall: Wall) -> None:
    from onthaal.central.foundation.notices import letters

    wall.tells(EVENTS["door-forced"](3), EVENTS["door-forced"](100))
    town.follows()
    said = []
    for mail in town.mails(stream(town)):
        reader = letters.Reader(lang="nl", name="", municipality="Aalter", help_phone="1", home="https://a.example")
        said.append(letters.compose(mail.kind, mail.slots, reader, letters.Secrets()).text)
    where = [line for text in said for line in text.splitlines() if line.startswith("Waar: ")]
    assert where == ["Waar: Automaat gemeentehuis, kluisje 3", "Waar: Automaat gemeentehuis"]


def test_a_number_that_is_no_door_of_the_wall_is_about_the_wall(town: Town, wall: Wall) -> None:
    for number in (100, 101, -1, 10**12):
        wall.tells(EVENTS["door-forced"](number))
    town.follows()
    assert of_kind(town.tasks(), "door-forced") == {stream(town)}
    assert mails(town) == 1


def test_the_history_of_the_wall_says_at_which_door_a_task_was_opened_and_done(town: Town, wall: Wall) -> None:
    from onthaal.central.foundation.attention import actions as attention

    wall.tells(EVENTS["found"](5))
    town.follows()
    attention.finish_task(kind="found", about=f"{stream(town)}:door:5", by=town.clerk)
    attention.acknowledge(alerts("found")[0].pk, by=town.clerk)
    town.posts()
    about_it = [entry for entry in town.journal(stream(town)) if entry.kind.partition(".")[0] in {"task", "alert"}]
    assert {(entry.kind, entry.about["compartment"]) for entry in about_it} == {
        ("alert.raised", 5), ("task.opened", 5), ("task.done", 5), ("alert.acknowledged", 5),
    }  # fmt: skip
    assert "notice.sent" in town.kinds(stream(town))


# what was over and comes back


def silent_for_a_while(town: Town, wall: Wall) -> None:
    """The wall tells nothing for ten minutes, then answers."""
    from onthaal.central.lockers.devices import jobs

    wall.states()
    town.clock.turn(minutes=10)
    jobs.silent(town.clock.now())
    wall.states()


def alerts(kind: str) -> list[Alert]:
    from onthaal.central.foundation.attention.models import Alert

    return list(Alert.objects.filter(kind=kind).order_by("pk"))


def test_a_wall_that_falls_silent_again_days_later_is_mailed_again(town: Town, wall: Wall) -> None:
    from onthaal.central.foundation.attention import queries

    for _ in range(3):
        silent_for_a_while(town, wall)
        town.clock.turn(days=2)
    (alert,) = queries.open_alerts()
    assert mails(town) == 3
    assert alert.over_at is not None
    assert alert.raised_at > town.clock.now() - timedelta(days=2, minutes=5)


def test_a_wall_that_is_silent_now_and_then_is_mailed_once_an_hour(town: Town, wall: Wall) -> None:
    for _ in range(9):
        silent_for_a_while(town, wall)
    assert mails(town) == 2


def blips_and_stays_away(town: Town, wall: Wall) -> datetime:
    """Silent, back after a minute, and silent again for good. When that was told first."""
    from onthaal.central.lockers.devices import jobs

    silent_for_a_while(town, wall)
    (first,) = [mail.created_at for mail in town.mails(stream(town)) if mail.kind == "alert"]
    town.clock.turn(minutes=5)
    jobs.silent(town.clock.now())
    return first


def test_a_wall_that_came_back_for_a_moment_and_stays_away_is_mailed_an_hour_after_the_first_mail(
    town: Town, wall: Wall
) -> None:
    from onthaal.central.lockers.devices import jobs

    first = blips_and_stays_away(town, wall)
    last = town.mails(stream(town))[-1]
    assert (mails(town), last.status, last.due_at - first > timedelta(minutes=59)) == (2, "due", True)
    assert last.due_at - first <= timedelta(hours=1)
    town.clock.turn(hours=12)
    jobs.silent(town.clock.now())
    town.posts()
    assert mails(town) == 2


def test_a_wall_that_is_back_before_it_would_be_mailed_again_is_not(town: Town, wall: Wall) -> None:
    blips_and_stays_away(town, wall)
    wall.states()
    assert mails(town) == 1


def test_a_wall_whose_silence_somebody_has_seen_is_not_mailed_again(town: Town, wall: Wall) -> None:
    from onthaal.central.foundation.attention import actions as attention

    blips_and_stays_away(town, wall)
    attention.acknowledge(alerts("kiosk-silent")[0].pk, by=town.clerk)
    assert mails(town) == 1


def test_a_wall_that_comes_and_goes_after_the_second_mail_is_mailed_an_hour_after_that(town: Town, wall: Wall) -> None:
    from onthaal.central.lockers.devices import jobs

    blips_and_stays_away(town, wall)
    second = town.mails(stream(town))[-1].due_at
    town.clock.turn_to(second + timedelta(minutes=1))
    town.posts()
    wall.states()
    town.clock.turn(minutes=5)
    jobs.silent(town.clock.now())
    third = town.mails(stream(town))[-1]
    assert (mails(town), third.status) == (3, "due")
    assert timedelta(minutes=59) < third.due_at - second <= timedelta(hours=1)


def test_a_bus_that_came_back_for_a_moment_and_stays_silent_is_mailed_an_hour_after_the_first_mail(
    town: Town, wall: Wall
) -> None:
    silent = facts.BusSilent(bus="main", compartments=(4,))
    for body in (silent, facts.BusRestored(bus="main"), silent):
        wall.tells(body)
        town.follows()
        town.clock.turn(minutes=2)
    first, last = town.mails(stream(town))
    assert timedelta(minutes=59) < last.due_at - first.created_at <= timedelta(hours=1)


def test_an_alert_that_somebody_has_seen_is_a_new_one_when_it_comes_back(town: Town, wall: Wall) -> None:
    from onthaal.central.foundation.attention import actions as attention

    silent_for_a_while(town, wall)
    attention.acknowledge(alerts("kiosk-silent")[0].pk, by=town.clerk)
    silent_for_a_while(town, wall)
    assert [alert.acknowledged_at is None for alert in alerts("kiosk-silent")] == [False, True]
    assert mails(town) == 2


def test_what_lasts_and_was_seen_is_not_told_again_until_it_was_over(town: Town, wall: Wall) -> None:
    from onthaal.central.foundation.attention import actions as attention

    wall.states(troubles=("reader-silent",))
    attention.acknowledge(alerts("reader-silent")[0].pk, by=town.clerk)
    wall.states(troubles=("reader-silent",))
    assert (len(alerts("reader-silent")), mails(town)) == (1, 1)
    wall.states()
    wall.states(troubles=("reader-silent",))
    assert (len(alerts("reader-silent")), mails(town)) == (2, 2)


def test_a_door_that_is_forced_after_somebody_looked_is_told_at_once(town: Town, wall: Wall) -> None:
    from onthaal.central.foundation.attention import actions as attention

    wall.tells(EVENTS["door-forced"](2))
    town.follows()
    attention.acknowledge(alerts("door-forced")[0].pk, by=town.clerk)
    wall.tells(EVENTS["door-forced"](2))
    town.follows()
    assert (len(alerts("door-forced")), mails(town)) == (2, 2)


# the count


def test_a_count_names_each_door_behind_which_it_was_otherwise(town: Town, wall: Wall) -> None:
    from onthaal.central.lockers.places import actions as places

    kiosk = town.seeded.kiosk.pk
    places.counted(kiosk_id=kiosk, wrong=[3, 5], by=town.clerk)
    assert of_kind(town.tasks(), "count-differs") == {f"kiosk:{kiosk}:door:3", f"kiosk:{kiosk}:door:5"}
    places.counted(kiosk_id=kiosk, wrong=[1, 5], by=town.clerk)
    assert of_kind(town.tasks(), "count-differs") == {f"kiosk:{kiosk}:door:1", f"kiosk:{kiosk}:door:5"}


def test_a_count_in_which_all_is_right_ends_the_tasks_of_the_one_before(town: Town, wall: Wall) -> None:
    from onthaal.central.foundation.attention import actions as attention
    from onthaal.central.lockers.places import actions as places

    kiosk, other = town.seeded.kiosk.pk, town.seeded.kiosk.pk * 10  # its number begins with the other's
    attention.open_task(kind="count-differs", about=f"kiosk:{kiosk}", slots={"compartments": [3, 5]})  # of an older day
    attention.open_task(kind="count-differs", about=f"kiosk:{other}:door:3")
    places.counted(kiosk_id=kiosk, wrong=[3], by=town.clerk)
    places.counted(kiosk_id=kiosk, wrong=[], by=town.clerk)
    assert of_kind(town.tasks(), "count-differs") == {f"kiosk:{other}:door:3"}
