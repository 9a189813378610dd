"""The desk in a real Chromium: no accessibility rule broken, nothing refused by the page's own policy, no page wider
than a telephone. Django answers first, inside the test's transaction; then Chromium is given what it answered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, sync_playwright

from tests.central.faces.staff.desk import Desk
from tests.chromium import ARGUMENTS, CHROMIUM

PAGES = {
    "clerk": (
        "", "requests/", "requests/{request}/", "requests/{request}/label/", "walls/", "walls/{kiosk}/",
        "walls/{kiosk}/doors/3/", "walls/{kiosk}/count/", "take-out/", "disputes/{doubt}/", "loans/", "things/",
        "things/{item}/", "alerts/", "tasks/", "badge/", "figures/",
    ),
    "administrator": ("accounts/", "accounts/new/", "accounts/{account}/", "journal/", "journal/seals/"),
}  # fmt: skip
ONLY_OVER_HTTPS = "Cross-Origin-Opener-Policy"
NAMED = re.compile(r'(?:href|src)="(/static/[^"]+)"')


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


def everything_there_is(desk: Desk) -> dict[str, int]:
    """A request in the wall, one in doubt, an alert, a task."""
    from onthaal.central.lockers.requests import actions

    asked, doubt = desk.lies_in_the_wall(door=3), desk.asked_to_borrow()
    with desk.acting():
        actions.accept(request_id=doubt.pk, by=desk.town.clerk)
    borrowed = desk.handover_of(doubt)
    with desk.acting():
        desk.wall.loads(borrowed, 4)
        desk.wall.disputes(borrowed, 4)
        desk.town.follows()
        desk.wall_answers()
    return {
        "request": asked.pk, "kiosk": desk.town.seeded.kiosk.pk, "doubt": borrowed.pk, "item": borrowed.item_id,
        "account": desk.town.clerk.pk,
    }  # fmt: skip


def answers(desk: Desk, lang: str) -> dict[str, Answer]:
    """Path → what Django says: every page of PAGES, and whatever static file they name."""
    numbers = everything_there_is(desk)
    found: dict[str, Answer] = {}
    for role, paths in PAGES.items():
        client = desk.browser(role).client
        for path in paths:
            where = "/desk/" + path.format(**numbers)
            said = client.get(where, headers={"Accept-Language": lang})
            found[where] = Answer(said.status_code, dict(said.headers), said.content)
            for file in NAMED.findall(said.content.decode()):
                if file not in found:
                    kept = client.get(file)
                    found[file] = Answer(kept.status_code, dict(kept.headers), kept.getvalue())
    return found


@contextmanager
def chromium(found: Mapping[str, Answer], host: str, width: int) -> Iterator[tuple[Page, list[str]]]:
    """A page that is given these answers, and what the browser complains of meanwhile."""

    def given(route: Route) -> None:
        answer = found.get(urlsplit(route.request.url).path)
        if answer is None:
            route.fulfill(status=204)
        else:
            headers = {name: value for name, value in answer.headers.items() if name != ONLY_OVER_HTTPS}
            route.fulfill(status=answer.status, headers=headers, body=answer.body)

    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = browser.new_context(viewport={"width": width, "height": 900}, base_url=f"http://{host}")
        context.route("**/*", given)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page, complaints
        browser.close()


@pytest.mark.parametrize(("lang", "width"), [("nl", 1280), ("fr", 390)])
def test_every_page_is_accessible_and_fits(desk: Desk, lang: str, width: int) -> None:
    found = answers(desk, lang)
    wrong: dict[str, object] = {path: answer.status for path, answer in found.items() if answer.status != 200}
    with chromium(found, desk.aalter.host, width) as (page, complaints):
        for path in found:
            if path.startswith("/desk/"):
                page.goto(path)
                broken = [violation["id"] for violation in Axe().run(page).response["violations"]]
                too_wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
                if broken or too_wide:
                    wrong[path] = (broken, too_wide)
    assert not wrong
    assert complaints == []
