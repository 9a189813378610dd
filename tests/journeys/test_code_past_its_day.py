"""A loan that nobody collected until its last day was over, while the network was down: the wall knows it by itself. It
is recalled as soon as the wall answers again, for its days are over."""

from tests.journeys.story import Story


def test_a_code_opens_nothing_after_its_last_day_also_when_nobody_tells_the_wall(story: Story) -> None:
    ready = story.material_waits()
    story.desk.waits_for_the_wall()

    with story.town.centre_out_of_reach():
        story.clock.turn(days=4)
        story.kiosk.shows(pin=ready.pin)
        story.kiosk.refuses("code-wrong")
        story.kiosk.shows(qr=ready.qr)
        story.kiosk.refuses("code-expired")

    story.desk.sees("recalled", holder="compartment", within=90)
    story.desk.waits_for_the_wall()
    story.hands.takes_out(story.number)
    story.desk.sees("taken_back", holder="desk")
