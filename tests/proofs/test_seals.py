"""Secrets at rest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onthaal.proofs.seals import BrokenSeal, draw_key, opened, sealed

KEY = bytes(range(32))


@given(st.binary(max_size=200), st.text(max_size=30))
def test_what_is_sealed_opens_for_its_purpose(clear: bytes, purpose: str) -> None:
    assert opened(sealed(clear, KEY, purpose), KEY, purpose) == clear


def test_a_seal_holds_against_another_purpose_or_key() -> None:
    box = sealed(b"a pepper", KEY, "pepper:12")
    for key, purpose in ((KEY, "pepper:13"), (draw_key(), "pepper:12")):
        with pytest.raises(BrokenSeal):
            opened(box, key, purpose)


@given(st.data())
def test_a_box_that_was_changed_anywhere_does_not_open(data: st.DataObject) -> None:
    box = bytearray(sealed(b"a pepper", KEY, "pepper:12"))
    place = data.draw(st.integers(0, len(box) - 1))
    box[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(BrokenSeal):
        opened(bytes(box), KEY, "pepper:12")


def test_the_same_secret_sealed_twice_looks_different() -> None:
    assert sealed(b"a", KEY, "p") != sealed(b"a", KEY, "p")


@given(st.binary(max_size=40))
def test_garbage_is_a_broken_seal(box: bytes) -> None:
    with pytest.raises(BrokenSeal):
        opened(box, KEY, "p")
