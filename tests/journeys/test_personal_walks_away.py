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
    papers.is_left_approved()

    papers.kiosk.begins()
    assert not papers.kiosk.page.locator("[data-act=open]").count()
    papers.kiosk.does("go", "identify")
    papers.kiosk.sees("identify-phone")
    papers.is_too_late()
    assert papers.wall.doors_open() == []
    assert papers.wall.pulses(number) == before

    assert papers.takes(bram) == number


def test_who_takes_one_of_two_and_leaves_leaves_no_door_to_who_comes_after(papers: Papers) -> None:
    emma = papers.citizen("emma")
    doors = {papers.waits(emma, "eerste-reispas"), papers.waits(papers.citizen("emma"), "voorlopig-rijbewijs")}

    papers.begins()
    emma.scans(papers.kiosk)
    papers.types(emma.identifies())
    papers.kiosk.sees("identify-next")
    (other,) = doors - {papers.takes_one()}
    before = papers.wall.pulses(other)
    assert papers.kiosk.page.locator("[data-act=next]").count()
    papers.is_left_at_thanks()

    papers.kiosk.begins()
    assert not papers.kiosk.page.locator("[data-act=next], [data-act=open]").count()
    papers.kiosk.stops()
    assert papers.wall.pulses(other) == before

    assert papers.takes(emma) == other
