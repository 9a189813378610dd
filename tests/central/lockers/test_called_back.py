"""What lay ready is taken out of the wall again: whoever has a code for it hears that it opens no more."""

from __future__ import annotations

from typing import Any

import pytest

from onthaal.core.lifecycles import Stage
from tests.central.lockers.papers import Papers
from tests.central.lockers.test_doubt_without_request import withdrawn_in_doubt
from tests.central.lockers.test_the_way_of_a_thing import out_of
from tests.central.lockers.town import Town
from tests.central.lockers.wall import Wall


def recalled(town: Town, out: Any, reason: str) -> None:
    from onthaal.central.lockers.handovers import actions

    actions.recall(handover_id=out.pk, by=town.clerk, reason=reason)
    town.follows()


def resolved(town: Town, out: Any, to: Stage) -> None:
    from onthaal.central.lockers.handovers import actions

    actions.resolve(handover_id=out.pk, to=to, by=town.clerk, reason="We gingen kijken.")
    town.follows()


def gone(town: Town) -> list[str]:
    """The kinds of mail about a handover that go now."""
    return [notice.kind for notice in town.posts() if notice.about.startswith("handover:") and notice.kind != "alert"]


@pytest.mark.parametrize(
    "reason", ["asked", "wrong-thing", "damaged", "needed-here", "place-needed", "opened-remotely"]
)
def test_who_has_a_code_hears_that_we_took_it_back(town: Town, wall: Wall, waits: Any, reason: str) -> None:
    recalled(town, waits, reason)
    assert gone(town) == ["taken-back"]
    wall.is_emptied(waits, 1)
    town.follows()
    waits.request.refresh_from_db()
    assert (waits.request.status, gone(town)) == ("lapsed", [])


def test_the_mail_says_that_the_code_opens_no_more_and_whom_to_call(town: Town, waits: Any) -> None:
    from onthaal.central.foundation.notices.letters import Reader, Secrets, compose

    recalled(town, waits, "damaged")
    (mail,) = town.posts()
    letter = compose(
        mail.kind, mail.slots, Reader(lang="nl", name="Els", municipality="Aalter", help_phone="1", home=""), Secrets()
    )
    assert letter.subject.startswith("Niet meer af te halen: ")
    for said in ("uit de automaat", "Uw code werkt niet meer", "Bel ons", mail.slots["help_phone"]):
        assert said in letter.text
    assert "haalde" not in letter.text


def test_who_was_not_yet_told_hears_nothing_of_it(town: Town, wall: Wall) -> None:
    out = out_of(town.accepted(town.asks()))
    wall.loads(out, 1)
    town.follows()
    recalled(town, out, "wrong-thing")
    wall.applied()
    assert gone(town) == []


def test_a_mail_that_came_back_told_nobody(town: Town, wall: Wall, waits: Any) -> None:
    town.bounces(next(mail for mail in town.mails(f"handover:{waits.pk}") if mail.kind == "ready"))
    recalled(town, waits, "wrong-thing")
    assert "taken-back" not in gone(town)


def test_a_mail_that_left_while_it_was_recalled_is_followed_by_the_word_that_it_opens_no_more(
    town: Town, wall: Wall
) -> None:
    from onthaal.central.foundation.notices import actions as notices
    from onthaal.central.lockers.handovers import actions

    out = out_of(town.accepted(town.asks()))
    wall.loads(out, 1)
    town.follows()
    wall.applied()
    actions.recall(handover_id=out.pk, by=town.clerk, reason="wrong-thing")
    (ready,) = town.mails(f"handover:{out.pk}")
    ready.status, ready.sent_at = "sent", town.clock.now()
    ready.save()
    notices.note(ready, "notice.sent")
    town.follows()
    assert "taken-back" in gone(town)


@pytest.mark.parametrize("to", [Stage.TAKEN_BACK, Stage.RECALLED])
def test_who_was_told_hears_it_when_a_doubt_ends_at_the_desk(town: Town, wall: Wall, waits: Any, to: Stage) -> None:
    wall.disputes(waits, 1)
    town.follows()
    resolved(town, waits, to)
    assert gone(town) == ["taken-back"]
    if to is Stage.RECALLED:
        wall.is_emptied(waits, 1)
        town.follows()
        assert gone(town) == [], "once"


def test_nobody_hears_of_a_doubt_that_was_told_of_nothing(town: Town, wall: Wall) -> None:
    out = out_of(town.accepted(town.asks()))
    town.posts()
    wall.loads(out, 1)
    wall.disputes(out, 1)
    town.follows()
    resolved(town, out, Stage.TAKEN_BACK)
    assert gone(town) == []


def test_who_heard_of_the_recall_is_not_told_again_when_its_doubt_ends(town: Town, wall: Wall, waits: Any) -> None:
    recalled(town, waits, "damaged")
    assert gone(town) == ["taken-back"]
    wall.disputes(waits, 1)
    town.follows()
    resolved(town, waits, Stage.TAKEN_BACK)
    assert gone(town) == []


def test_who_withdrew_is_not_told_that_we_took_it_back(town: Town, wall: Wall) -> None:
    out = withdrawn_in_doubt(town, wall)
    resolved(town, out, Stage.TAKEN_BACK)
    assert gone(town) == []


def test_who_was_told_again_after_a_doubt_hears_of_the_next_recall(town: Town, wall: Wall, waits: Any) -> None:
    wall.disputes(waits, 1)
    town.follows()
    resolved(town, waits, Stage.LOADED)
    wall.applied()
    assert gone(town) == ["ready"]
    recalled(town, waits, "needed-here")
    assert gone(town) == ["taken-back"]


def test_what_staff_took_out_without_recalling_it_is_told_too(town: Town, wall: Wall, waits: Any) -> None:
    wall.is_emptied(waits, 1)
    town.follows()
    assert gone(town) == ["taken-back"]


def test_nobody_is_told_that_we_took_back_what_they_have(town: Town, wall: Wall, waits: Any) -> None:
    from onthaal.central.lockers.handovers import actions

    actions.recall(handover_id=waits.pk, by=town.clerk, reason="asked")
    wall.gives(waits, 1)
    town.follows()
    assert gone(town) == ["receipt"]


def test_who_collected_it_before_the_mail_left_is_not_told_that_the_code_opens_no_more(
    town: Town, wall: Wall, waits: Any
) -> None:
    recalled(town, waits, "asked")
    assert town.mails(f"handover:{waits.pk}")[-1].kind == "taken-back"
    wall.gives(waits, 1)
    town.follows()
    assert gone(town) == ["receipt"]


def test_the_mail_of_a_document_names_neither_the_document_nor_why(town: Town, wall: Wall) -> None:
    from onthaal.central.foundation.notices.letters import Reader, Secrets, compose

    papers = Papers(town)
    recalled(town, papers.out(papers.in_the_wall(wall)), "wrong-thing")
    (mail,) = town.posts()
    assert (mail.kind, "product" in mail.slots, "item" in mail.slots) == ("dossier-taken-back", False, False)
    reader = Reader(lang="nl", name="Lien", municipality="Aalter", help_phone="1", home="", mine="https://mijn")
    letter = compose(mail.kind, mail.slots, reader, Secrets())
    assert "U kunt het daar niet meer afhalen" in letter.text
    assert "code" not in letter.text
