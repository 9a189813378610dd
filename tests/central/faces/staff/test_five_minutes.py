"""A clerk with five minutes, and a resident at the portal: what they press by mistake, and what they must find."""

from __future__ import annotations

import re

from django.test import Client

from tests.central.faces.staff.desk import Desk


def test_somebody_at_the_counter_is_found_by_part_of_their_name(desk: Desk) -> None:
    asked, clerk = desk.asked(), desk.browser("clerk")
    link = f"/desk/requests/{asked.pk}/"
    for text in ("els", "bloemen", "els@bloemen", str(asked.pk)):
        assert link in clerk.sends("requests/", text=text).content.decode(), text
    for text in ("zzz", "", "9999999999999999999999"):
        assert link not in clerk.sends("requests/", text=text).content.decode(), text
    assert desk.browser("technician").sends("requests/", text="els").status_code == 403


def test_a_task_finished_by_mistake_is_put_back_as_it_was(desk: Desk) -> None:
    from onthaal.central.foundation.attention import actions, queries

    with desk.acting():
        task = actions.open_task(kind="door-forced", about=f"kiosk:{desk.wall.device.kiosk}", slots={"compartment": 3})
    clerk = desk.browser("clerk")
    assert clerk.sends(f"tasks/{task.pk}/done/", **{"from": "tasks"}).headers["Location"] == "/desk/tasks/"
    assert 'data-task="door-forced"' not in clerk.sees("tasks/")
    assert f"/desk/tasks/{task.pk}/back/" in clerk.sees("tasks/")
    clerk.sends(f"tasks/{task.pk}/back/")
    assert 'data-task="door-forced"' in clerk.sees("tasks/")
    with desk.acting():
        assert [one.slots for one in queries.open_tasks().filter(kind="door-forced")] == [{"compartment": 3}]
    assert desk.browser("auditor").sends(f"tasks/{task.pk}/back/").status_code == 403


def test_a_count_in_which_nothing_was_ticked_is_not_kept(desk: Desk) -> None:
    desk.lies_in_the_wall(door=3)
    answer = desk.browser("clerk").sends(f"walls/{desk.wall.device.kiosk}/count/")
    assert answer.status_code == 422
    assert "U vinkte niets aan" in answer.content.decode()
    with desk.acting():
        assert "count-differs" not in {kind for kind, _ in desk.town.tasks()}


def test_a_door_behind_which_something_unknown_lies_is_not_called_empty(desk: Desk) -> None:
    with desk.acting():
        doors = range(1, 10)
        desk.wall_answers(contents=dict.fromkeys(doors, "empty") | {5: "holds"})
    clerk, wall = desk.browser("clerk"), f"walls/{desk.wall.device.kiosk}/"
    page = clerk.sees(wall + "doors/5/")
    assert "Er ligt iets dat we niet kennen" in page
    assert "Er ligt volgens ons niets in" not in page
    assert "Er ligt iets onbekends" in clerk.sees(wall + "count/")


def test_the_history_says_which_mail_and_which_task(desk: Desk) -> None:
    asked = desk.lies_in_the_wall()
    page = desk.browser("clerk").sees(f"requests/{asked.pk}/")
    assert re.search(r"Mail verstuurd</strong> · het ligt klaar, met de code", page)


def test_every_mail_to_a_person_has_a_name_in_the_history() -> None:
    from onthaal.words import catalogue

    mails = {key.split(".")[1] for key in catalogue() if re.fullmatch(r"mail\.[a-z-]+\.subject", key)}
    assert {mail for mail in mails if f"desk.mail.{mail}" not in catalogue()} == set()


def test_figures_do_not_say_zero_hours(desk: Desk) -> None:
    from datetime import timedelta

    from onthaal.central.lockers.faces.staff.views.figures import _hours
    from onthaal.central.lockers.figures.queries import Duration

    said = [_hours(Duration(times=1, median=span), "nl") for span in (timedelta(minutes=2), timedelta(minutes=90))]
    assert said == ["de helft binnen het uur", "de helft binnen 1,5 uur"]


def test_a_product_for_businesses_asks_for_the_name_of_the_business(desk: Desk) -> None:
    portal = Client(HTTP_HOST=desk.aalter.host, HTTP_ACCEPT_LANGUAGE="fr")
    page = portal.get("/ask/aalterbonnen/").content.decode()
    assert "Nom du commerce ou de l’entreprise" in page
    assert 'type="radio" name="asked_for"' not in page
    said = portal.post("/ask/aalterbonnen/", {"asked_for": "business"}).content.decode()
    assert said.count("Indiquez le nom de votre commerce ou association.") == 2  # in the summary and beside it
    assert "?:" not in portal.post("/ask/klein-feestmateriaal/", {}).content.decode()


def test_who_was_told_that_it_is_ready_reads_until_when(desk: Desk) -> None:
    from onthaal.central.lockers.requests import actions

    with desk.acting():
        asked = desk.town.asks()
        assert asked is not None
        link = desk.town.link_of(asked)
        desk.town.confirmed(asked)
        actions.accept(request_id=asked.pk, by=desk.town.clerk)
    handover = desk.handover_of(asked)
    with desk.acting():
        desk.wall.loads(handover, 1)
        desk.town.follows()
        desk.wall.applied()
        desk.town.posts()
        desk.town.follows()
    portal = Client(HTTP_HOST=desk.aalter.host, HTTP_ACCEPT_LANGUAGE="nl")
    page = portal.get(f"/r/{link}/").content.decode()
    assert 'data-state="waiting"' in page
    assert "Haal het af tot en met" in page
