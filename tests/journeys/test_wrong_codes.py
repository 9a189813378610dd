"""Somebody tries codes that are not theirs: the wall makes everybody wait, and then opens for a right one."""

from tests.journeys.story import Story


def test_wrong_codes_make_the_wall_wait_and_a_right_one_opens_after_it(story: Story) -> None:
    ready = story.voucher_waits()
    wrong = ready.pin[:3] + f"{(int(ready.pin[3:]) + 1) % 1_000_000:06}"

    for _ in range(3):
        story.kiosk.shows(pin=wrong)
        story.kiosk.refuses("code-wrong")
    story.kiosk.shows(pin=ready.pin)
    story.kiosk.refuses("backed-off")
    story.desk.sees("waiting", holder="compartment")

    story.clock.turn(seconds=31)
    assert story.hands.collects(pin=ready.pin) == story.number
    story.desk.sees("collected", holder="citizen")
