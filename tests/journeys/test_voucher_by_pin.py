"""A shopkeeper asks for vouchers, and collects them at night with the PIN from the mail."""

from tests.journeys.story import Story


def test_a_voucher_is_collected_with_the_pin_from_the_mail(story: Story) -> None:
    ready = story.voucher_is_seen_to_wait()
    assert story.portal.state() == "waiting"

    assert story.kiosk.collects(pin=ready.pin, touched=True) == story.number

    story.desk.sees("collected", holder="citizen")
    story.portal.sees("done")
