"""The mailbox of an addressee is gone, and the mail with the code is refused: nobody was told, so no time runs."""

from dataclasses import replace

import pytest

from onthaal.words import words
from tests.journeys.faces import newcomer
from tests.journeys.story import Story
from tests.waiting import until

DUTY = "wacht@aalter.example"


@pytest.fixture
def shut(story: Story) -> Story:
    """Somebody whose mailbox takes the link to confirm with, and nothing after it."""
    who = newcomer()
    story.who = replace(who, email=who.email.replace("@winkel.example", "@bounce.example"))
    return story


def test_a_code_whose_mail_is_refused_waits_for_another_address_as_long_as_it_takes(shut: Story) -> None:
    story, told_before = shut, _newest_to_duty(shut)
    label = story.accepted_voucher()
    story.desk.sees_alert("mail-bounced")
    story.number = story.hands.loads(label=label, text="Envelop")
    other = story.another()
    others = other.voucher_waits()

    story.desk.sees_alert("mail-bounced")
    until(lambda: _told_duty(story, after=told_before), within=90, every=0.1, what="a mail to who is on duty")
    assert story.desk.has_task("mend-address")
    story.desk.sees("loaded", holder="compartment")

    story.clock.turn(days=3)
    story.clock.turn_to(12)
    story.town.mail_to(other.who.email, after=others.number)
    story.clock.turn(days=2, hours=24)
    other.desk.sees("recalled", holder="compartment")
    assert len(story.town.mails_to(story.who.email)) == 1, "the link to confirm with, and no reminder"
    story.desk.sees("loaded", holder="compartment")

    elsewhere = newcomer().email
    story.desk.visit(story.desk.request)
    story.desk.act("send-again", email=elsewhere)
    ready = story.town.mail_to(elsewhere)
    story.desk.sees("waiting", holder="compartment")
    assert story.kiosk.collects(pin=ready.pin) == story.number
    story.desk.sees("collected", holder="citizen")
    story.hands.takes_out(other.number)


def _told_duty(story: Story, *, after: int) -> bool:
    """Whether one of the mails after it speaks of a mail that came back; others may speak of other alerts."""
    said = words("desk.alert.mail-bounced", "nl")
    return any(said in mail.text for mail in story.town.mails_to(DUTY) if mail.number > after)


def _newest_to_duty(story: Story) -> int:
    return max((mail.number for mail in story.town.mails_to(DUTY)), default=0)
