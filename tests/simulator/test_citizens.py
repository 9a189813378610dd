"""The people of the simulator: invented, and of a form that every check takes."""

from __future__ import annotations

from datetime import date

import pytest
from stdnum.be import nn

from onthaal.simulator.citizens import Citizen, citizens

PEOPLE = citizens(date(2026, 11, 22))


@pytest.mark.parametrize("who", PEOPLE.values(), ids=list(PEOPLE))
def test_a_national_number_is_of_valid_form_and_tells_the_birthday_and_gender(who: Citizen) -> None:
    assert nn.is_valid(who.national_number)
    assert nn.get_birth_date(who.national_number) == who.birthdate
    assert nn.get_gender(who.national_number) == ("F" if who.gender == "female" else "M")


@pytest.mark.parametrize("who", PEOPLE.values(), ids=list(PEOPLE))
def test_a_national_number_is_one_that_no_child_ever_got(who: Citizen) -> None:
    assert who.national_number[6:9] in {"997", "998"}


def test_numbers_and_names_differ() -> None:
    assert len({who.national_number for who in PEOPLE.values()}) == len(PEOPLE)
    assert len({who.name for who in PEOPLE.values()}) == len(PEOPLE)


@pytest.mark.parametrize("day", [date(2026, 1, 1), date(2026, 12, 31), date(2028, 2, 29), date(2031, 7, 1)])
def test_one_is_seventeen_on_every_day_and_nobody_is_under_sixteen(day: date) -> None:
    ages = {who.key: who.age(day) for who in citizens(day).values()}
    assert ages["lou"] == 17
    assert min(ages.values()) >= 16


def test_somebody_has_no_given_name() -> None:
    assert [who.name for who in PEOPLE.values() if who.given_name is None] == ["Eennaam"]
