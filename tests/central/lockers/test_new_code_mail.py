"""The mail with a new code: who reads it lost the first one, so it says all that one said."""

from __future__ import annotations

import re
from typing import Any

from onthaal.core import facts
from tests.central.lockers.test_the_way_of_a_thing import waiting
from tests.central.lockers.town import Town
from tests.central.lockers.wall import Wall

UNTIL, BACK_BY = "Afhalen tot en met", "Terugbrengen tot en met"


def letters(town: Town, kind: str) -> list[dict[str, str]]:
    """The mails of a kind that may go, as text, as HTML and as the page to print: label → what stands there."""
    from onthaal.central.foundation.notices.letters import Reader, Secrets, compose
    from onthaal.central.foundation.notices.models import Notice

    reader = Reader(lang="nl", name="Els", municipality="Aalter", help_phone="09 1", home="https://aalter.example")
    found = []
    for mail in Notice.objects.filter(kind=kind, status="due"):
        pin, qr = town.code_in(mail)
        letter = compose(mail.kind, mail.slots, reader, Secrets(pin=pin, qr=qr))
        assert letter.page is not None
        in_html = re.findall(r"<th[^>]*>([^<]+)</th><td[^>]*>([^<]*)</td>", letter.html)
        on_paper = re.findall(r"<dt>([^<]+)</dt><dd>([^<]*)</dd>", letter.page)
        in_text = re.findall(r"^([^:\n]+): (.+)$", letter.text, re.MULTILINE)
        found += [dict(in_text), dict(in_html), dict(on_paper)]
    assert len(found) == 3
    return found


def written(day: Any) -> str:
    from onthaal.central.foundation.calendar import written_day

    return written_day(day, "nl")


def sent_again(town: Town, wall: Wall, handover: Any) -> None:
    from onthaal.central.lockers.access import actions

    actions.send_again(handover_id=handover.pk, by=town.clerk)
    wall.applied()


def test_a_new_code_says_until_when_it_can_be_collected(town: Town, wall: Wall, waits: Any) -> None:
    from onthaal.core.deadlines import day_of

    sent_again(town, wall, waits)
    for said in letters(town, "new-code"):
        assert said[UNTIL] == written(day_of(waits.collect_by))
        assert BACK_BY not in said


def test_a_new_code_after_five_wrong_ones_says_it_too(town: Town, wall: Wall, waits: Any) -> None:
    grant = waits.grants.get()
    for _ in range(5):
        wall.tells(facts.CodeRefused(session="s", channel="pin", why="code-wrong", grant=grant.pk, counts=True))
    town.follows()
    wall.applied()
    assert all(UNTIL in said for said in letters(town, "new-pin"))


def test_a_new_code_for_a_loan_says_until_when_to_collect_and_when_to_bring_back(town: Town, wall: Wall) -> None:
    out = waiting(town, wall, 4, request=town.asks_to_borrow(1, 3))
    sent_again(town, wall, out)
    for said in letters(town, "new-code"):
        assert UNTIL in said
        assert said[BACK_BY] == written(out.ends_on)


def test_a_new_code_to_bring_it_back_says_by_when_and_nothing_of_collecting(town: Town, wall: Wall, lent: Any) -> None:
    out = lent
    sent_again(town, wall, out.back)
    for said in letters(town, "new-code"):
        assert said[BACK_BY] == written(out.back.ends_on)
        assert UNTIL not in said
