"""What somebody may type, or a wall may tell, that must not harm the desk."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.central.faces.staff.desk import Desk

SCRIPT = '"><script>alert(1)</script><img src=x onerror=alert(2)>'


def harmless(page: str) -> bool:
    """The text stands there as text."""
    return "<script>alert" not in page and "<img src=x" not in page


def test_names_and_remarks_are_text_on_every_page_that_shows_them(desk: Desk) -> None:
    asked = desk.asked(name=SCRIPT, organisation=SCRIPT, remark=SCRIPT, asked_for="business")
    clerk = desk.browser("clerk")
    shown = clerk.sees(f"requests/{asked.pk}/")
    assert "alert(1)" in unescape(shown)
    assert harmless(shown)
    assert harmless(clerk.sees("requests/?filter=new"))
    assert harmless(clerk.sees(""))
    refused = clerk.sends(f"requests/{asked.pk}/act/", act="refuse", reason=SCRIPT)
    assert refused.status_code == 302
    assert harmless(clerk.sees(f"requests/{asked.pk}/"))
    assert harmless(clerk.sees("requests/?filter=closed"))


def test_a_mail_shows_a_reason_as_text(desk: Desk) -> None:
    from onthaal.central.foundation.notices import delivery
    from onthaal.central.foundation.notices.models import Notice

    asked = desk.asked(name=SCRIPT)
    desk.browser("clerk").sends(f"requests/{asked.pk}/act/", act="refuse", reason=SCRIPT)
    with desk.acting():
        notice = Notice.objects.get(kind="request-refused")
        outgoing = delivery._composed(delivery.Claimed(notice.pk, 1), desk.town.clock.now())
    html = outgoing.message.get_body(("html",))
    assert html is not None
    assert harmless(html.get_content())


@pytest.mark.parametrize("door", [-5, 0, 10**30])
def test_a_wall_that_tells_of_a_door_that_cannot_be_does_not_break_the_desk(desk: Desk, door: int) -> None:
    from onthaal.core import facts

    with desk.acting():
        desk.wall.tells(facts.OpenedWithoutCommand(compartment=door))
        desk.town.follows()
    for page in ("", "alerts/", "tasks/", "journal/", "walls/"):
        desk.browser("technician" if page != "journal/" else "auditor").sees(page)


def test_a_second_click_on_accept_is_refused_in_words_and_changes_nothing(desk: Desk) -> None:
    from onthaal.central.lockers.handovers.models import Handover

    asked = desk.asked()
    clerk = desk.browser("clerk")
    assert clerk.sends(f"requests/{asked.pk}/act/", act="accept").status_code == 302
    again = clerk.sends(f"requests/{asked.pk}/act/", act="accept")
    assert again.status_code == 409
    with desk.acting():
        assert Handover.objects.count() == 1


def test_no_page_of_the_desk_is_kept_by_a_browser_or_a_proxy(desk: Desk) -> None:
    asked = desk.lies_in_the_wall()
    handover = desk.handover_of(asked)
    clerk = desk.browser("clerk").client
    for path in ("", f"requests/{asked.pk}/", f"things/{handover.item_id}/journal.csv"):
        assert clerk.get(f"/desk/{path}").headers["Cache-Control"] == "no-store", path


def test_looking_changes_nothing(desk: Desk) -> None:
    """Every address that acts wants a POST; GET and HEAD are refused, or led to the page above."""
    from django.urls import reverse

    asked = desk.lies_in_the_wall()
    item, wall = desk.handover_of(asked).item_id, desk.wall.device.kiosk
    acts = {
        reverse("desk-request-act", args=[asked.pk]),
        reverse("desk-door-act", args=[wall, 1]),
        reverse("desk-enrolment", args=[wall]),
        reverse("desk-qr-only", args=[wall]),
        reverse("desk-item-retire", args=[item]),
        reverse("desk-item-back", args=[item]),
        reverse("desk-badge-new"),
        reverse("sign-out"),
    }
    for role in ("clerk", "technician", "administrator"):
        client = desk.browser(role).client
        for path in acts:
            for answer in (client.get(path), client.head(path)):
                assert answer.status_code == 403 or path.startswith(answer.headers["Location"]), (role, path)


def test_a_form_from_another_site_is_refused(desk: Desk) -> None:
    from django.test import Client

    asked = desk.asked()
    strict = Client(HTTP_HOST=desk.aalter.host, enforce_csrf_checks=True)
    strict.cookies = desk.browser("clerk").client.cookies
    assert strict.post(f"/desk/requests/{asked.pk}/act/", {"act": "accept"}).status_code == 403
    assert strict.post("/desk/sign-out/").status_code == 403
    assert desk.now(asked).status == "received"


def test_a_code_stands_on_no_page_and_in_no_journal(desk: Desk) -> None:
    from onthaal.central.foundation.journal.models import Entry

    asked = desk.lies_in_the_wall()
    pages = [desk.browser("clerk").sees(path) for path in ("", f"requests/{asked.pk}/", "take-out/", "walls/")]
    pages.append(desk.browser("auditor").sees("journal/"))
    with desk.acting():
        pages += [f"{entry.about} {entry.data}" for entry in Entry.objects.all()]
    assert not any(re.search(r"\b\d{3} \d{3} \d{3}\b|GZ1:|argon2", page) for page in pages)
