"""The power goes while the door is open: afterwards the wall says what it saw, and nothing else."""

from tests.journeys.story import Story


def test_a_power_cut_while_the_door_is_open_loses_nothing(story: Story) -> None:
    ready = story.voucher_waits()
    story.kiosk.shows(pin=ready.pin)
    story.kiosk.sees("take")
    number = story.kiosk.opened()

    story.wall.cut_the_power()
    story.kiosk.is_dark()
    story.wall.shut(number)

    story.kiosk.sees("attract", within=60)
    story.desk.sees("waiting", holder="compartment")
    assert story.kiosk.collects(pin=ready.pin) == number
    story.desk.sees("collected", holder="citizen")
