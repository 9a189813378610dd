"""What people see: the page to scan, the phone, and the refusals. Plain HTML that needs no script.

The one script looks whether something changed and loads the page again; without it the page does so by itself.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

import segno

from onthaal.simulator.citizens import Citizen
from onthaal.simulator.provider import Condition, Transaction
from onthaal.words import LANGS, Lang, words

_SHOWN_TAGS = re.compile(r"&lt;(/?)(b|i|u|br)\s*(/?)&gt;", re.IGNORECASE)
_LOOKS_EVERY_SECONDS = 3


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page: its content policy lets a form lead to `goes_to` besides this place itself."""

    content: str
    goes_to: str | None = None

    @property
    def policy(self) -> str:
        """The Content-Security-Policy it is sent with."""
        form_action = "'self'" if self.goes_to is None else f"'self' {_origin(self.goes_to)}"
        return (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
            f"base-uri 'none'; frame-ancestors 'none'; form-action {form_action}"
        )


def scan(transaction: Transaction, lang: Lang, *, phone_url: str) -> Page:
    """The page at the browser: a code for the phone, and what will be confirmed."""
    asked = transaction.asked
    picture = segno.make(phone_url, error="m").svg_data_uri(border=4, scale=6)
    body = (
        f"<h1>{_w('scan.title', lang)}</h1><p>{_w('scan.asks', lang, client=asked.client.name)}</p>"
        f"{_confirmation(transaction, lang)}"
        f'<img class="qr" src="{picture}" alt="{_w("scan.picture", lang)}">'
        f"<p>{_w('scan.how', lang)}</p>"
        f'<p><a class="button" href="/phone/{transaction.handle}?lang={lang}&amp;here=1">{_w("scan.here", lang)}</a>'
        f' <a href="/phone?lang={lang}" target="_blank" rel="noopener">{_w("scan.elsewhere", lang)}</a></p>'
        f'<form method="post" action="/v2/scan/{transaction.id}/cancel?lang={lang}">'
        f"<button>{_w('scan.cancel', lang)}</button></form>"
    )
    watched = _Watched(address=f"/v2/scan/{transaction.id}", state=f"/v2/scan/{transaction.id}/state")
    return Page(content=_frame(_said("scan.title", lang), body, lang, watched=watched), goes_to=asked.redirect_uri)


def phones(waiting: Iterable[Transaction], lang: Lang, *, condition: Condition, news: str) -> Page:
    """Every phone: what waits for one, and the provider's condition."""
    rows = "".join(
        f'<li><a href="/phone/{each.handle}?lang={lang}"><strong>{html.escape(each.asked.client.name)}</strong>'
        f" <span>{html.escape(each.asked.service.code)}</span></a></li>"
        for each in waiting
    )
    buttons = "".join(
        f'<button name="condition" value="{each}"{_pressed(each == condition)}>{_w(f"condition.{each}", lang)}</button>'
        for each in ("up", "slow", "down")
    )
    body = (
        f"<h1>{_w('phone.title', lang)}</h1><p>{_w('phone.about', lang)}</p>"
        + (f"<ul class=waiting>{rows}</ul>" if rows else f"<p>{_w('phone.none', lang)}</p>")
        + f"<h2>{_w('condition.title', lang)}</h2><p>{_w('condition.about', lang)}</p>"
        f'<form method="post" action="/condition?lang={lang}" class="row">{buttons}</form>'
    )
    watched = _Watched(address="/phone", state="/phone/news", seen=news)
    return Page(content=_frame(_said("phone.title", lang), body, lang, watched=watched))


def phone(transaction: Transaction, people: Mapping[str, Citizen], lang: Lang, *, today: date, here: bool) -> Page:
    """One phone: who holds it, what is asked, and the answers. `here`: the browser that asked is this one."""
    asked = transaction.asked
    choices = "".join(
        f'<label class="choice"><input type="radio" name="citizen" value="{who.key}"{" checked" if at == 0 else ""}> '
        f"<span><strong>{html.escape(who.name)}</strong><br>"
        f"{_w('phone.person', lang, age=who.age(today), number=grouped(who.national_number))}</span></label>"
        for at, who in enumerate(people.values())
    )
    level = _w("phone.with-code" if asked.advanced else "phone.with-finger", lang)
    body = (
        f"<h1>{_w('phone.one', lang)}</h1><p>{_w('scan.asks', lang, client=asked.client.name)}</p>"
        f"{_confirmation(transaction, lang)}<p>{level}</p>"
        f'<form method="post" action="/phone/{transaction.handle}?lang={lang}">'
        f"<fieldset><legend>{_w('phone.who', lang)}</legend>{choices}</fieldset>"
        f'<label class="choice"><input type="checkbox" name="ongoing_call" value="yes"> '
        f"<span>{_w('phone.on-call', lang)}</span></label>"
        f'<input type="hidden" name="here" value="{"1" if here else ""}"><p class="row">'
        f'<button name="answer" value="approve" class="main">{_w("phone.approve", lang)}</button>'
        f'<button name="answer" value="refuse">{_w("phone.refuse", lang)}</button>'
        f'<button name="answer" value="time-out">{_w("phone.time-out", lang)}</button></p></form>'
        f'<p><a href="/phone?lang={lang}">{_w("phone.back", lang)}</a></p>'
    )
    goes_to = asked.redirect_uri if here else None
    return Page(content=_frame(_said("phone.one", lang), body, lang), goes_to=goes_to)


def said(key: str, lang: Lang, *, detail: str = "") -> Page:
    """A page that says one thing: the words of `simulator.<key>.title` and `.text`, and an error's own name."""
    named = f"<p><code>{html.escape(detail)}</code></p>" if detail else ""
    body = (
        f"<h1>{_w(f'{key}.title', lang)}</h1><p>{_w(f'{key}.text', lang)}</p>{named}"
        f'<p><a href="/phone?lang={lang}">{_w("phone.back", lang)}</a></p>'
    )
    return Page(content=_frame(_said(f"{key}.title", lang), body, lang))


def rich(text: str) -> str:
    """The text to confirm as HTML: its b, i, u and br stay, any other tag is shown as it was written."""
    return _SHOWN_TAGS.sub(lambda tag: f"<{tag[1]}{tag[2].lower()}>", html.escape(text))


def grouped(number: str) -> str:
    """A national number as people write it: 92.03.14-998.05."""
    return f"{number[:2]}.{number[2:4]}.{number[4:6]}-{number[6:9]}.{number[9:]}"


@dataclass(frozen=True, kw_only=True)
class _Watched:
    """A page that loads again when `state` says something else than `seen`."""

    address: str
    state: str
    seen: str = ""


def _frame(title: str, body: str, lang: Lang, *, watched: _Watched | None = None) -> str:
    others = " ".join(
        f'<a href="?lang={other}" lang="{other}" hreflang="{other}"{_current(other == lang)}>{other.upper()}</a>'
        for other in LANGS
    )
    watch = again = ""
    if watched is not None:
        refresh = f'<meta http-equiv="refresh" content="{_LOOKS_EVERY_SECONDS};url={watched.address}?lang={lang}">'
        again = f'<noscript>{refresh}</noscript><script src="/static/watch.js" defer></script>'
        watch = f' data-state="{watched.state}" data-seen="{html.escape(watched.seen)}"'
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{html.escape(title)} – {_w("label", lang)}</title><link rel="stylesheet" href="/static/simulator.css">'
        f"{again}</head><body{watch}><header><p><strong>{_w('label', lang)}</strong> {_w('not-real', lang)}</p>"
        f'<nav aria-label="{_w("languages", lang)}">{others}</nav></header><main>{body}</main></body></html>'
    )


def _confirmation(transaction: Transaction, lang: Lang) -> str:
    text = transaction.asked.wishes.text
    if text is None:
        return ""
    titled = f'<h2 id="confirm">{_w("confirm", lang)}</h2>'
    return f'<section class="confirm" aria-labelledby="confirm">{titled}<p>{rich(text)}</p></section>'


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _current(yes: object) -> str:
    return ' aria-current="true"' if yes else ""


def _pressed(yes: object) -> str:
    return f' type="submit" aria-pressed="{"true" if yes else "false"}"'


def _said(key: str, lang: Lang, **slots: object) -> str:
    return words(f"simulator.{key}", lang, **slots)


def _w(key: str, lang: Lang, **slots: object) -> str:
    return html.escape(_said(key, lang, **slots))
