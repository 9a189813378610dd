"""The live wall: what it shows, and opening, blocking and enrolling from the desk."""

from __future__ import annotations

import re

from onthaal.core.lifecycles import Stage
from tests.central.faces.staff.desk import Desk, without_tokens


def at(desk: Desk, rest: str = "") -> str:
    return f"walls/{desk.town.seeded.kiosk.pk}/{rest}"


def test_a_wall_that_never_spoke_shows_no_door_as_shut(desk: Desk) -> None:
    page = desk.browser("clerk").sees(at(desk))
    assert set(re.findall(r'data-state="(\w+)"', page)) == {"unknown"}
    assert "Geen verbinding" in page


def test_the_live_wall_shows_doors_and_content_and_no_name(desk: Desk) -> None:
    desk.lies_in_the_wall(door=3)
    with desk.acting():
        desk.wall_answers(doors={number: "open" if number == 2 else "closed" for number in range(1, 10)})
    page = desk.browser("technician").sees(at(desk))
    assert 'data-door="2" data-state="open"' in page
    assert 'data-door="3" data-state="closed" data-stage="waiting"' in page
    assert "Aalterbonnen" in page
    assert "Els" not in without_tokens(page)


def test_the_drawing_comes_alone_when_htmx_asks(desk: Desk) -> None:
    page = desk.browser("clerk").sees(at(desk), headers={"HX-Request": "true"})
    assert page.lstrip().startswith('<div id="wall-now"')
    assert "<html" not in page


def test_opening_from_the_desk_needs_a_reason(desk: Desk) -> None:
    with desk.acting():
        desk.wall_answers()
    answer = desk.browser("clerk").sends(at(desk, "doors/1/act/"), act="open", reason=" ")
    assert answer.status_code == 409
    assert "Schrijf op waarom." in answer.content.decode()


def test_opening_an_empty_door_is_asked_and_shown_until_the_wall_answers(desk: Desk) -> None:
    from onthaal.central.lockers.devices.models import Command
    from onthaal.core.facts import CommandAnswered

    with desk.acting():
        desk.wall_answers()
    clerk = desk.browser("clerk")
    clerk.sends(at(desk, "doors/1/act/"), act="open", reason="Deur klemt")
    page = clerk.sees(at(desk))
    assert 'data-outcome="waits"' in page
    assert "Deur klemt" in page
    with desk.acting():
        command = Command.objects.get()
        desk.wall.tells(CommandAnswered(nonce=command.nonce, outcome="opened"))
    assert 'data-outcome="opened"' in clerk.sees(at(desk))


def test_opening_what_holds_a_thing_says_that_it_recalls_it_and_does(desk: Desk) -> None:
    asked = desk.lies_in_the_wall(door=1)
    with desk.acting():
        desk.wall_answers()
    clerk = desk.browser("clerk")
    assert "U roept Aalterbonnen terug" in clerk.sees(at(desk, "doors/1/"))
    clerk.sends(at(desk, "doors/1/act/"), act="open", reason="Ze staat aan de balie")
    assert desk.handover_of(asked).stage == Stage.RECALLED


def test_a_silent_wall_offers_no_opening(desk: Desk) -> None:
    page = desk.browser("clerk").sees(at(desk, "doors/1/"))
    assert "Openen kan nu niet." in page
    assert 'value="open"' not in page


def test_a_blocked_compartment_shows_why_until_it_is_released(desk: Desk) -> None:
    clerk = desk.browser("clerk")
    clerk.sends(at(desk, "doors/5/act/"), act="block", reason="Slot stroef")
    assert "Slot stroef" in clerk.sees(at(desk, "doors/5/"))
    clerk.sends(at(desk, "doors/5/act/"), act="release")
    assert "Slot stroef" not in clerk.sees(at(desk, "doors/5/"))


def test_an_enrolment_code_is_shown_once_with_how_to_use_it(desk: Desk) -> None:
    page = desk.browser("technician").sends(at(desk, "enrolment/")).content.decode()
    code = re.search(r'data-code="([A-Z2-7]{4}-[A-Z2-7]{4})"', page)
    assert code
    assert f"onthaal kiosk enrol --config kiosk.toml --code {code[1]}" in page
    assert code[1] not in desk.browser("technician").sees(at(desk))


def test_a_count_that_differs_opens_a_task_and_one_that_is_right_does_not(desk: Desk) -> None:
    desk.lies_in_the_wall(door=3)
    clerk = desk.browser("clerk")
    assert "Aalterbonnen" in clerk.sees(at(desk, "count/"))
    right = {f"right-{number}": "yes" for number in range(1, 10)}
    clerk.sends(at(desk, "count/"), **right)
    with desk.acting():
        assert "count-differs" not in {kind for kind, _ in desk.town.tasks()}
    del right["right-3"]
    clerk.sends(at(desk, "count/"), **right)
    with desk.acting():
        assert "count-differs" in {kind for kind, _ in desk.town.tasks()}


def test_who_only_reads_does_not_count(desk: Desk) -> None:
    assert desk.browser("auditor").sends(at(desk, "count/")).status_code == 403
