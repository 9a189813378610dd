"""Mails, handed to a real SMTP server: what stands in them, and what becomes of them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from onthaal import clock
from onthaal.central.foundation.journal.models import Entry
from onthaal.central.foundation.notices import actions, bounces, delivery, letters
from onthaal.central.foundation.notices.models import Notice, ReturnAddress
from onthaal.central.foundation.people.actions import create_person, erase_person
from onthaal.central.foundation.people.models import Municipality, Person
from onthaal.central.foundation.tenancy import acting_for
from onthaal.words import LANGS
from tests.central.foundation.post_office import PostOffice

PIN, QR = "482 170 935", "GZ1:ABCDEFGHIJKLMNOPX"
SLOTS = {
    "product": {"nl": "Feesttent", "fr": "Tente", "en": "Party tent"}, "kiosk": "Automaat gemeentehuis",
    "address": "Europalaan 22, Aalter", "help_phone": "", "until": "2026-11-27", "starts_on": "", "ends_on": "",
    "reason": "te laat", "alert": "kiosk-silent",
    "why": {"nl": "De deur ging niet open.", "fr": "La porte ne s'est pas ouverte.", "en": "The door did not open."},
}  # fmt: skip


@pytest.fixture
def post_office(settings) -> Iterator[PostOffice]:
    with PostOffice() as office:
        settings.ONTHAAL_MAIL = office.mail
        yield office


def an(email: str = "an@example.org", language: str = "nl") -> Person:
    return create_person(name="An Peeters", email=email, language=language)


def sent(municipality: Municipality, **told: Any) -> Notice:
    with acting_for(municipality.pk):
        email, language = str(told.pop("email", "an@example.org")), str(told.pop("language", "nl"))
        told = {"slots": SLOTS, **told}
        return actions.send(person=an(email, language), about="handover:12", **told)


def with_code(municipality: Municipality, **told: Any) -> Notice:
    return sent(municipality, kind="ready", sealed=actions.sealed_codes(PIN, QR, "handover:12"), **told)


def deliver(municipality: Municipality, notice: Notice, **later: float) -> Notice:
    delivery.work(clock.now() + timedelta(**later))
    with acting_for(municipality.pk):
        found: Notice = Notice.objects.get(pk=notice.pk)
    return found


def part(message: EmailMessage, kind: str) -> EmailMessage:
    (found,) = (each for each in message.walk() if each.get_content_type() == kind and not each.get_filename())
    return found


def test_a_code_goes_as_text_as_picture_and_as_a_page_to_print(post_office: PostOffice, aalter: Municipality) -> None:
    notice = deliver(aalter, with_code(aalter))
    ((sender, message),) = post_office.received
    assert "482 170 935" in part(message, "text/plain").get_content()
    assert "Afhalen tot en met: vrijdag 27 november 2026" in part(message, "text/plain").get_content()
    (picture,) = (each for each in message.walk() if each.get_content_type() == "image/png")
    read = zxingcpp.read_barcode(Image.open(io.BytesIO(picture.get_content())))
    assert read is not None
    assert read.text == QR
    page = next(each for each in message.iter_attachments() if each.get_content_type() == "text/html")
    assert "482 170 935" in page.get_content()
    assert notice.status == Notice.Status.SENT
    assert notice.sealed is None
    assert sender.startswith("bounce+")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["From"].addresses[0].addr_spec == "onthaal@aalter.example"


def test_no_code_stands_in_an_address_of_the_page_or_in_the_row(post_office: PostOffice, aalter: Municipality) -> None:
    notice = with_code(aalter)
    assert QR.encode() not in bytes(notice.sealed or b"")
    deliver(aalter, notice)
    ((_, message),) = post_office.received
    html = part(message, "text/html").get_content()
    assert "http" not in html
    assert QR not in html


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("kind", sorted(letters.ROWS))
def test_every_kind_of_mail_speaks_every_language(
    post_office: PostOffice, aalter: Municipality, kind: str, lang: str
) -> None:
    deliver(aalter, sent(aalter, kind=kind, language=lang))
    ((_, message),) = post_office.received
    assert message["Content-Language"] == lang
    assert "{" not in part(message, "text/plain").get_content() + message["Subject"]


def test_a_link_is_sealed_until_it_was_sent_and_leads_to_the_municipalitys_own_host(
    post_office: PostOffice, aalter: Municipality
) -> None:
    notice = sent(aalter, kind="request-link", slots={**SLOTS, "token": "geheim-geheim"})
    assert "token" not in notice.slots
    deliver(aalter, notice)
    ((_, message),) = post_office.received
    assert "http://aalter.example/r/geheim-geheim/?lang=nl" in part(message, "text/plain").get_content()


def test_a_held_mail_waits_until_it_is_released(post_office: PostOffice, aalter: Municipality) -> None:
    notice = with_code(aalter, hold=True)
    assert deliver(aalter, notice).status == Notice.Status.HELD
    with acting_for(aalter.pk):
        assert actions.release("handover:12") == 1
    assert deliver(aalter, notice, seconds=1).status == Notice.Status.SENT


def test_a_dropped_mail_is_never_sent(post_office: PostOffice, aalter: Municipality) -> None:
    notice = with_code(aalter)
    with acting_for(aalter.pk):
        assert actions.drop("handover:12", "ready") == 1
    assert deliver(aalter, notice, seconds=1).status == Notice.Status.DROPPED
    assert not post_office.received


def test_an_address_refused_for_good_is_a_bounce(post_office: PostOffice, aalter: Municipality) -> None:
    notice = deliver(aalter, with_code(aalter, email="gone@example.org"))
    assert notice.status == Notice.Status.BOUNCED
    with acting_for(aalter.pk):
        entry = Entry.objects.get(kind="notice.bounced")
    assert entry.about["handover"] == 12
    assert "example.org" not in f"{entry.about}{entry.data}"


def test_a_full_mailbox_is_tried_again_later(post_office: PostOffice, aalter: Municipality) -> None:
    notice = deliver(aalter, with_code(aalter, email="full@example.org"))
    assert (notice.status, notice.tries, notice.error) == ("due", 1, "SMTPRecipientsRefused")
    assert deliver(aalter, notice, seconds=1).tries == 1
    assert deliver(aalter, notice, seconds=60).tries == 2


def test_a_server_that_is_away_costs_nothing(settings, aalter: Municipality) -> None:
    with PostOffice() as closed:
        settings.ONTHAAL_MAIL = closed.mail
    notice = deliver(aalter, with_code(aalter))
    assert (notice.status, notice.error) == ("due", "ConnectionRefusedError")


def test_a_kind_or_slot_that_has_no_words_is_told_to_the_verb(in_aalter: Municipality) -> None:
    with pytest.raises(ValueError, match="no words"):
        actions.send(kind="unheard-of", address="a@example.org")
    with pytest.raises(ValueError, match="product"):
        actions.send(kind="ready", person=an())


def test_nothing_goes_to_an_erased_person(post_office: PostOffice, aalter: Municipality) -> None:
    notice = with_code(aalter)
    with acting_for(aalter.pk):
        erase_person(Person.objects.get())
    assert deliver(aalter, notice, seconds=1).status == Notice.Status.DROPPED


REPORT = """\
From: mailer-daemon@example.org
To: {to}
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

Sorry.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; an@example.org
Action: {action}
Status: {status}

--b--
"""


def report(notice: Notice, *, action: str = "failed", status: str = "5.1.1") -> bytes:
    token = ReturnAddress.objects.get(notice=notice.pk).token
    return REPORT.format(to=f"bounce+{token}@aalter.example", action=action, status=status).encode()


def test_a_delivery_report_finds_its_mail_by_its_own_return_address(aalter: Municipality) -> None:
    notice, other = sent(aalter, kind="ready"), sent(aalter, kind="ready")
    assert bounces.take_in(report(notice)) == "bounced"
    assert bounces.take_in(report(notice)) == "bounced-before"
    with acting_for(aalter.pk):
        assert Notice.objects.get(pk=notice.pk).status == Notice.Status.BOUNCED
        assert Notice.objects.get(pk=other.pk).status == Notice.Status.DUE
        assert Entry.objects.filter(kind="notice.bounced").count() == 1


@pytest.mark.parametrize(("action", "status"), [("delayed", "4.4.1"), ("failed", "4.2.2"), ("delayed", "5.0.0")])
def test_a_failure_that_may_pass_is_no_bounce(aalter: Municipality, action: str, status: str) -> None:
    notice = sent(aalter, kind="ready")
    assert bounces.take_in(report(notice, action=action, status=status)) == "not-permanent"
    with acting_for(aalter.pk):
        assert Notice.objects.get(pk=notice.pk).status == Notice.Status.DUE


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (b"", "nothing was given"),
        (b"\xff\xfe\x00", "no part message/delivery-status"),
        (b"To: x@example.org\n\nhello", "no part message/delivery-status"),
        (REPORT.format(to="x@example.org", action="failed", status="5.1.1").encode(), "return address"),
        (REPORT.format(to="x@example.org", action="failed", status="bad").encode(), "no status code"),
        (REPORT.format(to=f"bounce+{'0' * 30}@a", action="failed", status="5.1.1").encode(), "none that we gave out"),
    ],
)
def test_what_is_no_report_of_ours_is_refused_with_clear_words(db: None, given: bytes, says: str) -> None:
    with pytest.raises(bounces.NotAReport, match=says):
        bounces.take_in(given)
