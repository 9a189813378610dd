"""Promise 12, at the desk: each page for the roles it is made for, and for nobody else."""

from __future__ import annotations

import pytest

from tests.central.faces.staff.desk import Desk
from tests.central.lockers.papers import Papers

ROLES = ("clerk", "technician", "administrator", "auditor")
EVERYBODY = set(ROLES)
HANDS_OUT = {"clerk", "administrator"}
READS = HANDS_OUT | {"auditor"}

PAGES = {
    "": EVERYBODY,
    "requests/": READS,
    "requests/{request}/": READS,
    "requests/{request}/label/": HANDS_OUT,
    "walls/": EVERYBODY,
    "walls/{kiosk}/": EVERYBODY,
    "walls/{kiosk}/doors/1/": EVERYBODY,
    "walls/{kiosk}/count/": EVERYBODY,
    "take-out/": READS,
    "loans/": READS,
    "things/": EVERYBODY,
    "things/{item}/": EVERYBODY,
    "things/{item}/label/": EVERYBODY,
    "things/{item}/journal.csv": EVERYBODY,
    "things/{item}/journal.json": EVERYBODY,
    "alerts/": EVERYBODY,
    "tasks/": EVERYBODY,
    "badge/": {"clerk", "technician"},
    "accounts/": {"administrator"},
    "accounts/new/": {"administrator"},
    "accounts/{account}/": {"administrator"},
    "journal/": {"administrator", "auditor"},
    "journal/entries.csv": {"administrator", "auditor"},
    "journal/seals/": {"administrator", "auditor"},
    "journal/seals.json": {"administrator", "auditor"},
    "figures/": EVERYBODY,
    "dossiers/{dossier}/": READS,
    "dossiers/{dossier}/labels/": HANDS_OUT,
    "dossiers/{dossier}/attachments/{attachment}/": HANDS_OUT,
    "dossiers/new/": HANDS_OUT,
    "prepare/": HANDS_OUT,
    "receive/": HANDS_OUT,
    "documents/": {"administrator", "auditor"},
    "documents/{product}/": {"administrator", "auditor"},
    "openings/": EVERYBODY,
    "incidents/": EVERYBODY,
    "incidents/{incident}/": EVERYBODY,
    "walls/{kiosk}/documents/": READS,
}
ACTS = {
    "dossiers/{dossier}/act/": HANDS_OUT,
    "dossiers/new/": HANDS_OUT,
    "prepare/": HANDS_OUT,
    "receive/": HANDS_OUT,
    "documents/{product}/withdraw/": {"administrator"},
    "openings/1/act/": {"clerk", "technician", "administrator"},
    "findings/1/act/": HANDS_OUT,
    "incidents/{incident}/": HANDS_OUT,
    "walls/{kiosk}/documents/": HANDS_OUT,
    "requests/{request}/act/": HANDS_OUT,
    "walls/{kiosk}/doors/1/act/": {"clerk", "technician", "administrator"},
    "walls/{kiosk}/enrolment/": {"technician", "administrator"},
    "walls/{kiosk}/release/": {"technician", "administrator"},
    "disputes/{handover}/": HANDS_OUT,
    "things/{item}/retire/": {"technician", "administrator"},
    "things/{item}/back/": {"clerk", "technician", "administrator"},
    "badge/new/": {"clerk", "technician"},
    "accounts/{account}/act/": {"administrator"},
    "journal/check/": {"administrator", "auditor"},
}


def places(desk: Desk) -> dict[str, int]:
    asked = desk.lies_in_the_wall()
    handover = desk.handover_of(asked)
    return {
        "request": asked.pk,
        "handover": handover.pk,
        "kiosk": desk.town.seeded.kiosk.pk,
        "item": handover.item_id,
        "account": desk.town.clerk.pk,
        **personal(desk),
    }


def personal(desk: Desk) -> dict[str, int]:
    """A dossier with a photo, its product, and an incident."""
    from onthaal.central.lockers.handovers import counting
    from onthaal.central.lockers.handovers.models import Incident
    from onthaal.central.lockers.places.queries import compartments
    from onthaal.central.lockers.requests.models import Attachment

    with desk.acting():
        papers = Papers(desk.town, needs_photo=True)
        dossier = papers.asked()
        kiosk = desk.town.seeded.kiosk.pk
        counting.count(kiosk_id=kiosk, there={compartments(kiosk)[8].pk: True}, by=None)
        photo = Attachment.objects.get(dossier__request=dossier)
        incident = Incident.objects.get().pk
    return {"dossier": dossier.pk, "attachment": photo.pk, "product": papers.licence.pk, "incident": incident}


@pytest.mark.parametrize("role", ROLES)
def test_promise_12_each_role_sees_its_pages_and_no_others(desk: Desk, role: str) -> None:
    numbers, browser = places(desk), desk.browser(role)
    wrong = {
        path: status
        for path, may in PAGES.items()
        if (status := browser.status_of(path.format(**numbers))) != (200 if role in may else 403)
    }
    assert not wrong


@pytest.mark.parametrize("role", ROLES)
def test_promise_12_nobody_acts_beyond_their_role(desk: Desk, role: str) -> None:
    numbers, browser = places(desk), desk.browser(role)
    let_in = {
        path
        for path, may in ACTS.items()
        if role not in may and browser.sends(path.format(**numbers)).status_code != 403
    }
    assert not let_in


def test_who_is_not_signed_in_is_asked_to(desk: Desk) -> None:
    from django.test import Client

    stranger = Client(HTTP_HOST=desk.aalter.host)
    for path in PAGES:
        answer = stranger.get(
            "/desk/"
            + path.format(request=1, kiosk=1, item=1, account=1, dossier=1, attachment=1, product=1, incident=1)
        )
        assert answer.status_code == 302, path
        assert answer.headers["Location"].startswith("/desk/sign-in/"), path


def test_what_is_not_there_is_not_found(desk: Desk) -> None:
    for path, may in PAGES.items():
        if "{" in path:
            browser = desk.browser("clerk" if "clerk" in may else "administrator")
            names = ("request", "kiosk", "item", "account", "dossier", "attachment", "product", "incident")
            missing = path.format(**dict.fromkeys(names, 999999))
            assert browser.status_of(missing) == 404, path
