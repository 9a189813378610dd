"""What the stories before it left behind in their town; `test_personal_leaks.py` looks through the other one."""

from tests.journeys.faces import NEWCOMERS
from tests.journeys.story import Story
from tests.leaks import leaks


def test_promise_16_nobody_who_asked_is_named_in_what_the_town_wrote_about_its_work(story: Story) -> None:
    ready = story.voucher_waits()
    story.hands.collects(pin=ready.pin)
    story.desk.sees("collected", holder="citizen")

    secrets = [ready.pin, ready.qr, *(who.name for who in NEWCOMERS)]
    secrets += [account["password"] for account in story.town.ready["accounts"]]
    for where, said in story.town.written().items():
        assert leaks(said, secrets=secrets) == [], where
