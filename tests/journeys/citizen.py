"""Somebody who signs in with the simulated itsme: at home in a browser, and with a telephone before the wall."""

from __future__ import annotations

import io
import re
from functools import cached_property

import zxingcpp
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect

from onthaal.simulator.citizens import citizens
from tests.journeys.asking import ask
from tests.journeys.faces import newcomer
from tests.journeys.screen import Kiosk
from tests.journeys.town import Town

CERTIFICATE = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def photo() -> bytes:
    """A small picture, as a telephone takes it."""
    file = io.BytesIO()
    Image.new("RGB", (70, 90), "grey").save(file, "JPEG")
    return file.getvalue()


class Citizen:
    """One of the simulator's people, with a mail address that no other story knows."""

    def __init__(self, town: Town, context: BrowserContext, key: str) -> None:
        self.town, self.context, self.key = town, context, key
        self.known = citizens(town.clock.today())[key]
        self.email = newcomer().email
        self.number = 0
        """Of the request made last."""

    @cached_property
    def page(self) -> Page:
        return self.context.new_page()

    def approves(self, *, ongoing_call: bool = False, scanned: bool = True) -> None:
        """On the telephone: what waits there, else the next that comes. `scanned`: off another screen."""
        self._says("approve", ongoing_call=ongoing_call, mode="QR" if scanned else "a2a")

    def refuses(self) -> None:
        self._says("refuse")

    def _says(self, answer: str, *, ongoing_call: bool = False, mode: str = "QR") -> None:
        said = {"citizen": self.key, "answer": answer, "ongoing_call": ongoing_call, "mode": mode}
        ask(f"{self.town.ready['simulator']}phone", said)

    # -- at home ------------------------------------------------------------------------------------------------

    def signs_in(self) -> None:
        self.visits("aanmelden/?lang=nl")
        self.approves()
        self._on()
        expect(self.page).to_have_url(re.compile(r"/mine/"))

    def visits(self, path: str) -> None:
        self.page.goto(self.town.ready["portal"] + path)

    def applies(self, product: str, *, old_document: bool = False) -> int:
        """Ask for a document, for the wall where one may wait there; the number of the request."""
        self.answers(product, old_document=old_document)
        self.attaches(photo=photo(), certificate=CERTIFICATE)
        expect(self.page).to_have_url(re.compile(r"/check/"))
        self._on()
        expect(self.page).to_have_url(re.compile(r"/mine/\d+/"))
        self.number = int(self.page.url.rstrip("/").rpartition("/")[2])
        return self.number

    def answers(self, product: str, *, old_document: bool = False, remark: str = "") -> None:
        """The questions of the first page, and on to the second."""
        self.visits(f"apply/{product}/")
        for question in ("proxy", "urgent"):
            self.page.locator(f"[name={question}][value=no]").check()
        if self.page.locator("[name=old_document]").count():
            self.page.locator(f"[name=old_document][value={'yes' if old_document else 'no'}]").check()
        self.page.locator("[name=email]").fill(self.email)
        expect(self.page.locator("[name=language]")).to_have_count(0)  # itsme said it
        if remark:
            self.page.locator("[name=remark]").fill(remark)
        self._on()
        expect(self.page).to_have_url(re.compile(r"/details/"))

    def attaches(self, *, photo: bytes, certificate: bytes | None = None) -> None:
        """Choose the wall where one may, add these files by the names that a telephone gives them, and go on."""
        if self.page.locator("[name=place][type=radio]").count():
            self.page.locator("[name=place]").first.check()
        self._attaches("photo", "ik.jpg", "image/jpeg", photo)
        if certificate is not None:
            self._attaches("certificate", "attest.pdf", "application/pdf", certificate)
        self._on()

    def _attaches(self, kind: str, name: str, media_type: str, content: bytes) -> None:
        field = self.page.locator(f"input[type=file][name={kind}]")
        if field.count():
            field.set_input_files({"name": name, "mimeType": media_type, "buffer": content})

    def _on(self) -> None:
        self.page.locator("main form button").last.click()

    def state(self) -> str:
        """How far the request made last is, as its asker reads it."""
        self.visits(f"mine/{self.number}/")
        return self.page.locator("[data-state]").first.get_attribute("data-state") or ""

    # -- before the wall ----------------------------------------------------------------------------------------

    def scans(self, kiosk: Kiosk) -> None:
        """Hold the telephone before the QR on the screen, and see the same number on both."""
        kiosk.sees("identify-phone")
        shown = kiosk.page.locator(".qr svg")
        expect(shown).to_be_visible()
        code = zxingcpp.read_barcode(Image.open(io.BytesIO(shown.screenshot())))
        assert code is not None
        self.page.goto(code.text)
        expect(kiosk.page.locator(".number-line")).to_contain_text(self.page.locator("#number").inner_text())

    def goes_on(self) -> None:
        """Press the one button of the page that the QR leads to."""
        self._on()

    def identifies(self) -> str:
        """Go on to the provider and approve there; the two digits that the telephone shows then."""
        self.approves(scanned=False)
        self.goes_on()
        digits = self.page.locator("#digits")
        expect(digits).to_be_visible()
        return digits.inner_text()

    def is_told(self, why: str) -> None:
        """The telephone says why not."""
        expect(self.page.locator(f"[data-why={why}]")).to_be_visible()
