"""The screen of a wall whose store cannot be locked or opened: it says so, with the help telephone, until it can be."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable
from typing import TypeVar

import structlog

from onthaal.clock import Clock
from onthaal.kiosk.browser import browser_of
from onthaal.kiosk.config import KioskConfig
from onthaal.kiosk.running import AgentRunning
from onthaal.kiosk.screen.parts import Look
from onthaal.kiosk.screen.server import Screen, listening, server
from onthaal.kiosk.session.state import Setup, begun
from onthaal.kiosk.store import StoreFault

TRIES_AGAIN = 10.0
"""Seconds."""

log = structlog.get_logger(__name__)
_A = TypeVar("_A")


async def until_made(make: Callable[[], _A], config: KioskConfig, clock: Clock) -> _A | None:
    """What `make` gives, asked again while it raises StoreFault or AgentRunning; None when a signal came first.

    No lock is spoken to meanwhile. Raises ScreenTaken where nobody could see that screen.
    """
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            asyncio.get_running_loop().add_signal_handler(number, ended.set)
    languages = config.kiosk.languages
    look = Look(help_phone=config.kiosk.help_phone, languages=languages)
    screen = Screen(begun(Setup(boot="", languages=languages), "store-full"), look)
    web, address = server(screen), listening(*config.kiosk.screen_address())
    browser = browser_of(config, clock)
    async with asyncio.TaskGroup() as group:
        group.create_task(web.serve(sockets=[address]))
        shows = group.create_task(browser.run()) if browser is not None else None
        made = await _tried(make, clock, ended)
        screen.close()
        web.should_exit = True
        if shows is not None:
            shows.cancel()
    return made


async def _tried(make: Callable[[], _A], clock: Clock, ended: asyncio.Event) -> _A | None:
    over = asyncio.ensure_future(ended.wait())
    while not over.done():
        again = asyncio.ensure_future(clock.sleep(TRIES_AGAIN))
        await asyncio.wait({over, again}, return_when=asyncio.FIRST_COMPLETED)
        again.cancel()
        if over.done():
            break
        try:
            made = make()
        except (StoreFault, AgentRunning) as fault:
            log.error("store.unusable", detail=str(fault))  # noqa: TRY400 (the file is named)
        else:
            over.cancel()
            return made
    return None
