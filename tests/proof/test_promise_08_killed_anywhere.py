"""Promises 1, 3 and 8 on the whole: a visit, the power cut at every write of it, and what both sides say afterwards.

Real parts: the runner, the store on a recorded disk, ptys, the emulated wall; the centre's hearing on PostgreSQL under
the application role, with its own wishes. Reached here: every prefix of the writes, with and without what was not
synced, each with the wall as it was then and with the hands going on meanwhile. (That any torn write leaves a store
that opens is tried with the store; a killed process in `test_killed_for_real`.)
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from onthaal.core import facts as f
from onthaal.core.lifecycles import CLOSED, IN_THE_WALL, OPENABLE, Direction
from onthaal.core.lifecycles import Stage as At
from onthaal.kiosk.ledger import Accepted, Denied
from onthaal.kiosk.store import Store
from tests.kiosk.cast import NOW, PEPPER
from tests.proof.cuts import Film, Return, all_back, cuts, filmed, intents_on_disk, prepared
from tests.proof.stories import OTHER_DOOR, STORIES, Scene
from tests.proof.town import Town, qr_of

DOORS = range(1, 10)
AS_ONE = {At.WAITING: At.LOADED}
"""*Waiting* is the centre's word for a loaded thing whose notice has gone."""


def film_of(scene: Scene, town: Town, folder: Path, *, eyes: bool) -> Film:
    def agree(store: Store) -> None:
        town.talks_with(store)
        scene.agree()
        town.talks_with(store)

    def prepare(path: Path, clock: Path) -> None:
        prepared(path, clock, *scene.before, agree=agree)

    return filmed(folder, scene.hands, things=scene.things, eyes=eyes, prepare=prepare)


@pytest.mark.parametrize("name", STORIES)
def test_promise_8_the_plug_pulled_at_any_write_loses_nothing_and_gives_nothing_away(
    name: str, town: Town, tmp_path: Path
) -> None:
    """Promises 1, 3 and 8; of promise 2: that somebody else's door stays shut throughout."""
    story, eyes = STORIES[name]
    scene = story(town)
    film = film_of(scene, town, tmp_path, eyes=eyes)
    every_pulse_had_its_intent(film, tmp_path)
    found = cuts(film, tmp_path / "cut")
    assert len(found) > 10, "too few points to prove anything"
    returns = asyncio.run(all_back(film, found, tmp_path))
    for one in returns:
        it_is_known_where_it_lies(scene, one)
    told_to_the_centre(scene, film, returns, town)


def every_pulse_had_its_intent(film: Film, folder: Path) -> None:
    """Promise 1: before each unlock frame the disk, synced, held an intent or a further pulse of that compartment."""
    sent: dict[int, int] = {}
    for at, compartment in film.unlocked():
        sent[compartment] = sent.get(compartment, 0) + 1
        asked, of = 0, {}
        for body in intents_on_disk(film, at, folder / "pulse"):
            if isinstance(body, f.OpenIntended):
                of[body.intent] = body.compartment
                asked += body.compartment == compartment
            else:
                asked += of[body.intent] == compartment
        assert asked == sent[compartment], f"promise 1: pulse {sent[compartment]} of {compartment} before its intent"
    assert sent, "nothing was opened: there is nothing to prove"


# what the wall says


def it_is_known_where_it_lies(scene: Scene, one: Return) -> None:
    door = lies_at(scene, one)
    known = one.truth.handover(scene.handover)
    assert known is not None, one
    stage = known.stage
    if door is None:
        assert stage in scene.in_hand | {At.DISPUTED}, f"{stage}: given away or lost; {one}"
    else:
        assert stage in scene.inside | {At.DISPUTED}, f"{stage}, and it lies in {door}; {one}"
        assert known.compartment == door, f"it lies in {door}, not in {known.compartment}; {one}"
    assert one.pulses == 0, f"a lock was pulsed and nobody asked; {one}"
    nothing_is_given_out(one)
    codes_open_what_they_should(scene, one)


def lies_at(scene: Scene, one: Return) -> int | None:
    return next((number for number in DOORS if one.world.behind(number) & scene.mine), None)


def nothing_is_given_out(one: Return) -> None:
    """Promise 4: what is called empty is empty, and nothing else is given out."""
    for number in DOORS:
        if one.truth.content(number).content == "empty":
            assert not one.world.behind(number), f"{number} is said to be empty; {one}"
    for known in one.truth.live():
        place = one.truth.place(known, doors=one.doors)  # type: ignore[arg-type]
        assert isinstance(place, Denied) or not one.world.behind(place), f"{place} is given out; {one}"


def codes_open_what_they_should(scene: Scene, one: Return) -> None:
    """The right code opens the right door while the thing waits there, and none after. The other's is untouched."""
    other = one.truth.check_qr(qr_of(scene.other), now=NOW, pepper=PEPPER)
    assert isinstance(other, Accepted), one
    assert other.known.compartment == OTHER_DOOR, one
    assert one.truth.pulse_allowed(OTHER_DOOR, "collect", scene.other) is None, one
    known = one.truth.handover(scene.handover)
    assert known is not None
    if known.direction is Direction.BACK:
        return
    answer = one.truth.check_qr(qr_of(scene.handover), now=NOW, pepper=PEPPER)
    assert isinstance(answer, Accepted) == (known.stage in OPENABLE), f"{answer}; {one}"
    for number in DOORS:
        allowed = one.truth.pulse_allowed(number, "collect", scene.handover) is None
        assert allowed == (known.stage in OPENABLE and number == known.compartment), f"{number}; {one}"


# what the centre says


def told_to_the_centre(scene: Scene, film: Film, returns: list[Return], town: Town) -> None:
    """Tell the visit fact by fact; from each point where the power was cut, tell what the wall said after that."""
    heard = town.hears(film.log, ())
    for number in range(heard, len(film.facts) + 1):
        if number > heard:
            hears_one(town, film.log, film.facts[number - 1 : number])
        for one in returns:
            if one.cut.number == number:
                with town.and_back():
                    hears_one(town, one.log, one.facts[number:])
                    both_agree(scene, one, town)
    town.chains_hold()


def hears_one(town: Town, log: str, facts: tuple[f.Fact, ...]) -> None:
    """One at a time: promise 3 holds after each."""
    for fact in facts:
        assert town.hears(log, (fact,)) == fact.number
        town.every_thing_has_one_holder()
    assert town.objections() == []


def both_agree(scene: Scene, one: Return, town: Town) -> None:
    """Stage, stay and custody at the centre: what the wall holds to be so, and what is so."""
    handovers = scene.handover, scene.other
    for handover, book in zip(handovers, town.books(*handovers), strict=True):
        known = one.truth.handover(handover)
        assert known is not None
        stage = At(book.stage)
        assert AS_ONE.get(stage, stage) == AS_ONE.get(known.stage, known.stage), f"{book}; {one}"
        if stage in IN_THE_WALL:
            assert book.lies == known.compartment, f"{book}; {one}"
        if stage in CLOSED | {At.PLANNED}:
            assert book.lies is None, f"{book}; {one}"
            assert (book.holder, book.held_in) == (scene.holder, None), f"{book}; {one}"
        elif stage is not At.DISPUTED:
            assert (book.holder, book.held_in) == ("compartment", known.compartment), f"{book}; {one}"
