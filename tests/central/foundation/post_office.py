"""A real SMTP server on a free port that keeps what it is given, and refuses by the address's first word."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from onthaal.central.web.environment import Mail
from tests.free_ports import free_port


class PostOffice:
    def __init__(self, **settings: Any) -> None:
        """`settings`: of aiosmtpd, for instance what it offers beside plain SMTP."""
        self.received: list[tuple[str, EmailMessage]] = []
        port = free_port()
        self.mail = Mail(host="127.0.0.1", port=port, user="", password="", tls=False)
        self._controller = Controller(self, hostname="127.0.0.1", port=port, ready_timeout=30, **settings)

    def __enter__(self) -> PostOffice:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802 (its name at aiosmtpd)
        if address.startswith("gone"):
            return "550 5.1.1 no such user"
        if address.startswith("full"):
            return "452 4.2.2 mailbox full"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 (its name at aiosmtpd)
        message = message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.received.append((envelope.mail_from, message))
        return "250 OK"


class CurtPostOffice(PostOffice):
    """One that closes the line with an error once it is told that this was all (RFC 5321, 3.8)."""

    async def handle_QUIT(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 (its name at aiosmtpd)
        return "421 4.3.2 closing"
