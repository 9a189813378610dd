"""Nobody comes for a document: after five days one person takes it out, another receives it, and the desk has it."""

from playwright.sync_api import expect

from tests.journeys.papers import Papers


def test_what_nobody_collects_goes_back_to_the_desk_by_two_people(papers: Papers) -> None:
    oscar = papers.citizen("oscar")
    number = papers.waits(oscar, "voorlopig-rijbewijs")
    told = papers.town.mail_to(oscar.email).number

    papers.clock.turn(days=3)
    papers.clock.turn_to(12)
    reminder = papers.town.mail_to(oscar.email, after=told).number
    papers.clock.turn(days=2, hours=24)
    papers.town.mail_to(oscar.email, after=reminder)
    papers.an.reaches("recalled")

    papers.an.waits_for_the_wall()
    papers.kiosk.takes_out(number, role="an")
    papers.an.reaches("taken_back")
    assert not papers.an.may_receive()
    papers.bea.opens(oscar.number)
    assert papers.bea.may_receive()
    papers.bea.receives()

    papers.bea.hands_out("passport")
    assert papers.bea.status() == "done"
    oscar.signs_in()
    assert oscar.state() == "done"
    expect(oscar.page.locator("[data-step=collected].done")).to_be_attached()
