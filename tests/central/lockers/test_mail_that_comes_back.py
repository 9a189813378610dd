"""Mail that comes back: who was told by then, and whose clock runs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.central.lockers.test_the_way_of_a_thing import out_of
from tests.central.lockers.town import Town
from tests.central.lockers.wall import Wall


def test_a_bounced_mail_stops_the_clock_and_asks_staff_for_another_address(town: Town, wall: Wall, waits: Any) -> None:
    from onthaal.central.lockers.access import actions as access

    out = waits
    town.bounces(town.mails(f"handover:{out.pk}")[0])
    out.refresh_from_db()
    assert (out.stage, out.collect_by, out.reminder_at) == ("loaded", None, None)
    assert ("mail-bounced", f"handover:{out.pk}") in town.alerts()
    assert ("mend-address", f"handover:{out.pk}") in town.tasks()
    access.send_again(handover_id=out.pk, by=town.clerk, email="els@bloemen-aalter.example")
    wall.applied()
    town.posts()
    out.refresh_from_db()
    assert (out.stage, out.person.email) == ("waiting", "els@bloemen-aalter.example")


def test_a_late_bounce_stops_no_clock_of_who_has_a_newer_code(town: Town, wall: Wall, waits: Any) -> None:
    from onthaal.central.lockers.access import actions as access

    out = waits
    (first,) = town.mails(f"handover:{out.pk}")
    access.send_again(handover_id=out.pk, by=town.clerk, email="els@bloemen-aalter.example")
    wall.applied()
    (newer,) = town.posts()
    town.bounces(first)
    out.refresh_from_db()
    assert (out.stage, out.collect_by is None) == ("waiting", False)
    assert ("mail-bounced", f"handover:{out.pk}") in town.alerts()
    assert ("mend-address", f"handover:{out.pk}") in town.tasks()
    town.bounces(newer)
    out.refresh_from_db()
    assert (out.stage, out.collect_by) == ("loaded", None)


def test_a_bounced_mail_that_a_document_lies_ready_stops_the_clock_too(town: Town, wall: Wall) -> None:
    from onthaal.central.foundation.notices.models import Notice
    from tests.central.lockers.papers import Papers

    papers = Papers(town)
    request = papers.in_the_wall(wall)
    out = papers.out(request)
    assert (out.stage, out.collect_by is None) == ("waiting", False)
    town.bounces(Notice.objects.get(kind="dossier-ready"))
    out.refresh_from_db()
    assert (out.stage, out.collect_by, out.reminder_at) == ("loaded", None, None)
    assert ("mend-address", f"handover:{out.pk}") in town.tasks()


def test_a_reminder_that_bounces_asks_staff_and_stops_no_clock(town: Town, wall: Wall, waits: Any) -> None:
    from onthaal.central.lockers.handovers import jobs

    out = waits
    town.clock.turn_to(out.reminder_at + timedelta(minutes=1))
    jobs.tick(town.clock.now())
    town.follows()
    (reminder,) = town.posts()
    town.bounces(reminder)
    out.refresh_from_db()
    assert (reminder.kind, out.stage, out.collect_by is None) == ("reminder", "waiting", False)
    assert ("mail-bounced", f"handover:{out.pk}") in town.alerts()
    assert ("mend-address", f"handover:{out.pk}") in town.tasks()


def test_a_bounce_that_is_heard_before_its_mail_was_followed_begins_no_period(town: Town, wall: Wall) -> None:
    from onthaal.central import followers
    from onthaal.central.foundation.notices import actions
    from onthaal.central.lockers.access import bounces

    out = out_of(town.accepted(town.asks()))
    wall.loads(out, 1)
    town.follows()
    wall.applied()
    (ready,) = town.mails(f"handover:{out.pk}")
    ready.status = "sent"
    ready.save()
    actions.note(ready, "notice.sent")
    actions.mark_bounced(ready)
    sent, bounced = town.journal(f"handover:{out.pk}")[-2:]
    bounces.nobody_was_told(bounced)
    followers.mark_waiting(sent)
    out.refresh_from_db()
    assert (out.stage, out.collect_by) == ("loaded", None)


def test_a_mail_to_the_duty_address_that_bounces_does_not_go_round(town: Town, wall: Wall, waits: Any) -> None:
    from onthaal.central.foundation.notices.models import Notice

    out = waits
    wall.disputes(out, 1)
    town.follows()
    town.posts()
    alerts = town.alerts()
    town.bounces(Notice.objects.get(kind="alert"))
    assert town.alerts() == alerts
