"""The power goes when the thing was just taken, at a wall that cannot see what lies in it: people must say."""

from collections.abc import Iterator

import pytest

from onthaal.words import words
from tests.journeys.story import Story


@pytest.fixture
def blind(story: Story) -> Iterator[Story]:
    """The wall, with boards that have no eyes."""
    file = story.town.folder / "data" / "kiosk.toml"
    fitted = file.read_text()
    file.write_text("".join(line for line in fitted.splitlines(True) if not line.startswith("presence_bit")))
    assert file.read_text() != fitted
    try:
        _starts_again(story)
        yield story
    finally:
        file.write_text(fitted)
        _starts_again(story)


def test_what_was_taken_before_a_power_cut_is_in_doubt_until_the_desk_says_who_has_it(blind: Story) -> None:
    story, ready = blind, blind.voucher_waits()
    story.kiosk.shows(pin=ready.pin)
    story.kiosk.sees("take")
    number = story.kiosk.opened()
    story.wall.take(number)
    story.wall.cut_the_power()
    story.kiosk.is_dark()
    story.wall.shut(number)
    story.kiosk.sees("attract", within=60)

    story.desk.sees("disputed", holder="compartment")
    story.desk.sees_alert("item-disputed")
    story.kiosk.shows(qr=ready.qr)
    story.kiosk.refuses("compartment-unavailable")
    assert words("desk.doubt.crash-closed-no-sensor", "nl") in story.desk.doubt()

    story.desk.settles("collected", reason="Aan de telefoon: alles is meegenomen")
    story.desk.sees("collected", holder="citizen")
    story.desk.has_done("resolve-dispute")


def _starts_again(story: Story) -> None:
    story.wall.cut_the_power()
    story.kiosk.is_dark()
    story.kiosk.sees("attract", within=60)
