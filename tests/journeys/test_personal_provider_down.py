"""Nobody can say who they are: said before anybody starts, with what still works; vouchers come out all the same."""

from playwright.sync_api import expect

from tests.journeys.papers import Papers


def test_a_provider_that_is_down_is_said_and_codes_go_on_opening(papers: Papers) -> None:
    ready = papers.story.voucher_waits()
    emma = papers.citizen("emma")
    papers.provider("down")
    try:
        papers.begins()
        emma.scans(papers.kiosk)
        emma.goes_on()
        emma.is_told("identity-unavailable")
        papers.kiosk.refuses("identity-unavailable")

        papers.begins()
        papers.kiosk.refuses("identity-unavailable")
        emma.visits("aanmelden/?lang=nl")
        emma.goes_on()
        emma.is_told("identity-unavailable")
    finally:
        papers.provider("up")

    with papers.town.centre_out_of_reach():
        papers.kiosk.begins()
        expect(papers.kiosk.page.locator("[data-identify=away]")).to_be_visible(timeout=60_000)
        assert not papers.kiosk.page.locator("[data-act=go][data-value=identify]").count()
        papers.kiosk.stops()
        assert papers.kiosk.collects(pin=ready.pin) == papers.story.number
