"""The days of a loan: what is ready before them, what is away on others' days, what is not there when they come."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from onthaal.core import deadlines
from onthaal.core.refusals import Refusal, Why
from tests.central.lockers.test_the_way_of_a_thing import borrowed, holder, out_of, waiting
from tests.central.lockers.town import Town
from tests.central.lockers.wall import Wall


def verbs() -> Any:
    from onthaal.central.lockers.requests import actions

    return actions


def ticks(town: Town) -> None:
    """What is due now is done, and what follows."""
    from onthaal.central.lockers.handovers import jobs

    now = town.clock.now()
    jobs.tick(now)
    jobs.ask_to_load(now)
    town.follows()


def mailed(town: Town, handover: Any) -> list[str]:
    """The kinds of the mails about a handover that were written by now."""
    return [mail.kind for mail in town.mails(f"handover:{handover.pk}")]


def only(town: Town, count: int) -> None:
    """The town has so many cases to lend."""
    for item in town.seeded.items[count:]:
        item.retired_at = town.clock.now()
        item.save()


def collected_early(town: Town, wall: Wall, request: Any) -> Any:
    """It was loaded and collected today, whenever its days are. The handover out."""
    out = waiting(town, wall, door=4, request=request)
    wall.gives(out, 4)
    town.follows()
    out.refresh_from_db()
    return out


# ready before its days


def test_a_loan_loaded_weeks_before_its_days_waits_for_them(town: Town, wall: Wall) -> None:
    out = waiting(town, wall, door=4, request=town.asks_to_borrow(20, 22))
    assert out.collect_by == deadlines.end_of(out.ends_on)
    town.clock.turn(days=10)
    ticks(town)
    out.refresh_from_db()
    assert (out.stage, "reminder" in mailed(town, out)) == ("waiting", False)


def test_the_collection_days_of_a_loan_count_from_its_first_day(town: Town, wall: Wall) -> None:
    out = waiting(town, wall, door=4, request=town.asks_to_borrow(20, 26))
    assert deadlines.day_of(out.collect_by) == out.starts_on + timedelta(days=5)
    assert out.reminder_at == deadlines.morning_of(out.starts_on + timedelta(days=3))
    (ready,) = [mail for mail in town.mails(f"handover:{out.pk}") if mail.kind == "ready"]
    assert ready.slots["until"] == (out.starts_on + timedelta(days=5)).isoformat()


# away on the days of others


def test_what_was_collected_before_its_days_is_not_promised_for_the_days_until_then(town: Town, wall: Wall) -> None:
    only(town, 1)
    collected_early(town, wall, town.asks_to_borrow(20, 22))
    with pytest.raises(Refusal) as no:
        town.asks_to_borrow(5, 7, "chiro@aalter.example")
    assert no.value.why is Why.NO_ITEM_FREE
    assert town.asks_to_borrow(23, 24, "chiro@aalter.example") is not None


def test_what_lies_in_the_wall_before_its_days_is_not_free_in_the_calendar(town: Town, wall: Wall) -> None:
    from onthaal.central.lockers.requests import queries

    only(town, 2)
    asked = town.confirmed(town.asks_to_borrow(1, 3, "chiro@aalter.example"))
    out = waiting(town, wall, door=4, request=town.asks_to_borrow(5, 6))
    assert [day.free for day in queries.live_days(town.seeded.material.pk)[:8]] == [1, 1, 1, 1, 1, 1, 2, 2]
    assert queries.free_for(asked) == {"free": 1, "count": 2}
    wall.undoes(out, 4)
    assert [day.free for day in queries.live_days(town.seeded.material.pk)[:8]] == [2, 2, 2, 2, 1, 1, 2, 2]


def test_what_is_late_holds_its_case_through_today(town: Town, wall: Wall, lent: Any) -> None:
    only(town, 1)
    out = lent
    town.clock.turn_to(deadlines.end_of(out.back.ends_on) + timedelta(hours=3))
    town.seeded.material.lead_days = 0
    town.seeded.material.save()
    with pytest.raises(Refusal) as no:
        town.asks_to_borrow(0, 1, "chiro@aalter.example")
    assert no.value.why is Why.NO_ITEM_FREE


# not there when its days come


def not_brought_back(town: Town, wall: Wall) -> tuple[Any, Any]:
    """Bram has case 1 and is late; today the loan of the chiro begins, with that same case. Their handovers out."""
    asked = town.confirmed(town.asks_to_borrow(6, 7, "chiro@aalter.example"))
    late = borrowed(town, wall)
    following = verbs().accept(request_id=asked.pk, by=town.clerk).handover
    assert following.item_id == late.item_id
    town.clock.turn(days=3)
    assert town.clock.today() == following.starts_on
    return late, following


def ready_and_lost(town: Town, wall: Wall) -> Any:
    """One case stood ready for two loans, one after the other, and Bram lost it. The request of the second."""
    from onthaal.central.lockers.handovers import ending

    only(town, 2)
    first = town.accepted(town.asks_to_borrow(3, 5))
    second = town.accepted(town.asks_to_borrow(6, 7, "chiro@aalter.example"))
    for request in (first, second):
        verbs().prepared(request_id=request.pk, by=town.clerk)
    out = out_of(first)
    assert out.item_id == out_of(second).item_id
    town.clock.turn(days=3)
    wall.loads(out, 4)
    wall.gives(out, 4)
    town.follows()
    ending.lost(handover_id=out.back.pk, by=town.clerk, reason="Verbrand.")
    town.follows()
    town.clock.turn(days=3)
    second.refresh_from_db()
    return second


def test_who_prepares_a_case_that_is_not_back_gets_another_that_is(town: Town, wall: Wall) -> None:
    late, following = not_brought_back(town, wall)
    version = town.wish_version()
    request = verbs().prepared(request_id=following.request.pk, by=town.clerk)
    out = request.handover
    assert out.item_id != late.item_id
    assert {out.item_id, out.back.item_id, request.promise.item_id} == {out.item_id}
    assert (holder(out), request.prepared_at is not None) == ("desk", True)
    assert town.wish_version() > version
    for handover in (out, out.back):
        assert "handover.reallotted" in town.kinds(f"handover:{handover.pk}")
    late.back.refresh_from_db()
    assert late.back.item_id == late.item_id


def test_a_case_that_does_not_lie_at_the_desk_is_not_prepared_when_no_other_does(town: Town, wall: Wall) -> None:
    only(town, 1)
    late, following = not_brought_back(town, wall)
    with pytest.raises(Refusal) as no:
        verbs().prepared(request_id=following.request.pk, by=town.clerk)
    assert no.value.why is Why.NO_ITEM_FREE
    following.refresh_from_db()
    assert (following.item_id, following.request.prepared_at) == (late.item_id, None)


def test_a_case_that_stands_ready_for_somebody_else_is_not_taken_for_one_that_is_not_back(
    town: Town, wall: Wall
) -> None:
    only(town, 2)
    late, following = not_brought_back(town, wall)
    town.accepted(town.asks_to_borrow(2, 3, "okra@aalter.example"))
    ready = town.accepted(town.asks_to_borrow(2, 3, "kwb@aalter.example"))
    assert ready.promise is not None
    assert ready.promise.item_id != late.item_id
    verbs().prepared(request_id=ready.pk, by=town.clerk)
    with pytest.raises(Refusal) as no:
        verbs().prepared(request_id=following.request.pk, by=town.clerk)
    assert no.value.why is Why.NO_ITEM_FREE


def test_who_comes_later_waits_for_the_late_case_and_who_comes_today_gets_what_lies_there(
    town: Town, wall: Wall
) -> None:
    only(town, 2)
    late, following = not_brought_back(town, wall)
    later = town.accepted(town.asks_to_borrow(1, 4, "kwb@aalter.example"))
    assert later.promise is not None
    assert later.promise.item_id != late.item_id
    prepared = verbs().prepared(request_id=following.request.pk, by=town.clerk)
    later.refresh_from_db()
    assert later.promise is not None
    assert later.handover is not None
    assert {later.promise.item_id, later.handover.item_id, later.handover.back.item_id} == {late.item_id}
    assert prepared.promise.item_id == prepared.handover.item_id != late.item_id


def test_another_case_is_prepared_for_who_was_promised_a_lost_one(town: Town, wall: Wall) -> None:
    from onthaal.central.lockers.handovers import ending

    late, following = not_brought_back(town, wall)
    ending.lost(handover_id=late.back.pk, by=town.clerk, reason="Verbrand.")
    town.follows()
    asked = ("thing-lost", f"handover:{following.pk}")
    assert asked in town.tasks()
    request = verbs().prepared(request_id=following.request.pk, by=town.clerk)
    town.follows()
    assert request.handover.item_id != late.item_id
    assert asked not in town.tasks()


def test_what_stood_ready_and_was_lost_with_another_is_prepared_anew(town: Town, wall: Wall) -> None:
    asked = ready_and_lost(town, wall)
    task = ("thing-lost", f"handover:{asked.handover_id}")
    assert (holder(asked.handover), task in town.tasks()) == ("lost", True)
    request = verbs().prepared(request_id=asked.pk, by=town.clerk)
    town.follows()
    request.handover.refresh_from_db()
    assert (holder(request.handover), task in town.tasks()) == ("desk", False)
    told = town.kinds(f"request:{asked.pk}").count("request.prepared")
    verbs().prepared(request_id=asked.pk, by=town.clerk)
    assert told == town.kinds(f"request:{asked.pk}").count("request.prepared") == 2


# over


def test_a_loan_whose_days_are_over_is_not_accepted(town: Town) -> None:
    request = town.confirmed(town.asks_to_borrow(1, 2))
    town.clock.turn(days=2)
    last = town.confirmed(town.asks_to_borrow(1, 2, "chiro@aalter.example"))
    town.clock.turn(days=1)
    with pytest.raises(Refusal) as no:
        verbs().accept(request_id=request.pk, by=town.clerk)
    assert no.value.why is Why.PERIOD_OVER
    town.clock.turn(days=1)
    assert verbs().accept(request_id=last.pk, by=town.clerk).status == "accepted"


def test_a_loan_whose_days_are_over_is_not_prepared(town: Town) -> None:
    request = town.accepted(town.asks_to_borrow(1, 2))
    town.clock.turn(days=3)
    with pytest.raises(Refusal) as no:
        verbs().prepared(request_id=request.pk, by=town.clerk)
    assert no.value.why is Why.PERIOD_OVER
    assert verbs().refuse(request_id=request.pk, by=town.clerk, reason="Te laat.").status == "refused"


# begun, and not in the wall


def begun(town: Town) -> Any:
    """Today Bram's loan begins, and nobody loaded it. The handover out."""
    out = out_of(town.accepted(town.asks_to_borrow(1, 3)))
    ticks(town)
    assert ("not-loaded", f"handover:{out.pk}") not in town.tasks()
    town.clock.turn_to(deadlines.start_of(out.starts_on) + timedelta(minutes=1))
    ticks(town)
    return out


def test_staff_is_asked_to_load_a_loan_that_begins_today(town: Town, wall: Wall) -> None:
    out = begun(town)
    task = ("not-loaded", f"handover:{out.pk}")
    assert task in town.tasks()
    wall.loads(out, 4)
    town.follows()
    ticks(town)
    assert town.tasks() == set()
    wall.undoes(out, 4)
    ticks(town)
    assert task in town.tasks()


def test_a_loan_that_was_called_off_need_not_be_loaded(town: Town) -> None:
    out = begun(town)
    verbs().refuse(request_id=out.request.pk, by=town.clerk, reason="De koffer is er niet.")
    town.follows()
    ticks(town)
    assert town.tasks() == set()


def test_what_staff_ticked_off_without_loading_it_is_asked_again_the_next_day(town: Town) -> None:
    from onthaal.central.foundation.attention import actions as attention

    out = begun(town)
    task = ("not-loaded", f"handover:{out.pk}")
    attention.finish_task(kind=task[0], about=task[1], by=town.clerk)
    ticks(town)
    assert town.tasks() == set()
    town.clock.turn(days=1)
    ticks(town)
    assert town.tasks() == {task}


# by day


def collected_at(town: Town, wall: Wall, first: int, last: int, hour: int) -> Any:
    """Bram collects his loan on its first day, at this hour. The handover back."""
    out = waiting(town, wall, door=4, request=town.asks_to_borrow(first, last))
    town.clock.turn_to(deadlines.start_of(out.starts_on) + timedelta(hours=hour))
    wall.gives(out, 4)
    town.follows()
    return out.back


def test_who_collects_in_the_evening_what_is_due_tomorrow_is_not_reminded_with_the_receipt(
    town: Town, wall: Wall
) -> None:
    for last in (1, 2):
        back = collected_at(town, wall, 1, last, 20)
        ticks(town)
        assert mailed(town, back) == ["receipt"]
        wall.takes_back(back, 4)
        wall.is_emptied(back, 4)
        town.follows()


def test_a_late_borrower_is_dunned_in_the_morning_and_not_at_midnight(town: Town, wall: Wall) -> None:
    back = collected_at(town, wall, 1, 1, 20)
    for hours in (1, 8.9):
        town.clock.turn_to(deadlines.end_of(back.ends_on) + timedelta(hours=hours))
        ticks(town)
        assert mailed(town, back) == ["receipt"]
    town.clock.turn_to(deadlines.end_of(back.ends_on) + timedelta(hours=9, minutes=1))
    ticks(town)
    assert mailed(town, back) == ["receipt", "overdue"]
    assert ("overdue", f"handover:{back.pk}") in town.tasks()


def test_a_reminder_that_the_machine_slept_through_waits_for_the_morning(town: Town, wall: Wall) -> None:
    back = collected_at(town, wall, 1, 4, 20)
    town.clock.turn_to(deadlines.return_reminder(back.ends_on) + timedelta(hours=18))
    ticks(town)
    assert mailed(town, back) == ["receipt"]
    town.clock.turn(hours=6, minutes=1)
    ticks(town)
    assert mailed(town, back) == ["receipt", "return-reminder"]


def recalled_at_midnight(town: Town, out: Any) -> Any:
    """Nobody collected it. The mail that says so."""
    town.clock.turn_to(out.collect_by + timedelta(seconds=1))
    ticks(town)
    out.refresh_from_db()
    assert out.stage == "recalled"
    (mail,) = [mail for mail in town.mails(f"handover:{out.pk}") if mail.kind == "recalled"]
    return mail


def test_what_is_recalled_at_midnight_is_told_in_the_morning(town: Town, wall: Wall, waits: Any) -> None:
    mail = recalled_at_midnight(town, waits)
    assert (mail.status, mail.due_at) == ("due", deadlines.morning_of(town.clock.today()))


def test_nobody_hears_that_it_goes_back_who_collected_it_that_night(town: Town, wall: Wall, waits: Any) -> None:
    mail = recalled_at_midnight(town, waits)
    wall.gives(waits, 1)
    town.follows()
    mail.refresh_from_db()
    assert mail.status == "dropped"


def test_what_was_taken_out_before_the_morning_is_told_all_the_same(town: Town, wall: Wall, waits: Any) -> None:
    mail = recalled_at_midnight(town, waits)
    wall.is_emptied(waits, 1)
    town.follows()
    mail.refresh_from_db()
    assert mail.status == "due"


# watched again


def test_what_the_borrower_put_in_and_took_out_again_is_watched_as_before(town: Town, wall: Wall, lent: Any) -> None:
    out = lent
    wall.takes_back(out.back, 5)
    town.follows()
    wall.undoes(out.back, 5)
    town.follows()
    out.back.refresh_from_db()
    assert out.back.reminder_at == deadlines.return_reminder(out.back.ends_on)


def test_deadlines_by_day_are_nine_in_the_morning_or_later() -> None:
    night = deadlines.start_of(date(2026, 11, 3))
    assert deadlines.by_day(night) == deadlines.morning_of(date(2026, 11, 3))
    day = night + timedelta(hours=15)
    assert deadlines.by_day(day) == day
