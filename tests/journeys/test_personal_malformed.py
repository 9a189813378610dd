"""Somebody's telephone brings back an answer that is none: the wall does not wait for a right one."""

from tests.journeys.papers import Papers


def test_a_malformed_answer_sends_the_wall_back_to_its_first_screen(papers: Papers) -> None:
    emma = papers.citizen("emma")

    papers.begins()
    emma.scans(papers.kiosk)
    emma.goes_on()
    emma.page.wait_for_url(f"{papers.town.ready['simulator']}**")
    emma.visits("aanmelden/itsme/terug?state=broken&code=%00")
    emma.is_told("identity-failed")
    papers.kiosk.refuses("identity-failed")
    papers.kiosk.sees("attract")
