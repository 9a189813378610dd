"""Handing mail to the SMTP server: by the worker, never inside a transaction.

Claim (one UPDATE, committed), hand over, mark. A worker that dies in between sends it twice: better than never.
"""

from __future__ import annotations

import contextlib
import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import NamedTuple

import structlog
from django.conf import settings
from django.db import connection
from django.urls import reverse

from onthaal import clock
from onthaal.central.foundation.attention import actions as attention
from onthaal.central.foundation.attention.models import Alert
from onthaal.central.foundation.notices import actions
from onthaal.central.foundation.notices.letters import Letter, Reader, Secrets, compose
from onthaal.central.foundation.notices.mail_server import connected
from onthaal.central.foundation.notices.models import Notice, ReturnAddress
from onthaal.central.foundation.people.hosts import public_url
from onthaal.central.foundation.people.models import Municipality, one_line
from onthaal.central.foundation.sealing import unseal
from onthaal.central.foundation.tenancy import acting_for, scope
from onthaal.words import language

log = structlog.get_logger()

CLAIM_HOLDS = timedelta(minutes=2)
FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(hours=1)
ALERT_AFTER = 6
"""Tries that failed: about an hour."""
PERMANENT = range(500, 600)

_CLAIM = """
    UPDATE foundation_notice SET due_at = %(until)s, tries = tries + 1 WHERE id = (
        SELECT id FROM foundation_notice
        WHERE municipality_id = %(municipality)s AND status = 'due' AND due_at <= %(due)s
        ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
    ) RETURNING id, tries
"""

_PENDING = "SELECT DISTINCT municipality_id FROM foundation_returnaddress WHERE pending ORDER BY municipality_id"


class Claimed(NamedTuple):
    notice: int
    tries: int


@dataclass(frozen=True)
class Outgoing:
    """A mail ready to be handed over."""

    claimed: Claimed
    sender: str
    """The envelope sender, to which a bounce comes back."""
    recipient: str
    message: EmailMessage


class RefusedForGood(Exception):
    """This recipient will never get it: so says the server (a 5xx answer), or the address is none."""


def work(now: datetime, limit: int = 20) -> int:
    """Send up to `limit` mails per municipality that are due at `now`. How many were tried."""
    with connection.cursor() as cursor:
        cursor.execute(_PENDING)  # as it is: nearly always there is none, and it is asked several times a second
        pending = [municipality for (municipality,) in cursor.fetchall()]
    time = clock.going_on(now)  # a server may be slow: a claim of then would be over when it is made
    return sum(_work_for(municipality, now, time, limit) for municipality in pending)


def _work_for(municipality: int, due: datetime, time: Callable[[], datetime], limit: int) -> int:
    for tried in range(limit):
        with acting_for(municipality):
            claimed = _claim(due, time())
        if claimed is None:
            return tried
        _deliver(municipality, claimed, time)
    return limit


def _deliver(municipality: int, claimed: Claimed, time: Callable[[], datetime]) -> None:
    try:
        with acting_for(municipality):
            outgoing = _composed(claimed, time())
        hand_over(outgoing)
    except RefusedForGood:
        with acting_for(municipality):
            if (notice := _still_due(claimed)) is not None:
                actions.mark_bounced(notice)
    except Exception as error:  # noqa: BLE001 (no mail may stop those behind it; it is told and retried)
        with acting_for(municipality):
            _try_later(claimed, time(), error)
    else:
        with acting_for(municipality):
            if (notice := _still_due(claimed)) is not None:
                _mark_sent(notice, time())


def _claim(due: datetime, now: datetime) -> Claimed | None:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"due": due, "until": now + CLAIM_HOLDS, "municipality": scope()})
        row = cursor.fetchone()
    return Claimed(*row) if row else None


def _composed(claimed: Claimed, now: datetime) -> Outgoing:
    notice: Notice = Notice.objects.select_related("person").get(pk=claimed.notice)
    municipality = Municipality.objects.get(pk=scope())
    home = public_url(municipality)
    reader = Reader(
        lang=language(notice.language), name=one_line(notice.person.name) if notice.person else "",
        municipality=municipality.name, help_phone=municipality.help_phone, home=home,
        mine=f"{home}{reverse(settings.ONTHAAL_MINE_VIEW)}",
    )  # fmt: skip
    letter = compose(notice.kind, notice.slots, reader, _opened(notice, reader))
    token = ReturnAddress.objects.get(municipality_id=municipality.pk, notice=notice.pk).token
    recipient = notice.person.email if notice.person else notice.address
    domain = municipality.sender_address.rpartition("@")[2]
    message = _message(letter, reader)
    message["From"] = Address(municipality.name, addr_spec=municipality.sender_address)
    message["To"] = to = _addressed(reader.name, recipient)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{token}@{domain}>"
    return Outgoing(claimed, f"bounce+{token}@{domain}", to.addr_spec, message)


def _addressed(name: str, recipient: str) -> Address:
    mailbox, _, domain = recipient.rpartition("@")
    try:
        address = Address(name, addr_spec=f"{mailbox}@{domain.encode('idna').decode()}")
        address.addr_spec.encode("ascii")
    except ValueError:  # what a form lets through need not be an address (RFC 5322, RFC 5890)
        raise RefusedForGood from None
    return address


def _opened(notice: Notice, reader: Reader) -> Secrets:
    if notice.sealed is None:
        return Secrets()
    pin, _, qr = unseal(bytes(notice.sealed), f"notice:{notice.about}").decode().partition("\n")
    if qr:
        return Secrets(pin=pin, qr=qr)
    return Secrets(token_link=f"{reader.home}{reverse(settings.ONTHAAL_LINK_VIEW, args=[pin])}?lang={reader.lang}")


def _message(letter: Letter, reader: Reader) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["Subject"] = letter.subject
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    if letter.qr_png is not None:
        html = message.get_payload()[1]  # type: ignore[index]
        assert isinstance(html, EmailMessage)
        html.add_related(letter.qr_png, "image", "png", cid="<qr>", disposition="inline", filename="qr.png")
    if letter.page is not None:
        message.add_attachment(letter.page, subtype="html", filename=f"{letter.page_name}.html")
    # Last: making parts takes every content header along into the first of them.
    message["Content-Language"] = reader.lang
    return message


def hand_over(outgoing: Outgoing) -> None:
    """Give it to the SMTP server. RefusedForGood, or an error that may pass (OSError, SMTPException)."""
    server = connected(settings.ONTHAAL_MAIL)
    try:
        server.send_message(outgoing.message, outgoing.sender, [outgoing.recipient])
    except smtplib.SMTPRecipientsRefused as refused:
        if all(code in PERMANENT for code, _ in refused.recipients.values()):
            raise RefusedForGood from None
        raise
    except smtplib.SMTPDataError as refused:
        if refused.smtp_code in PERMANENT:
            raise RefusedForGood from None
        raise
    finally:
        _part(server)


def _part(server: smtplib.SMTP) -> None:
    """By now the server took the mail or did not: however it parts, that stands."""
    with contextlib.suppress(OSError):  # of which SMTPException is one
        server.quit()
    server.close()


def _still_due(claimed: Claimed) -> Notice | None:
    """The notice, locked, unless somebody dropped it meanwhile."""
    found = actions.locked(claimed.notice)
    return found if found.status == Notice.Status.DUE else None


def _mark_sent(notice: Notice, now: datetime) -> None:
    notice.status, notice.sent_at, notice.sealed, notice.error = Notice.Status.SENT, now, None, ""
    notice.save(update_fields=["status", "sent_at", "sealed", "error"])
    ReturnAddress.objects.filter(municipality_id=scope(), notice=notice.pk).update(pending=False)
    actions.note(notice, "notice.sent")


def _try_later(claimed: Claimed, now: datetime, error: Exception) -> None:
    kind = type(error).__name__
    wait = min(FIRST_WAIT * 3 ** min(claimed.tries - 1, 8), LONGEST_WAIT)
    log.warning("mail not sent", notice=claimed.notice, tries=claimed.tries, error=kind)
    if claimed.tries == ALERT_AFTER:  # first: heads before notices
        level, a_day = Alert.Level.WARNING, timedelta(days=1)  # its own mail gets stuck, too
        attention.raise_alert(kind="mail-stuck", level=level, about="mail:0", again_after=a_day)
    Notice.objects.filter(pk=claimed.notice).update(due_at=now + wait, error=kind)
