"""The mail with the code comes back: no period runs, the desk is told, and sends the code to another address."""

from tests.journeys.faces import newcomer
from tests.journeys.story import Story

REPORT = """\
From: MAILER-DAEMON@provider.example
To: {return_path}
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="part"

--part
Content-Type: text/plain

The mailbox is gone.

--part
Content-Type: message/delivery-status

Reporting-MTA: dns; provider.example

Final-Recipient: rfc822; {to}
Action: failed
Status: 5.1.1

--part--
"""


def test_a_delivery_report_stops_the_clock_and_a_new_code_is_sent(story: Story) -> None:
    ready = story.voucher_waits()

    story.town.take_in(REPORT.format(return_path=ready.return_path, to=ready.to))
    story.desk.sees("loaded", holder="compartment")
    story.desk.sees_alert("mail-bounced")

    elsewhere = newcomer().email
    story.desk.visit(story.desk.request)
    story.desk.act("send-again", email=elsewhere)
    again = story.town.mail_to(elsewhere)
    story.desk.sees("waiting", holder="compartment")
    story.desk.waits_for_the_wall()
    story.kiosk.shows(qr=ready.qr)
    story.kiosk.refuses("code-revoked")
    assert story.kiosk.collects(pin=again.pin) == story.number
    story.desk.sees("collected", holder="citizen")
