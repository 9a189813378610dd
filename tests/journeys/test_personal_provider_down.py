"""Nobody can say who they are: said before anybody starts, with what still works; vouchers come out all the same."""

from playwright.sync_api import expect

from onthaal.words import words
from tests.journeys.papers import Papers
from tests.waiting import until


def test_a_provider_that_is_down_is_said_on_the_first_screen_and_codes_go_on_opening(papers: Papers) -> None:
    ready, emma = papers.story.voucher_waits(), papers.citizen("emma")
    page = papers.kiosk.page
    away, offered = page.locator("[data-identify=away]"), page.locator("[data-act=go][data-value=identify]")
    papers.kiosk.sees("attract", within=60)
    expect(away).to_have_count(0, timeout=60_000)

    said = page.locator("[data-screen=attract] [data-identify=away]")

    def said_after_a_while() -> bool:
        papers.clock.turn(seconds=16)
        return said.count() > 0

    papers.provider("down")
    papers.clock.turn(seconds=61)  # the next look at it is due
    try:
        until(said_after_a_while, within=120, every=2, what="the word of it")
        expect(said).to_be_visible()
        assert words("kiosk.home.identify-away", "nl", name="itsme") in papers.kiosk.says(), "nobody touched the screen"
        papers.kiosk.begins()
        expect(away).to_be_visible()
        assert not offered.count()
        papers.kiosk.stops()
        assert papers.kiosk.collects(pin=ready.pin) == papers.story.number

        emma.visits("aanmelden/?lang=nl")
        expect(emma.page.locator("[data-away=itsme]")).to_be_visible()
        assert not emma.page.locator("[name=provider]").count()
        papers.an.visit("alerts/")
        expect(papers.an.page.locator("main")).to_contain_text(words("desk.alert.provider-silent", "nl"))
    finally:
        papers.provider("up")
    papers.clock.turn(seconds=16)
    expect(away).to_have_count(0, timeout=60_000)
    papers.kiosk.begins()
    expect(offered).to_be_visible()
    papers.kiosk.stops()


def test_without_a_network_it_is_said_on_the_first_screen_and_codes_go_on_opening(papers: Papers) -> None:
    code = papers.story.voucher_waits().qr
    page = papers.kiosk.page
    papers.kiosk.sees("attract", within=60)
    with papers.town.centre_out_of_reach():
        away = page.locator("[data-screen=attract] [data-identify=away]")

        def said_after_a_while() -> bool:
            papers.clock.turn(seconds=10)
            return away.count() > 0

        until(said_after_a_while, within=120, every=1, what="the word of it")
        papers.kiosk.begins()
        expect(page.locator("[data-identify=away]")).to_be_visible()
        assert not page.locator("[data-act=go][data-value=identify]").count()
        papers.kiosk.stops()
        assert papers.kiosk.collects(qr=code) == papers.story.number
