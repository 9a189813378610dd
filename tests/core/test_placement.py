"""Which compartment a thing goes into."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onthaal.core import facts as f
from onthaal.core.evidence import Evidence
from onthaal.core.placement import SIZES, Need, choose, within_reach
from tests.core.test_evidence import folded
from tests.kiosk.cast import all_closed, fitted

WALL = fitted("M", "S", "M", "L")


def all_empty(*more: f.Body) -> Evidence:
    return folded(*(f.SeenEmpty(compartment=one.number) for one in WALL), *more)


def chosen(evidence: Evidence, need: Need, **changed: Any) -> int | None:
    return choose(evidence, WALL, need, **({"doors": all_closed(WALL)} | changed))


def test_the_smallest_that_fits_is_taken() -> None:
    assert chosen(all_empty(), Need(size="S")) == 2
    assert chosen(all_empty(), Need(size="L")) == 4
    assert chosen(all_empty(), Need(size="XL")) is None


def test_what_must_be_low_goes_low_and_what_need_not_leaves_it() -> None:
    assert chosen(all_empty(), Need(size="S", low=True)) == 1
    assert chosen(all_empty(), Need(size="M")) == 3
    assert chosen(all_empty(), Need(size="M"), taken={3}) == 1


def test_the_reach_of_a_seated_person_is_from_380_to_1220_mm() -> None:
    def door(bottom: int, top: int) -> f.Fitted:
        return f.Fitted(number=1, size="S", bottom_mm=bottom, top_mm=top, presence=True)

    assert within_reach(door(380, 1220))
    assert not within_reach(door(379, 1000))
    assert not within_reach(door(900, 1221))


def test_promise_4_nothing_is_given_out_before_somebody_saw_it_empty() -> None:
    assert chosen(Evidence.empty(), Need(size="S")) is None


@pytest.mark.parametrize("door", ["open", "unknown", None])
def test_promise_4_nothing_is_given_out_whose_door_the_sensor_does_not_call_closed(door: str | None) -> None:
    doors = {number: state for number, state in {2: door}.items() if state}
    assert chosen(all_empty(), Need(size="S"), doors=doors) is None


@pytest.mark.parametrize(
    "then",
    [
        f.DoorOpened(compartment=2),
        f.CompartmentBlocked(compartment=2, reason="x"),
        f.OpenIntended(intent="i", session="s", compartment=2, purpose="load", handover=5),
        f.Loaded(handover=5, compartment=2, staff="cleo", session="s", grade="C"),
        f.FoundItem(compartment=2, session="s"),
    ],
    ids=lambda body: type(body).__name__,
)
def test_promise_4_nothing_is_given_out_that_is_opened_blocked_meant_or_full(then: f.Body) -> None:
    assert chosen(all_empty(then), Need(size="S")) == 3


def test_promise_4_an_emptied_compartment_waits_until_its_door_was_shut() -> None:
    taken = f.TakenOut(compartment=2, staff="cleo", session="s", grade="D")
    still_open = all_empty(f.DoorOpened(compartment=2), taken)
    assert chosen(still_open, Need(size="S")) == 3
    assert chosen(all_empty(f.DoorOpened(compartment=2), taken, f.DoorShut(compartment=2)), Need(size="S")) == 2


CONTENTS = st.sampled_from(["empty", "full", "unknown", "blocked", "opened"])


@given(
    st.lists(CONTENTS, min_size=4, max_size=4),
    st.lists(st.sampled_from(["open", "closed", "unknown"]), min_size=4, max_size=4),
    st.sampled_from(SIZES),
    st.booleans(),
)
def test_promise_4_only_the_proven_empty_is_ever_chosen(
    contents: list[str], doors: list[Any], size: Any, low: bool
) -> None:
    bodies: list[f.Body] = []
    for number, content in enumerate(contents, start=1):
        bodies += [] if content == "unknown" else [f.SeenEmpty(compartment=number)]
        bodies += [f.FoundItem(compartment=number, session="s")] if content == "full" else []
        bodies += [f.CompartmentBlocked(compartment=number, reason="x")] if content == "blocked" else []
        bodies += [f.DoorOpened(compartment=number)] if content == "opened" else []
    given_out = choose(folded(*bodies), WALL, Need(size=size, low=low), doors=dict(enumerate(doors, start=1)))
    fits = {
        one.number
        for one, content, door in zip(WALL, contents, doors, strict=True)
        if (content, door) == ("empty", "closed")
        and SIZES.index(one.size) >= SIZES.index(size)
        and (within_reach(one) or not low)
    }
    assert given_out in fits or (given_out is None and not fits)
