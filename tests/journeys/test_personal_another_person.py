"""Somebody says truly who they are, where only another's document waits: nothing opens, nothing is learned."""

from tests.journeys.papers import Papers


def test_another_person_opens_nothing_and_learns_nothing(papers: Papers) -> None:
    oscar, nora = papers.citizen("oscar"), papers.citizen("nora")
    number = papers.waits(oscar, "eerste-reispas")
    before = papers.wall.pulses(number)

    papers.begins()
    nora.scans(papers.kiosk)
    papers.types(nora.identifies())
    papers.kiosk.sees("refused")
    said = papers.kiosk.says() + nora.page.locator("main").inner_text()
    papers.kiosk.refuses("nothing-for-you")
    assert papers.wall.pulses(number) == before
    assert not [told for told in (oscar.known.family_name, "reispas", "Reispas") if told in said]

    assert papers.takes(oscar) == number
