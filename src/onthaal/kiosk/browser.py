"""The wall's own browser: the agent starts Chromium on its screen, and lays a provider's page over it for a while.

It is told what to do over a pipe (the DevTools protocol on file descriptors 3 and 4, JSON ended by NUL), so that no
port is open and it dies with the agent. Each page gets a context of its own: cookies, storage, cache and history live
in memory and go with it. See `docs/decisions/0019`.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog
from msgspec.structs import replace

from onthaal.clock import Clock
from onthaal.kiosk.config import BrowserTable, KioskConfig
from onthaal.kiosk.devtools import DevTools
from onthaal.kiosk.ports import BrowserGone

AGAIN_AFTER = 5.0
"""Seconds between the end of a browser and the start of the next."""
ANSWERS_WITHIN = 10.0
FLAGS = (
    "--remote-debugging-pipe", "--kiosk", "--no-first-run", "--no-default-browser-check", "--noerrdialogs",
    "--disable-sync", "--disable-translate", "--disable-pinch", "--overscroll-history-navigation=0",
    "--deny-permission-prompts", "--disable-component-update", "--disable-background-networking",
    "--password-store=basic",
)  # fmt: skip
FOOTER = "(document.querySelector('footer') || {getBoundingClientRect: () => ({top: innerHeight})})"
LEAST_PAGE = 200
"""Pixels. A screen that leaves less for the page says nothing that can be believed."""

log = structlog.get_logger(__name__)


def browser_of(config: KioskConfig, clock: Clock) -> Chromium | None:
    """The browser that the file names; None where it names none. Sign-ins begin and end at the centre's own host."""
    if config.browser is None:
        return None
    host, port = config.kiosk.screen_address()
    own = urlsplit(config.kiosk.centre).hostname
    hosts = tuple(dict.fromkeys((*([own] if own else []), *config.browser.hosts)))
    return Chromium(replace(config.browser, hosts=hosts), f"http://{host}:{port}/", clock)


def allowed(url: str, hosts: tuple[str, ...]) -> bool:
    """Whether a sign-in may show this address: of the web, only these; `*.` stands for every host under a name."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"}:
        return url == "about:blank"
    name = parts.hostname or ""
    return any(name == one or (one.startswith("*.") and name.endswith(one[1:])) for one in hosts)


class Chromium:
    """See the module. `run` as a task; `changed` is called when `up` changes."""

    def __init__(self, table: BrowserTable, screen: str, clock: Clock) -> None:
        self.changed: Callable[[], None] = lambda: None
        self._table, self._screen_url, self._clock = table, screen, clock
        self._tools: DevTools | None = None
        self._screen = ""
        self._shown: Shown | None = None

    @property
    def hosts(self) -> tuple[str, ...]:
        """All that a sign-in may show."""
        return self._table.hosts

    @property
    def up(self) -> bool:
        return self._tools is not None

    async def run(self) -> None:
        while True:
            try:
                async with self._started() as tools:
                    await self._serve(tools)
            except BrowserGone as gone:
                log.error("browser.gone", detail=str(gone))  # noqa: TRY400 (no traceback: it says what)
            await self._clock.sleep(AGAIN_AFTER)

    @contextlib.asynccontextmanager
    async def _started(self) -> AsyncIterator[DevTools]:
        """The process, until the end of the block; its profile is thrown away."""
        with tempfile.TemporaryDirectory(prefix="onthaal-browser-", ignore_cleanup_errors=True) as profile:
            command = (self._table.command, *FLAGS, *self._table.args, f"--user-data-dir={profile}")
            tools = await DevTools.starting((*command, f"--app={self._screen_url}"), home=Path(profile))
            try:
                yield tools
            finally:
                await tools.stop()

    async def _serve(self, tools: DevTools) -> None:
        tools.news = self._news
        await self._call(tools, "Target.setDiscoverTargets", discover=True)
        self._screen = await self._screen_target(tools)
        self._tools = tools
        self.changed()
        try:
            await tools.ended.wait()
        finally:
            self._tools = None
            if self._shown is not None:
                self._shown.over.set()
            self.changed()
        raise BrowserGone("it ended")

    async def _screen_target(self, tools: DevTools) -> str:
        """The window with the wall's own screen; there a moment after the start."""
        until = self._clock.monotonic() + ANSWERS_WITHIN
        while self._clock.monotonic() < until:
            targets = (await self._call(tools, "Target.getTargets"))["targetInfos"]
            for one in targets:
                if one["type"] == "page":
                    return str(one["targetId"])
            await self._clock.sleep(0.1)
        raise BrowserGone("it shows no window")

    async def show(self, url: str) -> None:
        """A fresh context and window for this page, over the screen; disposed of when cancelled or over."""
        tools = self._tools
        if tools is None:
            raise BrowserGone("it does not run")
        context = str(
            (await self._call(tools, "Target.createBrowserContext", disposeOnDetach=True))["browserContextId"]
        )
        try:
            shown = self._shown = await self._window(tools, context)
            answer = await self._call(tools, "Page.navigate", session=shown.session, url=url)
            if not answer.get("errorText"):
                await shown.over.wait()
            if tools.ended.is_set():
                raise BrowserGone("it ended while it showed a page")
        finally:
            self._shown = None
            with contextlib.suppress(BrowserGone):
                await asyncio.shield(self._disposed(tools, context))

    async def _window(self, tools: DevTools, context: str) -> Shown:
        """An empty window over the screen, all but its lower bar, that can do little else than show pages."""
        made = await self._call(
            tools, "Target.createTarget", url="about:blank", browserContextId=context, newWindow=True
        )
        target = str(made["targetId"])
        session = await self._attached(tools, target)
        shown = Shown(context, target, session)
        await self._call(tools, "Page.enable", session=session)
        await self._call(tools, "Page.setInterceptFileChooserDialog", session=session, enabled=True)
        await self._call(tools, "Browser.setDownloadBehavior", behavior="deny", browserContextId=context)
        await self._place(tools, target)
        await self._call(tools, "Target.activateTarget", targetId=target)
        return shown

    async def _place(self, tools: DevTools, target: str) -> None:
        """The wall's own lower bar stays in sight: the number, what time is left, and the way back."""
        screen = await self._attached(tools, self._screen)
        expression = f"{FOOTER}.getBoundingClientRect().top"
        told = await self._call(tools, "Runtime.evaluate", session=screen, expression=expression)
        window = await self._call(tools, "Browser.getWindowForTarget", targetId=self._screen)
        whole = window["bounds"]
        height = min(int(told["result"].get("value") or 0), int(whole["height"]))
        own = await self._call(tools, "Browser.getWindowForTarget", targetId=target)
        place = {"left": whole["left"], "top": whole["top"], "width": whole["width"]}
        place |= {"height": height if height > LEAST_PAGE else whole["height"]}
        window_id = own["windowId"]
        await self._call(tools, "Browser.setWindowBounds", windowId=window_id, bounds={"windowState": "normal"})
        await self._call(tools, "Browser.setWindowBounds", windowId=window_id, bounds=place)
        await self._call(tools, "Target.detachFromTarget", sessionId=screen)

    async def _attached(self, tools: DevTools, target: str) -> str:
        return str((await self._call(tools, "Target.attachToTarget", targetId=target, flatten=True))["sessionId"])

    async def _disposed(self, tools: DevTools, context: str) -> None:
        """Its windows shut, and with it go cookies, storage, cache and history."""
        await self._call(tools, "Target.disposeBrowserContext", browserContextId=context)
        await self._call(tools, "Target.activateTarget", targetId=self._screen)

    async def _call(self, tools: DevTools, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        try:
            async with asyncio.timeout(ANSWERS_WITHIN):
                return await tools.call(method, params, session=session)
        except TimeoutError as late:
            raise BrowserGone(f"{method}: no answer") from late

    def _news(self, method: str, params: dict[str, Any], session: str | None) -> None:
        """What happens in the browser without being asked for."""
        shown = self._shown
        if method in {"Target.targetDestroyed", "Target.targetCrashed"} and params["targetId"] == self._screen:
            if self._tools is not None:
                self._tools.ended.set()  # the wall's own screen is gone: everything starts again
        elif shown is None:
            return
        elif method in {"Target.targetDestroyed", "Target.targetCrashed"} and params["targetId"] == shown.target:
            shown.over.set()
        elif method == "Target.targetCreated":
            self._not_two(shown, params["targetInfo"])
        elif session == shown.session:
            self._on_page(shown, method, params)

    def _not_two(self, shown: Shown, created: dict[str, Any]) -> None:
        """One window is all that a sign-in gets."""
        second = created.get("browserContextId") == shown.context and created["targetId"] != shown.target
        if second and created["type"] == "page" and self._tools is not None:
            self._tools.say("Target.closeTarget", {"targetId": created["targetId"]})

    def _on_page(self, shown: Shown, method: str, params: dict[str, Any]) -> None:
        if method == "Page.javascriptDialogOpening" and self._tools is not None:
            self._tools.say("Page.handleJavaScriptDialog", {"accept": False}, session=shown.session)
        elif method == "Page.frameNavigated" and "parentId" not in params["frame"]:
            url = str(params["frame"]["url"])
            if not allowed(url, self._table.hosts):
                log.warning("browser.left_its_hosts", host=urlsplit(url).hostname)
                shown.over.set()


class Shown:
    """The page that lies over the screen now."""

    def __init__(self, context: str, target: str, session: str) -> None:
        self.context, self.target, self.session = context, target, session
        self.over = asyncio.Event()
