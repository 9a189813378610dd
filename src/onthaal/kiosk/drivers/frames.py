"""What every lock board's codec gives: bytes to ask with, and sound frames out of whatever comes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec


class BoardStatus(msgspec.Struct, frozen=True):
    """One board's contacts as sent: bit 0 of `contacts` is channel 1. `present` is None without sensors."""

    board: int
    channels: int
    contacts: int
    present: int | None = None

    def contact(self, channel: int) -> int | None:
        """The raw contact bit of a channel; None when the board has fewer channels."""
        return (self.contacts >> (channel - 1)) & 1 if channel <= self.channels else None

    def presence(self, channel: int) -> int | None:
        """The raw presence bit of a channel; None without a sensor."""
        if self.present is None or channel > self.channels:
            return None
        return (self.present >> (channel - 1)) & 1


class UnlockEcho(msgspec.Struct, frozen=True):
    """A board's word that it heard an unlock. Proves nothing about the door."""

    board: int
    channel: int


Frame = BoardStatus | UnlockEcho


class Parser(Protocol):
    """Incremental: give it bytes as they come, cut anywhere."""

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that are whole and certain now."""

    def quiet(self) -> list[Frame]:
        """The line fell silent: the frames that only the silence could end."""

    def reset(self) -> None:
        """Forget what is held: a new question begins."""

    skipped: int
    """Bytes so far that belonged to no sound frame."""


class Dialect(Protocol):
    """One board family's language. Neither encoder can address more than one board or one door."""

    def ask_status(self, board: int) -> bytes:
        """The frame that asks one board for all its contacts; ValueError for a board out of reach."""

    def unlock(self, board: int, channel: int) -> bytes:
        """The frame that pulses one lock once; ValueError for a board or channel out of reach."""

    def parser(self) -> Parser:
        """A fresh parser of what boards answer."""

    reply_bytes: int
    """The longest status answer."""
    echoes_unlock: bool
    """Whether some of these boards answer an unlock, so that the line must stay free a moment."""


class FixedFrameParser:
    """For answers of one length: `sound` takes a whole candidate and gives its frame or None.

    `heads` are the values known of the first bytes (None: any); a candidate that breaks one is left at once, so
    that noise before a frame never swallows it.
    """

    def __init__(self, size: int, heads: tuple[int | None, ...], sound: Callable[[bytes], Frame | None]) -> None:
        self._size, self._heads, self._sound = size, heads, sound
        self._held = bytearray()
        self.skipped = 0

    def feed(self, data: bytes) -> list[Frame]:
        self._held += data
        found: list[Frame] = []
        while self._held:
            if not self._may_begin_here():
                self._skip()
            elif len(self._held) < self._size:
                break
            elif frame := self._sound(bytes(self._held[: self._size])):
                found.append(frame)
                del self._held[: self._size]
            else:
                self._skip()
        return found

    def _skip(self) -> None:
        del self._held[0]
        self.skipped += 1

    def _may_begin_here(self) -> bool:
        return all(head is None or head == byte for head, byte in zip(self._heads, self._held, strict=False))

    def quiet(self) -> list[Frame]:
        return []

    def reset(self) -> None:
        self._held.clear()


def within(value: int, allowed: range, what: str) -> int:
    """`value` when it is in reach; ValueError otherwise. The last guard before a byte is made."""
    if value not in allowed:
        raise ValueError(f"{what} {value} is not between {allowed[0]} and {allowed[-1]}")
    return value
