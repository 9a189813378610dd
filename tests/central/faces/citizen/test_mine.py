"""One's own requests: step by step, answering, another place, cancelling. Another's are not there."""

from __future__ import annotations

import re
from typing import Any

import pytest

from onthaal.core.refusals import Refusal, Why
from tests.central.faces.citizen.portal import BO, Browser, Portal
from tests.pictures import JPEG, PNG

PAGES = ("/mine/{}/", "/mine/{}/answer/", "/mine/{}/place/", "/mine/{}/cancel/")


def desk() -> Any:
    from onthaal.central.lockers.requests import desk

    return desk


def way(browser: Browser, request: Any) -> dict[str, str]:
    """The steps on its page: name → behind, now or ahead."""
    page = browser.text(f"/mine/{request.pk}/")
    return {name: how for how, name in re.findall(r'<li class="(\w+)" data-step="([\w-]+)"', page)}


def asked_more(portal: Portal, request: Any) -> None:
    with portal.acting():
        dossier = request.dossier
        dossier.asked_more, dossier.asked_more_at = "De foto is te donker.", portal.clock.now()
        dossier.save()


def accepted(portal: Portal, request: Any) -> Any:
    from onthaal.central.lockers.requests import actions

    with portal.acting():
        return actions.accept(request_id=request.pk, by=portal.town.clerk)


def test_the_way_of_a_licence_is_told_step_by_step(portal: Portal) -> None:
    an = portal.browser()
    request = an.applies("voorlopig-rijbewijs", old_document="yes")
    assert way(an, request) == {
        "received": "done", "accepted": "now", "payment": "ahead", "old-document": "ahead", "ready": "ahead",
        "wall": "ahead", "collected": "ahead",
    }  # fmt: skip
    accepted(portal, request)
    steps = way(an, request)
    assert (steps["accepted"], steps["payment"], steps["old-document"], steps["ready"]) == ("done", "now", "now", "now")
    with portal.acting():
        dossier = portal.requests()[0].dossier
        dossier.paid_at, dossier.old_document = portal.clock.now(), "handed-in"
        dossier.save()
    steps = way(an, request)
    assert (steps["payment"], steps["old-document"]) == ("done", "done")


def test_what_comes_out_of_the_wall_is_said_to_go_to_the_desk_and_then_to_lie_there(portal: Portal) -> None:
    from onthaal.central.lockers.handovers.models import Handover
    from onthaal.central.lockers.requests.models import Dossier, Request

    an = portal.browser()
    request = an.applies()
    accepted(portal, request)
    with portal.acting():
        Handover.objects.filter(request=request).update(stage="recalled")
    page = an.text(f"/mine/{request.pk}/")
    assert "Gaat naar het loket" in page
    assert "haalde het niet af" not in page, "whoever changed the place did nothing wrong"
    assert portal.town.seeded.kiosk.name not in page.partition('<dl class="facts">')[2]
    with portal.acting():
        Handover.objects.filter(request=request).update(stage="taken_back", taken_out_by="a", received_by="b")
        Dossier.objects.filter(request=request).update(place="desk")
        Request.objects.filter(pk=request.pk).update(prepared_at=portal.clock.now())
    assert "Klaar aan het loket" in an.text(f"/mine/{request.pk}/")
    assert (way(an, request)["wall"], way(an, request)["desk"]) == ("done", "now")


def test_the_list_shows_what_is_theirs_and_nothing_else(portal: Portal) -> None:
    an, bo = portal.browser(), portal.browser(**BO)
    request = an.applies()
    bo.applies("voorlopig-rijbewijs")
    page = an.text("/mine/")
    assert "Eerste reispas" in page
    assert f"/mine/{request.pk}/" in page
    assert "Voorlopig rijbewijs" not in page
    assert "Bo Maes" not in page


def test_anothers_request_is_not_there_and_nothing_is_written_about_it(portal: Portal) -> None:
    an, bo = portal.browser(), portal.browser(**BO)
    request = an.applies()
    asked_more(portal, request)
    with portal.acting():
        from onthaal.central.lockers.requests.models import Attachment

        photo = Attachment.objects.get().pk
    before, said = [vars(one)["status"] for one in portal.requests()], portal.everything_said()
    for page in (*PAGES, "/mine/files/{}/"):
        address = page.format(photo if "files" in page else request.pk)
        for answer in (bo.get(address), bo.post(address, place="desk", answer="x")):
            assert answer.status_code in (404, 405), address
            assert "An Peeters" not in answer.content.decode()
    assert [vars(one)["status"] for one in portal.requests()] == before
    assert portal.everything_said() == said


def test_no_verb_works_on_anothers_request(portal: Portal) -> None:
    from onthaal.central.lockers.requests import applying
    from onthaal.central.lockers.requests.models import Request

    request, bo = portal.browser().applies(), portal.arrives(**BO)
    with portal.acting():
        for verb, given in (
            (applying.choose, {"kiosk_id": None, "low": False}), (applying.apply, {}), (applying.cancel, {}),
            (applying.attach, {"kind": "photo", "content": JPEG}), (applying.detach, {"attachment_id": 1}),
            (applying.answer, {"text": "x"}), (applying.change_place, {"kiosk_id": None}),
        ):  # fmt: skip
            with pytest.raises(Request.DoesNotExist):
                verb(identity=bo, request_id=request.pk, **given)


def test_a_question_of_the_staff_is_answered_with_a_new_photo(portal: Portal) -> None:
    an = portal.browser()
    request = an.applies()
    asked_more(portal, request)
    assert "De foto is te donker." in an.text(f"/mine/{request.pk}/")
    assert way(an, request)["more"] == "now"
    from django.core.files.uploadedfile import SimpleUploadedFile

    path = f"/mine/{request.pk}/answer/"
    wrong = an.post(path, answer="Hier is een betere.", photo=SimpleUploadedFile("f", b"no picture"))
    assert wrong.status_code == 422
    assert "Hier is een betere." in wrong.content.decode()
    portal.clock.turn(minutes=1)
    assert an.post(path, answer="Hier is een betere.", photo=SimpleUploadedFile("f", PNG)).status_code == 302
    (now,) = portal.requests()
    assert now.dossier.answer == "Hier is een betere."
    assert way(an, request)["more"] == "done"
    with portal.acting():
        from onthaal.central.lockers.requests import dossiers

        assert [one.media_type for one in dossiers.attachments(now.dossier)] == ["image/png"]
    assert an.get(path)["Location"] == f"/mine/{request.pk}/"


def test_files_are_not_taken_when_nobody_asks_for_them(portal: Portal) -> None:
    from onthaal.central.lockers.requests import applying

    an = portal.browser()
    request = an.applies()
    assert an.identity is not None
    with portal.acting(), pytest.raises(Refusal) as no:
        applying.attach(identity=an.identity, request_id=request.pk, kind="photo", content=JPEG)
    assert no.value.why is Why.MOVE_NOT_ALLOWED


def test_cancelling_asks_once_and_says_that_there_is_no_way_back(portal: Portal) -> None:
    an = portal.browser()
    request = an.applies()
    assert "niet ongedaan maken" in an.text(f"/mine/{request.pk}/cancel/")
    assert portal.requests()[0].status == "received"
    an.post(f"/mine/{request.pk}/cancel/")
    assert portal.requests()[0].status == "withdrawn"
    assert "U annuleerde dit" in an.text("/mine/")
    assert an.get(f"/mine/{request.pk}/cancel/").status_code == 409
    assert an.applies().pk != request.pk


def test_a_draft_that_is_stopped_keeps_no_file(portal: Portal) -> None:
    from onthaal.central.lockers.requests.models import Attachment

    an = portal.browser()
    an.answers()
    an.adds(photo=JPEG)
    an.post(f"/mine/{portal.requests()[0].pk}/cancel/")
    with portal.acting():
        assert Attachment.objects.get().sealed is None


def test_the_place_changes_until_it_lies_there(portal: Portal) -> None:
    an = portal.browser()
    request = an.applies()
    path = f"/mine/{request.pk}/place/"
    assert an.post(path, place="desk").status_code == 302
    assert portal.requests()[0].dossier.place == "desk"
    assert an.post(path, place=str(portal.town.seeded.kiosk.pk)).status_code == 302
    assert portal.requests()[0].dossier.place == "wall"
    accepted(portal, request)
    with portal.acting():
        from onthaal.central.lockers.requests.models import Request

        Request.objects.update(prepared_at=portal.clock.now(), handover=None)
    assert an.get(path).status_code == 409
    assert "Kies een andere plaats" not in an.text(f"/mine/{request.pk}/")


def test_what_was_planned_for_a_wall_goes_along_to_another(portal: Portal) -> None:
    from onthaal.central.lockers.access.models import Grant
    from onthaal.central.lockers.places.models import Kiosk

    an = portal.browser()
    request = planned(portal, an.applies())
    with portal.acting():
        first = portal.town.seeded.kiosk
        other = Kiosk.objects.create(site=first.site, name="Automaat bibliotheek", help_phone="", opening_hours={})
        versions = portal.town.wish_version()
    assert an.post(f"/mine/{request.pk}/place/", place=str(other.pk)).status_code == 302
    with portal.acting():
        (now,) = portal.requests()
        assert now.handover is not None
        assert (now.kiosk_id, now.handover.kiosk_id, Grant.objects.get().kiosk_id) == (other.pk,) * 3
        assert portal.town.wish_version() > versions


def test_what_was_planned_for_a_wall_is_called_off_for_the_desk(portal: Portal) -> None:
    from onthaal.central.lockers.access.models import Grant
    from onthaal.central.lockers.handovers.models import Handover

    an = portal.browser()
    request = planned(portal, an.applies())
    assert an.post(f"/mine/{request.pk}/place/", place="desk").status_code == 302
    with portal.acting():
        assert portal.requests()[0].handover is None
        assert Handover.objects.get().stage == "cancelled"
        assert Grant.objects.get().status == "revoked"
        portal.town.follows()
    assert portal.requests()[0].status == "accepted"


def planned(portal: Portal, request: Any) -> Any:
    """A handover through the wall was planned for it, with the right of who asked."""
    from onthaal.central.lockers.access import actions as access
    from onthaal.central.lockers.catalogue import actions as catalogue
    from onthaal.central.lockers.handovers import actions as handovers
    from onthaal.central.lockers.requests.models import Request

    with portal.acting():
        request = Request.objects.get(pk=request.pk)
        item = catalogue.make_single_use(product=request.product, by=None)
        out = handovers.plan_out(
            item=item, person=request.person, kiosk_id=request.kiosk_id, span=None, by=portal.town.clerk
        )
        grant = access.make_identity_grant(out, request.dossier.identity)
        request.status, request.handover = "accepted", out
        request.save()
        access.tell_walls([grant])
    return request
