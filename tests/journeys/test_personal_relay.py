"""Somebody at the wall gets the addressee to approve elsewhere, and cannot know the digits on that telephone."""

from tests.journeys.papers import Papers


def test_an_approval_from_elsewhere_opens_nothing_without_its_digits(papers: Papers) -> None:
    chloe = papers.citizen("chloe")
    number = papers.waits(chloe, "eerste-reispas")
    before = papers.wall.pulses(number)

    papers.begins()
    chloe.scans(papers.kiosk)
    digits = chloe.identifies()
    papers.types(f"{(int(digits) + 1) % 100:02}")
    papers.kiosk.refuses("digits-wrong")

    papers.begins()
    papers.types(digits)
    papers.kiosk.refuses("digits-wrong")

    papers.begins()
    chloe.scans(papers.kiosk)
    chloe.approves(ongoing_call=True, scanned=False)
    chloe.goes_on()
    chloe.is_told("identity-risk")
    papers.kiosk.refuses("identity-risk")
    assert papers.wall.pulses(number) == before

    assert papers.takes(chloe) == number
