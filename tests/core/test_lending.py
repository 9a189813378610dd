"""Lending: no item is promised twice for the same day, and nobody is refused while a plan exists."""

from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from onthaal.core.lending import Allocation, Promised, Span, allocate, depth
from onthaal.core.refusals import Refusal, Why

FIRST = date(2027, 1, 1)


def days(first: int, last: int) -> Span:
    return Span(FIRST + timedelta(days=first), FIRST + timedelta(days=last))


SPANS = st.builds(lambda first, length: days(first, first + length), st.integers(0, 12), st.integers(0, 5))


def test_the_first_free_item_is_given() -> None:
    taken = [Promised(1, 10, days(0, 3))]
    assert allocate([10, 11], taken, days(2, 4)) == Allocation(11)
    assert allocate([10, 11], taken, days(4, 5)) == Allocation(10)


def test_the_last_day_of_one_loan_is_not_the_first_of_another() -> None:
    with pytest.raises(Refusal) as no:
        allocate([10], [Promised(1, 10, days(0, 3))], days(3, 4))
    assert no.value.why is Why.NO_ITEM_FREE


def test_promises_move_when_that_makes_room() -> None:
    taken = [Promised(1, 10, days(0, 1)), Promised(2, 11, days(4, 5))]
    assert allocate([10, 11], taken, days(0, 5)) == Allocation(11, {2: 10})


def test_only_some_items_will_do_and_others_move_to_any() -> None:
    taken = [Promised(1, 10, days(-2, 0), fixed=True), Promised(2, 11, days(1, 4))]
    assert allocate([10, 11], taken, days(0, 1), among=[11]) == Allocation(11, {2: 10})
    with pytest.raises(Refusal):
        allocate([10, 11], [*taken, Promised(3, 10, days(2, 2), fixed=True)], days(0, 1), among=[11])


def test_what_is_out_stays_what_it_is() -> None:
    taken = [Promised(1, 10, days(0, 1), fixed=True), Promised(2, 11, days(0, 5), fixed=True)]
    with pytest.raises(Refusal):
        allocate([10, 11], taken, days(1, 2))


@given(st.integers(1, 4), st.lists(SPANS, max_size=14))
def test_a_loan_is_accepted_exactly_when_the_busiest_day_has_an_item_for_everybody(
    count: int, asked: list[Span]
) -> None:
    items = list(range(100, 100 + count))
    promised: dict[int, Promised] = {}
    for number, span in enumerate(asked):
        fits = depth([*(promise.span for promise in promised.values()), span]) <= count
        try:
            plan = allocate(items, promised.values(), span)
        except Refusal:
            assert not fits
            continue
        assert fits
        for moved, item in plan.moved.items():
            promised[moved] = Promised(moved, item, promised[moved].span)
        promised[number] = Promised(number, plan.item, span)
        assert_nothing_is_promised_twice(promised)


@given(st.integers(1, 4), st.lists(st.integers(0, 5), max_size=4), st.lists(SPANS, max_size=8), SPANS)
def test_loans_that_are_out_cost_nobody_a_plan_that_exists(
    count: int, out: list[int], later: list[Span], wanted: Span
) -> None:
    items = list(range(count))
    promised = [Promised(1000 + item, item, days(-1, last), fixed=True) for item, last in zip(items, out, strict=False)]
    for number, span in enumerate(later):
        try:
            plan = allocate(items, promised, span)
        except Refusal:
            continue
        promised = [Promised(p.id, plan.moved.get(p.id, p.item), p.span, p.fixed) for p in promised]
        promised.append(Promised(number, plan.item, span))
    assume(depth([*(promise.span for promise in promised), wanted]) <= count)
    assert allocate(items, promised, wanted).item in items


def assert_nothing_is_promised_twice(promised: dict[int, Promised]) -> None:
    for one in promised.values():
        for other in promised.values():
            assert one is other or one.item != other.item or not one.span.meets(other.span)
