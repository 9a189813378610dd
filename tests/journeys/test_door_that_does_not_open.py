"""A lock that does not let go: a case number, whom to call, and a code that goes on opening."""

from tests.journeys.story import Story


def test_a_stuck_door_costs_nobody_anything(story: Story) -> None:
    ready = story.voucher_waits()
    before = story.wall.pulses(story.number)
    story.wall.fault("stuck_closed", compartment=story.number)

    story.kiosk.shows(pin=ready.pin)
    story.kiosk.sees("fault")

    said = story.kiosk.says()
    assert story.town.help_phone in said
    assert story.kiosk.case_number() in said
    assert story.wall.pulses(story.number) == before + 3
    story.desk.sees_alert("not-opened")
    story.desk.sees_blocked(story.number)
    story.desk.sees("waiting", holder="compartment")
    story.kiosk.stops()

    story.wall.mend()
    assert story.kiosk.collects(pin=ready.pin) == story.number
    story.desk.sees("collected", holder="citizen")
    story.desk.sees_blocked(story.number, blocked=False)
