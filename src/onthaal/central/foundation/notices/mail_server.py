"""The mail server, reached and signed in to: encrypted wherever it can be."""

from __future__ import annotations

import ipaddress
import smtplib
import ssl
from typing import Protocol

SMTP_SECONDS = 20
UNENCRYPTED = "the mail server offers no STARTTLS, and a password would cross the network in clear: use smtps://"


class Server(Protocol):
    """Where it is, and who we are there."""

    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def user(self) -> str: ...
    @property
    def password(self) -> str: ...
    @property
    def tls(self) -> bool: ...


def connected(mail: Server, seconds: float = SMTP_SECONDS) -> smtplib.SMTP:
    """A connection, signed in where there is a user.

    STARTTLS (RFC 3207) whenever it is offered; without it no password leaves this machine (SMTPNotSupportedError). The
    certificate must be right, but for a server on this very machine: nobody stands in between.
    """
    context = _context(mail)
    if mail.tls:
        server: smtplib.SMTP = smtplib.SMTP_SSL(mail.host, mail.port, timeout=seconds, context=context)
    else:
        server = smtplib.SMTP(mail.host, mail.port, timeout=seconds)
    try:
        if not mail.tls:
            _encrypt(server, mail, context)
        if mail.user:
            server.login(mail.user, mail.password)
    except BaseException:
        server.close()
        raise
    return server


def _context(mail: Server) -> ssl.SSLContext:
    if not on_this_machine(mail.host):
        return ssl.create_default_context()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # without the public roots: they are dear to read for every mail
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _encrypt(server: smtplib.SMTP, mail: Server, context: ssl.SSLContext) -> None:
    server.ehlo()
    if server.has_extn("starttls"):
        server.starttls(context=context)
    elif mail.user and not on_this_machine(mail.host):
        raise smtplib.SMTPNotSupportedError(UNENCRYPTED)


def on_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
