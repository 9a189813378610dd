"""Staff loads, a person brings back, staff takes out: at a wall that speaks the makers' bytes."""

from __future__ import annotations

from msgspec.structs import replace

from onthaal.core import facts as f
from onthaal.core.codes import Kind, written
from onthaal.core.lifecycles import Direction
from onthaal.core.lifecycles import Stage as At
from onthaal.core.protocol import Loan
from onthaal.kiosk.session.events import Event, TagHeld
from tests.kiosk.cast import LABEL, MATERIAL, TAG, a_handover, pin_text, waiting
from tests.kiosk.stage import Stage, on_stage

OTHER_TAG = "E28011600000000000000BAD"


def planned_back(**changed):
    """A return of item 3 that is planned here, with a code and a tag."""
    back = a_handover(482, direction=Direction.BACK, product=MATERIAL, item=3, tag=TAG)
    return replace(back, **changed)


def a_loan(item: int = 3, tag: str = TAG) -> Loan:
    return Loan(item=item, tag=tag, product=MATERIAL, handover=482 if item == 3 else None)


class Held:
    """The tags that were told of from now on."""

    def __init__(self, stage: Stage) -> None:
        self.tags: list[str] = []
        self._handle = stage.agent.runner.handle
        stage.agent.runner.handle = self._heard  # type: ignore[method-assign]

    def _heard(self, event: Event) -> None:
        self._handle(event)
        if isinstance(event, TagHeld):
            self.tags.append(event.tag)


async def brings(stage: Stage, tag: str) -> None:
    await stage.starts()
    stage.act("go", "return")
    stage.wall.hold_tag(tag)


async def opened(stage: Stage) -> int:
    """The compartment that opened for this thing."""
    intent = (await stage.tells(f.OpenIntended)).compartment
    await stage.opens(intent)
    return intent


async def test_staff_loads_by_label_and_the_code_opens_it_at_once(tmp_path):
    planned = replace(a_handover(482), label=LABEL)
    async with on_stage(tmp_path, planned) as stage:
        await stage.staff()
        stage.act("go", "load")
        stage.wall.hold_code(written(Kind.LABEL, LABEL))
        number = await opened(stage)
        await stage.sees("load-put")
        stage.put(number)
        stage.hand.shut(number)
        await stage.sees("load-confirm")
        stage.act("confirm")
        await stage.sees("load-scan")
        loaded = stage.told(f.Loaded)[0]
        assert (loaded.handover, loaded.compartment, loaded.staff, loaded.grade) == (482, number, "staff-cleo", "C")
        stage.act("stop")
        await stage.types_pin(pin_text())
        await stage.until(lambda: stage.wall.is_open(number))


async def test_staff_undoes_a_load_while_they_stand_there(tmp_path):
    async with on_stage(tmp_path, replace(a_handover(482), label=LABEL)) as stage:
        await stage.staff()
        stage.act("go", "load")
        stage.wall.hold_code(written(Kind.LABEL, LABEL))
        number = await opened(stage)
        await stage.sees("load-put")
        stage.put(number)
        stage.hand.shut(number)
        await stage.sees("load-confirm")
        stage.act("confirm")
        stage.act("undo")
        await stage.opens(number)
        await stage.sees("load-put")
        stage.hand.take(number)
        stage.hand.shut(number)
        assert (await stage.tells(f.LoadUndone)).handover == 482
        assert stage.agent.book.truth.content(number).content == "empty"


async def test_a_tagged_thing_needs_its_tag_beside_the_label(tmp_path):
    planned = replace(a_handover(482), label=LABEL, tag=TAG, item=3, product=MATERIAL)
    async with on_stage(tmp_path, planned) as stage:
        await stage.staff()
        stage.act("go", "load")
        stage.wall.hold_code(written(Kind.LABEL, LABEL))
        await stage.until(lambda: getattr(stage.step, "wanted", None))
        assert not stage.told(f.OpenIntended)
        stage.wall.hold_tag(TAG)
        number = await opened(stage)
        await stage.sees("load-put")
        stage.put(number)
        stage.hand.shut(number)
        await stage.sees("load-confirm")
        stage.act("confirm")
        assert (await stage.tells(f.Loaded)).grade == "B"


async def test_a_thing_comes_back_by_its_tag_and_staff_takes_it_out(tmp_path):
    async with on_stage(tmp_path, planned_back(), loans=(a_loan(),)) as stage:
        await brings(stage, TAG)
        number = await opened(stage)
        await stage.sees("return-put")
        stage.put(number)
        stage.wall.hold_tag(None)
        stage.hand.shut(number)
        await stage.sees("return-thanks")
        back = stage.told(f.Returned)[0]
        assert (back.handover, back.item, back.grade) == (482, 3, "B")
        stage.act("done")
        await stage.staff()
        stage.act("go", "takeout")
        await stage.sees("takeout-list")
        stage.act("choose", str(number))
        await stage.opens(number)
        await stage.sees("takeout-open")
        stage.hand.take(number)
        stage.hand.shut(number)
        await stage.sees("takeout-confirm")
        stage.act("confirm")
        assert (await stage.tells(f.TakenOut)).handover == 482
        assert stage.agent.book.truth.content(number).content == "empty"


async def test_a_tag_nobody_lent_is_refused_and_opens_nothing(tmp_path):
    async with on_stage(tmp_path, planned_back(), loans=(a_loan(),)) as stage:
        await brings(stage, OTHER_TAG)
        await stage.sees("refused")
        assert stage.told(f.CodeRefused)[0].why == "tag-unknown"
        assert not stage.told(f.OpenIntended)


async def test_no_thing_opens_the_same_door_once_more_and_then_nothing_came_back(tmp_path):
    async with on_stage(tmp_path, planned_back(), loans=(a_loan(),)) as stage:
        await brings(stage, TAG)
        number = await opened(stage)
        await stage.sees("return-put")
        stage.hand.shut(number)
        await stage.until(lambda: len(stage.told(f.OpenIntended)) == 2)
        await stage.opens(number)
        await stage.sees("return-put")
        stage.hand.shut(number)
        await stage.sees("return-thanks")
        assert not stage.told(f.Returned)
        assert stage.known(482).stage is At.PLANNED
        assert stage.agent.book.truth.content(number).content == "empty"


async def test_a_library_book_held_beside_the_thing_changes_nothing(tmp_path):
    async with on_stage(tmp_path, planned_back(), loans=(a_loan(),)) as stage:
        await brings(stage, TAG)
        number = await opened(stage)
        await stage.sees("return-put")
        held = Held(stage)
        stage.wall.hold_tag(OTHER_TAG)
        await stage.until(lambda: OTHER_TAG in held.tags)
        stage.put(number)
        stage.hand.shut(number)
        await stage.sees("return-thanks")
        assert stage.told(f.Returned)[0].grade == "B"
        assert len(stage.told(f.OpenIntended)) == 1


async def test_a_wrong_thing_is_explained_and_then_kept_apart(tmp_path):
    async with on_stage(tmp_path, planned_back(), loans=(a_loan(), a_loan(item=4, tag=OTHER_TAG))) as stage:
        await brings(stage, TAG)
        number = await opened(stage)
        await stage.sees("return-put")
        stage.wall.hold_tag(OTHER_TAG)
        await stage.until(lambda: stage.step.job.wrong_tag)
        stage.wall.hold_tag(None)
        stage.put(number)
        stage.hand.shut(number)
        await stage.until(lambda: len(stage.told(f.OpenIntended)) == 2)
        await stage.sees("return-put")
        stage.hand.shut(number)
        await stage.sees("return-thanks")
        found = stage.told(f.FoundItem)[0]
        assert (found.expected, found.tag) == (482, OTHER_TAG)
        assert stage.known(482).stage is At.PLANNED
        assert [one.compartment for one in stage.agent.book.truth.to_take_out()] == [number]


async def test_staff_says_that_an_unknown_compartment_is_empty(tmp_path):
    async with on_stage(tmp_path, holds=(2,)) as stage:
        await stage.staff()
        stage.act("go", "check")
        await stage.sees("check-list")
        stage.act("choose", "2")
        await stage.opens(2)
        await stage.sees("check-empty")
        stage.hand.take(2)
        stage.hand.shut(2)
        await stage.sees("check-confirm")
        stage.act("confirm")
        assert f.SeenEmpty(compartment=2, staff="staff-cleo") in stage.told(f.SeenEmpty)
        assert stage.agent.book.truth.content(2).content == "empty"


async def test_a_wrong_staff_pin_is_on_record_against_that_badge(tmp_path):
    async with on_stage(tmp_path) as stage:
        await stage.sees("attract")
        stage.wall.hold_code(written(Kind.BADGE, "CLEOCLEOCLEOCLEO"))
        await stage.sees("staff-pin")
        await stage.types("000000")
        refused = await stage.tells(f.CodeRefused)
        assert (refused.why, refused.staff, refused.counts) == ("staff-pin-wrong", "staff-cleo", True)
        assert stage.screen == "staff-pin"


async def test_staff_takes_out_what_lies_behind_a_contact_whose_cable_is_cut(tmp_path):
    recalled = waiting(482, 3, stage=At.RECALLED)
    async with on_stage(tmp_path, recalled, holds=(3,)) as stage:
        await stage.sees("attract")
        stage.wall.fault("sensor_cut", compartment=3)
        await stage.tells(f.OpenedWithoutCommand)
        await stage.staff()
        stage.act("go", "takeout")
        stage.act("choose", "3")
        await stage.opens(3)
        await stage.sees("takeout-open")
        stage.hand.take(3)
        stage.hand.shut(3)
        await stage.until(lambda: stage.step.present is False)
        stage.act("done")
        await stage.sees("takeout-confirm")
        stage.act("confirm")
        out = await stage.tells(f.TakenOut)
        assert (out.handover, out.grade) == (482, "D")
        assert "sensor-suspect" in stage.agent.book.truth.blocked(3)
        stage.act("stop")
        told = len(stage.kinds)
        stage.wall.clear_faults()
        await stage.tells(f.DoorShut)
        stage.turn(301)
        assert not {"Disputed", "DoorLeftOpen", "UnexpectedContent"} & {*stage.kinds[told:]}
        assert "sensor-suspect" in stage.agent.book.truth.blocked(3)
