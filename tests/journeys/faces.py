"""A resident at home and a clerk behind the desk: pages in a real browser."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Error, Locator, Page, expect

from tests.journeys.town import Town
from tests.waiting import until

ASKS_EVERY, ASKS_AT_LAST = 0.3, 1.5
"""Seconds between two questions to the desk: at first, and after a while."""
LEFT_BY_ITSELF = re.compile("ERR_ABORTED|interrupted by another navigation")
"""How the browser says, sooner or later, that the page was on its way elsewhere."""
STAGE = re.compile(r'<dd (?:data-status="[^"]*" )?data-stage="(?P<out>[^"]*)"(?: data-back="(?P<back>[^"]*)")?>')
HELD = re.compile(r'<tr data-holder="([^"]*)">(.*?)</tr>', re.DOTALL)
"""Each line of a thing's ledger; the one that holds now says so in bold."""


@dataclass(frozen=True)
class Person:
    """Somebody whom no other story knows."""

    name: str
    email: str


NEWCOMERS: list[Person] = []
"""Everybody who came into a story of this process."""


def newcomer() -> Person:
    mark = secrets.token_hex(4)
    NEWCOMERS.append(Person(name=f"An Janssens {mark}", email=f"an.{mark}@winkel.example"))
    return NEWCOMERS[-1]


def asks_until(condition: Callable[[], object], *, within: float = 60.0, what: str) -> None:
    """As `until`, for what the desk is asked: each answer is a whole page."""
    until(condition, within=within, every=ASKS_EVERY, at_last=ASKS_AT_LAST, what=what)


class Portal:
    """A resident at home."""

    def __init__(self, town: Town, context: BrowserContext) -> None:
        self.town, self.context = town, context
        self.link = ""

    @cached_property
    def page(self) -> Page:
        return self.context.new_page()

    def ask(self, product: str, who: Person, *, days: tuple[date, date] | None = None) -> None:
        """Fill in the form, and confirm by the link in the mail. `days`: from and until, for a loan."""
        self.page.goto(f"{self.town.ready['portal']}ask/{product}/?lang=nl")
        self.page.get_by_role("radio").first.check()
        self.page.locator("[name=name]").fill(who.name)
        self.page.locator("[name=email]").fill(who.email)
        self.page.locator("[name=organisation]").fill(f"Winkel van {who.name}")
        for field_, day in zip(("starts_on", "ends_on"), days or (), strict=False):
            self.page.locator(f"[name={field_}]").fill(day.isoformat())
        self.page.locator("main form button").last.click()
        expect(self.page).to_have_url(re.compile(r"/asked/"))
        link = self.town.mail_to(who.email).link
        self.page.goto(link)
        self.page.locator("main form button").click()
        expect(self.page.locator("[data-state=received]")).to_be_visible()
        self.link = link

    def state(self) -> str:
        self.page.goto(self.link)
        return self.page.locator("[data-state]").get_attribute("data-state") or ""

    def sees(self, state: str) -> None:
        """Wait until the request is that far, without drawing it: the desk may know it a moment before."""
        said = f'data-state="{state}"'
        asks_until(lambda: said in self.context.request.get(self.link).text(), what=f"state {state}")


class Desk:
    """A clerk behind the desk. Signs in when asked to, as after a long absence."""

    def __init__(self, town: Town, page: Page, role: str = "clerk") -> None:
        self.town, self.page = town, page
        self.account = town.account(role)
        self.request = self.item = ""

    def visit(self, path: str) -> None:
        """Go to a page of the desk, below `/desk/` or by its whole address."""
        url = path if path.startswith("http") else self.town.ready["desk"] + path
        try:
            self.page.goto(url)
        except Error as error:
            # After a long absence the page leaves for the sign-in by itself, perhaps at this very moment.
            if not LEFT_BY_ITSELF.search(error.message):
                raise
            self.page.wait_for_url("**/sign-in/**")
        if self.page.locator("[name=username]").count():
            self.page.locator("[name=username]").fill(self.account["name"])
            self.page.locator("[name=password]").fill(self.account["password"])
            self.page.locator("main button").click()
            expect(self.page.locator("nav.places")).to_be_visible()
            if self.page.url != url:
                self.page.goto(url)

    def open_request(self, who: Person, *, filter_: str = "new") -> None:
        """Find somebody's request in the work list, and remember where it and its thing are."""
        self.visit(f"requests/?filter={filter_}")
        self._leaves_by(self.page.locator("tr", has_text=who.name).get_by_role("link").first)
        self.request = self.page.url

    def accept(self, who: Person) -> str:
        """Accept and prepare somebody's request; the text of its label comes back."""
        self.open_request(who)
        self.act("accept")
        self.act("prepare")
        self.item = self.page.locator("main a[href*='/things/']").first.get_attribute("href") or ""
        self.item = self.town.ready["portal"].rstrip("/") + self.item
        self.page.locator("a[href$='/label/']").first.click()
        label = self.page.locator("[data-label]").get_attribute("data-label")
        assert label
        return label

    def act(self, name: str, **typed: str) -> None:
        """Press the button of one verb on the page of the request, with what is typed beside it."""
        form = self.page.locator(f"form:has(input[name=act][value={name}])")
        for field, text in typed.items():
            form.locator(f"[name={field}]").fill(text)
        self._leaves_by(form.locator("button"))
        expect(self.page.locator("[data-stage]").first).to_be_attached()

    def _leaves_by(self, where: Locator) -> None:
        """Click, and be on the next page: the one before may have all that is looked for."""
        with self.page.expect_navigation(wait_until="commit"):
            where.click()

    def tag(self) -> str:
        """The tag of the thing of the last accepted request."""
        self.visit(self.item)
        return self.page.locator("dd code", has_text=re.compile("^E2")).inner_text()

    def stage(self) -> str:
        """How far the last accepted request is; and once it is collected, after a `/`, how far its return is."""
        shown = STAGE.search(self._source(self.request))
        assert shown, self.request
        out, back = shown["out"], shown["back"]
        return f"{out}/{back}" if back and out == "collected" else out

    def _source(self, path: str) -> str:
        """What a page of the desk says, without drawing it: for what is looked at again and again."""
        url = path if path.startswith("http") else self.town.ready["desk"] + path
        answer = self.page.request.get(url)
        said = answer.text()
        if 'name="username"' in said:
            token = re.search(r'name="csrfmiddlewaretoken" value="([^"]*)"', said)
            assert token, answer.url
            form: dict[str, str | float | bool] = {
                "csrfmiddlewaretoken": token[1],
                "username": self.account["name"],
                "password": self.account["password"],
            }
            self.page.request.post(answer.url, form=form, headers={"Referer": answer.url}, max_redirects=0)
            said = self.page.request.get(url).text()
        assert 'name="username"' not in said, url
        return said

    def holder(self) -> str:
        """Who holds the thing now, by its ledger."""
        (now,) = [row for row in HELD.findall(self._source(self.item)) if "<strong>" in row[1]]
        return str(now[0])

    def sees(self, stage: str, *, holder: str, within: float = 60.0) -> None:
        """Wait until the request is at this stage, its thing with this holder."""
        asks_until(lambda: self.stage() == stage, within=within, what=f"stage {stage}")
        assert self.holder() == holder

    def sees_alert(self, kind: str, *, within: float = 60.0) -> None:
        """Wait for an alert, and tell that it was seen."""
        line = self.page.locator(f"[data-alert={kind}]")

        def there() -> bool:
            return f'data-alert="{kind}"' in self._source("alerts/")

        asks_until(there, within=within, what=f"the alert {kind}")
        self.visit("alerts/")
        line.first.locator("button").click()

    def has_task(self, kind: str) -> bool:
        return f'data-task="{kind}"' in self._source("tasks/")

    def has_done(self, kind: str) -> None:
        """Wait until no task of this kind is left."""
        asks_until(lambda: not self.has_task(kind), what=f"the end of the task {kind}")

    def is_to_take_out(self) -> bool:
        """Whether the take-back list names the last accepted request."""
        rows = re.findall(r"<tr data-take-out=.*?</tr>", self._source("take-out/"), re.DOTALL)
        return any(f'href="{urlsplit(self.request).path}"' in row for row in rows)

    def doubt(self) -> str:
        """What the page about the last accepted request says when nobody can tell where its thing is."""
        self.visit(self.request)
        self.page.locator("a[href*='/disputes/']").click()
        return self.page.locator("main").inner_text()

    def settles(self, stage: str, *, reason: str) -> None:
        """Say on that page what is true."""
        self.page.locator(f"[name=to][value={stage}]").check()
        self.page.locator("[name=reason]").fill(reason)
        self._leaves_by(self.page.locator("main form button"))
        expect(self.page.locator("[data-stage]").first).to_be_attached()

    def waits_for_the_wall(self, *, within: float = 60.0) -> None:
        """Wait until the wall knows what the centre wishes."""
        wall = self._wall()
        known = 'data-knows="all"'
        asks_until(lambda: known in self._source(wall), within=within, what="a wall that knows all")

    def sees_blocked(self, number: int, *, blocked: bool = True) -> None:
        """Wait until the live wall shows a compartment as blocked, or in use: it tells its state after its facts."""
        what = f"compartment {number} {'blocked' if blocked else 'in use again'}"
        asks_until(lambda: self._is_blocked(number) == blocked, what=what)

    def _is_blocked(self, number: int) -> bool:
        door = re.search(rf'id="door-{number}" class="([^"]*)"', self._source(self._wall()))
        assert door, number
        return "blocked" in door[1].split()

    def _wall(self) -> str:
        """The address of the live wall."""
        if not self.town.wall_shown_at:
            first = re.search(r'<li class="card"><h2><a href="([^"]*)"', self._source("walls/"))
            assert first
            self.town.wall_shown_at = f"{self.town.ready['portal'].rstrip('/')}{first[1]}"
        return self.town.wall_shown_at

    def _visit_wall(self) -> None:
        self.visit("walls/")
        self.page.locator("main .card a").first.click()
        expect(self.page.locator("#wall-now")).to_be_attached()


def visit(browser: Browser, *, lang: str = "nl-BE", width: int = 1280, height: int = 900) -> BrowserContext:
    """A fresh browser: no cookies of anybody else's."""
    return browser.new_context(locale=lang, viewport={"width": width, "height": height}, reduced_motion="reduce")
