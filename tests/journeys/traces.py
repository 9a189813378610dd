"""What a town leaves behind, as text for the scan of promise 16: the wall's store, and mails as they are read."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from html import unescape
from pathlib import Path

INLINE = r"</?(?:a|abbr|b|code|em|i|small|span|strong|sub|sup|u|wbr)\b[^>]*>"
"""Tags that may stand within a word; every other tells two words apart."""


def store(file: Path) -> str:
    """Every row of every table of a wall's store, as it stands on its disk: one line each, after the table's name.

    Raises UnicodeDecodeError for bytes that are no text: the scan could not look through those.
    """
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as disk:
        return "\n".join(_rows(disk))


def _rows(disk: sqlite3.Connection) -> Iterator[str]:
    for (table,) in disk.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
        for row in disk.execute(f'SELECT * FROM "{table}"'):
            yield f"{table}: " + " ".join(cell.decode() if isinstance(cell, bytes) else str(cell) for cell in row)


def seen(html: str) -> str:
    """A page or mail as its reader sees it: what tags or entities keep apart stands together."""
    words = re.sub(INLINE, "", html)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", words)).split())
