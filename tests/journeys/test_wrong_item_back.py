"""A borrower brings back something else: it is asked for once more, then kept apart; the loan goes on."""

from tests.journeys.story import Story

FOREIGN = "E2801160600000000000FFFF"


def test_a_wrong_thing_brought_back_ends_no_loan(story: Story) -> None:
    ready = story.material_waits()
    story.hands.collects(pin=ready.pin)
    story.desk.sees("collected/planned", holder="citizen")
    receipt = story.town.mail_to(story.who.email, after=ready.number)
    story.desk.waits_for_the_wall()

    story.kiosk.shows(pin=receipt.pin)
    story.kiosk.sees("return-present")
    foreign = story.wall.make("Iets anders", FOREIGN)
    story.wall.hold_tag(FOREIGN)
    story.kiosk.sees("refused")
    story.wall.take_tag_away()
    story.kiosk.does("next")
    story.kiosk.sees("return-present")
    story.wall.hold_tag(FOREIGN)
    story.kiosk.sees("return-put")
    number = story.kiosk.opened()
    story.wall.take_tag_away()
    story.wall.put(number, foreign)
    story.wall.shut(number)
    story.kiosk.sees("return-thanks")
    story.kiosk.leaves()

    story.desk.sees_alert("found")
    story.desk.sees("collected/planned", holder="citizen")
    story.hands.takes_out(number)

    number = story.kiosk.brings_back(story.tag)
    story.kiosk.sees("return-thanks")
    story.kiosk.leaves()
    story.hands.takes_out(number)
    story.desk.sees("collected/collected", holder="desk")
