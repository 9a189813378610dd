"""The mails that were caught: kept on disk as they came, read for showing."""

from __future__ import annotations

import email.policy
import re
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

_NUMBER = re.compile(r"[0-9]{6}")


@dataclass(frozen=True)
class Part:
    """An attachment or an inline picture."""

    number: int
    name: str
    kind: str
    cid: str
    content: bytes


@dataclass(frozen=True)
class Letter:
    """One mail. `number` counts from 1, the newest is the highest."""

    number: int
    sent_to: str
    return_path: str
    subject: str
    date: str
    text: str
    html: str
    parts: tuple[Part, ...]


class Letters:
    """A folder of `.eml` files, one a mail, named by number."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[int, Letter] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def numbers(self) -> list[int]:
        """Newest first."""
        found = (file.stem for file in self._folder.glob("*.eml"))
        return sorted((int(name) for name in found if _NUMBER.fullmatch(name)), reverse=True)

    def keep(self, raw: bytes, *, return_path: str, sent_to: str) -> int:
        """Store a mail with its envelope; its number comes back."""
        number = next(iter(self.numbers()), 0) + 1
        envelope = f"X-Return-Path: {return_path}\r\nX-Envelope-To: {sent_to}\r\n".encode()
        unfinished = self._folder / f"{number:06}.unfinished"
        unfinished.write_bytes(envelope + raw)
        unfinished.rename(self._folder / f"{number:06}.eml")
        return number

    def read(self, number: int) -> Letter | None:
        """A mail by its number, taken apart once: it never changes, until all are gone."""
        if number not in self._read:
            file = self._folder / f"{number:06}.eml"
            if not file.exists():
                return None
            self._read[number] = self._taken_apart(number, file)
        return self._read[number]

    def _taken_apart(self, number: int, file: Path) -> Letter:
        message = BytesParser(EmailMessage, policy=email.policy.default).parsebytes(file.read_bytes())
        return Letter(
            number=number,
            sent_to=str(message["X-Envelope-To"] or ""),
            return_path=str(message["X-Return-Path"] or ""),
            subject=str(message["Subject"] or ""),
            date=str(message["Date"] or ""),
            text=_body(message, "plain"),
            html=_body(message, "html"),
            parts=tuple(_parts(message)),
        )

    def any_to(self, address: str) -> bool:
        """Whether a mail to this one address was kept."""
        letters = map(self.read, self.numbers())
        return any(letter is not None and letter.sent_to.lower() == address.lower() for letter in letters)

    def empty(self) -> None:
        self._read.clear()
        for number in self.numbers():
            (self._folder / f"{number:06}.eml").unlink()


def _body(message: EmailMessage, kind: str) -> str:
    body = message.get_body(preferencelist=(kind,))
    return str(body.get_content()) if body is not None else ""


def _parts(message: EmailMessage) -> list[Part]:
    bodies = {id(message.get_body(preferencelist=(kind,))) for kind in ("plain", "html")}
    leaves = [leaf for leaf in message.walk() if not leaf.is_multipart() and id(leaf) not in bodies]
    return [
        Part(
            number=number,
            name=leaf.get_filename() or f"part-{number}",
            kind=leaf.get_content_type(),
            cid=str(leaf["Content-ID"] or "").strip("<>"),
            content=bytes(leaf.get_payload(decode=True) or b""),
        )
        for number, leaf in enumerate(leaves, start=1)
    ]
