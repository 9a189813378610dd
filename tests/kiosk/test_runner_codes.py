"""Codes at a real store: throttled, on disk before the answer, and nothing opens that cannot be written down."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from msgspec.structs import replace

from onthaal.core import facts as f
from onthaal.core.codes import Kind, written
from onthaal.core.protocol import WishedBlock
from onthaal.core.refusals import Why
from onthaal.kiosk.session.events import Granted
from onthaal.kiosk.session.state import Checking, Home, Spot, Thing
from tests.kiosk.cast import NOW, PEPPER, pin_text, qr_text, waiting
from tests.kiosk.stage import Stage, on_stage

WRONG = "999 000 000"


async def types_wrong(stage: Stage) -> None:
    stage.act("go", "collect")
    await stage.types(WRONG)
    await stage.sees("refused")


async def test_three_wrong_codes_make_the_wall_wait_and_a_qr_still_opens(tmp_path):
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,)) as stage:
        await stage.starts()
        for tries in range(1, 4):
            stage.act("go", "collect")
            await stage.types(WRONG)
            await stage.sees("refused")
            assert len(stage.told(f.CodeRefused)) == tries
            stage.act("stop")
            await stage.starts()
        stage.act("go", "collect")
        await stage.types(pin_text())
        await stage.sees("refused")
        assert stage.step.why is Why.BACKED_OFF
        assert stage.wall.pulses(3) == 0
        stage.wall.hold_code(qr_text(482))
        await stage.opens(3)


async def test_a_scanned_code_that_is_nobodys_is_answered_as_a_scanned_one(tmp_path):
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,)) as stage:
        await stage.sees("attract")
        stage.wall.hold_code(written(Kind.GRANT, "A" * 16))
        await stage.sees("refused")
        assert (stage.step.why, stage.step.channel) == (Why.CODE_WRONG, "qr")
        stage.act("stop")
        await stage.starts()
        await types_wrong(stage)
        assert stage.step.channel == "pin"


async def test_the_right_code_opens_after_the_wait(tmp_path):
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,)) as stage:
        await stage.starts()
        for _ in range(3):
            await types_wrong(stage)
            stage.act("stop")
            await stage.starts()
        stage.turn(31)
        stage.act("stop")
        await stage.types_pin(pin_text())
        await stage.opens(3)


async def test_promise_01_what_cannot_be_written_down_does_not_open(tmp_path):
    """Promise 1, the disk's part: the append that fails sends no pulse, and the screen says so."""
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,)) as stage:
        await stage.starts()
        stage.act("go", "collect")
        sql = stage.agent.store._sql
        sql.execute("CREATE TABLE ballast (b)")
        sql.pragma("max_page_count", sql.pragma("page_count"))
        sql.execute(
            "CREATE TRIGGER full BEFORE INSERT ON fact BEGIN INSERT INTO ballast VALUES (zeroblob(1000000)); END"
        )
        await stage.types(pin_text())
        await stage.sees("fault")
        with pytest.raises(TimeoutError):
            await stage.wall.until(lambda: stage.wall.pulses(3) > 0, seconds=0.5)
        assert stage.state.session is None
        assert not stage.told(f.OpenIntended)


async def test_promise_02_the_last_guard_stands_before_every_intent(tmp_path):
    """Promise 2, the runner's guard: even a session that asks for another's compartment opens nothing."""
    async with on_stage(tmp_path, waiting(482, 3), waiting(5, 4), holds=(3, 4)) as stage:
        await stage.starts()
        runner = stage.agent.runner
        runner.state = replace(runner.state, step=Checking(back=Home()))
        runner.handle(
            Granted(
                session=runner.state.session or "",
                channel="pin",
                grant=482,
                thing=Thing(handover=482),
                spot=Spot(compartment=4),
            )
        )
        await stage.sees("refused")
        assert not stage.told(f.OpenIntended)
        with pytest.raises(TimeoutError):
            await stage.wall.until(lambda: stage.wall.pulses(4) > 0, seconds=0.3)


async def test_a_code_withdrawn_while_it_was_being_checked_does_not_open(tmp_path):
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,)) as stage:
        await stage.sees("attract")
        runner, truth = stage.agent.runner, stage.agent.book.truth
        accepted = truth.check_pin(pin_text(), now=stage.agent.clock.now(), pepper=PEPPER)
        held = stage.agent.store.wishes()
        assert held is not None
        stage.agent.store.keep_wishes(replace(held, version=held.version + 1, handovers=()))
        runner.wishes_changed()
        assert runner._still(accepted).why is Why.CODE_WRONG  # type: ignore[union-attr]


async def test_promise_16_nothing_that_is_logged_holds_a_code(tmp_path, capfd):
    """Promise 16, the kiosk's part: neither a PIN, nor a QR, nor a badge is in the log lines or in the facts."""
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,)) as stage:
        await types_wrong_after_start(stage)
        stage.act("stop")
        stage.wall.hold_code(qr_text(482))
        await stage.opens(3)
        await stage.sees("take")
        facts = repr(stage.agent.store.facts_after(0))
    said = "".join(capfd.readouterr()) + facts
    for secret in (WRONG.replace(" ", ""), pin_text().replace(" ", ""), qr_text(482), qr_text(482)[4:-1]):
        assert secret not in said


async def types_wrong_after_start(stage: Stage) -> None:
    await stage.starts()
    await types_wrong(stage)


async def test_a_code_ends_by_the_centres_time_also_when_the_walls_own_clock_is_behind(tmp_path):
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,)) as stage:
        await stage.sees("attract")
        stage.agent.runner.centre_time = lambda: NOW + timedelta(days=10)
        stage.wall.hold_code(qr_text(482))
        await stage.sees("refused")
        assert stage.step.why is Why.CODE_EXPIRED


async def test_a_wall_whose_centre_is_nowhere_says_so_on_its_welcome_after_a_minute(tmp_path):
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,)) as stage:
        await stage.sees("attract")
        assert "data-link" not in stage.agent.screen.markup
        stage.turn(70)
        await stage.until(lambda: 'data-link="away"' in stage.agent.screen.markup)


async def test_when_the_readers_are_unplugged_nobody_is_asked_to_scan_and_a_code_alone_brings_back(tmp_path):
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,)) as stage:
        await stage.sees("attract")
        readers = stage.agent.hardware
        await stage.until(lambda: readers.code_reader and readers.code_reader.up)
        stage.wall.pull_out()
        await stage.until(lambda: readers.code_reader and not readers.code_reader.up)
        stage.turn(3)
        await stage.until(lambda: stage.agent.state().readers == {"code": "silent", "tag": "silent"})
        stage.turn(3)
        stage.turn(12)
        await stage.until(lambda: not stage.state.setup.code_reader, within=20)
        await stage.until(lambda: "QR" not in stage.agent.screen.markup)
        await stage.starts()
        stage.act("go", "return")
        await stage.sees("pin")
        stage.turn(60)
        assert "reader-silent" in stage.agent.state().troubles


async def turning(stage: Stage, holds: Callable[[], object]) -> None:
    """The clock goes on until then."""

    def looked() -> object:
        stage.turn(3)
        return holds()

    await stage.until(looked)


async def test_a_tag_reader_that_no_longer_answers_is_told_though_its_cable_is_in(tmp_path):
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,)) as stage:
        await stage.sees("attract")
        assert stage.agent.state().readers["tag"] == "up"
        stage.wall.fault("silent", line="tags")
        await stage.until(lambda: stage.agent.state().readers["tag"] == "silent")
        await turning(stage, lambda: "reader-silent" in stage.agent.state().troubles)
        assert not stage.state.setup.tag_reader
        await stage.starts()
        stage.act("go", "return")
        await stage.sees("pin")
        stage.act("stop")
        stage.wall.clear_faults()
        await stage.until(lambda: stage.agent.state().readers["tag"] == "up")
        await turning(stage, lambda: stage.state.setup.tag_reader and not stage.agent.state().troubles)


async def test_a_right_code_that_the_last_guard_refuses_is_on_record_and_is_no_guess(tmp_path):
    blocked = (WishedBlock(compartment=3, reason="repair"),)
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,), blocks=blocked) as stage:
        for _ in range(3):
            await stage.types_pin(pin_text())
            await stage.sees("refused")
            assert stage.step.why is Why.COMPARTMENT_UNAVAILABLE
            stage.act("stop")
        session = stage.told(f.SessionOpened)[0].session
        refused = f.CodeRefused(session=session, channel="pin", why="compartment-unavailable", grant=482)
        assert stage.told(f.CodeRefused)[0] == refused
        assert len(stage.told(f.CodeRefused)) == 3
        assert not stage.told(f.CodeAccepted)
        assert stage.agent.book.truth.evidence.codes.in_a_row == 0
        assert stage.wall.pulses(3) == 0
