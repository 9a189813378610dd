"""Tasks, alerts and the round at the walls name the door."""

from __future__ import annotations

import re

from onthaal.core import facts
from tests.central.faces.staff.desk import Desk
from tests.central.faces.staff.test_walls import at


def test_every_door_where_something_happened_is_named_with_its_own_line(desk: Desk) -> None:
    with desk.acting():
        desk.wall.tells(*(facts.FoundItem(compartment=door, session=f"s{door}") for door in (4, 5)))
        desk.wall.tells(*(facts.OpenedWithoutCommand(compartment=door) for door in (1, 2, 3)))
        desk.town.follows()
    clerk = desk.browser("clerk")
    for path in ("tasks/", "alerts/"):
        page = clerk.sees(path)
        for door in range(1, 6):
            link = f'href="/desk/walls/{desk.wall.device.kiosk}/doors/{door}/">Automaat gemeentehuis, kluisje {door}<'
            assert link in page, (path, door)
    round_at_the_walls = clerk.sees("take-out/")
    assert [door for door in range(1, 10) if f"kluisje {door}<" in round_at_the_walls] == [4, 5]


def test_a_task_at_one_door_is_finished_and_put_back_without_the_others(desk: Desk) -> None:
    with desk.acting():
        desk.wall.tells(*(facts.OpenedWithoutCommand(compartment=door) for door in (1, 2)))
        desk.town.follows()
    clerk = desk.browser("clerk")
    (number,) = re.findall(r"kluisje 2<.*?tasks/(\d+)/done/", clerk.sees("tasks/"), re.DOTALL)
    clerk.sends(f"tasks/{number}/done/")
    assert [f"/tasks/{number}/done/" in clerk.sees("tasks/"), "kluisje 1<" in clerk.sees("tasks/")] == [False, True]
    clerk.sends(f"tasks/{number}/back/")
    assert "kluisje 2<" in clerk.sees("tasks/").partition("Laatst gedaan")[0]


def test_the_doors_that_were_not_ticked_at_the_count_are_named(desk: Desk) -> None:
    clerk = desk.browser("clerk")
    clerk.sends(at(desk, "count/"), **{f"right-{number}": "yes" for number in (1, 2, 4, 6, 7, 8, 9)})
    page = clerk.sees("tasks/")
    assert [door for door in range(1, 10) if f"kluisje {door}<" in page] == [3, 5]
    assert page.count("De telling klopt niet</strong>") == 2


def test_what_was_asked_before_doors_were_part_of_it_still_names_its_door(desk: Desk) -> None:
    from onthaal.central.foundation.attention import actions

    with desk.acting():
        actions.open_task(kind="found", about=f"kiosk:{desk.wall.device.kiosk}", slots={"compartment": 4})
    assert "Automaat gemeentehuis, kluisje 4<" in desk.browser("clerk").sees("tasks/")
