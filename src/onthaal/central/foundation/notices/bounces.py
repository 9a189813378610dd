"""Delivery reports (RFC 3464): which of our mails came back, and whether for good."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default

from onthaal.central.foundation.notices import actions
from onthaal.central.foundation.notices.models import ReturnAddress
from onthaal.central.foundation.tenancy import acting_for

MOST_BYTES = 10_000_000
_TOKEN = re.compile(r"bounce\+([0-9a-f]{30})@")
_STATUS = re.compile(r"([245])\.\d{1,3}\.\d{1,3}\b")
_OURS = (
    "Delivered-To",
    "X-Original-To",
    "Envelope-To",
    "To",
    "Return-Path",
    "X-Failed-Recipients",
    "Original-Recipient",
)


class NotAReport(Exception):
    """What was given is no delivery report, or none of ours. Its text says what is missing."""


@dataclass(frozen=True)
class Report:
    token: str
    permanent: bool


def read(given: bytes) -> Report:
    """What a delivery report says. NotAReport with plain words."""
    if not given.strip():
        raise NotAReport("nothing was given on standard input")
    if len(given) > MOST_BYTES:
        raise NotAReport(f"more than {MOST_BYTES} bytes: no delivery report is that long")
    message = message_from_bytes(given, policy=default)
    blocks = list(_recipients(message))
    if not blocks:
        raise NotAReport("it holds no part message/delivery-status (RFC 3464)")
    verdicts = [_is_permanent(block) for block in blocks]
    return Report(_token(message), permanent=all(verdicts))


def take_in(given: bytes) -> str:
    """Mark the mail that a report speaks of. One of: bounced, bounced-before, not-permanent. NotAReport."""
    report = read(given)
    address = ReturnAddress.objects.filter(token=report.token).first()
    if address is None:
        raise NotAReport("its return address is none that we gave out")
    if not report.permanent:
        return "not-permanent"
    with acting_for(address.municipality_id):
        return "bounced" if actions.bounced(report.token) else "bounced-before"


def _recipients(message: Message) -> Iterator[Message]:
    """The blocks of fields about one recipient each: those that name a status."""
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            blocks = part.get_payload()
            if isinstance(blocks, list):
                yield from (block for block in blocks if isinstance(block, Message) and block.get("Status"))


def _is_permanent(block: Message) -> bool:
    status = _STATUS.search(str(block.get("Status", "")))
    if status is None:
        raise NotAReport("its Status field is no status code such as 5.1.1")
    return status.group(1) == "5" and str(block.get("Action", "failed")).strip().lower() == "failed"


def _token(message: EmailMessage | Message) -> str:
    for part in message.walk():
        for name in _OURS:
            for value in part.get_all(name, []):
                if found := _TOKEN.search(str(value)):
                    return found.group(1)
    raise NotAReport("none of its addresses is a return address of ours (bounce+…@…)")
