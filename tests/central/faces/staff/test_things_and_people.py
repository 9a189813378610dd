"""Things with their ledger, alerts and tasks, badges, accounts and the journal."""

from __future__ import annotations

import json
import re

from onthaal.core import facts
from tests.central.faces.staff.desk import Desk


def test_the_ledger_of_a_thing_shows_every_holder_with_its_evidence(desk: Desk) -> None:
    asked = desk.lies_in_the_wall()
    page = desk.browser("clerk").sees(f"things/{desk.handover_of(asked).item_id}/")
    assert re.findall(r'data-holder="(\w+)"', page) == ["compartment", "desk"]


def test_the_journal_of_a_thing_leaves_as_csv_and_json_without_a_name(desk: Desk) -> None:
    asked = desk.lies_in_the_wall()
    where = f"things/{desk.handover_of(asked).item_id}/journal"
    lines = desk.browser("auditor").sees(f"{where}.csv")
    whole = json.loads(desk.browser("auditor").sees(f"{where}.json"))
    assert "handover.loaded" in lines
    assert whole["journal"][0]["kind"] == "item.added"
    assert [held["holder"] for held in whole["custody"]] == ["compartment", "desk"]
    assert "Els" not in lines + json.dumps(whole)


def test_a_new_thing_gets_a_label_and_a_double_tag_is_refused(desk: Desk) -> None:
    technician = desk.browser("technician")
    form = {"product": desk.town.seeded.material.pk, "name": "Feestkoffer 7", "tag": "e280 1160 6000 0007"}
    made = technician.sends("things/", **form)
    assert made.status_code == 302
    assert "GZL:" in technician.sees(f"{made.headers['Location'].removeprefix('/desk/')}label/")
    again = technician.sends("things/", **(form | {"name": "Feestkoffer 8"}))
    assert again.status_code == 422
    assert "Feestkoffer 8" in again.content.decode()


def test_what_is_promised_is_not_taken_out_of_use(desk: Desk) -> None:
    from onthaal.central.lockers.requests import actions

    asked = desk.asked_to_borrow()
    with desk.acting():
        actions.accept(request_id=asked.pk, by=desk.town.clerk)
    item = desk.handover_of(asked).item_id
    desk.browser("technician").sends(f"things/{item}/retire/")
    assert "Uit dienst" not in desk.browser("technician").sees("things/").replace("Neem uit dienst", "")


def test_an_alert_stands_on_top_until_somebody_has_seen_it(desk: Desk) -> None:
    from onthaal.central.foundation.attention import actions

    about = f"kiosk:{desk.town.seeded.kiosk.pk}"
    with desk.acting():
        actions.raise_alert(kind="mail-stuck", level="warning", about=about)
        alert = actions.raise_alert(kind="door-forced", level="critical", about=about, slots={"compartment": 4})
    clerk = desk.browser("clerk")
    page = clerk.sees("alerts/")
    assert re.findall(r'data-alert="([\w-]+)"', page) == ["door-forced", "mail-stuck"]
    assert "Automaat gemeentehuis, kluisje 4" in page
    assert "Meldingen: 2" in clerk.sees("")
    clerk.sends(f"alerts/{alert.pk}/seen/")
    page = clerk.sees("alerts/")
    assert re.findall(r'data-alert="([\w-]+)"', page) == ["mail-stuck"]
    assert "Gezien door Karel Claeys" in page


def test_a_task_is_done_with_one_button(desk: Desk) -> None:
    from onthaal.central.foundation.attention import actions

    with desk.acting():
        task = actions.open_task(kind="door-left-open", about=f"kiosk:{desk.town.seeded.kiosk.pk}")
    clerk = desk.browser("clerk")
    assert 'data-task="door-left-open"' in clerk.sees("tasks/")
    assert clerk.sends(f"tasks/{task.pk}/done/").status_code == 302
    assert 'data-task="door-left-open"' not in clerk.sees("tasks/")


def test_who_begins_is_led_to_a_badge_and_then_to_a_pin(desk: Desk) -> None:
    clerk = desk.browser("clerk")
    assert "U hebt nog geen badge" in clerk.sees("")
    page = clerk.sends("badge/new/").content.decode()
    badge = re.search(r'data-badge="(GZS:[A-Z2-7]{17})"', page)
    assert badge
    assert badge[1] not in clerk.sees("badge/")
    assert "Kies nog een pincode" in clerk.sees("")
    assert clerk.sends("badge/", pin="735194", again="735195").status_code == 409
    assert clerk.sends("badge/", pin="7351", again="7351").status_code == 409
    assert clerk.sends("badge/", pin="735194", again="735194").status_code == 302
    assert "Kies nog een pincode" not in clerk.sees("")


def test_a_new_account_gets_a_password_shown_once_that_signs_in(desk: Desk) -> None:
    from onthaal.central.foundation.people.signing_in import sign_in

    form = {"name": "Lien Bos", "username": "Lien.Bos", "language": "nl", "roles": ["clerk"]}
    page = desk.browser("administrator").sends("accounts/new/", **form).content.decode()
    password = re.search(r"data-password>([a-z-]+)<", page)
    assert password
    with desk.acting():
        assert sign_in(username="lien.bos", password=password[1], origin="192.0.2.7").account is not None
    again = desk.browser("administrator").sends("accounts/new/", **form)
    assert again.status_code == 422
    assert "Deze gebruikersnaam bestaat al." in again.content.decode()


def test_an_administrator_closes_an_account_but_never_their_own(desk: Desk) -> None:
    administrator = desk.browser("administrator")
    assert administrator.sends(f"accounts/{desk.staff['administrator'].pk}/act/", act="close").status_code == 403
    assert administrator.sends(f"accounts/{desk.town.clerk.pk}/act/", act="close").status_code == 302
    assert "Afgesloten" in administrator.sees(f"accounts/{desk.town.clerk.pk}/")


def test_the_auditor_searches_the_journal_and_checks_a_chain(desk: Desk) -> None:
    asked, auditor = desk.asked(), desk.browser("auditor")
    stream = f"request:{asked.pk}"
    assert "Bevestigd door de aanvrager" in auditor.sees(f"journal/?stream={stream}")
    assert "Niets gevonden." in auditor.sees("journal/?until=2020-01-01")
    assert "request.confirmed" in auditor.sees("journal/entries.csv?kind=request.confirmed")
    auditor.sends("journal/check/", stream=stream)
    assert f"De ketting {stream} klopt." in auditor.sees("journal/")


def test_figures_say_that_nothing_was_measured_yet(desk: Desk) -> None:
    assert "nog niet gemeten" in desk.browser("auditor").sees("figures/")


def test_the_desk_speaks_french_and_english(desk: Desk) -> None:
    assert "À faire" in desk.browser("clerk").sees("?lang=fr")
    assert "Work list" in desk.browser("clerk").sees("?lang=en")


def test_a_case_number_that_somebody_names_on_the_telephone_stands_in_the_journal(desk: Desk) -> None:
    with desk.acting():
        desk.wall.tells(facts.CaseOpened(session="s1", case="A-7QK", about="did-not-open"))
    assert "A-7QK" in desk.browser("auditor").sees("journal/?kind=kiosk")
