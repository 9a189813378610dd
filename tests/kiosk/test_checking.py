"""Codes, badges and PINs at the wall."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from onthaal.core import facts as f
from onthaal.core.codes import Kind, check_character, written
from onthaal.core.lifecycles import Direction, Stage
from onthaal.core.protocol import Spent, Wall, Wishes
from onthaal.core.refusals import Why
from onthaal.kiosk.truth import Accepted, Denied, Truth
from onthaal.proofs import qr
from tests.kiosk.cast import (
    BADGE_BODY,
    LICENCE,
    NOW,
    PEPPER,
    STAFF_PIN,
    a_grant,
    a_handover,
    as_facts,
    cleo,
    pin_text,
    qr_body,
    qr_text,
    waiting,
    wishes,
)
from tests.kiosk.test_truth import collected, truth_of

RIGHT = pin_text("005")
HELP: dict[str, Any] = {"help_phone": "+32 9 000 00 00"}


def pin(truth: Truth, text: str = RIGHT, *, at: Any = NOW, pepper: bytes = PEPPER) -> Accepted | Denied:
    return truth.check_pin(text, now=at, pepper=pepper)


def scan(truth: Truth, text: str, *, at: Any = NOW, pepper: bytes = PEPPER) -> Accepted | Denied:
    return truth.check_qr(text, now=at, pepper=pepper)


def why(answer: Accepted | Denied) -> Why:
    assert isinstance(answer, Denied)
    return answer.why


def guess(grant: int | None = None) -> f.CodeRefused:
    return f.CodeRefused(session="s", channel="pin", why="code-wrong", grant=grant, counts=True)


AN = wishes(waiting(5, 2))


def test_the_right_pin_names_the_grant_and_the_handover() -> None:
    accepted = pin(truth_of(AN))
    assert isinstance(accepted, Accepted)
    assert (accepted.grant.id, accepted.known.id, accepted.known.compartment) == (5, 5, 2)


OVER = {
    "unknown selector": (AN, pin_text("006"), None, True),
    "wrong secret": (AN, pin_text("005", "170936"), None, True),
    "expired": (wishes(waiting(5, 2, grants=(a_grant(5, "005", closes_at=NOW),))), RIGHT, Why.CODE_EXPIRED, False),
    "recalled": (wishes(waiting(5, 2, stage=Stage.RECALLED)), RIGHT, Why.CODE_REVOKED, False),
    "closed by the centre": (wishes(waiting(5, 2, grants=(a_grant(5, "005", pin_verifier=None),))), RIGHT, None, True),
}


@pytest.mark.parametrize("case", OVER)
def test_every_wrong_pin_is_told_in_one_wording_and_only_a_guess_counts(case: str) -> None:
    snapshot, text, real, counts = OVER[case]
    answer = pin(truth_of(snapshot), text)
    assert isinstance(answer, Denied)
    assert (answer.why, answer.facts, answer.until) == (Why.CODE_WRONG, {}, None)
    assert answer.counts is counts
    assert answer.real is (real or (Why.PIN_CLOSED if case == "closed by the centre" else None))


def test_a_pin_used_here_a_moment_ago_is_told_as_any_wrong_one() -> None:
    answer = pin(truth_of(AN, collected(5, 2)))
    assert isinstance(answer, Denied)
    assert (answer.why, answer.real, answer.counts) == (Why.CODE_WRONG, Why.CODE_USED, False)


def test_five_wrong_tries_close_a_pin_without_saying_so_and_its_qr_still_opens() -> None:
    truth = truth_of(AN, *[guess(5)] * 5)
    later = NOW + timedelta(minutes=16)
    for text in (RIGHT, pin_text("005", "000000")):
        answer = pin(truth, text, at=later)
        assert isinstance(answer, Denied)
        assert (answer.why, answer.real) == (Why.CODE_WRONG, Why.PIN_CLOSED)
    assert isinstance(scan(truth, qr_text(5), at=later), Accepted)


def test_the_fact_of_a_refusal_says_the_real_reason_and_never_the_code() -> None:
    answer = pin(truth_of(AN, collected(5, 2)))
    assert isinstance(answer, Denied)
    assert answer.told(session="s", channel="pin") == f.CodeRefused(
        session="s", channel="pin", why="code-used", grant=5, counts=False
    )


def test_after_three_wrong_ones_the_wall_takes_no_pin_for_a_while_and_a_qr_at_once() -> None:
    truth = truth_of(AN, *[guess()] * 3)
    answer = pin(truth)
    assert isinstance(answer, Denied)
    assert (answer.why, answer.until) == (Why.BACKED_OFF, NOW + timedelta(seconds=30))
    assert isinstance(pin(truth, at=NOW + timedelta(seconds=30)), Accepted)
    assert isinstance(scan(truth, qr_text(5)), Accepted)


def test_a_wall_that_was_guessed_at_too_often_takes_qr_only_until_staff_releases_it() -> None:
    guesses = [guess()] * 120
    later = NOW + timedelta(hours=1)
    assert why(pin(truth_of(AN, *guesses), at=later)) is Why.QR_ONLY
    assert isinstance(pin(truth_of(wishes(waiting(5, 2), qr_only_releases=1), *guesses), at=later), Accepted)


@pytest.mark.parametrize("text", ["", "12345678", "1234567890", "abcdefghi"])
def test_what_is_no_pin_is_told_as_a_wrong_one_and_counts_for_nothing(text: str) -> None:
    answer = pin(truth_of(AN), text)
    assert isinstance(answer, Denied)
    assert (answer.why, answer.counts) == (Why.CODE_WRONG, False)


def test_promise_15_a_stolen_disk_without_the_pepper_yields_no_pin_and_no_qr() -> None:
    """The right PIN, tried against the verifier with any pepper but the wall's, is a wrong one."""
    other = bytes(32)
    assert why(pin(truth_of(AN), pepper=other)) is Why.CODE_WRONG
    assert why(scan(truth_of(AN), qr_text(5), pepper=other)) is Why.CODE_WRONG


@pytest.mark.parametrize("channel", ["pin", "qr"])
@pytest.mark.parametrize("product", [LICENCE, 99])
def test_promise_5_no_pin_and_no_bare_qr_ever_releases_a_personal_document(channel: str, product: int) -> None:
    """Also not when the product's rule is missing. (Part of promise 5: the strong identification is later work.)"""
    truth = truth_of(wishes(waiting(5, 2, product=product)))
    assert why(pin(truth) if channel == "pin" else scan(truth, qr_text(5))) is Why.PROOF_TOO_WEAK


# QR


@pytest.mark.parametrize(
    ("snapshot", "own", "reason"),
    [
        (wishes(waiting(5, 2, grants=(a_grant(5, closes_at=NOW),))), (), Why.CODE_EXPIRED),
        (wishes(waiting(5, 2, grants=(a_grant(5, opens_at=NOW + timedelta(1)),))), (), Why.CODE_NOT_YET),
        (wishes(a_handover(5)), (), Why.CODE_NOT_YET),
        (wishes(waiting(5, 2, stage=Stage.RECALLED)), (), Why.CODE_REVOKED),
        (wishes(waiting(5, 2, stage=Stage.DISPUTED)), (), Why.COMPARTMENT_UNAVAILABLE),
        (AN, (collected(5, 2),), Why.CODE_USED),
    ],
)
def test_a_qr_gets_its_reason_and_never_counts(snapshot: Wishes, own: tuple[f.Body, ...], reason: Why) -> None:
    answer = scan(truth_of(snapshot, *own), qr_text(5))
    assert isinstance(answer, Denied)
    assert (answer.why, answer.grant, answer.counts) == (reason, 5, False)


@pytest.mark.parametrize("reason", ["code-used", "code-revoked", "code-expired"])
def test_a_spent_qr_that_the_centre_remembers_gets_its_reason(reason: Any) -> None:
    spent = Spent(qr_verifier=qr.verifier(Kind.GRANT, qr_body(5), PEPPER), why=reason)
    assert why(scan(truth_of(wishes(spent=(spent,))), qr_text(5))) is Why(reason)


def test_a_code_of_another_wall_is_told_where_the_walls_are() -> None:
    walls = (Wall(name="Automaat Kerk", address="Kerkstraat 2"), Wall(name="Automaat Bib", address="Plein 3"))
    answer = scan(truth_of(wishes(walls=walls)), qr_text(5))
    assert answer == Denied(
        why=Why.CODE_OF_OTHER_WALL, facts={"walls": "Automaat Kerk, Kerkstraat 2; Automaat Bib, Plein 3", **HELP}
    )


def test_where_there_is_one_wall_only_an_unknown_code_is_just_wrong() -> None:
    assert scan(truth_of(wishes()), qr_text(5)) == Denied(why=Why.CODE_WRONG, facts=HELP)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "GZ1:",
        qr_text(5)[:-1] + "7",
        "GZ2:" + "A" * 16 + check_character("A" * 16),
        "https://example.be",
        "\x00\ufffd" * 100,
        "GZ1:" + "A" * 5000,
    ],
)
def test_a_mistyped_or_foreign_text_is_unreadable(text: str) -> None:
    assert scan(truth_of(AN), text) == Denied(why=Why.CODE_UNREADABLE, facts=HELP)


@pytest.mark.parametrize("text", [written(Kind.LABEL, "LABELABE"), written(Kind.BADGE, BADGE_BODY)])
def test_a_label_or_a_badge_is_no_residents_code(text: str) -> None:
    assert why(scan(truth_of(AN), text)) is Why.CODE_FOR_STAFF


# bringing back


def test_a_return_is_never_too_late_and_its_code_works_once() -> None:
    grant = a_grant(6, "006", opens_at=NOW - timedelta(days=900), closes_at=None)
    lent = wishes(a_handover(6, direction=Direction.BACK, grants=(grant,)))
    assert isinstance(pin(truth_of(lent), pin_text("006")), Accepted)
    assert isinstance(scan(truth_of(lent), qr_text(6)), Accepted)
    returned = f.Returned(compartment=1, session="s", grade="B", handover=6)
    assert why(scan(truth_of(lent, returned), qr_text(6))) is Why.CODE_USED


# staff


def test_a_badge_and_its_pin_say_who_stands_there() -> None:
    truth = truth_of(AN)
    badge = truth.check_badge(written(Kind.BADGE, BADGE_BODY), pepper=PEPPER)
    assert badge == cleo()
    assert truth.check_staff_pin(cleo(), STAFF_PIN, now=NOW, pepper=PEPPER) == cleo()


@pytest.mark.parametrize("text", [written(Kind.BADGE, "A" * 16), qr_text(5), "GZS:", ""])
def test_anything_else_is_nobodys_badge(text: str) -> None:
    assert truth_of(AN).check_badge(text, pepper=PEPPER) is None
    assert truth_of(None).check_badge(text, pepper=PEPPER) is None


def test_wrong_staff_pins_close_that_badge_also_for_the_right_one() -> None:
    log: list[f.Body] = []
    for _ in range(5):
        at = NOW + timedelta(minutes=16 * len(log))
        truth = truth_of(AN).after(*as_facts(*log))
        answer = truth.check_staff_pin(cleo(), "000000", now=at, pepper=PEPPER)
        assert isinstance(answer, Denied)
        assert (answer.why, answer.counts) == (Why.STAFF_PIN_WRONG, True)
        log.append(answer.told(session="s", channel="badge"))
    closed = truth_of(AN).after(*as_facts(*log)).check_staff_pin(cleo(), STAFF_PIN, now=NOW, pepper=PEPPER)
    assert isinstance(closed, Denied)
    assert (closed.why, closed.until) == (Why.BACKED_OFF, NOW + timedelta(hours=24))


def test_promise_15_the_staff_pin_too_needs_the_pepper() -> None:
    answer = truth_of(AN).check_staff_pin(cleo(), STAFF_PIN, now=NOW, pepper=bytes(32))
    assert isinstance(answer, Denied)


def back(**changed: Any) -> Wishes:
    grant = a_grant(6, "006", opens_at=NOW + timedelta(days=2), closes_at=NOW - timedelta(days=2))
    return wishes(a_handover(6, direction=Direction.BACK, grants=(grant,)), **changed)


def test_bringing_back_is_never_refused_by_time_whatever_the_clock_says() -> None:
    assert isinstance(pin(truth_of(back()), pin_text("006")), Accepted)
    assert isinstance(scan(truth_of(back()), qr_text(6)), Accepted)


def test_a_code_begins_and_ends_by_the_centres_time_and_the_tries_go_by_the_machines() -> None:
    truth, late = truth_of(AN), NOW + timedelta(days=5)
    answer = truth.check_pin(RIGHT, now=NOW, pepper=PEPPER, centre=late)
    assert isinstance(answer, Denied)
    assert answer.real is Why.CODE_EXPIRED
    assert isinstance(truth.check_pin(RIGHT, now=late, pepper=PEPPER, centre=NOW), Accepted)
