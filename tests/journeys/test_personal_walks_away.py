"""Somebody says who they are, and walks away before the door: whoever comes next sees nothing of it."""

from tests.journeys.papers import Papers


def test_who_comes_after_somebody_who_walked_away_sees_nothing(papers: Papers) -> None:
    bram = papers.citizen("bram")
    number = papers.waits(bram, "eerste-reispas")
    before = papers.wall.pulses(number)

    papers.begins()
    bram.scans(papers.kiosk)
    papers.types(bram.identifies())
    papers.kiosk.sees("identify-next")
    papers.grows_idle()

    papers.kiosk.begins()
    assert not papers.kiosk.page.locator("[data-act=open]").count()
    papers.kiosk.does("go", "identify")
    papers.kiosk.sees("identify-phone")
    papers.is_too_late()
    assert papers.wall.doors_open() == []
    assert papers.wall.pulses(number) == before

    assert papers.takes(bram) == number
