"""The journal as a person reads it: what happened in words, by whom, where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from onthaal.central.foundation.journal import queries as journal
from onthaal.central.foundation.journal.models import Entry
from onthaal.central.foundation.people import queries as people
from onthaal.words import Lang, words
from onthaal.words import catalogue as said

FIRST = 200
"""So many entries of one thing are shown; all of them are in its export."""
NAMED_BY = {"task": "desk.task", "alert": "desk.alert", "notice": "desk.mail"}
"""Where the words are of what an entry of that kind says it is about: which task, which mail."""
KINDS_OF_REASON = ("desk.doubt", "desk.recall", "desk.command", "desk.block", "desk.undo")


class Told(msgspec.Struct, frozen=True):
    """One entry in words."""

    at: datetime
    kind: str
    text: str
    by: str
    detail: str
    stream: str
    number: int


def told(streams: Iterable[str], lang: Lang) -> list[Told]:
    """Several streams as one story, the newest first."""
    return in_words(journal.of_streams(streams).reverse()[:FIRST], lang)


def in_words(entries: Iterable[Entry], lang: Lang) -> list[Told]:
    """Entries in the order given, with the names of the accounts behind them."""
    entries = list(entries)
    names = people.names_of(entry.by for entry in entries)
    return [
        Told(
            entry.at, entry.kind, what(entry.kind, lang), _who(entry.by, names, lang), _detail(entry, lang),
            entry.stream, entry.number,
        )
        for entry in entries
    ]  # fmt: skip


def what(kind: str, lang: Lang) -> str:
    """The words of a kind of entry; the kind itself when it has none."""
    key = f"desk.entry.{kind}"
    return words(key, lang) if key in said() else kind


def _who(by: str, names: dict[str, str], lang: Lang) -> str:
    if by.startswith("kiosk:"):
        return words("desk.the-wall", lang)
    return names.get(by, "" if not by else by[:8])


def _detail(entry: Entry, lang: Lang) -> str:
    door, case, grade = entry.about.get("compartment"), entry.data.get("case"), entry.data.get("grade")
    parts = [words("desk.compartment", lang, number=door)] if door is not None else []
    parts += _reasons(entry, lang)
    parts += [str(case)] if case else []
    parts += [words("desk.grade", lang, grade=grade)] if grade else []
    return ", ".join(parts)


def _reasons(entry: Entry, lang: Lang) -> Iterator[str]:
    """What it says with a word from a list."""
    for name, below in NAMED_BY.items():
        about = f"{below}.{entry.data.get(name)}"
        if about in said():
            yield words(about, lang)
    for name in ("why", "reason", "outcome"):
        value = entry.data.get(name)
        key = next((key for below in KINDS_OF_REASON if (key := f"{below}.{value}") in said()), None)
        if value and key:
            yield words(key, lang)
    checked = f"desk.dossier.check.{entry.data.get('checked')}"
    if checked in said():
        yield words(checked, lang)
