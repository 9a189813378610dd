"""Lines of text from a code reader: ended by CR, LF, both, or a silence. At most 512 bytes, UTF-8."""

from __future__ import annotations

import unicodedata

from onthaal.kiosk.ports import CodeRead, UnreadableCode

LONGEST = 512
IDLE = 0.06
"""Seconds of silence that end a line without a terminator (40-80 ms between readers)."""
SAME_AGAIN_AFTER = 2.0
"""A code that is still held before the reader comes again and again; it counts once until away this long."""

Scan = CodeRead | UnreadableCode


class LineParser:
    """Bytes in, scans out. `now` is in seconds of one clock that never goes back."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._too_long = False
        self._last: tuple[bytes, float] | None = None

    def feed(self, data: bytes, now: float) -> list[Scan]:
        """The scans that a terminator ended."""
        scans = []
        for byte in data:
            if byte in b"\r\n":
                scans += self._end(now)
            elif len(self._held) < LONGEST:
                self._held.append(byte)
            else:
                self._too_long = True
        return scans

    def idle(self, now: float) -> list[Scan]:
        """The line was silent for IDLE: what is held is whole."""
        return self._end(now)

    def drop(self) -> None:
        """Forget a half line: the plug was pulled in it."""
        self._held.clear()
        self._too_long = False

    def _end(self, now: float) -> list[Scan]:
        payload, too_long = bytes(self._held), self._too_long
        self.drop()
        if not payload or self._again(payload, now):
            return []
        scan = UnreadableCode() if too_long else _read(payload)
        return [scan] if scan else []

    def _again(self, payload: bytes, now: float) -> bool:
        again = self._last is not None and self._last[0] == payload and now - self._last[1] < SAME_AGAIN_AFTER
        self._last = (payload, now)
        return again


def _read(payload: bytes) -> Scan | None:
    try:
        text = payload.decode("utf-8", errors="strict")
    except UnicodeDecodeError:
        return UnreadableCode()
    shown = "".join(sign for sign in text if unicodedata.category(sign) != "Cc")
    return CodeRead(shown) if shown else None
