"""A door on a personal document, opened from the desk: two people must want it, and it is a recall."""

from tests.journeys.papers import Papers


def test_one_person_alone_cannot_open_a_door_on_a_document_from_afar(papers: Papers) -> None:
    chloe = papers.citizen("chloe")
    number = papers.waits(chloe, "voorlopig-rijbewijs")
    before = papers.wall.pulses(number)

    papers.an.asks_to_open(number, reason="Het slot klemt, zegt de aanvrager")
    assert not papers.an.may_confirm()
    assert papers.an.confirms_without_a_button() == 409
    papers.an.reaches("waiting")
    assert papers.wall.pulses(number) == before

    assert papers.bea.may_confirm()
    papers.bea.confirms()
    papers.bea.sees_open(number)
    assert papers.wall.doors_open() == [number]
    papers.wall.take(number)
    papers.wall.shut(number)
    papers.an.reaches("taken_back")
    assert not papers.an.may_receive()
    papers.bea.opens(chloe.number)
    assert papers.bea.may_receive()
    papers.bea.receives()
    papers.bea.hands_out("identity-card")
    assert papers.bea.status() == "done"
