"""After the stories about personal documents: what the town's processes wrote, its rows of work, the wall's store, what
its pages said to browsers, and its mail."""

import re

from onthaal.simulator.citizens import citizens
from tests.journeys.papers import Papers
from tests.journeys.town import PIN, Mail
from tests.leaks import leaks

CODE = re.compile(r"GZ[12]:")
BELONGS_IN_MAIL = ("a mail address", "a mail link", "a PIN as shown", "the text of a QR")
"""Of things that need no signing in; who signs in gets no code at all."""


def test_promise_16_nobody_is_named_in_what_the_town_wrote_about_its_work(papers: Papers) -> None:
    saga = papers.citizen("saga")
    papers.waits(saga, "eerste-reispas")
    papers.begins()
    saga.scans(papers.kiosk)
    way = saga.page.url.rpartition("/")[2]
    papers.types(saga.identifies())
    papers.kiosk.sees("identify-next")
    papers.takes_next()
    papers.an.reaches("collected")

    people = citizens(papers.clock.today()).values()
    secrets = [way, *(who.national_number for who in people), *(who.name for who in people)]
    secrets += [account["password"] for account in papers.town.ready["accounts"]]
    for where, said in papers.town.written().items():
        assert leaks(said, secrets=secrets) == [], where

    mails = papers.town.mails()
    assert [mail for mail in mails if mail.to == saga.email and mail.html]
    assert [leak for mail in mails for leak in _leaks(mail, [way])] == []
    of_people = [mail for mail in mails if any(who.name in mail.whole for who in people)]
    assert not [mail.subject for mail in of_people if PIN.search(mail.whole) or CODE.search(mail.whole)]
    assert not [mail.subject for mail in of_people if mail.to.endswith("@aalter.example")]


def _leaks(mail: Mail, secrets: list[str]) -> list[str]:
    found = leaks(mail.whole, secrets=secrets)
    return [f"{mail.subject}: {leak}" for leak in found if not leak.startswith(BELONGS_IN_MAIL)]
