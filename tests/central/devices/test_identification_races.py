"""Two at once: whichever comes first, one identification is live at a wall and one answer counts."""

from __future__ import annotations

from functools import partial

import pytest

from onthaal.central.lockers.access import actions as access
from onthaal.central.lockers.access.models import Identification
from onthaal.core.protocol import StartIdentification, TypedDigits
from onthaal.core.refusals import Refusal, Why
from tests.central.conftest import municipality
from tests.central.devices.addressees import a_provider, begins, comes_back, lies_ready, somebody, vouched
from tests.central.devices.cast import Teller, Wall, a_wall
from tests.central.lockers.racing import race

pytestmark = pytest.mark.usefixtures("committed")
ROUNDS = 5


@pytest.fixture
def wall() -> Wall:
    made = a_wall(municipality("aalter", "aalter.example"))
    with made.acting():
        a_provider()
        an = somebody("an")
    lies_ready(made, Teller(), an)
    return made


def test_of_walls_that_begin_twice_at_once_one_identification_is_live(wall: Wall) -> None:
    def starts(session: str) -> int:
        asked = StartIdentification(boot="boot-one", session=session, way="page", language="nl")
        return int(access.start_identification(kiosk_id=wall.kiosk.pk, asked=asked)[0].pk)

    answers = race(wall.municipality.pk, [partial(starts, f"boot-one.{number}") for number in range(6)])
    assert [type(answer) for answer in answers] == [int] * 6, answers
    with wall.acting():
        states = list(Identification.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["over"] * 5 + ["started"]


def test_the_database_itself_holds_one_live_identification_at_a_wall(wall: Wall) -> None:
    from django.db import IntegrityError, transaction

    with wall.acting():
        first, _ = begins(wall)
        second = Identification.objects.get(pk=first.pk)
        second.pk, second.handle_hash = None, "another"
        with pytest.raises(IntegrityError, match="one_identification_per_wall"), transaction.atomic():
            second.save(force_insert=True)


def test_digits_typed_twice_at_once_are_tried_once(wall: Wall) -> None:
    for number in range(ROUNDS):
        session = f"boot-one.{number}"
        with wall.acting():
            begun, _ = begins(wall, way="phone", session=session)
            comes_back(begun, vouched("an"))
            begun.refresh_from_db()

        def types(digits: str, of: Identification = begun) -> bool:
            typed = TypedDigits(boot="boot-one", session=of.session, digits=digits)
            return access.type_digits(kiosk_id=wall.kiosk.pk, identification_id=of.pk, typed=typed)

        tried = (begun.digits, "00" if begun.digits != "00" else "01")
        answers = race(wall.municipality.pk, [partial(types, digits) for digits in tried])
        late = [answer for answer in answers if isinstance(answer, Refusal)]
        assert [no.why for no in late] == [Why.IDENTITY_TOO_LATE], answers
        with wall.acting():
            begun.refresh_from_db()
            assert begun.state == ("approved" if True in answers else "refused")
            Identification.objects.filter(why=Why.DIGITS_WRONG.value).update(why="")


def test_the_session_ends_while_the_approval_comes(wall: Wall) -> None:
    for number in range(ROUNDS):
        session = f"boot-one.{number}"
        with wall.acting():
            begun, _ = begins(wall, session=session)

        def approves(of: Identification = begun) -> str:
            return str(comes_back(of, vouched("an")).state)

        def leaves(of: Identification = begun) -> None:
            access.end_identification(
                kiosk_id=wall.kiosk.pk, identification_id=of.pk, boot="boot-one", session=of.session
            )

        answers = race(wall.municipality.pk, [approves, leaves])
        with wall.acting():
            begun.refresh_from_db()
            assert begun.state in {"approved", "over"}
            assert answers == [begun.state, None]
            assert bool(begun.handovers) == (begun.state == "approved")
