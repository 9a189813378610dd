"""The desk in a real Chromium: no accessibility rule broken, nothing refused by the page's own policy, no page wider
than a telephone. Django answers first, inside the test's transaction; then Chromium is given what it answered."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests import axe
from tests.central.faces.looking import NAMED, Answer, Look, drawn, looking
from tests.central.faces.staff.desk import Desk
from tests.central.lockers.papers import Papers

PAGES = {
    "clerk": (
        "", "requests/", "requests/{request}/", "requests/{request}/label/", "walls/", "walls/{kiosk}/",
        "walls/{kiosk}/doors/3/", "walls/{kiosk}/count/", "take-out/", "disputes/{doubt}/", "loans/", "things/",
        "things/{item}/", "alerts/", "tasks/", "badge/", "figures/",
        *(f"dossiers/{{{name}}}/" for name in ("asked", "planned", "lies", "at_desk")),
        "dossiers/{planned}/labels/", "dossiers/new/", "prepare/", "receive/", "openings/", "incidents/",
        "incidents/{incident}/", "walls/{kiosk}/documents/", "walls/{kiosk}/doors/6/", "disputes/{nowhere}/",
    ),
    "administrator": (
        "documents/", "documents/{product}/", "accounts/", "accounts/new/", "accounts/{account}/", "journal/",
        "journal/seals/",
    ),
}  # fmt: skip


def everything_there_is(desk: Desk) -> dict[str, int]:
    """A request in the wall, one in doubt, an alert, a task."""
    from onthaal.central.lockers.requests import actions

    asked, doubt = desk.lies_in_the_wall(door=3), desk.asked_to_borrow()
    with desk.acting():
        actions.accept(request_id=doubt.pk, by=desk.town.clerk)
    borrowed = desk.handover_of(doubt)
    with desk.acting():
        desk.wall.loads(borrowed, 4)
        desk.wall.disputes(borrowed, 4)
        desk.town.follows()
        desk.wall_answers()
    return {
        "request": asked.pk, "kiosk": desk.town.seeded.kiosk.pk, "doubt": borrowed.pk, "item": borrowed.item_id,
        "account": desk.town.clerk.pk, **personal_documents(desk),
    }  # fmt: skip


def personal_documents(desk: Desk) -> dict[str, int]:
    """Dossiers at each step, a door that somebody asked to open, one to receive, an incident; and one that is nowhere
    for certain, of which one person said what became of it."""
    from onthaal.central.lockers.devices import openings
    from onthaal.central.lockers.handovers import actions, counting, findings
    from onthaal.central.lockers.handovers.models import Incident
    from onthaal.central.lockers.places.queries import compartments
    from onthaal.central.lockers.requests import actions as requests
    from onthaal.central.lockers.requests import desk as counter

    with desk.acting():
        papers = Papers(desk.town, needs_photo=True, asks_old_document=True, needs_activation=True)
        kiosk = desk.town.seeded.kiosk.pk
        planned, lies = papers.accepted(subject="an"), papers.in_the_wall(desk.wall, 6, subject="bo")
        back, at_desk = papers.in_the_wall(desk.wall, 5, subject="cas"), papers.asked(subject="dirk", urgent=True)
        requests.accept(request_id=at_desk.pk, by=papers.second)
        counter.ready_at_desk(request_id=at_desk.pk, by=papers.second)
        actions.recall(handover_id=papers.out(back).pk, by=None, reason="not-collected")
        papers.taken_out(desk.wall, back, papers.second, 5)
        asked = papers.asked(subject="els", old_document=True)
        counter.ask_more(request_id=asked.pk, by=papers.second, text="Een scherpere foto, alstublieft")
        there = compartments(kiosk)
        openings.ask_opening(
            kiosk_id=kiosk, compartment_id=there[5].pk, handover_id=papers.out(lies).pk, by=papers.second,
            reason="Verkeerd document",
        )  # fmt: skip
        counting.count(kiosk_id=kiosk, there={there[8].pk: True, there[5].pk: True}, by=papers.second)
        incident = Incident.objects.get().pk
        nowhere = papers.out(papers.in_the_wall(desk.wall, 7, subject="fien"))
        desk.wall.disputes(nowhere, 7)
        findings.find(handover_id=nowhere.pk, to="collected", by=papers.second, reason="Zij heeft het bij zich")
    return {
        "asked": asked.pk, "planned": planned.pk, "lies": lies.pk, "at_desk": at_desk.pk, "incident": incident,
        "product": papers.licence.pk, "nowhere": nowhere.pk,
    }  # fmt: skip


def answers(desk: Desk, numbers: Mapping[str, int], lang: str) -> dict[str, Answer]:
    """Path → what Django says: every page of PAGES, and whatever static file they name."""
    found: dict[str, Answer] = {}
    for role, paths in PAGES.items():
        client = desk.browser(role).client
        for path in paths:
            where = "/desk/" + path.format(**numbers)
            said = client.get(where, headers={"Accept-Language": lang})
            found[where] = Answer(said.status_code, dict(said.headers), said.content)
            for file in NAMED.findall(said.content.decode()):
                if file not in found:
                    kept = client.get(file)
                    found[file] = Answer(kept.status_code, dict(kept.headers), kept.getvalue())
    return found


@pytest.mark.timeout(240)
def test_every_page_is_accessible_and_fits_wide_in_dutch_and_narrow_in_french(desk: Desk) -> None:
    numbers = everything_there_is(desk)
    looks = [Look(lang, width, answers(desk, numbers, lang)) for lang, width in (("nl", 1280), ("fr", 320))]
    wrong: dict[tuple[str, str], object] = {
        (look.lang, path): status for look in looks for path, status in look.wrong().items()
    }
    with looking() as looks_at, looks_at.window(looks, desk.aalter.host) as (page, complaints):
        for path in (path for path in looks[0].found if path.startswith("/desk/")):
            for look in drawn(page, looks, path):
                broken = [fault["id"] for fault in page.evaluate(axe.FAULTS, axe.EVERY_RULE)]
                too_wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
                if broken or too_wide:
                    wrong[look.lang, path] = (broken, too_wide)
    assert not wrong
    assert complaints == []
