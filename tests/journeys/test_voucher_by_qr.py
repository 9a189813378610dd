"""The vouchers again, with the QR from the mail; and what the wall says when the same QR comes back."""

from tests.journeys.story import Story


def test_a_voucher_is_collected_with_the_qr_from_the_mail_which_opens_nothing_afterwards(story: Story) -> None:
    ready = story.voucher_waits()

    assert story.kiosk.collects(qr=ready.qr) == story.number
    story.desk.sees("collected", holder="citizen")
    story.portal.sees("done")

    story.kiosk.shows(qr=ready.qr)
    story.kiosk.refuses("code-used")
    story.desk.sees("collected", holder="citizen")
