"""Where a document is collected: who asked may choose, until staff decided; and what was registered can be undone."""

from __future__ import annotations

from typing import Any

import pytest

from onthaal.core.refusals import Refusal, Why
from tests.central.lockers.papers import Papers
from tests.central.lockers.town import Town
from tests.central.lockers.wall import Wall


@pytest.fixture
def papers(town: Town) -> Papers:
    return Papers(town)


def refused(why: Why) -> Any:
    return pytest.raises(Refusal, match=f"^{why.value}$")


def chosen(papers: Papers, request: Any, *, wall: bool) -> Any:
    from onthaal.central.lockers.requests import applying

    kiosk = papers.town.seeded.kiosk.pk if wall else None
    identity = papers.now(request).dossier.identity
    assert identity is not None
    return applying.change_place(identity=identity, request_id=request.pk, kiosk_id=kiosk)


@pytest.mark.parametrize("why", [Why.URGENT, Why.PAYMENT_OPEN, Why.PROOF_TOO_WEAK])
@pytest.mark.parametrize("accepted", [False, True])
def test_who_asked_does_not_overrule_the_staff_that_chose_the_desk(papers: Papers, why: Why, accepted: bool) -> None:
    from onthaal.central.lockers.requests import deciding, desk
    from onthaal.central.lockers.requests.models import Dossier

    request = papers.accepted() if accepted else papers.asked()
    desk.to_desk(request_id=request.pk, by=papers.second, reason=why)
    with refused(why):
        chosen(papers, request, wall=True)
    assert papers.now(request).dossier.place == "desk"
    if accepted:
        Dossier.objects.filter(request=request).update(place="wall")
        with refused(why):
            deciding.plan_for_wall(request_id=request.pk, by=papers.second)


def test_who_asked_may_choose_the_wall_again_when_the_desk_was_their_own_choice(papers: Papers) -> None:
    request = papers.accepted()
    chosen(papers, request, wall=False)
    assert chosen(papers, request, wall=True).dossier.place == "wall"


def test_a_mark_that_was_a_mistake_leaves_who_asked_their_choice_again(papers: Papers) -> None:
    from onthaal.central.lockers.requests import desk

    request = papers.accepted()

    def marked(*, urgent: bool, proxy: bool) -> str:
        desk.mark(request_id=request.pk, by=papers.second, urgent=urgent, proxy=proxy)
        return str(papers.now(request).dossier.desk_reason)

    assert marked(urgent=True, proxy=False) == Why.URGENT
    assert marked(urgent=True, proxy=True) == Why.URGENT
    assert marked(urgent=False, proxy=True) == Why.PROXY
    assert marked(urgent=False, proxy=False) == ""
    assert chosen(papers, request, wall=True).dossier.place == "wall"


def test_a_mark_taken_off_undoes_no_other_reason_for_the_desk(papers: Papers) -> None:
    from onthaal.central.lockers.requests import desk

    request = papers.accepted()
    desk.to_desk(request_id=request.pk, by=papers.second, reason=Why.PAYMENT_OPEN)
    desk.mark(request_id=request.pk, by=papers.second, urgent=True, proxy=False)
    desk.mark(request_id=request.pk, by=papers.second, urgent=False, proxy=False)
    with refused(Why.PAYMENT_OPEN):
        chosen(papers, request, wall=True)


def puts_away(town: Town, request: Any) -> bool:
    town.follows()
    return ("put-away", f"request:{request.pk}") in town.tasks()


@pytest.mark.parametrize("wall", [True, False], ids=["on the trolley", "at the desk"])
def test_what_stood_ready_is_put_away_when_who_asked_needs_it_no_more(papers: Papers, wall: bool) -> None:
    from onthaal.central.lockers.requests import applying, desk

    request = papers.accepted()
    if wall:
        request = papers.prepared(request)
    else:
        chosen(papers, request, wall=False)
        desk.ready_at_desk(request_id=request.pk, by=papers.second)
    assert not puts_away(papers.town, request)
    identity = papers.now(request).dossier.identity
    assert identity is not None
    applying.cancel(identity=identity, request_id=request.pk)
    assert puts_away(papers.town, request)


def test_what_was_never_got_ready_is_put_away_by_nobody(papers: Papers) -> None:
    from onthaal.central.lockers.requests import actions

    request = papers.accepted()
    actions.refuse(request_id=request.pk, by=papers.second, reason="Verhuisd")
    assert not puts_away(papers.town, request)


def test_an_envelope_that_stood_ready_is_taken_off_the_trolley_and_waits_at_the_desk(papers: Papers) -> None:
    from onthaal.central.lockers.faces.citizen.personal.steps import state_of
    from onthaal.central.lockers.requests import desk

    request = papers.prepared(papers.accepted())
    chosen(papers, request, wall=False)
    papers.town.follows()
    task = ("move-envelope", f"request:{request.pk}")
    assert papers.now(request).prepared_at is None
    assert state_of(papers.now(request)) != "at-desk"
    assert task in papers.town.tasks()
    assert "dossier-at-desk" not in [mail.kind for mail in papers.town.mails(f"request:{request.pk}")]
    desk.ready_at_desk(request_id=request.pk, by=papers.second)
    papers.town.follows()
    assert "dossier-at-desk" in [mail.kind for mail in papers.town.mails(f"request:{request.pk}")]
    assert task not in papers.town.tasks()


def test_what_was_not_in_its_envelope_yet_asks_nothing_of_anybody(papers: Papers) -> None:
    request = papers.accepted()
    chosen(papers, request, wall=False)
    papers.town.follows()
    assert not [kind for kind, _ in papers.town.tasks() if kind == "move-envelope"]


def test_a_draft_that_lapses_leaves_who_asked_something_else_this_month(papers: Papers, wall: Wall) -> None:
    from onthaal.central.lockers.requests import actions, applying, jobs

    papers.town.seeded.passport.refresh_from_db()
    done = papers.asked()
    identity = papers.now(done).dossier.identity
    assert identity is not None
    actions.refuse(request_id=done.pk, by=papers.second, reason="Verkeerd document")
    form = applying.Asked(email="lien@peeters.example", language="nl", remark="Voor een reis")
    draft = applying.begin(identity=identity, product_id=papers.town.seeded.passport.pk, asked=form)
    papers.town.clock.turn(hours=3)
    assert jobs.expire_unconfirmed(papers.town.clock.now()) == 1
    assert (papers.now(draft).status, papers.now(draft).remark) == ("lapsed", "")
    kept = papers.now(done)
    identity.refresh_from_db()
    assert (kept.person.erased_at, identity.erased_at) == (None, None)
    assert kept.refusal == "Verkeerd document"
    papers.town.clock.turn(days=29)
    jobs.erase_ended(papers.town.clock.now())
    assert papers.now(done).person.erased_at is None
    papers.town.clock.turn(days=2)
    jobs.erase_ended(papers.town.clock.now())
    assert papers.now(done).person.erased_at is not None


def paid(town: Town) -> tuple[Papers, Any]:
    """Paid, the old one handed in, in its envelope."""
    from onthaal.central.lockers.requests import desk

    papers = Papers(town, fee_cents=2500, asks_old_document=True, slug="rijbewijs-betaald")
    request = papers.accepted(old_document=True)
    desk.register_payment(request_id=request.pk, by=papers.second, cents=2500, reference="B-17")
    desk.register_old_document(request_id=request.pk, by=papers.second)
    return papers, papers.prepared(request)


def test_a_payment_and_an_old_document_registered_by_mistake_are_undone(town: Town) -> None:
    from onthaal.central.lockers.requests import undoing

    papers, request = paid(town)
    with refused(Why.REASON_MISSING):
        undoing.undo_payment(request_id=request.pk, by=papers.second, reason="zomaar")
    before = town.wish_version()
    undoing.undo_payment(request_id=request.pk, by=papers.second, reason="wrong-dossier")
    dossier = papers.now(request).dossier
    assert (dossier.paid_at, dossier.paid_by_id, dossier.payment_reference) == (None, None, "")
    assert papers.out(request).prepared_by == ""  # what was in its envelope is not to be loaded any more
    assert town.wish_version() > before
    with refused(Why.PAYMENT_OPEN):
        papers.prepared(request)
    undoing.undo_old_document(request_id=request.pk, by=papers.second, reason="mistyped")
    assert papers.now(request).dossier.old_document == "open"
    for undo in (undoing.undo_payment, undoing.undo_old_document):
        with refused(Why.MOVE_NOT_ALLOWED):
            undo(request_id=request.pk, by=papers.second, reason="mistyped")
    last = [(entry.kind, entry.data.get("reason")) for entry in town.journal(f"request:{request.pk}")][-2:]
    assert last == [("dossier.payment-undone", "wrong-dossier"), ("dossier.old-document-undone", "mistyped")]


def test_nothing_is_undone_once_it_lies_in_the_wall(town: Town, wall: Wall) -> None:
    from onthaal.central.lockers.requests import undoing

    papers, request = paid(town)
    papers.load(wall, request, papers.second)
    for undo in (undoing.undo_payment, undoing.undo_old_document):
        with refused(Why.MOVE_NOT_ALLOWED):
            undo(request_id=request.pk, by=papers.second, reason="mistyped")
    assert papers.now(request).dossier.paid_at is not None
