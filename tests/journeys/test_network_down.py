"""The centre cannot be reached: the wall opens all the same, and tells it later."""

from tests.journeys.story import Story


def test_what_was_collected_without_a_network_is_told_later(story: Story) -> None:
    ready = story.voucher_waits()

    with story.town.centre_out_of_reach():
        assert story.kiosk.collects(pin=ready.pin) == story.number

    story.desk.sees("collected", holder="citizen")
    story.portal.sees("done")
