"""An association borrows a case of party material, and brings it back by holding its tag before the reader."""

from tests.journeys.story import Story


def test_a_case_goes_out_and_comes_back_by_its_tag(story: Story) -> None:
    ready = story.material_is_seen_to_wait()

    story.kiosk.collects(pin=ready.pin)
    story.desk.sees("collected/planned", holder="citizen")
    assert story.portal.state() == "borrowed"

    number = story.kiosk.brings_back(story.tag)
    story.kiosk.sees("return-thanks")
    story.kiosk.leaves()
    story.desk.sees("collected/loaded", holder="compartment")
    assert story.portal.state() == "returned"

    story.kiosk.takes_out(number)
    story.desk.sees("collected/collected", holder="desk")
