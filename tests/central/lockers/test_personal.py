"""Personal documents at the desk: who decides, who prepares, who loads, and the way back by two people."""

from __future__ import annotations

from typing import Any

import pytest

from onthaal.core.refusals import Refusal, Why
from tests.central.lockers.papers import POINTS, Papers
from tests.central.lockers.town import Town
from tests.central.lockers.wall import Wall


@pytest.fixture
def papers(town: Town) -> Papers:
    return Papers(town)


def refused(why: Why) -> Any:
    return pytest.raises(Refusal, match=f"^{why.value}$")


def test_an_accepted_licence_has_an_envelope_and_opens_for_no_code(town: Town, papers: Papers) -> None:
    from onthaal.central.lockers.access.models import Grant
    from onthaal.central.lockers.access.queries import wished_grants

    out = papers.out(papers.accepted())
    grant = Grant.objects.get(handover=out)
    assert (grant.proof, grant.status, grant.selector, grant.sealed) == ("identity", "asleep", "", None)
    assert grant.identity is not None
    (wished,) = wished_grants(out.kiosk_id)[out.pk]
    assert (wished.selector, wished.pin_verifier, wished.qr_verifier) == (None, None, None)


@pytest.mark.parametrize("why", [Why.PROXY, Why.URGENT])
def test_what_is_desk_only_is_never_planned_for_a_wall(papers: Papers, why: Why) -> None:
    from onthaal.central.lockers.requests import actions, desk

    asked = papers.asked()
    desk.mark(request_id=asked.pk, by=papers.second, urgent=why is Why.URGENT, proxy=why is Why.PROXY)
    assert papers.now(asked).dossier.place == "desk"
    assert papers.now(asked).dossier.desk_reason == why.value
    accepted = actions.accept(request_id=asked.pk, by=papers.second)
    assert accepted.handover is None


def test_a_place_in_the_wall_is_refused_with_its_reason(papers: Papers) -> None:
    from onthaal.central.lockers.requests import actions
    from onthaal.central.lockers.requests.models import Dossier

    asked = papers.asked()
    for changed, why in (({"of_age": False}, Why.MINOR), ({"of_age": True, "urgent": True}, Why.URGENT)):
        Dossier.objects.filter(request=asked).update(**changed)
        with refused(why):
            actions.accept(request_id=asked.pk, by=papers.second)


def test_nothing_is_prepared_before_it_is_paid_and_the_old_one_is_handed_in(town: Town) -> None:
    from onthaal.central.lockers.requests import desk

    papers = Papers(town, fee_cents=2500, asks_old_document=True)
    request = papers.accepted(old_document=True)
    with refused(Why.PAYMENT_OPEN):
        papers.prepared(request)
    with refused(Why.MALFORMED):
        desk.register_payment(request_id=request.pk, by=papers.second, cents=2400, reference="B-17")
    desk.register_payment(request_id=request.pk, by=papers.second, cents=2500, reference="B-17")
    with refused(Why.OLD_DOCUMENT_OPEN):
        papers.prepared(request)
    desk.register_old_document(request_id=request.pk, by=papers.second)
    assert papers.prepared(request).prepared_at is not None


def test_only_the_envelope_of_this_dossier_can_be_bound_to_it(town: Town, papers: Papers) -> None:
    from onthaal.central.lockers.requests import preparing

    mine, other = papers.accepted(), papers.accepted(subject="joke")
    number = papers.now(mine).dossier.number
    for envelope, why in (
        (papers.out(other).item.label, Why.WRONG_ITEM),
        (number, Why.LABEL_UNKNOWN),
        ("GZL:NONSENSE", Why.LABEL_UNKNOWN),
        ("", Why.LABEL_UNKNOWN),
    ):
        with refused(why):
            preparing.prepare(dossier_label=number, envelope_label=envelope, by=town.clerk)
    assert papers.out(mine).prepared_by == ""
    papers.prepared(mine)
    assert papers.out(mine).prepared_by == str(town.clerk.pseudonym)
    preparing.unprepare(request_id=mine.pk, by=town.clerk)
    assert papers.out(mine).prepared_by == ""


def test_the_wall_learns_who_prepared(town: Town, papers: Papers, wall: Wall) -> None:
    from onthaal.central.lockers.devices.queries import wishes

    request = papers.accepted()
    kiosk = town.seeded.kiosk.pk
    assert [one.first_staff for one in wishes(kiosk).handovers] == [None]
    papers.prepared(request)
    assert [one.first_staff for one in wishes(kiosk).handovers] == [str(town.clerk.pseudonym)]


def test_who_prepared_and_loads_all_the_same_leaves_it_in_doubt(town: Town, papers: Papers, wall: Wall) -> None:
    request = papers.prepared(papers.accepted())
    papers.load(wall, request, town.clerk)
    out = papers.out(request)
    assert (out.stage, out.dispute, out.loaded_by) == ("disputed", "rule-broken", "")


def test_another_person_than_who_prepared_it_ends_that_doubt(town: Town, papers: Papers, wall: Wall) -> None:
    from onthaal.central.lockers.access.models import Grant
    from onthaal.central.lockers.handovers import actions
    from onthaal.core.lifecycles import Stage

    request = papers.prepared(papers.accepted())
    papers.load(wall, request, town.clerk)
    town.follows()
    out = papers.out(request).pk
    with refused(Why.SAME_PERSON_TWICE):
        actions.resolve(handover_id=out, to=Stage.LOADED, by=town.clerk, reason="Ligt erin")
    actions.resolve(handover_id=out, to=Stage.LOADED, by=papers.second, reason="Ligt erin, nagekeken")
    town.follows()
    assert papers.out(request).loaded_by == str(papers.second.pseudonym)
    assert Grant.objects.get(handover_id=out).status == "awake"


def test_two_people_bring_it_back_and_the_desk_hands_it_out(town: Town, papers: Papers, wall: Wall) -> None:
    from onthaal.central.lockers.catalogue.queries import held_now
    from onthaal.central.lockers.handovers import actions, two_people
    from onthaal.central.lockers.requests import desk

    request = papers.in_the_wall(wall)
    actions.recall(handover_id=papers.out(request).pk, by=None, reason="not-collected")
    papers.taken_out(wall, request, town.clerk)
    assert papers.now(request).status == "accepted"
    assert ("receive-back", f"handover:{papers.out(request).pk}") in town.tasks()
    with refused(Why.MOVE_NOT_ALLOWED):
        desk.hand_out(request_id=request.pk, by=papers.second, checked="identity-card")
    with refused(Why.SAME_PERSON_TWICE):
        two_people.receive(handover_id=papers.out(request).pk, by=town.clerk)
    two_people.receive(handover_id=papers.out(request).pk, by=papers.second)
    town.follows()
    assert "dossier-at-desk" in [mail.kind for mail in town.mails(f"request:{request.pk}")]
    assert not [kind for kind, _ in town.tasks() if kind == "receive-back"]
    with refused(Why.REASON_MISSING):
        desk.hand_out(request_id=request.pk, by=papers.second, checked="")
    desk.hand_out(request_id=request.pk, by=papers.second, checked="identity-card")
    assert papers.now(request).status == "done"
    assert held_now(papers.out(request).item_id).holder == "citizen"
    entry = town.journal(f"request:{request.pk}")[-1]
    assert (entry.kind, entry.by, entry.data["checked"]) == (
        "dossier.handed-out", str(papers.second.pseudonym), "identity-card",
    )  # fmt: skip


def test_what_one_took_out_and_nobody_received_in_a_day_is_an_incident(town: Town, papers: Papers, wall: Wall) -> None:
    from onthaal.central.lockers.handovers import actions, counting
    from onthaal.central.lockers.handovers.models import Incident

    request = papers.in_the_wall(wall)
    actions.recall(handover_id=papers.out(request).pk, by=None, reason="not-collected")
    papers.taken_out(wall, request, town.clerk)
    counting.watch_incidents(town.clock.now())
    assert not Incident.objects.exists()
    town.clock.turn(hours=25)
    for _ in range(2):
        counting.watch_incidents(town.clock.now())
    incident = Incident.objects.get()
    assert (incident.kind, incident.handover) == ("not-received", papers.out(request))
    town.follows()
    assert ("incident", f"incident:{incident.pk}") in town.tasks()


def test_a_passport_that_the_desk_must_hand_out_never_sees_a_wall(town: Town) -> None:
    from onthaal.central.lockers.requests import actions, desk

    papers = Papers(town, cleared=False, needs_activation=True)
    request = papers.asked()
    assert papers.now(request).dossier.desk_reason == Why.LOCKER_NOT_ALLOWED.value
    actions.accept(request_id=request.pk, by=town.clerk)
    with refused(Why.MOVE_NOT_ALLOWED):
        desk.hand_out(request_id=request.pk, by=town.clerk, checked="passport")
    desk.ready_at_desk(request_id=request.pk, by=town.clerk)
    with refused(Why.MOVE_NOT_ALLOWED):
        desk.register_activation(request_id=request.pk, by=town.clerk)
    desk.hand_out(request_id=request.pk, by=town.clerk, checked="passport")
    town.follows()
    assert ("activate", f"request:{request.pk}") in town.tasks()
    desk.register_activation(request_id=request.pk, by=papers.second)
    town.follows()
    assert town.tasks() == set()
    assert "handover" not in {entry.kind.partition(".")[0] for entry in town.journal(f"request:{request.pk}")}


def test_an_identity_card_is_never_cleared_for_a_wall(town: Town) -> None:
    from django.db import IntegrityError, transaction

    from onthaal.central.lockers.catalogue import clearances
    from onthaal.central.lockers.catalogue.models import Product

    papers = Papers(town, cleared=False, kind="identity-card", slug="eid")
    with refused(Why.IDENTITY_CARD_DESK_ONLY):
        clearances.give_clearance(product_id=papers.licence.pk, points=POINTS, by=papers.head)
    with pytest.raises(IntegrityError, match="identity_card_desk_only"), transaction.atomic():
        Product.objects.filter(pk=papers.licence.pk).update(locker_allowed=True)


def test_only_a_whole_checklist_by_an_administrator_clears_a_product(town: Town) -> None:
    from django.db import IntegrityError, transaction

    from onthaal.central.lockers.catalogue import clearances
    from onthaal.central.lockers.catalogue.models import Product

    papers = Papers(town, cleared=False)
    with refused(Why.NOT_YOURS):
        clearances.give_clearance(product_id=papers.licence.pk, points=POINTS, by=town.clerk)
    for point in POINTS:
        with refused(Why.CLEARANCE_MISSING):
            clearances.give_clearance(product_id=papers.licence.pk, points=POINTS | {point: " "}, by=papers.head)
    with pytest.raises(IntegrityError, match="personal_needs_clearance"), transaction.atomic():
        Product.objects.filter(pk=papers.licence.pk).update(locker_allowed=True)
    given = clearances.give_clearance(product_id=papers.licence.pk, points=POINTS, by=papers.head)
    papers.licence.refresh_from_db()
    assert (papers.licence.locker_allowed, given.by, given.law) == (True, papers.head, POINTS["law"])


@pytest.mark.parametrize("recall", [True, False])
def test_a_withdrawn_clearance_keeps_new_ones_out_and_asks_about_what_lies_there(
    town: Town, papers: Papers, wall: Wall, *, recall: bool
) -> None:
    from onthaal.central.lockers.requests import desk

    lies, planned = papers.in_the_wall(wall), papers.accepted(subject="joke")
    moved = desk.withdraw_clearance(product_id=papers.licence.pk, by=papers.head, recall=recall)
    assert moved == (2 if recall else 1)
    assert papers.out(lies).stage == ("recalled" if recall else "waiting")
    assert (papers.now(planned).handover, papers.now(planned).dossier.place) == (None, "desk")
    papers.licence.refresh_from_db()
    assert (papers.licence.locker_allowed, papers.licence.clearance) == (False, None)


def test_who_looks_at_a_photo_stands_in_the_journal_each_time(town: Town) -> None:
    from onthaal.central.lockers.requests import desk
    from onthaal.central.lockers.requests.models import Attachment
    from tests.pictures import JPEG

    papers = Papers(town, needs_photo=True)
    request = papers.asked()
    photo = Attachment.objects.get(dossier__request=request)
    for _ in range(2):
        assert desk.view_attachment(request_id=request.pk, attachment_id=photo.pk, by=town.clerk) == (
            "image/jpeg", JPEG,
        )  # fmt: skip
    viewed = [one for one in town.journal(f"request:{request.pk}") if one.kind == "attachment.viewed"]
    assert [one.by for one in viewed] == [str(town.clerk.pseudonym)] * 2
    with pytest.raises(Attachment.DoesNotExist):
        desk.view_attachment(request_id=papers.asked(subject="joke").pk, attachment_id=photo.pk, by=town.clerk)


def test_a_wall_learns_how_people_can_say_who_they_are(town: Town, wall: Wall) -> None:
    from onthaal.central.foundation.identity.models import Provider
    from onthaal.central.lockers.devices.queries import wishes

    kiosk = town.seeded.kiosk.pk
    assert wishes(kiosk).identify is None
    itsme = Provider.objects.create(
        profile="itsme", issuer="https://idp.example/v2", client_id="onthaal", at_wall_page=False
    )
    told = wishes(kiosk).identify
    assert told is not None
    assert (told.name.nl, told.ways) == ("itsme", ("phone",))
    Provider.objects.filter(pk=itsme.pk).update(enabled=False)
    assert wishes(kiosk).identify is None
