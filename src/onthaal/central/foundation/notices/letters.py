"""Composing a notice: its words in the reader's language, as text, as HTML, and as a page to print.

Pure but for reading the catalogue and the templates; what is sealed is opened by the caller.
"""

from __future__ import annotations

import io
import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import segno
from django.template.loader import render_to_string

from onthaal.central.foundation.calendar import written_day, written_moment
from onthaal.words import LANGS, Lang, catalogue, words

ROWS: Mapping[str, tuple[str, ...]] = {
    "request-link": ("product", "place", "period"),
    "request-exists": ("product", "place", "period"),
    "request-accepted": ("product", "place", "period"),
    "request-refused": ("product",),
    "ready": ("product", "place", "until", "back-by"),
    "new-code": ("product", "place", "until", "back-by"),
    "new-pin": ("product", "place", "until", "back-by"),
    "reminder": ("product", "place", "until"),
    "recalled": ("product",),
    "taken-back": ("product", "place"),
    "lost": ("product",),
    "receipt": ("product", "place", "back-by"),
    "return-receipt": ("product",),
    "return-reminder": ("product", "place", "back-by"),
    "overdue": ("product", "place", "back-by"),
    "door-trouble": ("product", "place", "until"),
    "dossier-received": ("number", "page"),
    "dossier-more": ("number", "page"),
    "dossier-accepted": ("number", "page"),
    "dossier-refused": ("number",),
    "dossier-ready": ("place", "until", "page"),
    "dossier-reminder": ("place", "until", "page"),
    "dossier-door-trouble": ("place", "until", "page"),
    "dossier-to-desk": ("page",),
    "dossier-taken-back": ("page",),
    "dossier-desk-instead": ("number", "page"),
    "dossier-at-desk": ("place", "page"),
    "dossier-collected": (),
    "dossier-lost": (),
    "alert": ("where",),
}
"""Every kind of mail, and the facts that stand in it as a list (where known). Words: `mail.<kind>.subject`, `.body`."""

OPTIONAL = frozenset({"name", "link"})
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T.+")
QR_SCALE = 8
QR_QUIET_ZONE = 4
"""Modules of white around it: what the standard asks."""


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Who writes to whom."""

    lang: Lang
    name: str
    municipality: str
    help_phone: str
    home: str
    mine: str = ""
    """Where somebody who signs in sees their own requests."""


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """What was sealed in the notice."""

    pin: str = ""
    qr: str = ""
    token_link: str = ""


@dataclass(frozen=True, kw_only=True)
class Letter:
    subject: str
    text: str
    html: str
    qr_png: bytes | None
    page_name: str
    page: str | None
    """A whole HTML document to print, when there is a code."""


def check_words(kind: str, slots: Mapping[str, Any]) -> None:
    """ValueError when the kind has no words, or they need a slot that is not given: at the verb, not at the worker."""
    if kind not in ROWS:
        raise ValueError(f"no words for mail of kind {kind!r}")
    given = {*slots, *OPTIONAL, "municipality", "help_phone", "what"}
    for part in ("subject", "body"):
        for lang in LANGS:
            template = catalogue()[f"mail.{kind}.{part}"][lang]
            needed = {slot for _, slot, _, _ in string.Formatter().parse(template) if slot}
            if missing := needed - given:
                raise ValueError(f"mail of kind {kind!r} needs {sorted(missing)}")


def filled(value: Any, lang: Lang) -> str:
    """A slot as it is read: days and moments written out, a text per language chosen."""
    if isinstance(value, Mapping):
        return str(value.get(lang) or value.get("nl") or "")
    text = "" if value is None else str(value)
    if _DAY.fullmatch(text):
        return written_day(date.fromisoformat(text), lang)
    if _MOMENT.fullmatch(text):
        return written_moment(datetime.fromisoformat(text), lang)
    return text


def compose(kind: str, slots: Mapping[str, Any], reader: Reader, secrets: Secrets) -> Letter:
    """The mail of a kind to a reader."""
    lang = reader.lang
    said = {key: filled(value, lang) for key, value in slots.items()}
    said = {"municipality": reader.municipality, "page": reader.mine, **said, "link": secrets.token_link}
    said["help_phone"] = said.get("help_phone") or reader.help_phone
    said["what"] = _alert(said, lang)
    paragraphs = words(f"mail.{kind}.body", lang, **said).split("\n\n")
    facts = [(words(f"mail.row.{row}", lang), text) for row in ROWS[kind] if (text := _row(row, said, lang))]
    facts.append((words("mail.row.help", lang), said["help_phone"]))
    context: dict[str, Any] = {
        "lang": lang, "subject": words(f"mail.{kind}.subject", lang, **said), "paragraphs": paragraphs,
        "greeting": _greeting(reader), "facts": facts, "reader": reader, "secrets": secrets, "said": said,
        "code": {key: words(f"mail.code.{key}", lang) for key in ("title", "pin", "qr", "how", "print", "keep")},
        "button": words("mail.button", lang), "automatic": words("mail.automatic", lang, **said),
    }  # fmt: skip
    text = re.sub(r"\n{3,}", "\n\n", render_to_string("notices/mail.txt", context)).strip() + "\n"
    page = None
    if secrets.pin:
        page = render_to_string("notices/page.html", {**context, "qr": _qr_data_uri(secrets.qr)})
    return Letter(
        subject=context["subject"], text=text, html=render_to_string("notices/mail.html", context),
        qr_png=qr_png(secrets.qr) if secrets.qr else None, page_name=words("mail.page-name", lang), page=page,
    )  # fmt: skip


def qr_png(text: str) -> bytes:
    """A QR code (error correction M) as a black and white PNG."""
    png = io.BytesIO()
    segno.make(text, error="m", micro=False).save(png, kind="png", scale=QR_SCALE, border=QR_QUIET_ZONE)
    return png.getvalue()


def _qr_data_uri(text: str) -> str:
    return str(segno.make(text, error="m", micro=False).png_data_uri(scale=QR_SCALE, border=QR_QUIET_ZONE))


def _greeting(reader: Reader) -> str:
    if not reader.name:
        return words("mail.greeting", reader.lang)
    return words("mail.greeting-name", reader.lang, name=reader.name)


def _row(row: str, said: Mapping[str, str], lang: Lang) -> str:
    start, end = said.get("starts_on", ""), said.get("ends_on", "")
    match row:
        case "place":
            return ", ".join(part for part in (said.get("kiosk"), said.get("address")) if part)
        case "period":
            return words("mail.period", lang, start=start, end=end) if start and end else ""
        case "back-by":
            return end
        case _:
            return said.get(row, "")


def _alert(said: Mapping[str, str], lang: Lang) -> str:
    """The desk's words for an alert, where they ask for nothing that is not there."""
    key = f"desk.alert.{said.get('alert', '')}"
    try:
        return words(key, lang, **said)
    except KeyError:
        return said.get("alert", "")
