"""`python -m onthaal.demo.mailbox --smtp PORT --web PORT --folder DIR --screen URL`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from aiosmtpd.smtp import SMTP, Envelope, Session

from onthaal.demo.mailbox.letters import Letters
from onthaal.demo.mailbox.page import app

_HOST = "127.0.0.1"
_SHUT_AFTER_ONE = "bounce.example"
"""A mailbox of this domain takes one mail, the link to confirm with, and refuses every later one for good: so a demo
can show a bounce of what somebody asked for."""


class _Catcher:
    """What the SMTP server asks at each step of a delivery (aiosmtpd's handler hooks)."""

    def __init__(self, letters: Letters) -> None:
        self._letters = letters

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address.rpartition("@")[2].lower() == _SHUT_AFTER_ONE and self._letters.any_to(address):
            return "550 5.1.1 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content or b""
        raw = content.encode() if isinstance(content, str) else content
        self._letters.keep(raw, return_path=envelope.mail_from or "", sent_to=", ".join(envelope.rcpt_tos))
        return "250 Caught"


async def _serve(smtp: int, web: int, folder: Path, screen: str) -> None:
    letters = Letters(folder)
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(_Catcher(letters), enable_SMTPUTF8=True), _HOST, smtp
    )
    async with server:
        await uvicorn.Server(uvicorn.Config(app(letters, screen), host=_HOST, port=web, log_level="warning")).serve()


def main(
    smtp: Annotated[int, typer.Option(help="Port on which mail comes in.")],
    web: Annotated[int, typer.Option(help="Port of the page.")],
    folder: Annotated[Path, typer.Option(help="Where the mails are kept.")],
    screen: Annotated[str, typer.Option(help="Address of the kiosk's screen, for the telephone.")],
) -> None:
    """Catch every mail and show it on a page; be the telephone that reads the kiosk's code."""
    asyncio.run(_serve(smtp, web, folder, screen))


if __name__ == "__main__":
    command = typer.Typer(pretty_exceptions_enable=False)  # a pretty one shows what it caught in its frames
    command.command()(main)
    command()
