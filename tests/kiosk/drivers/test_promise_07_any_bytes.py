"""Promise 7: any byte stream leaves a parser alive and yields no false reading."""

from __future__ import annotations

import unicodedata
from functools import reduce
from itertools import pairwise
from operator import xor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onthaal.kiosk.config import BusTable
from onthaal.kiosk.drivers import LOCK_BOARDS
from onthaal.kiosk.drivers.frames import BoardStatus, Dialect, Frame
from onthaal.kiosk.drivers.serial_code.codec import LONGEST, LineParser
from onthaal.kiosk.drivers.uhf_m100.codec import NoTag, TagNotice, TagParser
from onthaal.kiosk.ports import CodeRead, UnreadableCode

NAMES = sorted(LOCK_BOARDS)
TAG = bytes.fromhex("BB022200 11 C93400 30751FEB705C5904E3D50D70 3A76 EF7E")
NONE = bytes.fromhex("BB01FF0001 15 16 7E")


def dialect(name: str) -> Dialect:
    return LOCK_BOARDS[name](BusTable(name="main", dialect=name, url="/dev/null", baudrate=9600))  # type: ignore[arg-type]


def answer(name: str, board: int, contacts: int) -> bytes:
    """What a board sends, made here from the makers' tables and not by our encoder."""
    match name:
        case "kerong-cu16":
            body = bytes((0x02, board << 4, 0x35, *contacts.to_bytes(2, "little"), 0, 0, 0x03))
            return body + bytes((sum(body) & 0xFF,))
        case "kerong-cu48":
            body = bytes((0x02, board, 0x00, 0x65, *contacts.to_bytes(6, "little"), 0x03))
            return body + bytes((sum(body) & 0xFF,))
        case _:
            body = bytes((0x80, board, *contacts.to_bytes(3, "little"), 0x33))
            return body + bytes((reduce(xor, body),))


def cut(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = sorted({0, len(data), *(at % (len(data) + 1) for at in cuts)})
    return [data[a:b] for a, b in pairwise(edges)]


def heard(board: Dialect, pieces: list[bytes]) -> list[Frame]:
    parser = board.parser()
    frames = [frame for piece in pieces for frame in parser.feed(piece)]
    return frames + parser.quiet()


def sound_somewhere(name: str, stream: bytes, frame: BoardStatus) -> bool:
    """Whether a whole frame with exactly this reading stands in the stream."""
    if name == "board-8a":
        sizes = {24: 7, 56: 11}
        size = sizes[frame.channels]
        bodies = [stream[at : at + size] for at in range(len(stream))]
        return any(
            len(one) == size and one[0] == 0x80 and one[1] == frame.board and one[-2] == 0x33 and not reduce(xor, one)
            and int.from_bytes(one[2:-2], "little") == frame.contacts
            for one in bodies
        )  # fmt: skip
    if name == "kerong-cu16":
        eyes = (frame.present or 0).to_bytes(2, "little")
        body = bytes((0x02, frame.board << 4, 0x35, *frame.contacts.to_bytes(2, "little"), *eyes, 0x03))
        return body + bytes((sum(body) & 0xFF,)) in stream
    bodies = [
        bytes((0x02, frame.board, lock, 0x65)) + frame.contacts.to_bytes(6, "little") + b"\x03" for lock in range(256)
    ]
    return any(body + bytes((sum(body) & 0xFF,)) in stream for body in bodies)


cuts = st.lists(st.integers(0, 400), max_size=12)
readings = st.tuples(st.integers(1, 9), st.integers(0, 0xFFFF))
noise = st.binary(max_size=40)


@pytest.mark.parametrize("name", NAMES)
@given(data=st.binary(max_size=300), where=cuts)
def test_promise_07_random_bytes_give_no_reading_that_was_not_sent(name, data, where) -> None:
    for frame in heard(dialect(name), cut(data, where)):
        assert not isinstance(frame, BoardStatus) or sound_somewhere(name, data, frame)


@pytest.mark.parametrize("name", NAMES)
@given(reading=readings, where=cuts)
def test_promise_07_an_answer_cut_anywhere_is_read_once(name, reading, where) -> None:
    board, contacts = reading
    frames = heard(dialect(name), cut(answer(name, board, contacts), where))
    assert [(one.board, one.contacts) for one in frames if isinstance(one, BoardStatus)] == [reading]


@pytest.mark.parametrize("name", NAMES)
@given(reading=readings, before=noise, after=noise, where=cuts)
def test_promise_07_noise_around_an_answer_gives_no_other_reading(name, reading, before, after, where) -> None:
    stream = before + answer(name, *reading) + after
    for frame in heard(dialect(name), cut(stream, where)):
        assert not isinstance(frame, BoardStatus) or sound_somewhere(name, stream, frame)


@pytest.mark.parametrize("name", NAMES)
@given(reading=readings, before=st.binary(max_size=40).map(lambda b: bytes(x for x in b if x not in b"\x02\x80\x8a")))
def test_promise_07_noise_before_an_answer_does_not_hide_it(name, reading, before) -> None:
    board, contacts = reading
    frames = heard(dialect(name), [before + answer(name, board, contacts)])
    assert [(one.board, one.contacts) for one in frames if isinstance(one, BoardStatus)] == [reading]


@pytest.mark.parametrize("name", NAMES)
@given(reading=readings, kept=st.integers(0, 100), where=cuts)
def test_promise_07_a_truncated_answer_is_none(name, reading, kept, where) -> None:
    whole = answer(name, *reading)
    part = whole[: kept % len(whole)]
    assert [one for one in heard(dialect(name), cut(part, where)) if isinstance(one, BoardStatus)] == []


@pytest.mark.parametrize("name", NAMES)
@given(reading=readings, bit=st.integers(0, 200))
def test_promise_07_one_flipped_bit_makes_it_no_answer(name, reading, bit) -> None:
    spoiled = bytearray(answer(name, *reading))
    spoiled[bit // 8 % len(spoiled)] ^= 1 << bit % 8
    assert [one for one in heard(dialect(name), [bytes(spoiled)]) if isinstance(one, BoardStatus)] == []


@pytest.mark.parametrize("name", NAMES)
@given(first=readings, second=readings, kept=st.integers(0, 100), where=cuts)
def test_promise_07_merged_and_replayed_answers_are_only_those_sent(name, first, second, kept, where) -> None:
    broken = answer(name, *first)
    broken = broken[: kept % len(broken)]
    stream = broken + answer(name, *second) + answer(name, *second)
    for one in heard(dialect(name), cut(stream, where)):
        assert not isinstance(one, BoardStatus) or sound_somewhere(name, stream, one)


@given(data=st.binary(max_size=1500), where=cuts)
def test_promise_07_random_bytes_at_the_code_reader_are_text_or_said_to_be_unreadable(data, where) -> None:
    parser = LineParser()
    scans = [scan for piece in cut(data, where) for scan in parser.feed(piece, 0.0)]
    scans += parser.idle(1.0)
    for scan in scans:
        if isinstance(scan, CodeRead):
            assert 0 < len(scan.text.encode()) <= LONGEST
            assert not any(unicodedata.category(sign) == "Cc" for sign in scan.text)
        else:
            assert scan == UnreadableCode()


@given(text=st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=100), where=cuts)
def test_promise_07_a_code_cut_anywhere_is_read_once(text, where) -> None:
    parser = LineParser()
    assert [s for piece in cut(text.encode() + b"\r\n", where) for s in parser.feed(piece, 0.0)] == [CodeRead(text)]


@given(data=st.binary(max_size=300), where=cuts)
def test_promise_07_random_bytes_at_the_tag_reader_give_no_tag_that_was_not_sent(data, where) -> None:
    parser = TagParser()
    for told in (one for piece in cut(data, where) for one in parser.feed(piece)):
        assert isinstance(told, NoTag) or bytes.fromhex(told.tag) in data


@given(before=st.binary(max_size=30).map(lambda b: b.replace(b"\xbb", b"")), where=cuts)
def test_promise_07_noise_before_a_tag_does_not_hide_it(before, where) -> None:
    parser = TagParser()
    told = [one for piece in cut(before + TAG + NONE, where) for one in parser.feed(piece)]
    assert told == [TagNotice("30751FEB705C5904E3D50D70", -55, proven=True), NoTag()]


@given(bit=st.integers(8, len(TAG) * 8 - 1))
def test_promise_07_a_tag_with_a_flipped_bit_is_never_another_proven_tag(bit) -> None:
    spoiled = bytearray(TAG)
    spoiled[bit // 8] ^= 1 << bit % 8
    assert [one for one in TagParser().feed(bytes(spoiled)) if isinstance(one, TagNotice) and one.proven] == []
