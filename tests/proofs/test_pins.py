"""PINs and staff PINs: made and checked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from argon2 import extract_parameters
from argon2.low_level import Type, hash_secret_raw

from onthaal.core.codes import Pin
from onthaal.proofs import pepper as peppers
from onthaal.proofs import pins, staff
from tests import quick_pins

PEPPER = bytes(range(32))
PIN = Pin("482", "170935")


@pytest.fixture(autouse=True)
def at_their_real_cost() -> Iterator[None]:
    quick_pins.pay(quick_pins.DEAR)
    yield
    quick_pins.pay(quick_pins.CHEAP)


def test_a_pin_matches_its_verifier_and_nothing_else_does() -> None:
    verifier = pins.verifier(PIN, PEPPER)
    assert pins.matches(PIN, verifier, PEPPER)
    assert not pins.matches(Pin("482", "170936"), verifier, PEPPER)
    assert not pins.matches(Pin("483", "170935"), verifier, PEPPER)
    assert not pins.matches(PIN, verifier, bytes(32))


def test_two_verifiers_of_one_pin_look_nothing_alike() -> None:
    assert pins.verifier(PIN, PEPPER) != pins.verifier(PIN, PEPPER)


def test_the_verifier_costs_what_the_design_says() -> None:
    cost = extract_parameters(pins.verifier(PIN, PEPPER))
    assert (cost.type, cost.memory_cost, cost.time_cost, cost.parallelism) == (Type.ID, 19 * 1024, 2, 1)


def test_the_check_for_nobody_costs_the_same_and_says_no() -> None:
    assert extract_parameters(pins.NOBODYS) == extract_parameters(pins.verifier(PIN, PEPPER))
    assert not pins.matches(PIN, None, PEPPER)


def test_no_one_guesses_nobodys_verifier_right() -> None:
    assert not pins.matches(PIN, pins.NOBODYS, PEPPER)


def test_a_fresh_pin_has_a_selector_that_is_free() -> None:
    taken = {f"{number:03}" for number in range(1000)} - {"007"}
    pin = pins.draw(taken)
    assert pin.selector == "007"
    assert len(pin.secret) == 6
    with pytest.raises(ValueError, match="taken"):
        pins.draw(taken | {"007"})


def test_fresh_secrets_begin_with_noughts_too() -> None:
    """Nothing is removed from the 10^6: each first digit turns up."""
    drawn = [pins.draw(()).secret for _ in range(600)]
    assert {secret[0] for secret in drawn} == set("0123456789")
    assert all(len(secret) == 6 and secret.isdigit() for secret in drawn)


def test_a_staff_pin_matches_at_every_wall_through_that_walls_pepper_only() -> None:
    salt = staff.salt()
    kept = staff.result("314159", salt)
    here, there = staff.verifier(kept, PEPPER), staff.verifier(kept, bytes(32))
    assert here != there
    assert staff.matches("314159", salt, here, PEPPER)
    assert staff.matches("314159", salt, there, bytes(32))
    assert not staff.matches("314159", salt, here, bytes(32))
    assert not staff.matches("314158", salt, here, PEPPER)


def test_a_staff_pin_costs_what_the_design_says() -> None:
    salt = staff.salt()
    dear = hash_secret_raw(
        b"314159", bytes.fromhex(salt), time_cost=2, memory_cost=19 * 1024, parallelism=1, hash_len=32, type=Type.ID
    )
    assert staff.result("314159", salt) == dear


@pytest.mark.parametrize("pin", ["", "12345", "1234567", "12345a", "१२३४५६"])
def test_what_is_not_six_digits_is_no_staff_pin(pin: str) -> None:
    assert not staff.well_formed(pin)


def test_a_pepper_of_another_size_is_a_bug() -> None:
    assert len(peppers.draw()) == 32
    with pytest.raises(ValueError, match="32"):
        peppers.keyed(b"short", "pin", "1")


def test_one_use_of_the_pepper_says_nothing_of_another() -> None:
    assert peppers.keyed(PEPPER, "pin", "a", "b") != peppers.keyed(PEPPER, "staff-pin", "a", "b")
    assert peppers.keyed(PEPPER, "pin", "a", "b") != peppers.keyed(PEPPER, "pin", "ab")
