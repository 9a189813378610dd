"""What goes over the wire and when: a scripted board answers exactly what each story needs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from onthaal.kiosk.drivers.conversation import ANSWERS_WITHIN, Conversation, NoAnswer, TwoAnswers
from onthaal.kiosk.drivers.frames import BoardStatus
from onthaal.kiosk.drivers.kerong_cu16.codec import KerongCu16
from tests.kiosk.drivers.conftest import ScriptedEnd, Watch, file_of, scripted, soon, wall_of, watching

ASK_0 = bytes.fromhex("02 00 30 03 35")
UNLOCK_1 = bytes.fromhex("02 00 31 03 36")
ALL_SHUT = bytes.fromhex("02 00 35 FF FF 00 00 03 38")
FIRST_OPEN = bytes.fromhex("02 00 35 FE FF 00 00 03 37")
OTHER_BOARD = bytes.fromhex("02 10 35 FE FF 00 00 03 47")
SHUT, OPEN = 0xFFFF, 0xFFFE


@asynccontextmanager
async def talking(
    folder: Path, *, answers_within: float = 2.0, baudrate: int = 19200
) -> AsyncIterator[tuple[Conversation, ScriptedEnd]]:
    """Patient by default, so that a busy machine changes no story in which time is not the subject."""
    async with scripted(folder / "main") as end:
        talk = Conversation(str(folder / "main"), baudrate, KerongCu16(), answers_within=answers_within)
        await talk.line.open()
        try:
            yield talk, end
        finally:
            await talk.close()


@asynccontextmanager
async def watched(folder: Path) -> AsyncIterator[tuple[Watch, ScriptedEnd]]:
    async with scripted(folder / "main") as end:
        end.answers = lambda question: ALL_SHUT if question == ASK_0 else None
        async with watching(file_of(wall_of(folder, "kerong-cu16", [(0, 1), (0, 2)]))) as watch:
            await watch.until(lambda: set(watch.locks.doors().values()) == {"closed"})
            yield watch, end


async def test_another_boards_answer_does_not_answer_the_question(tmp_path) -> None:
    async with talking(tmp_path) as (talk, end):
        end.answers = lambda _: OTHER_BOARD
        with pytest.raises(NoAnswer):
            await talk.ask(0)
        assert talk.strays == 1


async def test_an_answer_in_pieces_with_noise_before_it_is_the_answer(tmp_path) -> None:
    async with talking(tmp_path) as (talk, end):
        end.says_later(0.02, b"\x00\xff\x02" + ALL_SHUT[:4])
        end.says_later(0.05, ALL_SHUT[4:])
        assert await talk.ask(0) == BoardStatus(0, 16, contacts=SHUT, present=0)
        assert talk.noise == 3


async def test_what_lay_in_the_buffer_before_the_question_is_no_answer_to_it(tmp_path) -> None:
    async with talking(tmp_path) as (talk, end):
        end.says(FIRST_OPEN)
        end.answers = lambda _: ALL_SHUT
        await soon(lambda: talk.strays == 1)
        assert (await talk.ask(0)).contacts == SHUT
        assert talk.strays == 1


@pytest.mark.parametrize("late", [0.3, 0.45, 0.6, 0.9])
async def test_a_late_answer_never_answers_the_next_question(tmp_path, late) -> None:
    async with talking(tmp_path, answers_within=ANSWERS_WITHIN) as (talk, end):
        answers = iter([None, ALL_SHUT, ALL_SHUT, ALL_SHUT])
        end.answers = lambda _: next(answers)
        end.says_later(late, FIRST_OPEN)
        with pytest.raises(NoAnswer):
            await talk.ask(0)
        for _ in range(3):
            try:
                assert (await talk.ask(0)).contacts == SHUT
                break
            except (TwoAnswers, NoAnswer):
                continue


async def test_a_late_answer_is_waited_out_before_the_next_question(tmp_path) -> None:
    async with talking(tmp_path, answers_within=ANSWERS_WITHIN) as (talk, end):
        end.says_later(0.4, FIRST_OPEN)
        with pytest.raises(NoAnswer):
            await talk.ask(0)
        assert talk.strays == 1
        assert len(end.heard) == 1


async def test_a_board_that_is_always_late_is_never_believed(tmp_path) -> None:
    async with talking(tmp_path, answers_within=ANSWERS_WITHIN) as (talk, end):

        def later(_: bytes) -> None:
            body = bytes((0x02, 0x00, 0x35, len(end.heard), 0, 0, 0, 0x03))
            end.says_later(0.6, body + bytes((sum(body) & 0xFF,)))

        end.answers = later
        for number in range(1, 5):
            try:
                answer = await talk.ask(0)
            except (NoAnswer, TwoAnswers):
                continue
            assert answer.contacts == number, "an earlier question's answer was believed"


async def test_two_answers_that_differ_are_both_dropped(tmp_path) -> None:
    async with talking(tmp_path) as (talk, end):
        end.answers = lambda _: ALL_SHUT + FIRST_OPEN
        with pytest.raises(TwoAnswers):
            await talk.ask(0)


async def test_a_second_voice_that_comes_after_the_gap_is_noticed_at_the_next_question(tmp_path) -> None:
    async with talking(tmp_path) as (talk, end):

        def twice(_: bytes) -> bytes:
            end.says_later(0.02, FIRST_OPEN)
            return ALL_SHUT

        end.answers = twice
        await talk.ask(0)
        await soon(lambda: talk.strays == 1)
        with pytest.raises(TwoAnswers):
            await talk.ask(0)


async def test_a_board_that_answers_an_unlock_is_not_taken_for_two(tmp_path) -> None:
    async with talking(tmp_path) as (talk, end):
        end.answers = lambda question: FIRST_OPEN if question == UNLOCK_1 else ALL_SHUT
        await talk.ask(0)
        await talk.pulse(0, 1)
        assert (await talk.ask(0)).contacts == SHUT
        assert talk.strays == 0


async def test_questions_keep_the_quiet_gap_and_never_overlap(tmp_path) -> None:
    async with talking(tmp_path) as (talk, end):
        end.answers = lambda _: ALL_SHUT
        await asyncio.gather(*(talk.ask(0) for _ in range(10)))
        times = [at for at, _ in end.heard]
        assert [question for _, question in end.heard] == [ASK_0] * 10
        assert min(after - before for before, after in pairwise(times)) >= 3.5 * 10 / 19200 + 0.001


async def test_an_unlock_waits_for_the_question_under_way_and_goes_before_the_next(tmp_path) -> None:
    async with talking(tmp_path) as (talk, end):
        end.answers = lambda question: end.says_later(0.1, ALL_SHUT) if question == ASK_0 else None
        first, second = asyncio.create_task(talk.ask(0)), asyncio.create_task(talk.ask(0))
        await soon(lambda: end.heard)
        second.cancel()
        pulse = asyncio.create_task(talk.pulse(0, 1))
        await asyncio.sleep(0)
        third = asyncio.create_task(talk.ask(0))
        await asyncio.gather(first, pulse, third)
        assert [question for _, question in end.heard] == [ASK_0, UNLOCK_1, ASK_0]


async def test_an_unlock_is_sent_once_even_when_the_board_falls_silent(tmp_path) -> None:
    async with watched(tmp_path) as (watch, end):
        end.answers = lambda _: None
        await watch.locks.pulse(1)
        await watch.bus_is("silent")
        assert [question for _, question in end.heard].count(UNLOCK_1) == 1


async def test_a_question_without_answer_is_asked_twice_more_and_then_the_board_is_silent(tmp_path) -> None:
    async with watched(tmp_path) as (watch, end):
        watch.locks.set_pace("session")
        end.answers = lambda _: None
        asked = len(end.heard)
        await watch.bus_is("silent")
        assert len(end.heard) - asked in (3, 4)  # one may have been under way


async def test_a_bouncing_contact_is_told_once_it_stands_still(tmp_path) -> None:
    async with watched(tmp_path) as (watch, end):
        bounces = iter([FIRST_OPEN, ALL_SHUT] * 3)
        end.answers = lambda _: next(bounces, FIRST_OPEN)
        await watch.until(lambda: watch.locks.doors()[1] == "open")
        assert watch.doors_of(1) == ["closed", "open"]


async def between_looks(end: ScriptedEnd, looks: int) -> list[float]:
    """Seconds between so many looks from now on, the shortest first: a busy machine makes some of them longer."""
    start = len(end.heard)
    await soon(lambda: len(end.heard) - start >= looks)
    return sorted(after - before for (before, _), (after, _) in pairwise(end.heard[start : start + looks]))


async def test_a_session_is_looked_at_five_times_a_second_and_an_idle_wall_once(tmp_path) -> None:
    async with watched(tmp_path) as (watch, end):
        assert 0.75 < (await between_looks(end, 3))[0] < 1.5
        watch.locks.set_pace("session")
        assert 0.15 < (await between_looks(end, 8))[3] < 0.3


async def test_after_a_pulse_the_door_is_looked_at_without_pause_for_a_second(tmp_path) -> None:
    async with watched(tmp_path) as (watch, end):
        await watch.locks.pulse(1)
        assert (await between_looks(end, 10))[4] < 0.09


async def test_a_babbling_line_does_not_keep_an_unlock_back(tmp_path) -> None:
    async with talking(tmp_path, baudrate=1200) as (talk, end):
        babbling = True

        def babble() -> None:
            if babbling:
                end.says(b"\x55")
                asyncio.get_running_loop().call_later(0.002, babble)

        babble()
        await soon(lambda: talk._bytes)
        await talk.pulse(0, 1)
        babbling = False
        await soon(lambda: UNLOCK_1 in b"".join(question for _, question in end.heard))
