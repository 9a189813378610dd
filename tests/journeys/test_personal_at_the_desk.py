"""A passport for somebody of seventeen: only the desk hands it out, and says so in time."""

from playwright.sync_api import expect

from onthaal.words import words
from tests.journeys.papers import Papers


def test_a_passport_of_a_minor_is_handed_out_at_the_desk_only(papers: Papers) -> None:
    lou = papers.citizen("lou")
    lou.signs_in()
    papers.an.opens(lou.applies("eerste-reispas"))
    lou.visits(f"mine/{lou.number}/")
    expect(lou.page.locator("[data-desk=yes]")).to_contain_text(words("why.minor", "nl"))
    assert papers.an.place() == "desk"
    received = papers.town.mail_to(lou.email).number

    papers.an.act("accept")
    accepted = papers.town.mail_to(lou.email, after=received).number
    assert "envelope" not in papers.an.reads_labels()
    papers.an.opens(lou.number)
    papers.an.registers_payment("71,00")
    papers.an.act("ready")
    assert words("why.minor", "nl") not in papers.town.mail_to(lou.email, after=accepted).text
    assert lou.state() == "at-desk"

    papers.an.hands_out("identity-card")
    assert papers.an.status() == "done"
    assert lou.state() == "done"
