"""After the stories about personal documents: what the town's processes wrote, its rows of work, and its mail."""

import re

from onthaal.simulator.citizens import citizens
from tests.journeys.papers import Papers
from tests.journeys.town import PIN
from tests.leaks import leaks

UNSEALED = re.compile(r"GZ[12]:|/muur/|eyJ[\w-]{8,}\.|\b\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}\b")


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
    assert leaks(papers.town.logs(), secrets=secrets) == []
    assert leaks(papers.town.rows(), secrets=secrets) == []

    mails = papers.town.mails_to(saga.email)
    assert mails
    assert not [mail.subject for mail in mails if UNSEALED.search(mail.text) or PIN.search(mail.text)]
    assert not [mail.subject for mail in mails if saga.known.national_number in mail.text]
    told_others = [mail for mail in papers.town.mails() if mail.to.endswith("@aalter.example")]
    assert not [mail.subject for mail in told_others if any(who.name in mail.text for who in people)]
