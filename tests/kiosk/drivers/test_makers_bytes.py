"""The frames as the makers' papers and independent sources print them, letter by letter."""

from __future__ import annotations

import pytest

from onthaal.kiosk.drivers.board_8a.codec import Board8A
from onthaal.kiosk.drivers.frames import BoardStatus, Dialect, Frame, UnlockEcho
from onthaal.kiosk.drivers.kerong_cu16.codec import KerongCu16
from onthaal.kiosk.drivers.kerong_cu48.codec import KerongCu48
from onthaal.kiosk.drivers.uhf_m100.codec import SINGLE_POLL, NoTag, TagNotice, TagParser

LOW, HIGH = Board8A("low-first"), Board8A("high-first")


def hexed(data: bytes) -> str:
    return data.hex(" ").upper()


def read(dialect: Dialect, hexadecimal: str) -> list[Frame]:
    parser = dialect.parser()
    return parser.feed(bytes.fromhex(hexadecimal)) + parser.quiet()


def test_a_cu16_is_asked_and_unlocked_as_its_sources_say() -> None:
    board = KerongCu16()
    assert hexed(board.ask_status(0)) == "02 00 30 03 35"
    assert hexed(board.unlock(0, 1)) == "02 00 31 03 36"
    assert hexed(board.unlock(0, 16)) == "02 0F 31 03 45"


def test_a_cu16_tells_hooks_and_presence_of_sixteen_locks() -> None:
    # H1 = locks 1-8, H2 = 9-16, I1 and I2 the infrared eyes; sums added up by hand
    (status,) = read(KerongCu16(), "02 20 35 81 40 03 00 03 1E")
    assert isinstance(status, BoardStatus)
    assert status.board == 2
    assert [channel for channel in range(1, 17) if status.contact(channel)] == [1, 8, 15]
    assert [channel for channel in range(1, 17) if status.presence(channel)] == [1, 2]


def test_a_cu48_is_asked_and_unlocked_as_its_maker_says() -> None:
    board = KerongCu48()
    assert hexed(board.ask_status(0)) == "02 00 00 50 03 55"
    assert hexed(board.unlock(0, 1)) == "02 00 00 51 03 56"


def test_a_cu48_answers_as_its_maker_says() -> None:
    (status,) = read(KerongCu48(), "02 00 00 65 07 00 00 00 00 C0 03 31")
    assert isinstance(status, BoardStatus)
    assert [channel for channel in range(1, 49) if status.contact(channel)] == [1, 2, 3, 47, 48]
    assert status.presence(1) is None


def test_an_8a_board_is_asked_and_unlocked_as_its_sources_say() -> None:
    assert hexed(LOW.ask_status(1)) == "80 01 00 33 B2"
    assert hexed(LOW.unlock(1, 1)) == "8A 01 01 11 9B"


def test_an_8a_board_answers_as_a_real_one_was_heard_to() -> None:
    assert read(LOW, "80 01 00 00 00 33 B2") == [BoardStatus(1, 24, contacts=0)]


@pytest.mark.parametrize(("dialect", "lock"), [(HIGH, 2), (LOW, 18)])
def test_the_order_of_an_8a_boards_status_bytes_is_the_files_to_say(dialect: Board8A, lock: int) -> None:
    (status,) = read(dialect, "80 01 00 00 02 33 B0")
    assert isinstance(status, BoardStatus)
    assert [channel for channel in range(1, 25) if status.contact(channel)] == [lock]


def test_a_fifty_channel_8a_board_answers_with_seven_status_bytes() -> None:
    (status,) = read(LOW, "80 01 01 00 00 00 00 00 02 33 B1")
    assert isinstance(status, BoardStatus)
    assert [channel for channel in range(1, 51) if status.contact(channel)] == [1, 50]


def test_an_8a_boards_word_that_it_unlocked_is_no_reading_of_a_door() -> None:
    assert read(LOW, "8A 01 01 11 9B") == [UnlockEcho(1, 1)]
    assert read(LOW, "8A 01 01 00 8A 80 01 00 00 00 33 B2") == [UnlockEcho(1, 1), BoardStatus(1, 24, contacts=0)]


def test_eleven_bytes_of_an_8a_board_are_never_read_as_seven() -> None:
    # S4 is 33 and S5 closes the sum: the first seven bytes are sound by themselves
    long = "80 01 01 02 03 33 B2 00 00 33 33"
    parser = HIGH.parser()
    assert parser.feed(bytes.fromhex(long[:20])) == []
    assert parser.feed(bytes.fromhex(long[20:])) == []
    (status,) = parser.quiet()
    assert isinstance(status, BoardStatus)
    assert status.channels == 56


def test_a_uhf_reader_is_asked_and_answers_as_its_sources_say() -> None:
    assert hexed(SINGLE_POLL) == "BB 00 22 00 00 22 7E"
    notice = "BB 02 22 00 11 C9 34 00 30 75 1F EB 70 5C 59 04 E3 D5 0D 70 3A 76 EF 7E"
    assert TagParser().feed(bytes.fromhex(notice)) == [TagNotice("30751FEB705C5904E3D50D70", -55, proven=True)]
    assert TagParser().feed(bytes.fromhex("BB 01 FF 00 01 15 16 7E")) == [NoTag()]


def test_an_end_byte_inside_a_tag_does_not_end_its_frame() -> None:
    # the tag's EPC is 7E7E 7E7E; its CRC is left wrong on purpose
    notice = bytes.fromhex("BB 02 22 00 09 C9 10 00 7E 7E 7E 7E 00 00 FE 7E")
    assert TagParser().feed(notice) == [TagNotice("7E7E7E7E", -55, proven=False)]


def test_noise_that_claims_a_great_length_does_not_swallow_the_tag_after_it() -> None:
    notice = bytes.fromhex("BB 02 22 00 11 C9 34 00 30 75 1F EB 70 5C 59 04 E3 D5 0D 70 3A 76 EF 7E")
    assert len(TagParser().feed(bytes.fromhex("BB 02 22 FF FF 00") + notice)) == 1
