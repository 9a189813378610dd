"""The same people at the same pages and the same wall, without a browser that draws: how a story begins that is about
something else. Other stories see each of these pages drawn."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from html.parser import HTMLParser
from types import MappingProxyType
from typing import Any
from urllib.parse import urljoin

from playwright.sync_api import APIRequestContext

from tests.journeys.asking import ask, ask_bytes
from tests.journeys.citizen import CERTIFICATE, Citizen, photo
from tests.journeys.faces import Person
from tests.journeys.screen import Kiosk
from tests.journeys.town import Town
from tests.waiting import until

ROW = re.compile(r"<tr\b.*?</tr>", re.DOTALL)
ONWARD = re.compile(r'http-equiv="refresh" content="0;url=([^"]*)"')
LABELS = ("dossier", "envelope")
QUESTIONS = ("proxy", "urgent", "old_document")
LOOKS_EVERY = 0.1


@dataclass
class Form:
    """One form of a page, filled in as the page came: the first of each choice, nothing typed."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    """Every field there is, also those that start empty."""


class _Reader(HTMLParser):
    """The forms of a page's main part."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._main = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self._main = self._main or tag == "main"
        if not self._main:
            return
        if tag == "form":
            self.forms.append(Form(said.get("action", "")))
        elif self.forms and tag in {"input", "select", "textarea"} and "name" in said:
            self._meets(self.forms[-1], said)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def _meets(self, form: Form, said: Mapping[str, str]) -> None:
        name, kind, value = said["name"], said.get("type", ""), said.get("value", "")
        form.asked.add(name)
        if kind == "radio":
            if "checked" in said or name not in form.fields:
                form.fields[name] = value
        elif kind not in {"checkbox", "file"}:
            form.fields[name] = value


class Pages:
    """Pages of the town, asked for one after the other. They share the cookies of a browser."""

    def __init__(self, town: Town, asked: APIRequestContext) -> None:
        self.town, self._asked = town, asked
        self.url = self.text = ""

    def opens(self, path: str) -> None:
        """A page by its address, or by its path from the page before."""
        self._takes(self._asked.get(urljoin(self.url or self.town.ready["portal"], path)))

    def submits(
        self, typed: Mapping[str, str] = MappingProxyType({}), *, act: str = "", files: Mapping[str, Any] | None = None
    ) -> None:
        """Send the form with this act, else the last one; `typed` in its fields."""
        reader = _Reader()
        reader.feed(self.text)
        form = [one for one in reader.forms if not act or one.fields.get("act") == act][-1]
        assert set(typed) <= form.asked, (self.url, set(typed) - form.asked)
        fields: dict[str, Any] = {**form.fields, **typed}
        chosen = {name: file for name, file in (files or {}).items() if name in form.asked}
        how: dict[str, Any] = {"multipart": {**fields, **chosen}} if files is not None else {"form": fields}
        self._takes(self._asked.post(urljoin(self.url, form.action), headers={"Referer": self.url}, **how))

    def found(self, pattern: str) -> str:
        """What a pattern finds on the page, as it is read."""
        seen = re.search(pattern, self.text, re.DOTALL)
        assert seen, (self.url, pattern)
        return html.unescape(seen[1])

    def _takes(self, answer: Any) -> None:
        self.url, self.text = answer.url, answer.text()
        assert answer.ok, (answer.status, self.url)
        if onward := ONWARD.search(self.text):
            self.opens(html.unescape(onward[1]))


class UnseenPortal(Pages):
    """A resident at home."""

    def ask(self, product: str, who: Person, *, days: tuple[date, date] | None = None) -> str:
        """Ask, and confirm by the link in the mail; the link comes back. `days`: from and until, for a loan."""
        span = zip(("starts_on", "ends_on"), (day.isoformat() for day in days or ()), strict=False)
        self.opens(f"{self.town.ready['portal']}ask/{product}/?lang=nl")
        of = {"name": who.name, "email": who.email, "organisation": f"Winkel van {who.name}"}
        self.submits({**of, **dict(span)})
        assert "/asked/" in self.url, self.url
        link = self.town.mail_to(who.email).link
        self.opens(link)
        self.submits()
        self.found('(data-state="received")')
        return link


class UnseenDesk(Pages):
    """A clerk behind the desk. Signs in when asked to."""

    def __init__(self, town: Town, asked: APIRequestContext, role: str = "clerk") -> None:
        super().__init__(town, asked)
        self._account = town.account(role)

    def goes(self, path: str) -> None:
        """To a page below `/desk/`, or by its path."""
        url = urljoin(self.town.ready["desk"], path)
        self.opens(url)
        if 'name="username"' in self.text:
            self.submits({"username": self._account["name"], "password": self._account["password"]})
            self.opens(url)

    def accept(self, who: Person) -> tuple[str, str]:
        """Accept and prepare somebody's request: its page, and that of its thing."""
        self.goes("requests/?filter=new")
        (row,) = [row for row in ROW.findall(self.text) if who.name in row]
        self.opens(re.findall(r'href="([^"]*)"', row)[0])
        self.submits(act="accept")
        self.submits(act="prepare")
        return self.url, urljoin(self.url, self.found(r'<main.*?href="([^"]*/things/[^"]*)"'))

    def label(self, request: str) -> str:
        """The text of the label of what an accepted request asks for."""
        self.goes(f"{request}label/")
        return self.found(r'data-label="([^"]*)"')

    def tag(self, item: str) -> str:
        """The tag of a thing, by its page."""
        self.goes(item)
        return self.found(r"<dd><code>(E2[^<]*)</code>")


class UnseenPaperDesk(UnseenDesk):
    """A clerk who handles personal documents."""

    def prepares(self, number: int, *, amount: str) -> str:
        """Accept a request, take what it costs, scan dossier and envelope; the text of the envelope's label."""
        self.goes(f"dossiers/{number}/")
        self.submits(act="accept")
        self.submits({"amount": amount, "reference": "KAS-1"}, act="paid")
        self.goes(f"dossiers/{number}/labels/")
        dossier, envelope = (self.found(f'data-label="{kind}">.*?aria-label="([^"]*)"') for kind in LABELS)
        self.goes("prepare/")
        self.submits({"dossier": dossier, "envelope": envelope})
        self.found(f'(id="prepared".*/dossiers/{number}/)')
        return envelope


class UnseenCitizen(Pages):
    """Somebody at home who signs in with itsme: `citizen` answers on the telephone."""

    def __init__(self, citizen: Citizen) -> None:
        super().__init__(citizen.town, citizen.context.request)
        self._citizen = citizen

    def signs_in(self) -> None:
        self.opens(f"{self.town.ready['portal']}aanmelden/?lang=nl")
        self._citizen.approves()
        self.submits()
        assert "/mine/" in self.url, self.url

    def applies(self, product: str) -> int:
        """Ask for a document, for the wall where one may wait there; the number of the request."""
        self.opens(f"{self.town.ready['portal']}apply/{product}/")
        answers = {question: "no" for question in QUESTIONS if f'name="{question}"' in self.text}
        self.submits({"email": self._citizen.email, **answers})
        picture = {"name": "ik.jpg", "mimeType": "image/jpeg", "buffer": photo()}
        paper = {"name": "attest.pdf", "mimeType": "application/pdf", "buffer": CERTIFICATE}
        self.submits(files={"photo": picture, "certificate": paper})
        assert "/check/" in self.url, self.url
        self.submits()
        return int(self.url.rstrip("/").rpartition("/")[2])


class UnseenKiosk(Kiosk):
    """Whoever stands before the wall, touching what the screen offers without looking at how it is drawn."""

    def __init__(self, drawn: Kiosk) -> None:
        self.town, self.wall, self.page, self.left_open = drawn.town, drawn.wall, drawn.page, drawn.left_open

    def sees(self, *screens: str, within: float = 40.0) -> None:
        wanted = re.compile(f'data-screen="({"|".join(screens)})"')
        until(lambda: wanted.search(self._shown()), within=within, every=LOOKS_EVERY, what=" or ".join(screens))

    def does(self, act: str, value: str | None = None) -> None:
        offered = f'data-act="{act}"' + (f' data-value="{value}"' if value is not None else "")
        shown = ""

        def offers() -> bool:
            nonlocal shown
            shown = self._shown()
            return offered in shown

        until(offers, every=LOOKS_EVERY, what=f"{act} {value or ''}")
        revision = re.search(r'data-revision="(\d+)"', shown)
        assert revision
        ask(f"{self.town.ready['kiosk']}act", {"revision": int(revision[1]), "act": act, "value": value or ""})

    def types(self, digits: str) -> None:
        for digit in digits:
            self.does("key", digit)
        self.does("enter")

    def _goes(self, screen: str) -> bool:
        left = f'data-screen="{screen}"'
        try:
            until(lambda: left not in self._shown(), within=5, every=LOOKS_EVERY, what="another screen")
        except AssertionError:
            return False
        return True

    def _shown(self) -> str:
        """Its page; nothing while it is dark."""
        try:
            return ask_bytes(self.town.ready["kiosk"]).decode()
        except OSError:
            return ""
