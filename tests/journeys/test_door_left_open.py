"""Somebody takes their vouchers and leaves the door open: reminders, an alert, and a wall that serves the next one."""

from tests.journeys.story import Story


def test_a_door_left_open_is_blocked_and_the_wall_goes_on(story: Story) -> None:
    ready = story.voucher_waits()
    other = story.another()
    others = other.voucher_waits()
    story.kiosk.shows(pin=ready.pin)
    story.kiosk.sees("take")
    number = story.kiosk.opened()
    story.wall.take(number)

    story.clock.turn(seconds=31)
    story.kiosk.is_reminded(times=1)
    story.clock.turn(seconds=91)
    story.kiosk.is_reminded(times=2)
    story.clock.turn(minutes=3)

    story.kiosk.sees("attract")
    story.desk.sees_alert("door-left-open")
    story.kiosk.left_open.append(number)
    other.kiosk.collects(pin=others.pin)
    assert story.wall.doors_open() == [number]
    story.desk.sees("collected", holder="citizen")
    story.desk.sees_blocked(number)

    story.wall.shut(number)
    story.desk.sees_blocked(number, blocked=False)
