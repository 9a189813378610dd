"""The portal for who signed in, in a real Chromium: no accessibility rule broken, nothing refused by the page's own
policy, no page wider than a telephone. Django answers first, then Chromium is given what it answered."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests import axe
from tests.central.faces.citizen.portal import Browser, Portal
from tests.central.faces.looking import NAMED, Answer, Look, drawn, looking

PICTURES = os.environ.get("ONTHAAL_TEST_PICTURES")
"""A folder to keep what every page looks like in, for eyes."""
SMALLEST_PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100c9fe92ef"
    "0000000049454e44ae426082"
)


def pages(portal: Portal, an: Browser) -> list[str]:
    """Every page there is to see, with something on each."""
    wall = an.applies("voorlopig-rijbewijs", old_document="yes")
    an.answers()
    an.adds(photo=SMALLEST_PICTURE)
    with portal.acting():
        asked = next(one for one in portal.requests() if one.pk == wall.pk).dossier
        asked.asked_more, asked.asked_more_at = "De foto is te donker. Stuurt u een andere?", portal.clock.now()
        asked.save()
    an.answers("identiteitskaart")
    return [
        "/", "/privacy/", "/mine/", f"/mine/{wall.pk}/", f"/mine/{wall.pk}/answer/", f"/mine/{wall.pk}/place/",
        f"/mine/{wall.pk}/cancel/", "/apply/eerste-reispas/", "/apply/eerste-reispas/details/",
        "/apply/eerste-reispas/check/", "/apply/identiteitskaart/details/", "/aanmelden/",
    ]  # fmt: skip


def answers(an: Browser, paths: list[str], lang: str) -> dict[str, Answer]:
    found: dict[str, Answer] = {}

    def ask(path: str) -> None:
        said = an.get(path, **{"accept-language": lang})
        found[path] = Answer(said.status_code, dict(said.headers), said.getvalue() if said.streaming else said.content)

    for path in paths:
        ask(path)
    wrong = an.post("/apply/eerste-reispas/details/", place="")
    found["/wrong/"] = Answer(200, dict(wrong.headers), wrong.content)
    for answer in list(found.values()):
        for file in NAMED.findall(answer.body.decode()) + _files(answer.body.decode()):
            if file not in found:
                ask(file)
    return found


def _files(page: str) -> list[str]:
    return [part.partition('"')[0] for part in page.split('src="')[1:]]


@pytest.mark.timeout(240)
def test_every_page_is_accessible_and_fits_in_every_language(portal: Portal) -> None:
    an = portal.browser()
    paths = pages(portal, an)
    looks = [Look(lang, width, answers(an, paths, lang)) for lang, width in (("nl", 1280), ("fr", 320), ("en", 320))]
    wrong: dict[tuple[str, str], object] = {
        (look.lang, path): status for look in looks for path, status in look.wrong().items()
    }
    shown = [path for path, answer in looks[0].found.items() if b"<!doctype" in answer.body]
    with looking() as looks_at, looks_at.window(looks, portal.row.host) as (page, complaints):
        for path in shown:
            for look in drawn(page, looks, path):
                wrong |= {(look.lang, what): found for what, found in _wrong(page, path, look.width).items()}
                if PICTURES:
                    name = path.strip("/").replace("/", "-") or "home"
                    page.screenshot(path=str(Path(PICTURES) / f"{look.lang}-{look.width}-{name}.png"), full_page=True)
    assert complaints == []
    assert wrong == {}


def _wrong(page: Page, path: str, width: int) -> dict[str, object]:
    """What is wrong with the page that is shown: rules it breaks, and a width that does not fit."""
    wrong: dict[str, object] = {}
    broken = page.evaluate(axe.FAULTS, axe.EVERY_RULE)
    if broken:
        wrong[path] = [(one["id"], [node["html"] for node in one["nodes"]]) for one in broken]
    wide = page.evaluate("document.documentElement.scrollWidth")
    if wide > width:
        wrong[f"{path} is too wide"] = wide
    return wrong
