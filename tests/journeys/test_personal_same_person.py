"""Who put a document into its envelope may not put it into the wall: refused before any lock moves."""

from playwright.sync_api import expect

from onthaal.words import words
from tests.journeys.papers import Papers


def test_the_wall_refuses_the_person_who_prepared_it_before_any_pulse(papers: Papers) -> None:
    nora = papers.citizen("nora")
    label = papers.prepared(nora, "eerste-reispas")
    papers.an.waits_for_the_wall()
    before = [papers.wall.pulses(number) for number in range(1, 10)]

    papers.kiosk.identifies("an")
    papers.kiosk.does("go", "load")
    papers.kiosk.sees("load-scan")
    papers.wall.hold_code(label)
    expect(papers.kiosk.page.locator("main")).to_contain_text(words("why.same-person-twice", "nl"))
    papers.kiosk.stops()
    assert [papers.wall.pulses(number) for number in range(1, 10)] == before

    papers.number = papers.story.hands.loads(label=label, text="Envelop", role="bea")
    papers.an.reaches("waiting")
    assert papers.takes(nora) == papers.number
