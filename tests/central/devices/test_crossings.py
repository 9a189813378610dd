"""Two who want the same rows take them in the same order: whoever comes second waits, and nobody waits crosswise."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from onthaal.central.foundation.attention import actions as attention
from onthaal.central.foundation.attention.models import Alert, Task
from onthaal.central.foundation.journal import actions as journal
from onthaal.central.foundation.notices import actions as notices
from onthaal.central.foundation.notices.models import Notice, ReturnAddress
from onthaal.central.lockers.access import actions as access
from onthaal.central.lockers.devices import openings
from onthaal.central.lockers.devices.counting import count_walls
from onthaal.central.lockers.devices.models import OpeningAsked
from onthaal.central.lockers.handovers import actions as handovers
from onthaal.central.lockers.handovers import counting
from onthaal.central.lockers.handovers.models import Handover, Stay
from onthaal.central.lockers.places.models import Compartment, Kiosk
from onthaal.core.lifecycles import Stage
from tests.central.conftest import municipality
from tests.central.devices.cast import Wall, a_wall
from tests.central.lockers.racing import crossing


@pytest.fixture
def wall(committed: None) -> Wall:
    return a_wall(municipality("aalter", "aalter.example"))


def of_wall(wall: Wall) -> str:
    return f"kiosk:{wall.kiosk.pk}"


def noted(wall: Wall, kind: str = "kiosk.back") -> None:
    """As a verb does that goes on after it."""
    journal.note(stream=of_wall(wall), kind=kind, about={"kiosk": wall.kiosk.pk})


def an_alert(wall: Wall, kind: str = "kiosk-silent") -> Alert:
    with wall.acting():
        return attention.raise_alert(kind=kind, level="warning", about=of_wall(wall))


def test_seeing_an_alert_as_its_wall_comes_back_is_no_deadlock(wall: Wall) -> None:
    """The wall tells its state: that it is back stands in the journal, then its alert is over."""
    silent = an_alert(wall)
    with crossing(wall.municipality.pk) as both:
        noted(wall)
        both.comes(lambda: attention.acknowledge(silent.pk, wall.clerk))
        attention.alert_over("kiosk-silent", of_wall(wall))
    with wall.acting():
        silent.refresh_from_db()
    assert None not in (silent.over_at, silent.acknowledged_at)


@pytest.mark.parametrize(
    "act",
    [
        lambda wall: attention.alert_over("kiosk-silent", of_wall(wall)),
        lambda wall: attention.raise_alert(
            kind="kiosk-silent", level="warning", about=of_wall(wall), again_after=attention.EACH_TIME
        ),
    ],
    ids=["over", "again"],
)
def test_an_alert_that_changes_while_its_wall_is_written_of_is_no_deadlock(
    wall: Wall, act: Callable[[Wall], Any]
) -> None:
    silent = an_alert(wall)

    def changes() -> None:
        act(wall)
        noted(wall)

    with crossing(wall.municipality.pk) as both:
        noted(wall)
        both.comes(changes)
        attention.acknowledge(silent.pk, wall.clerk)


def test_ticking_off_a_task_as_it_finishes_by_itself_is_no_deadlock(wall: Wall) -> None:
    """What finishes by itself is often one of several tasks about the same thing."""
    about = of_wall(wall)
    with wall.acting():
        for kind in ("found", "log-gap"):
            attention.open_task(kind=kind, about=about)
    with crossing(wall.municipality.pk) as both:
        attention.finish_task(kind="found", about=about)
        both.comes(lambda: attention.finish_task(kind="log-gap", about=about, by=wall.clerk))
        attention.finish_task(kind="log-gap", about=about)
    with wall.acting():
        assert not Task.objects.filter(done_at=None).exists()


def test_a_task_that_two_ask_for_at_once_is_no_deadlock(wall: Wall) -> None:
    with crossing(wall.municipality.pk) as both:
        noted(wall)
        both.comes(lambda: attention.open_task(kind="found", about=of_wall(wall)))
        attention.open_task(kind="found", about=of_wall(wall))
    with wall.acting():
        assert Task.objects.count() == 1


def a_mail(wall: Wall, planned: Handover) -> Notice:
    return notices.send(kind="return-receipt", person=wall.person, about=f"handover:{planned.pk}", slots=SLOTS)


SLOTS = {"product": "Bon", "item": "Bon", "kiosk": "Automaat", "address": "Europalaan 22", "help_phone": "1"}


def test_a_mail_that_comes_back_as_its_handover_moves_on_is_no_deadlock(wall: Wall) -> None:
    with wall.acting():
        planned = wall.planned()
        mail = a_mail(wall, planned)
        token = ReturnAddress.objects.get(notice=mail.pk).token
    with crossing(wall.municipality.pk) as both:
        handovers.note(planned, "handover.recalled", by=None)
        both.comes(lambda: notices.bounced(token))
        notices.drop(f"handover:{planned.pk}")


def test_a_mail_that_has_gone_as_it_is_called_off_is_no_deadlock(wall: Wall) -> None:
    """Whoever marks it sent has the mail first, then where it would bounce to."""
    with wall.acting():
        mail = a_mail(wall, wall.planned())
    with crossing(wall.municipality.pk) as both:
        Notice.objects.select_for_update().get(pk=mail.pk)
        both.comes(lambda: notices.drop(mail.about))
        ReturnAddress.objects.filter(notice=mail.pk).update(pending=False)
        Notice.objects.filter(pk=mail.pk).update(status=Notice.Status.SENT)
    with wall.acting():
        mail.refresh_from_db()
    assert mail.status == Notice.Status.SENT


def waits(planned: Handover, mail: Notice) -> bool:
    return handovers.notified(handover_id=planned.pk, at=mail.created_at)


def test_a_code_whose_mail_has_gone_as_it_is_withdrawn_is_no_deadlock(wall: Wall) -> None:
    with wall.acting():
        planned = wall.planned()
        mail = a_mail(wall, planned)
    with crossing(wall.municipality.pk) as both:
        handovers.lock([planned.pk])
        both.comes(lambda: (access.code_sent(handover_id=planned.pk, notice_id=mail.pk), waits(planned, mail)))
        assert access.revoke(handover_id=planned.pk, by=wall.clerk) == 1


@pytest.fixture
def document(wall: Wall) -> Handover:
    """A personal document that lies behind door 3."""
    with wall.acting():
        planned = wall.planned(wall.thing(wall.documents()))
        planned.stage, planned.compartment = Stage.WAITING, wall.doors[3]
        planned.save()
        Stay(handover=planned, compartment=wall.doors[3], since=planned.planned_at).save()
    return planned


def asks(wall: Wall, document: Handover) -> OpeningAsked:
    door, by = wall.doors[3].pk, wall.clerk
    return openings.ask_opening(
        kiosk_id=wall.kiosk.pk, compartment_id=door, handover_id=document.pk, by=by, reason="Verkeerd document"
    )


def test_asking_to_open_a_door_as_its_wall_is_counted_is_no_deadlock(wall: Wall, document: Handover) -> None:
    """What is missing names its handover, which is looked up when all is written."""
    with crossing(wall.municipality.pk) as both:
        counting.count(kiosk_id=wall.kiosk.pk, there={wall.doors[3].pk: False}, by=wall.clerk)
        both.comes(lambda: asks(wall, document))
    with wall.acting():
        assert OpeningAsked.objects.count() == 1


def test_asking_anew_as_somebody_confirms_at_the_last_moment_is_no_deadlock(wall: Wall, document: Handover) -> None:
    """Who confirms has the asking first, then what lies there."""
    with wall.acting():
        late = asks(wall, document)
        late.asked_at -= timedelta(minutes=11)
        late.expires_at -= timedelta(minutes=11)
        late.save()
    with crossing(wall.municipality.pk) as both:
        OpeningAsked.objects.select_for_update(of=("self",)).get(pk=late.pk)
        both.comes(lambda: asks(wall, document))
        handovers.lock([document.pk])
    with wall.acting():
        assert OpeningAsked.objects.filter(withdrawn_at=None).count() == 1


def test_counting_every_wall_as_they_all_fall_silent_is_no_deadlock(wall: Wall, document: Handover) -> None:
    """Whoever goes from wall to wall begins with the oldest, whatever they are called."""
    with wall.acting():
        younger = Kiosk(site=wall.kiosk.site, name="Aan de sporthal")
        younger.save()
        door = Compartment(kiosk=younger, number=1, size="M", bottom_mm=1, top_mm=9, presence=True)
        door.save()
        lies = wall.planned(wall.thing(document.product))
        lies.kiosk, lies.stage, lies.compartment = younger, Stage.WAITING, door
        lies.save()
        Stay(handover=lies, compartment=door, since=lies.planned_at).save()
    with crossing(wall.municipality.pk) as both:
        noted(wall, "kiosk.silent")
        both.comes(lambda: count_walls(datetime(2027, 1, 11, 9, tzinfo=UTC)))
        journal.note(stream=f"kiosk:{younger.pk}", kind="kiosk.silent", about={"kiosk": younger.pk})
    with wall.acting():
        assert Task.objects.filter(kind="count-by-hand").count() == 2
