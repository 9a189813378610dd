"""A provisional driving licence, from the application at home to the hand-over at two in the morning."""

from onthaal.words import words
from tests.journeys.papers import Papers
from tests.journeys.town import PIN


def test_a_licence_goes_to_its_addressee_at_night_and_to_nobody_by_a_code(papers: Papers) -> None:
    emma = papers.citizen("emma")
    emma.signs_in()
    papers.an.opens(emma.applies("voorlopig-rijbewijs"))
    assert emma.state() == "received"
    papers.an.act("accept")
    assert emma.state() == "accepted"
    papers.an.registers_payment("25,00")
    label = papers.an.prepares()
    asked = papers.town.mail_to(emma.email).number

    papers.an.waits_for_the_wall()
    number = papers.kiosk.loads(label=label, text="Envelop", role="bea")
    papers.an.reaches("waiting")
    ready = papers.town.mail_to(emma.email, after=asked)
    assert emma.state() == "in-wall"
    assert "GZ1:" not in ready.text
    assert not PIN.search(ready.text), "no code opens it"

    papers.clock.turn_to(2)
    assert papers.takes(emma) == number
    papers.an.reaches("collected")
    assert words("desk.entry.handover.collected", "nl") in " ".join(papers.an.history())
    emma.signs_in()
    assert emma.state() == "done"
