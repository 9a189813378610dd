"""The provider as a process, until it is stopped."""

from __future__ import annotations

import socket
from contextlib import suppress
from importlib.resources import files

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from onthaal.simulator import pages
from onthaal.simulator.clients import ISSUER_PATH
from onthaal.simulator.control import Control
from onthaal.simulator.endpoints import Endpoints, html
from onthaal.simulator.guard import Guard
from onthaal.simulator.provider import Provider
from onthaal.simulator.wire import asked_language

_FILES = files("onthaal.simulator") / "page"


def application(provider: Provider, *, origin: str, host: str) -> ASGIApp:
    """The provider, its phone and its controls behind the guard. `origin`: where people reach it."""
    endpoints = Starlette(routes=list(Endpoints(provider, origin=origin).routes()))
    app = Starlette(
        routes=[
            Mount(ISSUER_PATH, _Weather(endpoints, provider)),
            *Control(provider).routes(),
            Mount("/static", StaticFiles(directory=str(_FILES))),
        ]
    )
    return Guard(app, host=host)


def serve(app: ASGIApp, listener: socket.socket) -> None:
    """Serve until SIGINT or SIGTERM."""
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1)
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])


class _Weather:
    """Makes the provider slow or not there, as it was told."""

    def __init__(self, app: ASGIApp, provider: Provider) -> None:
        self._app, self._provider = app, provider

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, late or not at all."""
        if scope["type"] == "http" and self._provider.condition == "slow" and "/scan/" not in scope["path"]:
            await self._provider.clock.sleep(self._provider.slow_seconds)
        if scope["type"] == "http" and self._provider.condition == "down":
            page = html(pages.said("down", asked_language(Request(scope))), 503)
            await page(scope, receive, send)
            return
        await self._app(scope, receive, send)
