"""The desk says no, with a reason that the asker reads; nothing is planned."""

from tests.journeys.story import Story


def test_a_refused_request_says_why_and_plans_nothing(story: Story) -> None:
    story.portal.ask("aalterbonnen", story.who)
    before = story.town.mail_to(story.who.email).number

    story.desk.open_request(story.who)
    story.desk.act("refuse", reason="De bonnen zijn op tot maandag.")

    assert story.desk.stage() == "refused"
    assert "De bonnen zijn op tot maandag." in story.town.mail_to(story.who.email, after=before).text
    assert story.portal.state() == "refused"
