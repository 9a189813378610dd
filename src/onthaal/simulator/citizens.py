"""The people who hold a phone here. None of them exists.

Their national numbers have the right form and check digits, but end their day's row (997, 998): that many children were
never born on one day. Their birthdays move with the year, so that who is seventeen stays seventeen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

Gender = Literal["female", "male"]
_LAST_GIRL, _LAST_BOY = 998, 997
_FIRST_OF_THE_NEW_CENTURY: Final = 2000


@dataclass(frozen=True, kw_only=True)
class Citizen:
    """One invented person, as their identity card would say it."""

    key: str
    given_name: str | None
    family_name: str
    gender: Gender
    birthdate: date
    locale: Literal["NL", "FR", "EN"]
    street: str
    postal_code: str
    town: str

    @property
    def name(self) -> str:
        """The full name; not everybody has a given name."""
        return f"{self.given_name} {self.family_name}" if self.given_name else self.family_name

    @property
    def national_number(self) -> str:
        """Eleven digits: birthday, row, check digits (97 less the remainder; from 2000 on with a 2 before it)."""
        row = _LAST_GIRL if self.gender == "female" else _LAST_BOY
        nine = f"{self.birthdate:%y%m%d}{row}"
        counted = int(("2" if self.birthdate.year >= _FIRST_OF_THE_NEW_CENTURY else "") + nine)
        return f"{nine}{97 - counted % 97:02}"

    def age(self, today: date) -> int:
        """Whole years on `today`."""
        before = (today.month, today.day) < (self.birthdate.month, self.birthdate.day)
        return today.year - self.birthdate.year - before


def citizens(today: date) -> dict[str, Citizen]:
    """Everybody by key, as old as they are in the year of `today`."""
    people = (
        _citizen("emma", ("Emma", "Fictief"), "female", date(today.year - 34, 3, 14)),
        _citizen("bram", ("Bram", "Voorbeeld"), "male", date(today.year - 58, 11, 2)),
        _citizen("chloe", ("Chloé", "Exemple"), "female", date(today.year - 27, 6, 30), locale="FR"),
        _citizen("oscar", ("Oscar", "Nobody"), "male", date(today.year - 41, 9, 9), locale="EN"),
        _citizen("nora", ("Nora", "Verzonnen"), "female", date(today.year - 76, 2, 28)),
        _citizen("lou", ("Lou", "Zeventien"), "male", date(today.year - 17, 1, 1)),
        _citizen("saga", (None, "Eennaam"), "female", date(today.year - 22, 1, 20)),
    )
    return {person.key: person for person in people}


def _citizen(
    key: str, name: tuple[str | None, str], gender: Gender, birthdate: date, locale: Literal["NL", "FR", "EN"] = "NL"
) -> Citizen:
    given_name, family_name = name
    return Citizen(
        key=key, given_name=given_name, family_name=family_name, gender=gender, birthdate=birthdate, locale=locale,
        street="Nergensstraat 1", postal_code="9880", town="Aalter",
    )  # fmt: skip
