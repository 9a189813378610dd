"""The written form of codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onthaal.core.codes import (
    ALPHABET,
    MAX_TEXT,
    Code,
    Kind,
    Pin,
    check_character,
    read,
    read_pin,
    shown_pin,
    written,
)

LENGTHS = {Kind.GRANT: 16, Kind.BADGE: 16, Kind.LABEL: 8}
CODES = st.sampled_from(sorted(LENGTHS)).flatmap(
    lambda kind: st.builds(Code, st.just(kind), st.text(ALPHABET, min_size=LENGTHS[kind], max_size=LENGTHS[kind]))
)


@given(CODES)
def test_a_written_code_is_read_as_itself(code: Code) -> None:
    assert read(written(code.kind, code.body)) == code


@given(CODES)
def test_a_code_typed_in_small_letters_with_a_line_end_is_read_all_the_same(code: Code) -> None:
    assert read(written(code.kind, code.body).lower() + "\r\n") == code


@given(CODES, st.data())
def test_one_wrong_character_is_always_noticed(code: Code, data: st.DataObject) -> None:
    text = written(code.kind, code.body)
    place = data.draw(st.integers(4, len(text) - 1))
    other = data.draw(st.sampled_from([c for c in ALPHABET if c != text[place]]))
    assert read(text[:place] + other + text[place + 1 :]) is None


def test_two_swapped_neighbours_are_noticed() -> None:
    assert read(written(Kind.LABEL, "ABCDEFGH").replace("CD", "DC")) is None


@given(st.text())
def test_any_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    code = read(text)
    assert code is None or written(code.kind, code.body) == text.strip().upper()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "GZ1",
        "GZ1:",
        "GZ2:" + "A" * 16 + check_character("A" * 16),
        "GZ1:" + "A" * 15 + check_character("A" * 15),
        "GZ1:" + "1" * 17,
        "gz9:AAAA",
        "https://example.be/?q=GZ1:" + "A" * 17,
        "GZ1:" + "A" * MAX_TEXT,
    ],
)
def test_what_is_none_of_ours_is_refused(text: str) -> None:
    assert read(text) is None


def test_a_pin_is_nine_digits_whatever_the_spaces() -> None:
    assert read_pin(" 482 170 935 ") == read_pin("482170935") == Pin("482", "170935")


@pytest.mark.parametrize("text", ["", "48217093", "4821709355", "48217093a", "٤٨٢١٧٠٩٣٥", "-82170935"])
def test_anything_else_is_no_pin(text: str) -> None:
    assert read_pin(text) is None


def test_a_pin_is_shown_in_groups_of_three() -> None:
    assert shown_pin(Pin("482", "170935")) == "482 170 935"
