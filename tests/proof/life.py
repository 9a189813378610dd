"""Nine days of one wall, as its log tells them: what is loaded, taken, kept, brought back, taken out and doubted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from onthaal.clock import HandTurnedClock
from onthaal.core import facts as f
from onthaal.core.lifecycles import CLOSED
from onthaal.core.lifecycles import Stage as At
from onthaal.kiosk.ledger import Accepted
from onthaal.kiosk.store import Store
from onthaal.kiosk.truth import Truth
from tests.kiosk.cast import NOW, PEPPER, TAG, fitted
from tests.proof.town import Town, qr_of

FITS = fitted(*["XL"] * 9)
PUTS_IN: tuple[f.Purpose, ...] = ("load", "return")
SAME = {At.WAITING: At.LOADED}


@dataclass(frozen=True)
class Life:
    """`days`: what the log says of each. `out`: the handovers out, all of them."""

    days: tuple[tuple[f.Body, ...], ...]
    out: tuple[int, ...]
    every: tuple[int, ...]


def opened(door: int, name: str, handover: int, purpose: f.Purpose = "collect") -> tuple[f.Body, ...]:
    intent = f.OpenIntended(intent=f"i{name}", session=f"s{name}", compartment=door, purpose=purpose, handover=handover)
    return (
        f.SessionOpened(session=f"s{name}", language="nl"),
        intent,
        f.DoorOpened(compartment=door, intent=intent.intent),
        f.DoorShut(compartment=door, intent=intent.intent, present=purpose in {"load", "return"}),
    )


def a_life(town: Town) -> Life:
    staff = str(town.wall.clerk.pseudonym)
    taken, kept, doubted, undone, left = (town.plans() for _ in range(5))
    lent = town.plans(town.tagged(TAG))
    back = town.plans(direction="back", out=lent)

    def loads(handover: int, door: int) -> tuple[f.Body, ...]:
        loaded = f.Loaded(handover=handover, compartment=door, staff=staff, session=f"sl{handover}", grade="C")
        return (*opened(door, f"l{handover}", handover, "load"), loaded)

    def takes(handover: int, door: int) -> tuple[f.Body, ...]:
        took = f.Collected(handover=handover, compartment=door, session=f"sc{handover}", grade="C")
        return (*opened(door, f"c{handover}", handover), took)

    def takes_out(handover: int, door: int) -> f.TakenOut:
        return f.TakenOut(compartment=door, staff=staff, session="t", grade="C", handover=handover)

    wrong = f.CodeRefused(session="w", channel="pin", why="code-wrong", counts=True)
    days: tuple[tuple[f.Body, ...], ...] = (
        (f.Started(software="1", clean=True), f.Configured(compartments=FITS), *loads(taken, 3), *loads(kept, 4)),
        (*loads(doubted, 5), *loads(lent, 6), wrong),
        (*takes(taken, 3), f.BusSilent(bus="main", compartments=(3, 4)), f.BusRestored(bus="main")),
        (*takes(lent, 6), f.NotTaken(handover=kept, compartment=4, session="n"), wrong),
        (f.Disputed(handover=doubted, compartment=5, why="crash-closed-absent"), *loads(undone, 7)),
        (f.LoadUndone(handover=undone, compartment=7, staff=staff, session=f"sl{undone}"), *loads(left, 8)),
        (*opened(6, "back", back, "return"),
         f.Returned(compartment=6, session="sback", grade="B", handover=back, item=town.item(back), tag=TAG)),
        (*takes(kept, 4), takes_out(back, 6)),
        (takes_out(doubted, 5), f.OpenedWithoutCommand(compartment=9)),
    )  # fmt: skip
    return Life(days, (taken, kept, doubted, undone, left, lent), (taken, kept, doubted, undone, left, lent, back))


def a_store(path: Path) -> tuple[Store, HandTurnedClock]:
    clock = HandTurnedClock(NOW)
    return Store.open(path, clock=clock), clock


def passes(store: Store, clock: HandTurnedClock, day: tuple[f.Body, ...]) -> None:
    clock.turn(days=1)
    store.append(*day)


def truth_of(store: Store) -> Truth:
    return Truth.of(store, FITS)


def gone(days: tuple[tuple[f.Body, ...], ...]) -> Iterator[int]:
    """The handovers out whose thing these days took from the wall."""
    for day in days:
        for body in day:
            if isinstance(body, f.Collected | f.TakenOut | f.LoadUndone) and body.handover is not None:
                yield body.handover


def no_used_code_opens(truth: Truth, life: Life, so_far: int) -> None:
    """Promise 2 and 8: what was taken stays taken, and its code opens no door, whatever snapshot came."""
    for handover in set(gone(life.days[:so_far])) & set(life.out):
        answer = truth.check_qr(qr_of(handover), now=NOW, pepper=PEPPER)
        assert not isinstance(answer, Accepted), f"the code of {handover} opens again"
        known = truth.handover(handover)
        assert known is None or known.stage in CLOSED | {At.PLANNED}, f"{handover} came back as {known.stage}"
        for number in range(1, 10):
            assert truth.pulse_allowed(number, "collect", handover) is not None, f"{number} opens for {handover}"


def lying(days: tuple[tuple[f.Body, ...], ...]) -> dict[int, int]:
    """Handover → the door behind which these days left its thing."""
    there: dict[int, int] = {}
    for day in days:
        for body in day:
            if isinstance(body, f.Loaded | f.Returned) and body.handover is not None:
                there[body.handover] = body.compartment
            elif isinstance(body, f.Collected | f.TakenOut | f.LoadUndone) and body.handover is not None:
                there.pop(body.handover, None)
    return there


def nothing_in_the_wall_is_forgotten(truth: Truth, life: Life, so_far: int) -> None:
    """Promises 2 and 4: what the log left behind a door is not called empty, and nothing else goes in there."""
    for handover, door in lying(life.days[:so_far]).items():
        assert truth.content(door).content != "empty", f"{handover} lies in {door}"
        for other in life.every:
            for purpose in PUTS_IN:
                denied = truth.pulse_allowed(door, purpose, other)
                assert denied is not None, f"{door} opens to {purpose} {other}, and {handover} lies there"
            if other != handover:
                assert truth.pulse_allowed(door, "collect", other) is not None, f"{door} opens for {other}"


def both_say_the_same(town: Town, life: Life, truth: Truth) -> None:
    """Wall and centre on every handover; one that the wall no longer knows is closed at the centre."""
    for handover in life.every:
        book, known = town.book(handover), truth.handover(handover)
        stage = At(book.stage)
        if known is None:
            assert stage in CLOSED, f"{handover}: {book}"
        else:
            assert SAME.get(stage, stage) == SAME.get(known.stage, known.stage), f"{handover}: {book} and {known.stage}"
