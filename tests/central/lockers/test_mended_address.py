"""An address that was mended: when nobody needs to be asked for another any more."""

from __future__ import annotations

from typing import Any

import pytest

from tests.central.lockers.papers import Papers
from tests.central.lockers.town import Town
from tests.central.lockers.wall import Wall


@pytest.fixture
def papers(town: Town) -> Papers:
    return Papers(town)


def asks_for_an_address(town: Town, about: str) -> tuple[bool, bool]:
    """Whether staff is asked for it, and warned."""
    return ("mend-address", about) in town.tasks(), ("mail-bounced", about) in town.alerts()


def sends_again(town: Town, wall: Wall, out: Any, email: str = "els@bloemen-aalter.example") -> Any:
    """Karel sends another code, and its mail goes. That mail."""
    from onthaal.central.lockers.access import actions as access

    access.send_again(handover_id=out.pk, by=town.clerk, email=email)
    wall.applied()
    (newer,) = [mail for mail in town.posts() if mail.person_id == out.person_id]
    return newer


def test_a_new_code_to_the_mended_address_ends_the_asking_for_one(town: Town, wall: Wall, waits: Any) -> None:
    about = f"handover:{waits.pk}"
    town.bounces(town.mails(about)[0])
    assert asks_for_an_address(town, about) == (True, True)
    newer = sends_again(town, wall, waits)
    assert asks_for_an_address(town, about) == (False, False)
    town.bounces(newer)
    assert asks_for_an_address(town, about) == (True, True)
    assert len([mail for mail in town.mails(about) if mail.kind == "alert"]) == 2


def test_the_mail_that_said_yes_and_came_back_is_not_asked_about_any_more_either(
    town: Town, wall: Wall, waits: Any
) -> None:
    request, about = f"request:{waits.request.pk}", f"handover:{waits.pk}"
    for mail in (*[one for one in town.mails(request) if one.kind == "request-accepted"], *town.mails(about)):
        town.bounces(mail)
    assert asks_for_an_address(town, request) == asks_for_an_address(town, about) == (True, True)
    sends_again(town, wall, waits)
    assert asks_for_an_address(town, request) == asks_for_an_address(town, about) == (False, False)


def test_a_mail_of_which_the_worker_hears_late_says_nothing_of_an_address_that_failed_since(
    town: Town, wall: Wall, waits: Any
) -> None:
    from onthaal.central.lockers.access import bounces

    about = f"handover:{waits.pk}"
    (first,) = town.mails(about)
    newer = sends_again(town, wall, waits)
    town.bounces(newer)
    (sent_first, *_) = [entry for entry in town.journal(about) if entry.kind == "notice.sent"]
    assert sent_first.about["notice"] == first.pk
    bounces.address_works(sent_first)
    assert asks_for_an_address(town, about) == (True, True)


def test_a_reminder_that_went_is_no_new_code(town: Town, wall: Wall, waits: Any) -> None:
    from onthaal.central.lockers.access import actions as access

    about = f"handover:{waits.pk}"
    town.bounces(town.mails(about)[0])
    access.announce(waits, kind="reminder")
    town.posts()
    assert asks_for_an_address(town, about) == (True, True)


def test_a_mail_to_the_duty_address_says_nothing_of_the_addressees(town: Town, wall: Wall, waits: Any) -> None:
    about = f"handover:{waits.pk}"
    town.bounces(town.mails(about)[0])
    assert [mail.kind for mail in town.posts()] == ["alert"]
    assert asks_for_an_address(town, about) == (True, True)


def test_a_later_mail_about_a_personal_request_ends_the_asking(town: Town, papers: Papers) -> None:
    from onthaal.central.lockers.requests import desk

    request = papers.asked()
    about = f"request:{request.pk}"
    (received,) = town.posts()
    town.bounces(received)
    assert asks_for_an_address(town, about) == (True, True)
    desk.ask_more(request_id=request.pk, by=town.clerk, text="Een scherpere foto, alstublieft")
    town.posts()
    assert asks_for_an_address(town, about) == (False, False)


def test_a_document_that_is_ready_ends_the_asking_about_its_request(town: Town, papers: Papers, wall: Wall) -> None:
    request = papers.accepted()
    about = f"request:{request.pk}"
    town.posts()
    for mail in town.mails(about):
        town.bounces(mail)
    assert asks_for_an_address(town, about) == (True, True)
    papers.load(wall, papers.prepared(request), papers.second)
    town.follows()
    town.posts()
    assert asks_for_an_address(town, about) == (False, False)
