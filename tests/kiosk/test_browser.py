"""The wall's own browser, in a real Chromium: what a sign-in leaves behind, where it may go, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import http.server
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from onthaal.clock import SystemClock
from onthaal.kiosk.browser import Chromium, allowed, browser_of
from onthaal.kiosk.config import BrowserTable
from onthaal.kiosk.ports import BrowserGone
from tests.chromium import CHROMIUM, on_screen
from tests.kiosk.test_config import BROWSER, WHOLE, loaded

LOCAL_FILE = "file:" + "///etc/passwd"
ARGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1000,800")
SCREEN = """<!doctype html><title>screen</title><body style='margin:0'><div style='height:400px'></div>
<footer>stop</footer><script>fetch("/there")</script>"""
SIGN_IN = """<!doctype html><title>sign in</title><script>
const seen = [document.cookie, localStorage.getItem("who"), history.length, innerWidth, innerHeight];
document.cookie = "who=citizen-secret; max-age=9999"; localStorage.setItem("who", "citizen-secret");
sessionStorage.setItem("who", "citizen-secret");
fetch("/seen", {method: "POST", body: JSON.stringify(seen)});
</script>"""
LEAVES = "<!doctype html><script>location = 'http://localhost:%d/seen'</script>"
TWO = """<!doctype html><button onclick="window.open('/page')">x</button>
<script>fetch("/seen", {method: "POST", body: "[]"})</script>"""


class Site:
    """A provider and the wall's screen, on one port; what reached it."""

    def __init__(self) -> None:
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append((self.path, self.headers.get("Cookie", "")))
                pages = {"/": SCREEN, "/page": SIGN_IN, "/leaves": LEAVES % site.port, "/two": TWO}
                body = pages.get(self.path, "").encode()
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", "text/html")
                self.send_header("Cache-Control", "max-age=9999")
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                site.seen.append(self.rfile.read(length).decode())
                self.send_response(204)
                self.end_headers()

            def log_message(self, *said: Any) -> None:
                """Nothing."""

        self.asked: list[tuple[str, str]] = []
        self.seen: list[str] = []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = int(self.server.server_address[1])
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.server.shutdown()
    site.server.server_close()


async def until(holds: Callable[[], object], what: str) -> None:
    deadline = SystemClock().monotonic() + 30
    while not holds():
        assert SystemClock().monotonic() < deadline, what
        await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def running(site: Site, *, hosts: tuple[str, ...] = ("127.0.0.1",)) -> AsyncIterator[Chromium]:
    table = BrowserTable(command=CHROMIUM, args=(*ARGS, *on_screen(site.url("/"))), hosts=hosts)
    browser = Chromium(table, site.url("/"), SystemClock())
    task = asyncio.create_task(browser.run())
    try:
        await until(lambda: browser.up and "/there" in dict(site.asked), "the browser with the screen in it")
        yield browser
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@contextlib.asynccontextmanager
async def showing(browser: Chromium, url: str) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(browser.show(url))
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, BrowserGone):
            await task


async def contexts(browser: Chromium) -> list[str]:
    assert browser._tools is not None
    told = await browser._tools.call("Target.getBrowserContexts", {})
    return list(told["browserContextIds"])


async def pages(browser: Chromium) -> list[str]:
    assert browser._tools is not None
    told = await browser._tools.call("Target.getTargets", {})
    return [one["url"] for one in told["targetInfos"] if one["type"] == "page"]


def test_nothing_of_a_sign_in_is_left_for_the_next(site: Site) -> None:
    """No cookie, no storage, no cache, no history, no context, no window; and the disk holds nothing of it."""

    async def story() -> None:
        async with running(site) as browser:
            for times in (1, 2):
                async with showing(browser, site.url("/page")):
                    await until(partial(_reached, site, times), "the page")
                    assert len(await contexts(browser)) == 1
                assert await contexts(browser) == []
                assert await pages(browser) == [site.url("/")]
            profiles = [*Path("/tmp").glob("onthaal-browser-*")]
            held = [
                path
                for profile in profiles
                for path in profile.rglob("*")
                if path.is_file() and b"citizen-secret" in path.read_bytes()
            ]
            assert held == []

    asyncio.run(story())
    first, second = site.seen
    assert first.startswith('["",null,')
    assert second == first, "the second found what the first had left"
    fetched = [cookie for path, cookie in site.asked if path == "/page"]
    assert fetched == ["", ""], "the second was answered from the first one's cache"


def test_the_walls_lower_bar_stays_in_sight(site: Site) -> None:
    """The page lies over the screen down to the bar with the number and the way back."""

    async def story() -> None:
        async with running(site) as browser, showing(browser, site.url("/page")):
            await until(lambda: site.seen, "the page")
            assert browser._tools is not None
            assert browser._shown is not None
            of_page = await browser._tools.call("Browser.getWindowForTarget", {"targetId": browser._shown.target})
            of_screen = await browser._tools.call("Browser.getWindowForTarget", {"targetId": browser._screen})
            assert of_page["windowId"] != of_screen["windowId"]
            assert of_page["bounds"]["height"] == 400 < of_screen["bounds"]["height"]
            assert of_page["bounds"]["width"] == of_screen["bounds"]["width"]

    asyncio.run(story())


def test_a_page_that_leaves_its_hosts_is_closed(site: Site) -> None:
    async def story() -> None:
        async with running(site) as browser:
            await asyncio.wait_for(browser.show(site.url("/leaves")), 30)
            assert await contexts(browser) == []

    asyncio.run(story())


def test_an_address_that_cannot_be_reached_ends_at_once(site: Site) -> None:
    async def story() -> None:
        async with running(site) as browser:
            await asyncio.wait_for(browser.show("http://127.0.0.1:9/"), 30)
            assert await pages(browser) == [site.url("/")]

    asyncio.run(story())


def test_a_sign_in_gets_one_window(site: Site) -> None:
    async def story() -> None:
        async with running(site) as browser, showing(browser, site.url("/two")):
            await until(lambda: site.seen, "the page")
            tools, shown = browser._tools, browser._shown
            assert tools is not None
            assert shown is not None
            click = {"expression": "document.querySelector('button').click()", "userGesture": True}
            await tools.call("Runtime.evaluate", click, session=shown.session)
            await _settled(browser, [site.url("/"), site.url("/two")])

    asyncio.run(story())


def _reached(site: Site, times: int) -> bool:
    return len(site.seen) == times


async def _settled(browser: Chromium, expected: list[str]) -> None:
    deadline = SystemClock().monotonic() + 15
    while sorted(await pages(browser)) != sorted(expected):
        assert SystemClock().monotonic() < deadline, await pages(browser)
        await asyncio.sleep(0.05)


def test_a_browser_that_dies_is_a_fault_and_comes_back(site: Site) -> None:
    """Who was signing in is told; until it is back only the phone is offered."""

    async def story() -> None:
        async with running(site) as browser:
            changes: list[bool] = []
            browser.changed = lambda: changes.append(browser.up)
            async with showing(browser, site.url("/page")) as page:
                await until(lambda: site.seen, "the page")
                assert browser._tools is not None
                browser._tools._process.kill()
                with pytest.raises(BrowserGone):
                    await asyncio.wait_for(page, 30)
            await until(lambda: browser.up, "the next browser")
            assert changes[0] is False
            assert changes[-1] is True

    asyncio.run(story())


def test_a_browser_that_is_not_there_is_never_up(site: Site) -> None:
    async def story() -> None:
        browser = Chromium(BrowserTable(command="/nowhere/chromium"), site.url("/"), SystemClock())
        with pytest.raises(BrowserGone):
            async with browser._started():
                pass
        with pytest.raises(BrowserGone):
            await browser.show(site.url("/page"))
        assert not browser.up

    asyncio.run(story())


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://onthaal.voorbeeld.be/muur/x", True),
        ("https://idp.itsme.be/v2", True),
        ("https://itsme.be/", False),
        ("https://evil-itsme.be/", False),
        ("https://itsme.be.evil.example/", False),
        (LOCAL_FILE, False),
        ("chrome://settings", False),
        ("chrome-error://chromewebdata/", False),
        ("javascript:alert(1)", False),
        ("about:blank", True),
    ],
)
def test_only_named_hosts_may_be_shown(url: str, may: bool) -> None:
    assert allowed(url, ("onthaal.voorbeeld.be", "*.itsme.be")) is may


def test_without_names_nothing_of_the_web_may_be_shown() -> None:
    assert not allowed("https://anything.example/", ())
    assert not allowed(LOCAL_FILE, ())


def test_besides_the_named_hosts_only_the_municipalitys_own_is_shown(tmp_path: Path) -> None:
    """The sign-in begins and ends there: it need not be named."""
    browser = browser_of(
        loaded(tmp_path, WHOLE + BROWSER.replace("onthaal.example.be", "login.example.be")), SystemClock()
    )
    assert browser is not None
    assert browser.hosts == ("onthaal.example.be", "login.example.be", "*.itsme.be")
