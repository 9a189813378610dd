"""Code readers and tag readers on ptys: what counts as one code, one tag."""

from __future__ import annotations

from pathlib import Path

from onthaal.emulator.running import emulated_wall
from onthaal.kiosk.drivers.serial_code.codec import LONGEST, SAME_AGAIN_AFTER, LineParser
from onthaal.kiosk.drivers.uhf_m100.reader import SILENT_AFTER
from onthaal.kiosk.ports import CodeRead, TagSeen, UnreadableCode
from tests.kiosk.drivers.conftest import Watch, file_of, scripted, serving, soon, wall_of, watching

TAG = "E2801160600002084A4C1F2D"
NOTICE = bytes.fromhex("BB 02 22 00 11 C9 34 00 30 75 1F EB 70 5C 59 04 E3 D5 0D 70 3A 76 EF 7E")
NO_TAG = bytes.fromhex("BB 01 FF 00 01 15 16 7E")
WRONG_CRC = bytes.fromhex("BB 02 22 00 11 C9 34 00 30 75 1F EB 70 5C 59 04 E3 D5 0D 70 3A 77 F0 7E")


def codes(watch: Watch) -> list[object]:
    return [one for one in watch.told if isinstance(one, CodeRead | UnreadableCode)]


def test_carriage_return_line_feed_and_both_end_a_code() -> None:
    parser = LineParser()
    assert parser.feed(b"one\rtwo\nthree\r\nfour", 0.0) == [CodeRead("one"), CodeRead("two"), CodeRead("three")]
    assert parser.idle(0.1) == [CodeRead("four")]


def test_the_longest_code_is_read_and_one_byte_more_is_not() -> None:
    parser = LineParser()
    assert parser.feed(b"x" * LONGEST + b"\r", 0.0) == [CodeRead("x" * LONGEST)]
    assert parser.feed(b"y" * (LONGEST + 1) + b"\rnext\r", 0.0) == [UnreadableCode(), CodeRead("next")]


def test_bytes_that_are_no_text_are_said_to_be_unreadable() -> None:
    assert LineParser().feed(b"\xff\xfe\r", 0.0) == [UnreadableCode()]


def test_control_characters_are_dropped_from_a_code() -> None:
    assert LineParser().feed(b"\x02GZ1:\x00AB\x1b\x7f\xc2\x85C\x03\r", 0.0) == [CodeRead("GZ1:ABC")]


def test_a_code_held_before_the_reader_counts_once_until_it_was_away() -> None:
    parser = LineParser()
    assert parser.feed(b"same\r", 0.0) == [CodeRead("same")]
    assert parser.feed(b"same\r", 1.5) == []
    assert parser.feed(b"same\r", 3.0) == []
    assert parser.feed(b"same\r", 3.0 + SAME_AGAIN_AFTER) == [CodeRead("same")]
    assert parser.feed(b"other\r", 5.1) == [CodeRead("other")]


async def test_a_code_from_the_reader_is_told_once(tmp_path) -> None:
    async with serving(wall_of(tmp_path, "kerong-cu16", [(0, 1)])) as (wall, watch):
        wall.hold_code("GZ1:ABCD")
        await watch.sees(lambda one: one == CodeRead("GZ1:ABCD"))
        wall.hold_code("GZ1:ABCD")
        wall.hold_code("GZ1:EFGH")
        await watch.sees(lambda one: one == CodeRead("GZ1:EFGH"))
        assert codes(watch) == [CodeRead("GZ1:ABCD"), CodeRead("GZ1:EFGH")]


async def test_a_code_without_terminator_is_told_after_a_silence(tmp_path) -> None:
    async with (
        scripted(tmp_path / "codes") as end,
        watching(file_of(wall_of(tmp_path, "kerong-cu16", [(0, 1)]))) as watch,
    ):
        reader = watch.hardware.code_reader
        assert reader
        await soon(lambda: reader.up)
        end.says(b"GZ1:")
        end.says_later(0.02, b"ABCD")
        await watch.sees(lambda one: one == CodeRead("GZ1:ABCD"))
        assert len(codes(watch)) == 1


async def test_nothing_is_told_while_a_reader_is_disarmed(tmp_path) -> None:
    async with serving(wall_of(tmp_path, "kerong-cu16", [(0, 1)])) as (wall, watch):
        reader = watch.hardware.code_reader
        assert reader
        reader.disarm()
        wall.hold_code("GZ1:DROP")
        await watch.hears_no_more(seconds=0.3)
        reader.arm()
        wall.hold_code("GZ1:TOLD")
        await watch.sees(lambda one: one == CodeRead("GZ1:TOLD"))
        assert codes(watch) == [CodeRead("GZ1:TOLD")]


async def test_garbage_from_the_code_reader_is_unreadable_and_the_next_code_is_read(tmp_path) -> None:
    async with serving(wall_of(tmp_path, "kerong-cu16", [(0, 1)])) as (wall, watch):
        wall.fault("garbage", line="codes")
        wall.hold_code("GZ1:ABCD")
        await watch.hears_no_more(seconds=0.3)
        wall.clear_faults()
        wall.hold_code("GZ1:ABCD")
        await watch.sees(lambda one: one == CodeRead("GZ1:ABCD"))


async def test_a_tag_in_the_field_is_told_and_told_again_while_it_stays(tmp_path) -> None:
    async with serving(wall_of(tmp_path, "kerong-cu16", [(0, 1)])) as (wall, watch):
        wall.hold_tag(TAG)
        await watch.sees(lambda one: isinstance(one, TagSeen) and one.tag == TAG)
        await watch.sees(lambda one: isinstance(one, TagSeen) and one.tag == TAG, seconds=3)
        wall.hold_tag(None)
        await watch.hears_no_more(seconds=0.5)
        before = len(watch.told)
        await watch.hears_no_more(seconds=1.5)
        assert [one for one in watch.told[before:] if isinstance(one, TagSeen)] == []


async def test_a_tag_whose_own_check_fails_counts_only_when_read_twice(tmp_path) -> None:
    async with (
        scripted(tmp_path / "tags") as end,
        watching(file_of(wall_of(tmp_path, "kerong-cu16", [(0, 1)]))) as watch,
    ):
        answers = iter([WRONG_CRC, NOTICE, WRONG_CRC, WRONG_CRC])
        end.answers = lambda _: next(answers, None)
        await watch.sees(lambda one: one == TagSeen("30751FEB705C5904E3D50D70", -55))
        assert len(end.heard) == 2


async def test_a_tag_reader_that_is_plugged_in_again_reads_again(tmp_path) -> None:
    wall = wall_of(tmp_path, "kerong-cu16", [(0, 1)])
    async with watching(file_of(wall)) as watch:
        for _ in range(2):
            async with emulated_wall(wall) as emulated:
                emulated.hold_tag(TAG)
                await watch.sees(lambda one: isinstance(one, TagSeen))


async def test_a_code_cut_by_a_pulled_plug_is_not_glued_to_the_next(tmp_path: Path) -> None:
    config = file_of(wall_of(tmp_path, "kerong-cu16", [(0, 1)]))
    async with watching(config) as watch:
        reader = watch.hardware.code_reader
        assert reader
        for text in (b"GZ1:AB", b"GZ1:WXYZ\r"):
            async with scripted(tmp_path / "codes") as end:
                await soon(lambda: reader.up)
                end.says(text)
                await watch.hears_no_more(seconds=0.03)
            (tmp_path / "codes").unlink()
            await soon(lambda: not reader.up)
        assert codes(watch) == [CodeRead("GZ1:WXYZ")]


async def test_a_tag_reader_that_does_not_answer_is_not_there_until_it_does(tmp_path) -> None:
    """Its line is opened anew every three seconds: that is no answer."""
    async with (
        scripted(tmp_path / "tags") as end,
        watching(file_of(wall_of(tmp_path, "kerong-cu16", [(0, 1)]))) as watch,
    ):
        reader = watch.hardware.tag_reader
        assert reader
        await soon(lambda: reader.up)
        await soon(lambda: not reader.up, seconds=30)
        asked = len(end.heard)
        assert asked >= SILENT_AFTER
        await soon(lambda: len(end.heard) > asked, seconds=30)
        assert not reader.up
        end.answers = lambda _: NO_TAG
        await soon(lambda: reader.up, seconds=30)
