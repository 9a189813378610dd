"""Two who want the same rows take them in the same order: whoever comes second waits, and nobody waits crosswise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from onthaal.central.foundation.attention import actions as attention
from onthaal.central.foundation.attention.models import Alert, Task
from onthaal.central.foundation.journal import actions as journal
from onthaal.central.foundation.notices import actions as notices
from onthaal.central.foundation.notices.models import Notice, ReturnAddress
from onthaal.central.lockers.access import actions as access
from onthaal.central.lockers.handovers import actions as handovers
from onthaal.central.lockers.handovers.models import Handover
from tests.central.conftest import municipality
from tests.central.devices.cast import Wall, a_wall
from tests.central.lockers.racing import waiting
from tests.waiting import until


@pytest.fixture
def wall(committed: None) -> Wall:
    return a_wall(municipality("aalter", "aalter.example"))


class Crossing:
    """This transaction holds something; `comes` begins another that waits for it; what this one does then must not wait
    for that one."""

    def __init__(self, wall: Wall, others: ThreadPoolExecutor) -> None:
        self._wall, self._others = wall, others
        self.came: list[Future[Any]] = []

    def comes(self, act: Callable[[], Any]) -> None:
        self.came.append(self._others.submit(self._acts, act))
        until(waiting, what="the other waiting")

    def _acts(self, act: Callable[[], Any]) -> Any:
        from django.db import connections

        try:
            with self._wall.acting():
                return act()
        finally:
            connections.close_all()


@contextmanager
def crossing(wall: Wall) -> Iterator[Crossing]:
    with ThreadPoolExecutor(1) as others:
        with wall.acting():
            both = Crossing(wall, others)
            yield both
        for one in both.came:
            one.result()


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
    with crossing(wall) as both:
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

    with crossing(wall) as both:
        noted(wall)
        both.comes(changes)
        attention.acknowledge(silent.pk, wall.clerk)


def test_ticking_off_a_task_as_it_finishes_by_itself_is_no_deadlock(wall: Wall) -> None:
    """What finishes by itself is often one of several tasks about the same thing."""
    about = of_wall(wall)
    with wall.acting():
        for kind in ("found", "log-gap"):
            attention.open_task(kind=kind, about=about)
    with crossing(wall) as both:
        attention.finish_task(kind="found", about=about)
        both.comes(lambda: attention.finish_task(kind="log-gap", about=about, by=wall.clerk))
        attention.finish_task(kind="log-gap", about=about)
    with wall.acting():
        assert not Task.objects.filter(done_at=None).exists()


def test_a_task_that_two_ask_for_at_once_is_no_deadlock(wall: Wall) -> None:
    with crossing(wall) as both:
        noted(wall)
        both.comes(lambda: attention.open_task(kind="found", about=of_wall(wall)))
        attention.open_task(kind="found", about=of_wall(wall))
    with wall.acting():
        assert Task.objects.count() == 1


def a_mail(wall: Wall, planned: Handover) -> Notice:
    return notices.send(kind="returned", person=wall.person, about=f"handover:{planned.pk}", slots=SLOTS)


SLOTS = {"product": "Bon", "item": "Bon", "kiosk": "Automaat", "address": "Europalaan 22", "help_phone": "1"}


def test_a_mail_that_comes_back_as_its_handover_moves_on_is_no_deadlock(wall: Wall) -> None:
    with wall.acting():
        planned = wall.planned()
        mail = a_mail(wall, planned)
        token = ReturnAddress.objects.get(notice=mail.pk).token
    with crossing(wall) as both:
        handovers.note(planned, "handover.recalled", by=None)
        both.comes(lambda: notices.bounced(token))
        notices.drop(f"handover:{planned.pk}")


def test_a_mail_that_has_gone_as_it_is_called_off_is_no_deadlock(wall: Wall) -> None:
    """Whoever marks it sent has the mail first, then where it would bounce to."""
    with wall.acting():
        mail = a_mail(wall, wall.planned())
    with crossing(wall) as both:
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
    with crossing(wall) as both:
        handovers.lock([planned.pk])
        both.comes(lambda: (access.code_sent(handover_id=planned.pk, notice_id=mail.pk), waits(planned, mail)))
        assert access.revoke(handover_id=planned.pk, by=wall.clerk) == 1
