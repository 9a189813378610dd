"""The visits that are cut: what was so before, what the hands do, and where a thing may be said to be afterwards."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from onthaal.core import facts as f
from onthaal.core.codes import Kind, written
from onthaal.core.lifecycles import Stage as At
from tests.kiosk.cast import STAFF_PIN, TAG
from tests.kiosk.stage import Stage
from tests.proof.cuts import Hands
from tests.proof.town import Town, pin, qr_of

STRAY_DOOR, DOOR, OTHER_DOOR = 2, 3, 4
"""Behind the first lies something that nobody ever told of, where a thing of this size would go first."""


class Scene(msgspec.Struct, frozen=True):
    """One visit, with the ids that the centre gave."""

    handover: int
    other: int
    """Somebody else's, waiting behind OTHER_DOOR all the while."""
    before: tuple[f.Body, ...]
    """What the log says before the visit."""
    things: dict[int, str | None]
    hands: Hands
    mine: frozenset[str]
    """How the things of this handover are called."""
    in_hand: frozenset[At]
    """The stages that are true while the thing is not in the wall."""
    holder: str
    """Who holds it then."""
    inside: frozenset[At] = frozenset({At.LOADED, At.WAITING, At.RECALLED})
    """The stages that are true while it lies in the wall."""
    agree: Callable[[], None] = lambda: None
    """What the centre decides before the visit, once it heard what was before."""


Story = Callable[[Town], Scene]


def _load(handover: int, door: int, staff: str) -> f.Loaded:
    return f.Loaded(handover=handover, compartment=door, staff=staff, session="earlier", grade="C")


def _empty(*but: int) -> tuple[f.Body, ...]:
    """Staff looked into all the others: on a board without eyes nothing else says so."""
    return tuple(f.SeenEmpty(compartment=n, staff="an") for n in range(1, 10) if n not in {*but, STRAY_DOOR})


def _waiting(town: Town) -> tuple[int, int, tuple[f.Body, ...]]:
    mine, other = town.plans(), town.plans()
    staff = str(town.wall.clerk.pseudonym)
    before = (_load(mine, DOOR, staff), _load(other, OTHER_DOOR, staff), *_empty(DOOR, OTHER_DOOR))
    return mine, other, before


def _collects(town: Town, *, hands: Callable[[int], Hands]) -> Scene:
    mine, other, before = _waiting(town)

    def agree() -> None:
        town.told_the_addressee(mine)
        town.told_the_addressee(other)

    return Scene(
        handover=mine,
        other=other,
        before=before,
        things={DOOR: None, OTHER_DOOR: None, STRAY_DOOR: None},
        hands=hands(mine),
        mine=frozenset({f"what lies in {DOOR}"}),
        in_hand=frozenset({At.COLLECTED}),
        holder="citizen",
        agree=agree,
    )


def collect_by_pin(town: Town) -> Scene:
    def hands(mine: int) -> Hands:
        async def story(stage: Stage) -> None:
            await stage.types_pin(pin(mine))
            await _takes(stage, DOOR)
            await stage.sees("thanks")

        return story

    return _collects(town, hands=hands)


def collect_by_qr(town: Town) -> Scene:
    def hands(mine: int) -> Hands:
        async def story(stage: Stage) -> None:
            await stage.sees("attract")
            stage.wall.hold_code(qr_of(mine))
            await _takes(stage, DOOR)
            await stage.sees("thanks")
            stage.act("done")
            await stage.sees("attract")

        return story

    return _collects(town, hands=hands)


def collect_the_second_time(town: Town) -> Scene:
    """The first time nothing is taken: the door opens once more, and then it is."""

    def hands(mine: int) -> Hands:
        async def story(stage: Stage) -> None:
            await stage.types_pin(pin(mine))
            await stage.opens(DOOR)
            await stage.sees("take")
            stage.hand.shut(DOOR)
            await stage.tells(f.NotTaken)
            stage.act("again")
            await _takes(stage, DOOR)
            await stage.sees("thanks")

        return story

    return _collects(town, hands=hands)


def load(town: Town) -> Scene:
    return _loads(town, undo=False)


def undo(town: Town) -> Scene:
    return _loads(town, undo=True)


def _loads(town: Town, *, undo: bool) -> Scene:
    mine, other = town.plans(), town.plans()
    label = town.label(mine)

    async def story(stage: Stage) -> None:
        await _staff(stage, town)
        stage.act("go", "load")
        stage.wall.hold_code(written(Kind.LABEL, label))
        number = (await stage.tells(f.OpenIntended)).compartment
        await stage.opens(number)
        await stage.sees("load-put")
        stage.put(number, text="mine")
        stage.hand.shut(number)
        await stage.sees("load-confirm")
        stage.act("confirm")
        await stage.sees("load-scan")
        if undo:
            stage.act("undo")
            await stage.opens(number)
            await stage.sees("load-put")
            stage.hand.take(number)
            stage.hand.shut(number)
            await stage.tells(f.LoadUndone)

    return Scene(
        handover=mine,
        other=other,
        before=(_load(other, OTHER_DOOR, str(town.wall.clerk.pseudonym)), *_empty(OTHER_DOOR)),
        things={OTHER_DOOR: None, STRAY_DOOR: None},
        hands=story,
        mine=frozenset({"mine"}),
        in_hand=frozenset({At.PLANNED}),
        holder="desk",
        agree=lambda: town.told_the_addressee(other),
    )


def _lent(town: Town) -> tuple[int, int, tuple[f.Body, ...]]:
    """A thing that is out, its return, and what the log says of it."""
    out = town.plans(town.tagged(TAG))
    back = town.plans(direction="back", out=out)
    staff = str(town.wall.clerk.pseudonym)
    taken = f.Collected(handover=out, compartment=DOOR, session="earlier", grade="C")
    return out, back, (_load(out, DOOR, staff), taken)


def bring_back(town: Town) -> Scene:
    _, back, lent = _lent(town)
    other = town.plans()

    async def story(stage: Stage) -> None:
        await stage.starts()
        stage.act("go", "return")
        stage.wall.hold_tag(TAG)
        number = (await stage.tells(f.OpenIntended)).compartment
        await stage.opens(number)
        await stage.sees("return-put")
        stage.put(number, text="mine")
        stage.wall.hold_tag(None)
        stage.hand.shut(number)
        await stage.sees("return-thanks")

    return Scene(
        handover=back,
        other=other,
        before=(*lent, _load(other, OTHER_DOOR, str(town.wall.clerk.pseudonym)), *_empty(OTHER_DOOR)),
        things={OTHER_DOOR: None, STRAY_DOOR: None},
        hands=story,
        mine=frozenset({"mine"}),
        in_hand=frozenset({At.PLANNED}),
        holder="citizen",
        inside=frozenset({At.LOADED}),
        agree=lambda: town.told_the_addressee(other),
    )


def take_out_what_came_back(town: Town) -> Scene:
    _, back, lent = _lent(town)
    other = town.plans()
    returned = f.Returned(compartment=DOOR, session="earlier", grade="B", handover=back, item=town.item(back), tag=TAG)
    loaded = _load(other, OTHER_DOOR, str(town.wall.clerk.pseudonym))
    return Scene(
        handover=back,
        other=other,
        before=(*lent, returned, loaded, *_empty(DOOR, OTHER_DOOR)),
        things={DOOR: TAG, OTHER_DOOR: None, STRAY_DOOR: None},
        hands=_takes_out(town),
        mine=frozenset({f"what lies in {DOOR}"}),
        in_hand=frozenset({At.COLLECTED}),
        holder="desk",
        inside=frozenset({At.LOADED}),
        agree=lambda: town.told_the_addressee(other),
    )


def take_out_what_was_recalled(town: Town) -> Scene:
    mine, other, before = _waiting(town)

    def agree() -> None:
        town.told_the_addressee(other)
        town.recalls(mine)

    return Scene(
        handover=mine,
        other=other,
        before=before,
        things={DOOR: None, OTHER_DOOR: None, STRAY_DOOR: None},
        hands=_takes_out(town),
        mine=frozenset({f"what lies in {DOOR}"}),
        in_hand=frozenset({At.TAKEN_BACK}),
        holder="desk",
        inside=frozenset({At.RECALLED}),
        agree=agree,
    )


def _takes_out(town: Town) -> Hands:
    async def story(stage: Stage) -> None:
        await _staff(stage, town)
        stage.act("go", "takeout")
        await stage.sees("takeout-list")
        stage.act("choose", str(DOOR))
        await stage.opens(DOOR)
        await stage.sees("takeout-open")
        stage.hand.take(DOOR)
        stage.hand.shut(DOOR)
        await stage.sees("takeout-confirm")
        stage.act("confirm")
        await stage.tells(f.TakenOut)

    return story


async def _takes(stage: Stage, door: int) -> None:
    await stage.opens(door)
    await stage.sees("take")
    stage.hand.take(door)
    stage.hand.shut(door)


async def _staff(stage: Stage, town: Town) -> None:
    await stage.sees("attract", "home")
    stage.wall.hold_code(town.badge)
    await stage.sees("staff-pin")
    await stage.types(STAFF_PIN)
    await stage.sees("staff-menu")


STORIES: dict[str, tuple[Story, bool]] = {
    "collect by PIN": (collect_by_pin, True),
    "collect by PIN, no eyes": (collect_by_pin, False),
    "collect by QR": (collect_by_qr, True),
    "collect the second time": (collect_the_second_time, True),
    "load": (load, True),
    "load, no eyes": (load, False),
    "undo": (undo, True),
    "bring back": (bring_back, True),
    "take out what came back": (take_out_what_came_back, True),
    "take out what was recalled": (take_out_what_was_recalled, True),
}
"""Name → the story, and whether the board sees what lies in a compartment."""
