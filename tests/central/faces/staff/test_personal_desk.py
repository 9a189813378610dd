"""Personal documents at the desk, over HTTP: what each page shows, does and refuses."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.central.faces.staff.desk import Desk
from tests.central.lockers.papers import POINTS, Papers
from tests.pictures import JPEG


@pytest.fixture
def papers(desk: Desk) -> Papers:
    with desk.acting():
        made = Papers(desk.town, fee_cents=2550, needs_photo=True, asks_old_document=True, needs_activation=True)
    desk.staff["second"] = made.second
    return made


def test_a_dossier_from_its_application_to_its_envelope(desk: Desk, papers: Papers) -> None:
    with desk.acting():
        request = papers.asked(old_document=True)
    clerk, where = desk.browser("clerk"), f"dossiers/{request.pk}/"
    assert clerk.client.get(f"/desk/requests/{request.pk}/").headers["Location"] == f"/desk/{where}"
    page = clerk.sees(where)
    assert "Lien Peeters" in page
    assert "maandag 2 april 1990" in page
    assert "25,50 euro nog te betalen" in page
    assert "25.50 euro still to pay" in clerk.sees(where, headers={"Accept-Language": "en"})
    assert "nog in te leveren" in page
    clerk.sends(where + "act/", act="ask-more", text="Een scherpere foto, alstublieft")
    assert "nog geen antwoord" in clerk.sees(where)
    assert str(request.pk) in clerk.sees("requests/?filter=more-asked")
    assert clerk.sends(where + "act/", act="accept").status_code == 302
    refused = clerk.sends(where + "act/", act="paid", amount="2,55", reference="B-7")
    assert refused.status_code == 409
    assert "Dit is niet het bedrag" in refused.content.decode()
    clerk.sends(where + "act/", act="paid", amount="25,50", reference="B-7")
    assert "25,50 euro betaald, B-7" in clerk.sees(where)
    with desk.acting():
        dossier, out = papers.now(request).dossier, papers.out(request)
    early = clerk.sends("prepare/", dossier=dossier.number, envelope=out.item.label)
    assert early.status_code == 409
    assert "Het oude document is nog niet ingeleverd" in early.content.decode()
    clerk.sends(where + "act/", act="old-document")
    labels = clerk.sees(where + "labels/")
    assert "Lien" not in labels
    assert "ijbewijs" not in labels.partition("<main")[2]
    assert dossier.number[:4] in labels
    assert out.item.label[:4] in labels
    assert clerk.sends("prepare/", dossier=dossier.number, envelope=out.item.label).status_code == 302
    with desk.acting():
        assert papers.out(request).prepared_by == str(desk.town.clerk.pseudonym)
    assert "Iemand anders legt het" in clerk.sees(where)
    clerk.sends(where + "act/", act="unprepare")
    with desk.acting():
        assert papers.out(request).prepared_by == ""


def test_a_photo_is_shown_to_who_decides_kept_by_no_browser_and_noted(desk: Desk, papers: Papers) -> None:
    from onthaal.central.lockers.requests.models import Attachment

    with desk.acting():
        request = papers.asked()
        photo = Attachment.objects.get(dossier__request=request)
    where = f"dossiers/{request.pk}/attachments/{photo.pk}/"
    shown = desk.browser("clerk").client.get(f"/desk/{where}")
    assert shown.content == JPEG
    assert shown.headers["Content-Disposition"].startswith("inline")
    assert "no-store" in shown.headers["Cache-Control"]
    assert (shown.headers["Content-Type"], shown.headers["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert desk.browser("auditor").status_of(where) == 403
    assert desk.browser("technician").status_of(where) == 403
    assert desk.browser("clerk").status_of(f"dossiers/{request.pk + 1}/attachments/{photo.pk}/") == 404
    with desk.acting():
        assert desk.town.kinds(f"request:{request.pk}").count("attachment.viewed") == 1


def test_what_is_no_picture_is_given_to_keep_and_never_opened_among_the_pages_of_the_desk(
    desk: Desk, papers: Papers
) -> None:
    """A PDF may hold scripts, and links that look like ours."""
    from onthaal.central.lockers.requests import dossiers
    from onthaal.central.lockers.requests.models import Attachment

    with desk.acting():
        request = papers.asked()
        certificate = dossiers.keep(request.dossier, "certificate", b"%PDF-1.7\n%%EOF\n")
        photo = Attachment.objects.get(dossier=request.dossier, kind="photo")
    clerk = desk.browser("clerk").client
    given = clerk.get(f"/desk/dossiers/{request.pk}/attachments/{certificate.pk}/")
    assert given.headers["Content-Disposition"].startswith("attachment")
    assert (given.headers["Content-Type"], given.headers["X-Content-Type-Options"]) == ("application/pdf", "nosniff")
    for answer in (given, clerk.get(f"/desk/dossiers/{request.pk}/attachments/{photo.pk}/")):
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert "no-store" in answer.headers["Cache-Control"]


def test_somebody_without_itsme_is_entered_and_served_at_the_desk(desk: Desk, papers: Papers) -> None:
    from onthaal.central.lockers.requests.models import Request

    clerk = desk.browser("clerk")
    form = {"product": papers.licence.pk, "name": "Omer Claes", "born_on": "1950-01-31", "language": "nl"}
    assert clerk.sends("dossiers/new/", **form | {"born_on": "morgen"}).status_code == 422
    assert clerk.sends("dossiers/new/", **form).status_code == 302
    with desk.acting():
        request = Request.objects.get(person__name="Omer Claes")
    where = f"dossiers/{request.pk}/"
    page = clerk.sees(where)
    assert "niemand meldde zich hiervoor aan" in page
    assert "Eerst nog: er is nog niet betaald" in page
    for act in ("accept", "ready"):
        assert clerk.sends(where + "act/", act=act).status_code == 302, act
    assert str(request.pk) in clerk.sees("requests/?filter=at-desk")
    assert clerk.sends(where + "act/", act="hand-out", checked="identity-card").status_code == 409
    clerk.sends(where + "act/", act="paid", amount="25,5", reference="B-9")
    assert clerk.sends(where + "act/", act="hand-out", checked="").status_code == 409
    assert clerk.sends(where + "act/", act="hand-out", checked="identity-card").status_code == 302
    with desk.acting():
        desk.town.follows()
        assert ("activate", f"request:{request.pk}") in desk.town.tasks()
    assert clerk.sends(where + "act/", act="activated").status_code == 302
    assert "Geactiveerd" in clerk.sees(where)


def test_how_identity_was_checked_stands_on_the_page_of_what_was_handed_over(desk: Desk, papers: Papers) -> None:
    from onthaal.central.lockers.requests import actions
    from onthaal.central.lockers.requests import desk as counter

    with desk.acting():
        request = papers.asked(urgent=True)
        actions.accept(request_id=request.pk, by=papers.second)
        counter.register_payment(request_id=request.pk, by=papers.second, cents=2550, reference="B-1")
        counter.ready_at_desk(request_id=request.pk, by=papers.second)
    clerk, where = desk.browser("clerk"), f"dossiers/{request.pk}/"
    assert "data-handed-out" not in clerk.sees(where)
    desk.browser("second").sends(where + "act/", act="hand-out", checked="residence-card")
    page = clerk.sees(where)
    assert "na controle van: verblijfskaart. Door Sofie Smet." in page
    assert "Afgegeven aan het loket</strong> · Verblijfskaart" in page
    assert "after checking: residence card." in clerk.sees(where, headers={"Accept-Language": "en"})


def test_nothing_is_still_open_on_the_page_of_what_was_refused(desk: Desk, papers: Papers) -> None:
    with desk.acting():
        request = papers.asked(old_document=True)
    clerk, where = desk.browser("clerk"), f"dossiers/{request.pk}/"
    clerk.sends(where + "act/", act="refuse", reason="U hebt er al een")
    facts = clerk.sees(where).partition("<dl")[2].partition("</dl>")[0]
    assert "niet betaald" in facts
    assert "niet ingeleverd" in facts
    assert not [said for said in ("nog te betalen", "nog in te leveren", "nog te doen") if said in facts]


def test_what_was_collected_at_the_wall_says_so_on_its_page(desk: Desk, papers: Papers) -> None:
    request = paid_licence(desk, papers)
    with desk.acting():
        from onthaal.central.lockers.handovers.models import Handover

        Handover.objects.filter(request=request).update(stage="collected", closed_at=desk.town.clock.now())
    assert "in de automaat, na aanmelding." in desk.browser("clerk").sees(f"dossiers/{request}/")


MOVES = {
    "just sent": lambda papers, wall: papers.asked(),
    "planned": lambda papers, wall: papers.accepted(),
    "prepared": lambda papers, wall: papers.prepared(papers.accepted()),
    "in the wall": lambda papers, wall: papers.in_the_wall(wall, 2),
}


@pytest.mark.parametrize("how", ["to-desk", "mark"])
@pytest.mark.parametrize("stage", list(MOVES))
def test_who_asked_is_told_at_once_and_why_when_it_goes_to_the_desk_instead(desk: Desk, stage: str, how: str) -> None:
    from onthaal.central.foundation.notices.models import Notice

    with desk.acting():
        papers = Papers(desk.town)
        request = MOVES[stage](papers, desk.wall)
        before = [mail.kind for mail in desk.town.mails(f"request:{request.pk}")]
    act = {"to-desk": {"reason": "urgent"}, "mark": {"urgent": "yes"}}[how]
    clerk, where = desk.browser("clerk"), f"dossiers/{request.pk}/act/"
    assert clerk.sends(where, act=how, **act).status_code == 302
    with desk.acting():
        *earlier, told = desk.town.mails(f"request:{request.pk}")
        assert [mail.kind for mail in earlier] == before
        assert told.kind == "dossier-desk-instead"
        assert told.slots["why"]["nl"] == "Een dringende aanvraag kan alleen aan het loket."
        assert told.slots["why"]["fr"].startswith("Une demande urgente")
        desk.town.follows()
        assert not Notice.objects.filter(kind="dossier-to-desk").exists(), "that one says they did not come"
    clerk.sends(where, act="to-desk", reason="payment-open")
    with desk.acting():
        assert desk.town.mails(f"request:{request.pk}")[-1].pk == told.pk, "once"


def paid_licence(desk: Desk, papers: Papers, door: int = 2) -> int:
    """Lien's licence lies in the wall: prepared by Karel, loaded by Sofie."""
    from onthaal.central.lockers.catalogue.models import Product

    with desk.acting():
        Product.objects.filter(pk=papers.licence.pk).update(fee_cents=0)
        papers.licence.refresh_from_db()
        request = papers.in_the_wall(desk.wall, door)
        desk.wall_answers(contents=dict.fromkeys(range(1, 10), "empty") | {door: "holds"})
    return request.pk


def test_a_door_on_a_personal_document_opens_only_when_another_person_confirms(desk: Desk, papers: Papers) -> None:
    from onthaal.central.lockers.devices.models import Command, OpeningAsked
    from onthaal.central.lockers.handovers.models import Handover

    request = paid_licence(desk, papers)
    kiosk, clerk = desk.town.seeded.kiosk.pk, desk.browser("clerk")
    asked = clerk.sends(f"walls/{kiosk}/doors/2/act/", act="open", reason="Verkeerd document")
    assert asked.status_code == 302
    assert asked.headers["Location"] == "/desk/openings/"
    with desk.acting():
        opening = OpeningAsked.objects.get()
        assert not Command.objects.exists()
    assert "U vroeg dit" in clerk.sees("openings/")
    own = clerk.sends(f"openings/{opening.pk}/act/", act="confirm")
    assert own.status_code == 409
    assert "Een andere medewerker moet dit doen" in own.content.decode()
    assert clerk.sends(f"walls/{kiosk}/doors/2/act/", act="open", reason="Nog eens").status_code == 409
    assert desk.browser("second").sends(f"openings/{opening.pk}/act/", act="confirm").status_code == 302
    with desk.acting():
        command = Command.objects.get()
        assert Handover.objects.get(request=request).stage == "recalled"
        assert (command.asked_by, OpeningAsked.objects.get().confirmed_by) == (desk.town.clerk, papers.second)
    assert desk.browser("second").sends(f"openings/{opening.pk}/act/", act="confirm").status_code == 409


def test_nobody_confirms_after_ten_minutes_or_once_it_was_withdrawn(desk: Desk, papers: Papers) -> None:
    from onthaal.central.lockers.devices import openings
    from onthaal.central.lockers.devices.models import Command, OpeningAsked

    paid_licence(desk, papers)
    kiosk, clerk = desk.town.seeded.kiosk.pk, desk.browser("clerk")
    for over in ("late", "withdrawn"):
        clerk.sends(f"walls/{kiosk}/doors/2/act/", act="open", reason="Verkeerd document")
        with desk.acting():
            opening = OpeningAsked.objects.latest("pk")
        if over == "withdrawn":
            clerk.sends(f"openings/{opening.pk}/act/", act="withdraw")
        else:
            desk.town.clock.turn(minutes=11)
            with desk.acting():
                desk.wall_answers(contents=dict.fromkeys(range(1, 10), "empty") | {2: "holds"})
        assert desk.browser("second").sends(f"openings/{opening.pk}/act/", act="confirm").status_code == 409, over
        with desk.acting():
            openings.expire_openings(desk.town.clock.now())
            desk.town.follows()
            assert not [kind for kind, _ in desk.town.tasks() if kind == "confirm-opening"]
    with desk.acting():
        assert not Command.objects.exists()


def test_two_people_take_it_back(desk: Desk, papers: Papers) -> None:
    from onthaal.central.lockers.handovers import actions
    from onthaal.central.lockers.handovers.models import Handover

    request_id = paid_licence(desk, papers)
    with desk.acting():
        out = Handover.objects.get(request=request_id)
        actions.recall(handover_id=out.pk, by=None, reason="not-collected")
        papers.taken_out(desk.wall, papers.now(out.request), desk.town.clerk, 2)
    clerk = desk.browser("clerk")
    assert "U haalde het eruit" in clerk.sees("receive/")
    assert clerk.sends("receive/", handover=out.pk).status_code == 409
    assert clerk.sends(f"dossiers/{request_id}/act/", act="hand-out", checked="passport").status_code == 409
    assert clerk.sends("receive/", handover=999999).status_code == 404
    assert desk.browser("second").sends("receive/", handover=out.pk).status_code == 302
    with desk.acting():
        desk.town.follows()
    assert clerk.sends(f"dossiers/{request_id}/act/", act="hand-out", checked="passport").status_code == 302


def test_the_daily_count_opens_an_incident_that_only_words_close(desk: Desk, papers: Papers) -> None:
    from onthaal.central.lockers.devices import counting
    from onthaal.central.lockers.handovers import counting as incidents
    from onthaal.central.lockers.handovers.models import Incident, StockCount

    paid_licence(desk, papers)
    with desk.acting():
        assert counting.count_walls(desk.town.clock.now()) == 1
        assert counting.count_walls(desk.town.clock.now()) == 0
        assert (StockCount.objects.get().expected, StockCount.objects.get().seen) == (1, 1)
        assert not Incident.objects.exists()
        desk.town.clock.turn(days=1)
        assert counting.count_walls(desk.town.clock.now()) == 0  # silent: asked later
        desk.wall_answers()
        assert counting.count_walls(desk.town.clock.now()) == 1
        desk.town.follows()
        incident = Incident.objects.get()
        assert (incident.kind, incident.compartment.number) == ("missing", 2)
        assert ("stock-differs", f"incident:{incident.pk}") in desk.town.alerts()
        assert ("incident", f"incident:{incident.pk}") in desk.town.tasks()
        desk.town.clock.turn_to(incident.due_at + timedelta(minutes=1))
        incidents.watch_incidents(desk.town.clock.now())
        assert ("incident-overdue", f"incident:{incident.pk}") in desk.town.alerts()
    desk._browsers.clear()
    clerk, where = desk.browser("clerk"), f"incidents/{incident.pk}/"
    assert "te laat" in clerk.sees("incidents/")
    assert "Een document is niet gezien" in clerk.sees("tasks/") or "Automaat" in clerk.sees("tasks/")
    assert clerk.sends(where, finding="  ").status_code == 409
    assert desk.browser("auditor").sends(where, finding="Gevonden").status_code == 403
    assert clerk.sends(where, finding="Lag in kluisje 3, opnieuw ingelegd").status_code == 302
    with desk.acting():
        desk.town.follows()
        closed = Incident.objects.get()
        assert (closed.closed_by, closed.finding) == (desk.town.clerk, "Lag in kluisje 3, opnieuw ingelegd")
        assert not {about for _, about in desk.town.alerts() | desk.town.tasks() if about.startswith("incident")}


def test_a_wall_that_is_silent_all_day_is_counted_by_hand(desk: Desk, papers: Papers) -> None:
    from onthaal.central.lockers.devices import counting
    from onthaal.central.lockers.handovers.models import Incident

    paid_licence(desk, papers)
    kiosk = desk.town.seeded.kiosk.pk
    with desk.acting():
        desk.town.clock.turn(hours=10)
        assert counting.count_walls(desk.town.clock.now()) == 0
        assert ("count-by-hand", f"kiosk:{kiosk}") in desk.town.tasks()
    desk._browsers.clear()
    clerk = desk.browser("clerk")
    page = clerk.sees(f"walls/{kiosk}/documents/")
    assert "Lien" not in page
    seen = {f"door-{number}": "not-there" for number in range(1, 10)}
    assert clerk.sends(f"walls/{kiosk}/documents/", **{"door-2": "there"}).status_code == 422
    assert clerk.sends(f"walls/{kiosk}/documents/", **seen | {"door-2": "there"}).status_code == 302
    with desk.acting():
        desk.town.follows()
        assert not Incident.objects.exists()
        assert ("count-by-hand", f"kiosk:{kiosk}") not in desk.town.tasks()
    clerk.sends(f"walls/{kiosk}/documents/", **seen | {"door-5": "there"})
    with desk.acting():
        found = {(one.kind, one.compartment.number) for one in Incident.objects.select_related("compartment")}
    assert found == {("missing", 2), ("unexpected", 5)}


def test_the_checklist_is_filled_in_by_an_administrator_and_withdrawn_with_a_choice(desk: Desk) -> None:
    from onthaal.central.lockers.catalogue.models import Product

    with desk.acting():
        papers = Papers(desk.town, cleared=False)
        card = Papers(desk.town, cleared=False, kind="identity-card", slug="eid-proef", name_nl="eID").licence
    where, head = f"documents/{papers.licence.pk}/", desk.browser("administrator")
    assert desk.browser("clerk").status_of(where) == 403
    assert head.sends(where, **POINTS | {"law": ""}).status_code == 422
    assert head.sends(where, **POINTS).status_code == 302
    page = head.sees(where)
    assert "Ingrid Maes" in page
    assert POINTS["law"] in page
    assert head.sends(where + "withdraw/").status_code == 302
    with desk.acting():
        papers.licence.refresh_from_db()
        assert papers.licence.locker_allowed
    head.sends(where + "withdraw/", lies="stays")
    with desk.acting():
        allowed = Product.objects.values_list("locker_allowed", flat=True).get(pk=papers.licence.pk)
    assert not allowed
    assert "Een identiteitskaart gaat nooit in de automaat" in head.sees(f"documents/{card.pk}/")
    refused = head.sends(f"documents/{card.pk}/", **POINTS)
    assert refused.status_code == 422


def test_no_configuration_puts_an_identity_card_into_a_wall(desk: Desk) -> None:
    with desk.acting():
        card = Papers(desk.town, cleared=False, kind="identity-card", slug="eid-proef").licence
        licence = Papers(desk.town, cleared=False, slug="rijbewijs-twee").licence
    client = desk.browser("administrator").client
    for product, why in ((card, "identiteitskaart"), (licence, "controlelijst")):
        where = f"/admin/lockers/product/{product.pk}/change/"
        form = client.get(where).context["adminform"].form
        given = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
        on = {name: "on" for name, value in given.items() if value is True}
        sent = {name: value for name, value in given.items() if value not in (None, True, False)} | on
        said = client.post(where, sent | {"locker_allowed": "on"})
        assert said.status_code == 200
        assert why in said.content.decode()
        with desk.acting():
            product.refresh_from_db()
            assert not product.locker_allowed
