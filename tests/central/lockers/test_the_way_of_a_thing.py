"""The whole way of one thing through the centre: facts come in, and what follows happens by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from onthaal.core import deadlines
from onthaal.words import words
from tests.central.lockers.town import Town
from tests.central.lockers.wall import Wall


def out_of(request: Any) -> Any:
    return request.handover


def waiting(town: Town, wall: Wall, door: int = 1, *, request: Any = None) -> Any:
    """Els's vouchers (or what was asked by `request`) lie in the wall and she was told."""
    out = out_of(town.accepted(request or town.asks()))
    wall.loads(out, door)
    town.follows()
    wall.applied()
    town.posts()
    out.refresh_from_db()
    assert out.stage == "waiting"
    return out


def borrowed(town: Town, wall: Wall, door: int = 4) -> Any:
    """Bram has the case of his scouts. The handover out."""
    out = out_of(town.accepted(town.asks_to_borrow()))
    town.clock.turn(days=3)
    wall.loads(out, door)
    town.follows()
    wall.applied()
    town.posts()
    wall.gives(out, door)
    town.follows()
    wall.applied()
    town.posts()
    out.refresh_from_db()
    assert out.stage == "collected"
    return out


def holder(handover: Any) -> str:
    from onthaal.central.lockers.catalogue.queries import held_now

    return str(held_now(handover.item_id).holder)


def test_a_voucher_goes_from_the_desk_through_the_wall_to_its_business(town: Town, wall: Wall) -> None:
    request = town.accepted(town.asks())
    out = out_of(request)
    assert holder(out) == "desk"
    wall.loads(out, 1)
    assert holder(out) == "compartment"
    town.follows()
    wall.applied()
    mail = [notice for notice in town.posts() if notice.kind == "ready"]
    out.refresh_from_db()
    assert len(mail) == 1
    assert out.stage == "waiting"
    wall.gives(out, 1)
    assert holder(out) == "citizen"
    town.follows()
    request.refresh_from_db()
    assert request.status == "done"
    assert town.mails(f"handover:{out.pk}")[-1].kind == "receipt"


def test_the_collection_period_begins_when_the_mail_has_gone(town: Town, wall: Wall, waits: Any) -> None:
    out = waits
    assert out.ready_at is not None
    assert out.collect_by == deadlines.end_of(town.clock.today() + timedelta(days=5))
    assert deadlines.day_of(out.reminder_at) == town.clock.today() + timedelta(days=3)


def test_a_code_leaves_only_once_its_wall_knows_it(town: Town, wall: Wall) -> None:
    out = out_of(town.accepted(town.asks()))
    wall.loads(out, 1)
    town.follows()
    assert [notice.status for notice in town.mails(f"handover:{out.pk}")] == ["held"]
    assert "ready" not in [notice.kind for notice in town.posts()]
    wall.applied()
    assert [notice.kind for notice in town.posts()] == ["ready"]


def test_a_wall_that_stays_behind_is_told_to_the_staff(town: Town, wall: Wall) -> None:
    from onthaal.central.lockers.access import jobs

    out = out_of(town.accepted(town.asks()))
    wall.loads(out, 1)
    town.follows()
    about = ("wall-behind", f"kiosk:{town.seeded.kiosk.pk}")
    assert jobs.watch_walls(town.clock.now()) == []
    town.clock.turn(minutes=11)
    jobs.watch_walls(town.clock.now())
    assert about in town.alerts()
    wall.applied()
    jobs.watch_walls(town.clock.now())
    assert about not in town.alerts()


def test_a_code_that_was_mailed_is_nowhere_any_more(town: Town, wall: Wall, waits: Any) -> None:
    out = waits
    (grant,) = out.grants.all()
    assert grant.sealed is None
    assert all(notice.sealed is None for notice in town.mails(f"handover:{out.pk}"))


def test_an_undone_loading_sends_nothing(town: Town, wall: Wall) -> None:
    out = out_of(town.accepted(town.asks()))
    wall.loads(out, 1)
    wall.undoes(out, 1)
    town.follows()
    wall.applied()
    assert town.mails(f"handover:{out.pk}") == []
    wall.loads(out, 2)
    town.follows()
    wall.applied()
    assert [notice.kind for notice in town.posts() if notice.about == f"handover:{out.pk}"] == ["ready"]


def test_an_undone_loading_takes_back_the_mail_that_waited_for_its_wall(town: Town, wall: Wall) -> None:
    out = out_of(town.accepted(town.asks()))
    wall.loads(out, 1)
    town.follows()
    wall.undoes(out, 1)
    town.follows()
    wall.applied()
    assert "ready" not in [notice.kind for notice in town.posts()]


def test_what_was_loaded_again_after_its_mail_gets_a_new_code(town: Town, wall: Wall, waits: Any) -> None:
    out = waits
    old = out.grants.get()
    wall.undoes(out, 1)
    wall.loads(out, 2)
    town.follows()
    wall.applied()
    assert [notice.kind for notice in town.posts()] == ["ready"]
    old.refresh_from_db()
    assert old.status == "revoked"


def test_a_loan_comes_back_with_the_code_of_its_receipt(town: Town, wall: Wall, lent: Any) -> None:
    out = lent
    receipt = town.mails(f"handover:{out.back.pk}")[0]
    assert (receipt.kind, receipt.status) == ("receipt", "sent")
    wall.takes_back(out.back, 5)
    town.follows()
    assert ("inspect", f"handover:{out.back.pk}") in town.tasks()
    wall.is_emptied(out.back, 5)
    town.follows()
    assert town.tasks() == set()
    assert holder(out) == "desk"
    out.request.refresh_from_db()
    assert out.request.status == "done"
    assert not out.request.promise.live


def test_a_thing_brought_to_the_counter_ends_its_loan(town: Town, wall: Wall, lent: Any) -> None:
    from onthaal.central.lockers.handovers import ending

    out = lent
    ending.received_at_desk(handover_id=out.back.pk, by=town.clerk)
    town.follows()
    out.request.refresh_from_db()
    assert (out.request.status, holder(out)) == ("done", "desk")
    assert {grant.status for grant in out.back.grants.all()} == {"revoked"}


def test_nobody_comes_reminder_on_day_three_recall_after_day_five(town: Town, wall: Wall, waits: Any) -> None:
    from onthaal.central.lockers.handovers import jobs

    out = waits
    town.clock.turn(days=2)
    assert jobs.tick(town.clock.now()) == 0
    town.clock.turn(days=1)
    assert jobs.tick(town.clock.now()) == 1
    assert jobs.tick(town.clock.now()) == 0
    town.follows()
    assert [notice.kind for notice in town.posts()] == ["reminder"]
    town.clock.turn_to(out.collect_by + timedelta(seconds=1))
    assert jobs.tick(town.clock.now()) == 1
    town.follows()
    out.refresh_from_db()
    assert out.stage == "recalled"
    assert ("take-back", f"handover:{out.pk}") in town.tasks()
    assert out.grants.get().status == "expired"
    wall.is_emptied(out, 1)
    town.follows()
    assert (town.tasks(), holder(out)) == (set(), "desk")
    out.request.refresh_from_db()
    assert out.request.status == "lapsed"


def test_taken_after_the_recall_the_fact_wins_and_nobody_looks_for_it(town: Town, wall: Wall, waits: Any) -> None:
    from onthaal.central.lockers.handovers import actions

    out = waits
    actions.recall(handover_id=out.pk, by=town.clerk, reason="asked")
    town.follows()
    wall.gives(out, 1)
    town.follows()
    out.refresh_from_db()
    assert (out.stage, holder(out)) == ("collected", "citizen")
    assert ("take-back", f"handover:{out.pk}") not in town.tasks()


def test_an_overdue_loan_is_reminded_again_and_again_and_can_always_come_back(
    town: Town, wall: Wall, lent: Any
) -> None:
    from onthaal.central.lockers.handovers import jobs

    out = lent
    back = out.back
    town.clock.turn_to(deadlines.return_reminder(back.ends_on) + timedelta(minutes=1))
    jobs.tick(town.clock.now())
    town.follows()
    assert [notice.kind for notice in town.posts()] == ["return-reminder"]
    town.clock.turn_to(deadlines.overdue_reminder(back.ends_on) + timedelta(minutes=1))
    for kinds in (["overdue"], [], ["overdue"]):
        jobs.tick(town.clock.now())
        town.follows()
        assert [notice.kind for notice in town.posts()] == kinds
        town.clock.turn(days=1)
    assert ("overdue", f"handover:{back.pk}") in town.tasks()
    assert [grant.closes_at for grant in back.grants.all()] == [None]
    wall.takes_back(back, 5)
    town.follows()
    assert town.tasks() == {("inspect", f"handover:{back.pk}")}


def test_nobody_is_dunned_for_what_came_back_before_the_mail_went(town: Town, wall: Wall, lent: Any) -> None:
    from onthaal.central.lockers.handovers import jobs

    out = lent
    back = out.back
    for moment in (deadlines.return_reminder(back.ends_on), deadlines.overdue_reminder(back.ends_on)):
        town.clock.turn_to(moment + timedelta(minutes=1))
        jobs.tick(town.clock.now())
        town.follows()
    wall.takes_back(back, 5)
    town.follows()
    assert [notice.kind for notice in town.posts()] == ["return-receipt"]


def test_nobody_is_dunned_for_what_came_back_over_the_counter(town: Town, wall: Wall, lent: Any) -> None:
    from onthaal.central.lockers.handovers import ending, jobs

    out = lent
    town.clock.turn_to(deadlines.return_reminder(out.back.ends_on) + timedelta(minutes=1))
    jobs.tick(town.clock.now())
    town.follows()
    ending.received_at_desk(handover_id=out.back.pk, by=town.clerk)
    town.follows()
    assert town.posts() == []


def test_send_again_makes_a_new_code_and_the_old_one_opens_no_more(town: Town, wall: Wall, waits: Any) -> None:
    from onthaal.central.lockers.access import actions as access
    from onthaal.central.lockers.access import queries

    out = waits
    old = out.grants.get()
    until = out.collect_by
    new = access.send_again(handover_id=out.pk, by=town.clerk)
    kiosk = town.seeded.kiosk.pk
    assert [grant.id for grant in queries.wished_grants(kiosk)[out.pk]] == [new.pk]
    assert [(gone.qr_verifier, gone.why) for gone in queries.spent(kiosk, town.clock.now())] == [
        (old.qr_verifier, "code-revoked")
    ]
    wall.applied()
    assert [notice.kind for notice in town.posts()] == ["new-code"]
    out.refresh_from_db()
    assert out.collect_by == until


def test_a_closed_pin_brings_a_new_code_and_the_qr_goes_on_opening(town: Town, wall: Wall, waits: Any) -> None:
    from onthaal.central.lockers.access import queries
    from onthaal.core import facts

    out = waits
    old = out.grants.get()
    for _ in range(5):
        wall.tells(facts.CodeRefused(session="s", channel="pin", why="code-wrong", grant=old.pk, counts=True))
    town.follows()
    by_id = {grant.id: grant for grant in queries.wished_grants(town.seeded.kiosk.pk)[out.pk]}
    assert len(by_id) == 2
    assert (by_id[old.pk].selector, by_id[old.pk].qr_verifier) == (None, old.qr_verifier)
    wall.applied()
    (mail,) = town.posts()
    assert mail.kind == "new-pin"
    assert "QR-code uit onze vorige mail werkt nog" in words("mail.new-pin.body", "nl")


def test_a_disputed_thing_alarms_and_waits_for_people(town: Town, wall: Wall, waits: Any) -> None:
    from onthaal.central.lockers.handovers import actions
    from onthaal.core.lifecycles import Stage

    out = waits
    wall.disputes(out, 1)
    town.follows()
    about = f"handover:{out.pk}"
    assert ("item-disputed", about) in town.alerts()
    assert ("resolve-dispute", about) in town.tasks()
    actions.resolve(handover_id=out.pk, to=Stage.LOADED, by=town.clerk, reason="Ze liggen er nog.")
    town.follows()
    assert (town.alerts(), town.tasks()) == (set(), set())
    wall.applied()
    assert "ready" in [notice.kind for notice in town.posts()]
    out.refresh_from_db()
    assert out.stage == "waiting"


def test_a_dispute_may_end_with_the_thing_collected(town: Town, wall: Wall, waits: Any) -> None:
    from onthaal.central.lockers.handovers import actions
    from onthaal.central.lockers.handovers.models import Stay
    from onthaal.core.lifecycles import Stage

    out = waits
    wall.disputes(out, 1)
    actions.resolve(handover_id=out.pk, to=Stage.COLLECTED, by=town.clerk, reason="Els bevestigt het.")
    town.follows()
    out.request.refresh_from_db()
    assert (holder(out), out.request.status) == ("citizen", "done")
    assert not Stay.objects.filter(handover=out, until=None).exists()


def test_withdrawing_what_lies_in_the_wall_recalls_it(town: Town, wall: Wall) -> None:
    from onthaal.central.lockers.requests import actions

    request = town.asks()
    out = out_of(town.accepted(request))
    link = town.link_of(request)
    wall.loads(out, 1)
    town.follows()
    actions.withdraw(token=link)
    town.follows()
    out.refresh_from_db()
    assert out.stage == "recalled"
    assert ("take-back", f"handover:{out.pk}") in town.tasks()
    wall.applied()
    assert "ready" not in [notice.kind for notice in town.posts()]


def test_what_was_not_brought_back_after_all_gets_a_new_code_to_bring_it(town: Town, wall: Wall, lent: Any) -> None:
    from onthaal.central.lockers.handovers import actions, jobs
    from onthaal.core.lifecycles import Stage

    out = lent
    wall.takes_back(out.back, 5)
    wall.disputes(out.back, 5)
    town.follows()
    actions.resolve(handover_id=out.back.pk, to=Stage.PLANNED, by=town.clerk, reason="Bram heeft de koffer nog.")
    town.follows()
    wall.applied()
    assert holder(out) == "citizen"
    assert "new-code" in [notice.kind for notice in town.posts() if notice.about == f"handover:{out.back.pk}"]
    for moment in (deadlines.return_reminder(out.back.ends_on), deadlines.overdue_reminder(out.back.ends_on)):
        town.clock.turn_to(moment + timedelta(minutes=1))
        jobs.tick(town.clock.now())
        town.follows()
    assert [notice.kind for notice in town.mails(f"handover:{out.back.pk}")][-2:] == ["return-reminder", "overdue"]
    assert ("overdue", f"handover:{out.back.pk}") in town.tasks()


def test_an_erased_person_is_not_written_any_more(town: Town, wall: Wall, waits: Any) -> None:
    from onthaal.central.foundation.people.actions import erase_person

    out = waits
    erase_person(out.person)
    wall.gives(out, 1)
    town.follows()
    assert "receipt" not in [notice.kind for notice in town.mails(f"handover:{out.pk}")]


def test_promise_18_the_journal_of_every_stream_follows(town: Town, wall: Wall, lent: Any) -> None:
    from onthaal.central.foundation.journal import queries

    out = lent
    wall.takes_back(out.back, 5)
    town.follows()
    wall.is_emptied(out.back, 5)
    town.follows()
    assert {name: queries.first_break(name) for name in queries.heads()} == dict.fromkeys(queries.heads())
