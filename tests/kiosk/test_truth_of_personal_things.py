"""Promise 5 in the last guard before a pulse: whose proof, in which session, loaded by whom."""

from __future__ import annotations

import pytest

from onthaal.core import facts as f
from onthaal.core import folding
from onthaal.core.evidence import Evidence
from onthaal.core.lifecycles import Stage
from onthaal.core.protocol import WishedHandover, Wishes
from onthaal.core.refusals import Why
from onthaal.kiosk.truth import Truth
from tests.kiosk.cast import LICENCE, VOUCHER, a_handover, as_facts, fitted, waiting, wishes

FITTED = fitted("M", "M", "M")
EMPTY = tuple(f.SeenEmpty(compartment=number) for number in (1, 2, 3))
OPENED = f.SessionOpened(session="s", language="nl")
YES = f.Identified(session="s", identification=12, handovers=(5,))


def truth_of(snapshot: Wishes, *own: f.Body) -> Truth:
    facts = as_facts(*EMPTY, *own)
    evidence = Evidence.empty()
    for fact in facts:
        evidence = folding.after(evidence, fact)
    return Truth(snapshot, evidence, (), FITTED)


def licence(**changed: object) -> WishedHandover:
    return waiting(5, 2, **{"product": LICENCE, "grants": ()} | changed)


def why(truth: Truth, handover: int = 5, *, session: str | None = "s", compartment: int = 2) -> Why | None:
    denied = truth.pulse_allowed(compartment, "collect", handover, session=session)
    return denied.why if denied else None


def test_promise_5_a_document_opens_only_in_the_session_that_was_approved_for_it() -> None:
    truth = truth_of(wishes(licence(), waiting(6, 3, product=LICENCE, grants=())), OPENED, YES)
    assert why(truth) is None
    assert why(truth, session="t") is Why.PROOF_TOO_WEAK
    assert why(truth, session=None) is Why.PROOF_TOO_WEAK
    assert why(truth, 6, compartment=3) is Why.PROOF_TOO_WEAK


@pytest.mark.parametrize(
    "later",
    [
        (f.SessionClosed(session="s", how="done"),),
        (f.SessionClosed(session="s", how="done"), f.SessionOpened(session="s2", language="nl")),
        (f.Started(software="1", clean=False),),
        (f.SessionOpened(session="s2", language="nl"),),
    ],
    ids=["the session is over", "the next session", "a restart", "another session begins"],
)
def test_promise_5_an_approval_dies_with_its_session_and_with_the_boot(later: tuple[f.Body, ...]) -> None:
    truth = truth_of(wishes(licence()), OPENED, YES, *later)
    assert why(truth) is Why.PROOF_TOO_WEAK
    assert why(truth, session="s2") is Why.PROOF_TOO_WEAK


def test_promise_5_an_approval_told_of_another_session_is_none() -> None:
    assert why(truth_of(wishes(licence()), OPENED, f.Identified(session="t", identification=12, handovers=(5,)))) is (
        Why.PROOF_TOO_WEAK
    )


@pytest.mark.parametrize(
    "used",
    [
        f.Collected(handover=5, compartment=2, session="s", grade="D", identification=12),
        f.Disputed(handover=5, compartment=2, why="sensor-suspect"),
    ],
)
def test_promise_5_an_approval_is_used_once(used: f.Body) -> None:
    truth = truth_of(wishes(licence()), OPENED, YES, used)
    assert not truth.evidence.approved(5, "s")
    assert why(truth) is not None


def test_promise_5_of_a_product_that_no_list_names_nothing_milder_is_known() -> None:
    assert why(truth_of(wishes(licence(product=99)), OPENED)) is Why.PROOF_TOO_WEAK
    assert why(truth_of(wishes(licence(product=VOUCHER)), OPENED)) is None


def test_no_personal_thing_moves_while_another_door_stands_open() -> None:
    elsewhere = f.DoorOpened(compartment=1)
    assert why(truth_of(wishes(licence()), OPENED, YES, elsewhere)) is Why.SESSION_BUSY
    assert why(truth_of(wishes(licence(product=VOUCHER)), OPENED, elsewhere)) is None
    assert why(truth_of(wishes(licence()), OPENED, YES, elsewhere, f.DoorShut(compartment=1))) is None


@pytest.mark.parametrize("stage", list(Stage))
def test_what_the_centre_approved_is_opened_only_as_this_wall_knows_it(stage: Stage) -> None:
    """Personal, on its way out, loaded or waiting, in its compartment."""
    truth = truth_of(wishes(licence(stage=stage), waiting(6, 3)), OPENED)
    found = [known.id for known in truth.of_addressee((5, 6, 99, 5))]
    assert found == ([5] if stage in {Stage.LOADED, Stage.WAITING} else [])


def test_a_document_is_opened_from_the_desk_only_as_its_own_recall() -> None:
    truth = truth_of(wishes(licence()))
    assert truth.pulse_allowed(2, "remote", None) is not None
    assert truth.pulse_allowed(2, "remote", 6) is not None
    assert truth.pulse_allowed(2, "remote", 5) is None


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("staff-dirk", "staff-cleo", None),
        ("staff-cleo", "staff-cleo", Why.SAME_PERSON_TWICE),
        (None, "staff-cleo", Why.NEEDS_SECOND_PERSON),
        ("staff-dirk", None, Why.NEEDS_SECOND_PERSON),
    ],
)
def test_two_people_load_a_document(first: str | None, second: str | None, expected: Why | None) -> None:
    """Before any pulse."""
    truth = truth_of(wishes(a_handover(5, product=LICENCE, grants=(), first_staff=first)), OPENED)
    denied = truth.pulse_allowed(1, "load", 5, session="s", staff=second)
    assert (denied.why if denied else None) is expected


def test_one_person_loads_what_needs_no_second() -> None:
    truth = truth_of(wishes(a_handover(5, first_staff="staff-cleo")), OPENED)
    assert truth.pulse_allowed(1, "load", 5, session="s", staff="staff-cleo") is None
