"""A lock that does not let go: a case number, whom to call, and a code that goes on opening."""

from tests.journeys.story import Story


def test_a_stuck_door_costs_nobody_anything(story: Story) -> None:
    ready = story.voucher_waits()
    story.wall.fault("stuck_closed", compartment=story.number)

    story.kiosk.shows(pin=ready.pin)
    story.kiosk.sees("fault")

    said = story.kiosk.says()
    assert story.town.help_phone in said
    assert story.kiosk.case_number() in said
    assert story.wall.pulses(story.number) == 1 + 3  # it was loaded with one, and three tries are allowed
    story.desk.sees_alert("not-opened")
    story.desk.sees("waiting", holder="compartment")
    story.kiosk.stops()

    story.wall.mend()
    assert story.kiosk.collects(pin=ready.pin) == story.number
    story.desk.sees("collected", holder="citizen")
    story.kiosk.looks_after(story.number)
