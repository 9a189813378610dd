"""Applying for a personal document: nothing is asked that the provider said, and what keeps it out of a wall is said
at once."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.central.faces.citizen.portal import BO, PDF, Portal
from tests.pictures import JPEG, PNG


def dossier(portal: Portal) -> Any:
    (request,) = portal.requests()
    return request.dossier


def test_a_passport_is_asked_for_in_three_pages(portal: Portal) -> None:
    an = portal.browser()
    request = an.applies()
    assert (request.status, request.person.name, request.person.email) == ("received", "An Peeters", "an@post.example")
    assert (request.dossier.place, request.dossier.fee_cents, request.dossier.of_age) == ("wall", 7100, True)
    with portal.acting():
        assert portal.town.kinds(f"request:{request.pk}") == ["request.asked", "request.confirmed"]
        assert [mail.kind for mail in portal.town.mails(f"request:{request.pk}")] == ["dossier-received"]


def test_nothing_is_asked_that_the_provider_said(portal: Portal) -> None:
    page = portal.browser().text("/apply/eerste-reispas/")
    assert "An Peeters" in page
    assert "17 mei 1990" in page
    assert 'name="name"' not in page
    assert 'name="birthdate"' not in page


def test_a_name_typed_by_somebody_clever_changes_nothing(portal: Portal) -> None:
    an = portal.browser()
    an.answers(name="Iemand Anders", birthdate="2001-01-01", of_age="yes")
    (request,) = portal.requests()
    assert request.person.name == "An Peeters"


@pytest.mark.parametrize(
    ("slug", "who", "told", "why"),
    [
        ("eerste-reispas", {"birthdate": date(2010, 1, 1)}, {}, "jonger is dan 18"),
        ("eerste-reispas", {"birthdate": None}, {}, "hoe oud u bent"),
        ("eerste-reispas", {}, {"proxy": "yes"}, "Voor iemand anders kan dit alleen aan het loket"),
        ("eerste-reispas", {}, {"urgent": "yes"}, "dringende aanvraag kan alleen"),
        ("identiteitskaart", {}, {}, "Een identiteitskaart kan alleen aan het loket"),
    ],
)
def test_who_cannot_use_the_wall_is_told_at_once_and_offered_none(
    portal: Portal, slug: str, who: dict[str, Any], told: dict[str, str], why: str
) -> None:
    an = portal.browser(**who)
    assert an.answers(slug, **told).status_code == 302
    page = an.text(f"/apply/{slug}/details/")
    assert why in page
    assert portal.town.seeded.kiosk.name not in page
    answer = an.adds(slug, photo=JPEG)
    assert answer.status_code == 422 or dossier(portal).place == "desk"
    an.adds(slug, place="desk", photo=JPEG)
    assert why in an.text(f"/apply/{slug}/check/")
    an.sends(slug)
    assert (dossier(portal).place, bool(dossier(portal).desk_reason)) == ("desk", True)
    assert why in an.text(f"/mine/{portal.requests()[0].pk}/")


def test_a_product_without_its_checklist_goes_to_the_desk(portal: Portal) -> None:
    with portal.acting():
        passport = portal.town.seeded.passport
        passport.clearance, passport.locker_allowed = None, False
        passport.save()
    an = portal.browser()
    an.answers()
    assert portal.town.seeded.kiosk.name not in an.text("/apply/eerste-reispas/details/")
    an.adds(place="desk", photo=JPEG)
    an.sends()
    assert dossier(portal).desk_reason == "locker-not-allowed"


def test_a_checklist_withdrawn_while_somebody_writes_sends_it_to_the_desk(portal: Portal) -> None:
    an = portal.browser()
    an.answers()
    an.adds(photo=JPEG)
    with portal.acting():
        passport = portal.town.seeded.passport
        passport.clearance, passport.locker_allowed = None, False
        passport.save()
    assert "automaat" in an.text("/apply/eerste-reispas/check/")
    an.sends()
    assert dossier(portal).place == "desk"


def test_what_must_still_happen_is_said_before_sending_and_after(portal: Portal) -> None:
    an = portal.browser()
    an.answers("voorlopig-rijbewijs", old_document="yes")
    an.adds("voorlopig-rijbewijs", photo=JPEG, certificate=PDF)
    before = an.text("/apply/voorlopig-rijbewijs/check/")
    an.sends("voorlopig-rijbewijs")
    after = an.text(f"/mine/{portal.requests()[0].pk}/")
    for page in (before, after):
        assert "Betaal € 25,00 aan het loket. Pas daarna kan het in de automaat." in page
        assert "Geef uw oude document af aan het loket." in page


def test_a_file_that_is_refused_costs_nothing_that_was_filled_in(portal: Portal) -> None:
    an = portal.browser()
    an.answers("voorlopig-rijbewijs")
    answer = an.adds("voorlopig-rijbewijs", place="desk", photo=b"<html>no picture</html>", certificate=PDF)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Dit bestand kunnen we niet gebruiken." in page
    assert 'value="desk"' in page
    assert page.index('value="desk"') < page.index("checked")
    with portal.acting():
        from onthaal.central.lockers.requests.models import Attachment

        assert [one.kind for one in Attachment.objects.filter(dropped_at=None)] == ["certificate"]
    assert an.adds("voorlopig-rijbewijs", place="desk", photo=PNG).status_code == 302


def test_a_needed_file_that_is_missing_is_said(portal: Portal) -> None:
    an = portal.browser()
    an.answers()
    assert "Er ontbreekt een bestand." in an.adds().content.decode()
    assert an.get("/apply/eerste-reispas/check/")["Location"] == "/apply/eerste-reispas/details/"
    assert an.sends()["Location"] == "/apply/eerste-reispas/details/"


def test_a_photo_is_shown_replaced_and_removed(portal: Portal) -> None:
    from onthaal.central.lockers.requests.models import Attachment

    an = portal.browser()
    an.answers()
    an.adds(photo=JPEG)
    an.adds(photo=PNG)
    with portal.acting():
        first, second = Attachment.objects.order_by("pk")
    assert (first.sealed, first.digest) == (None, "")
    shown = an.get(f"/mine/files/{second.pk}/")
    assert (shown.content, shown["Content-Type"]) == (PNG, "image/png")
    assert "sandbox" in shown["Content-Security-Policy"]
    assert an.get(f"/mine/files/{first.pk}/").status_code == 404
    an.post("/apply/eerste-reispas/details/", place="desk", remove=str(second.pk))
    assert an.get(f"/mine/files/{second.pk}/").status_code == 404
    assert dossier(portal).place == "desk"


def test_attachments_are_kept_sealed_and_bound_to_their_row(portal: Portal) -> None:
    from onthaal.central.lockers.requests import dossiers
    from onthaal.central.lockers.requests.models import Attachment
    from onthaal.proofs.seals import BrokenSeal

    an, bo = portal.browser(), portal.browser(**BO)
    for one in (an, bo):
        one.answers()
        one.adds(photo=JPEG + one.identity.subject_key.encode())  # type: ignore[union-attr]
    with portal.acting():
        of_an, of_bo = Attachment.objects.order_by("pk")
        assert JPEG[:20] not in bytes(of_an.sealed)
        of_an.sealed = of_bo.sealed
        with pytest.raises(BrokenSeal):
            dossiers.content(of_an)


def test_a_file_that_is_too_big_is_not_taken_in(portal: Portal) -> None:
    from onthaal.core.attachments import LARGEST_BYTES

    an = portal.browser()
    an.answers()
    answer = an.adds(photo=JPEG + b"\x00" * LARGEST_BYTES)
    assert "Dit bestand is te groot." in answer.content.decode()
    assert an.adds(photo=JPEG + b"\x00" * (LARGEST_BYTES - len(JPEG))).status_code == 302


def test_files_sent_by_who_is_not_signed_in_are_not_even_kept_in_memory(portal: Portal) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.test.client import RequestFactory

    from onthaal.central.web.uploads import BoundedUpload

    request: Any = RequestFactory().post("/mine/1/answer/", {"photo": SimpleUploadedFile("x", JPEG)})
    request.session = {}
    request.upload_handlers = [BoundedUpload(request)]
    assert dict(request.FILES) == {}
    signed: Any = RequestFactory().post("/mine/1/answer/", {"photo": SimpleUploadedFile("x", JPEG)})
    signed.session = {"citizen": {}}
    signed.upload_handlers = [BoundedUpload(signed)]
    assert signed.FILES["photo"].read() == JPEG


def test_the_draft_is_there_again_with_its_answers(portal: Portal) -> None:
    an = portal.browser()
    an.answers(urgent="yes", remark="Bel mij in de voormiddag")
    page = an.text("/apply/eerste-reispas/")
    assert "Bel mij in de voormiddag" in page
    assert an.answers(urgent="no").status_code == 302
    assert len(portal.requests()) == 1
    assert portal.town.seeded.kiosk.name in an.text("/apply/eerste-reispas/details/")


def test_who_has_one_under_way_is_led_to_it(portal: Portal) -> None:
    an = portal.browser()
    request = an.applies()
    assert an.get("/apply/eerste-reispas/")["Location"] == f"/mine/{request.pk}/"
    assert an.answers()["Location"] == f"/mine/{request.pk}/"
    assert len(portal.requests()) == 1


def test_the_form_for_mail_addresses_takes_no_personal_product(portal: Portal) -> None:
    assert portal.browser().get("/ask/eerste-reispas/").status_code == 404


def test_the_home_page_says_what_is_needed(portal: Portal) -> None:
    page = portal.browser().text("/")
    for said in ("Eerste reispas", "een pasfoto", "€ 71,00", "itsme", "Alleen af te halen aan het loket."):
        assert said in page


def test_sending_twice_sends_once(portal: Portal) -> None:
    from onthaal.central.lockers.requests import applying

    an = portal.browser()
    request = an.applies()
    with portal.acting():
        assert an.identity is not None
        applying.apply(identity=an.identity, request_id=request.pk)
        assert [mail.kind for mail in portal.town.mails(f"request:{request.pk}")] == ["dossier-received"]


def test_the_language_that_the_provider_said_is_not_asked(portal: Portal) -> None:
    told, untold = portal.browser(language="fr"), portal.browser(subject="bo", language="de")
    assert 'name="language"' not in told.text("/apply/eerste-reispas/")
    assert 'name="language"' in untold.text("/apply/eerste-reispas/")
    assert told.applies().person.language == "fr"
    assert untold.applies(language="en").person.language == "en"
