"""Nobody comes: a reminder on the third day, after five days the thing goes back to the desk."""

from tests.journeys.story import Story


def test_what_nobody_collects_is_recalled_and_taken_back(story: Story) -> None:
    ready = story.voucher_waits()

    story.clock.turn(days=3)
    story.clock.turn_to(12)
    reminder = story.town.mail_to(story.who.email, after=ready.number)
    story.desk.sees("waiting", holder="compartment")

    story.clock.turn(days=2, hours=24)
    story.town.mail_to(story.who.email, after=reminder.number)
    story.desk.sees("recalled", holder="compartment")
    assert story.desk.is_to_take_out()
    story.desk.waits_for_the_wall()
    story.kiosk.shows(qr=ready.qr)
    story.kiosk.refuses("code-expired")

    story.kiosk.takes_out(story.number)
    story.desk.sees("taken_back", holder="desk")
    assert not story.desk.is_to_take_out()
