"""The wall as a process: its lines, its page and its control interface, until it is stopped."""

import asyncio
import re
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from onthaal.emulator.control import Control
from onthaal.emulator.guard import Guard
from onthaal.emulator.running import EmulatedWall, emulated_wall
from onthaal.emulator.wall import WallConfig
from onthaal.words import LANGS, Lang, catalogue, language

_PAGE = files("onthaal.emulator") / "page"


@dataclass(frozen=True, kw_only=True)
class Served:
    """How a wall is served: where it keeps its truth, where it listens, who cuts the power."""

    wall: WallConfig
    data: Path
    listener: socket.socket
    host: str
    power_url: str | None = None


def application(emulated: EmulatedWall, control: Control, *, host: str) -> ASGIApp:
    """The page, its files and the control interface behind the guard."""
    routes = [
        Route("/", _page, methods=["GET"]),
        Route("/words", _words, methods=["GET"]),
        *control.routes(),
        Mount("/static", StaticFiles(directory=str(_PAGE))),
    ]
    app = Starlette(routes=routes)
    app.state.name = emulated.wall.name
    return Guard(app, host=host)


async def serve(served: Served, *, ready: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM, then close the lines; `ready` is called when the lines are there.

    Raises what `emulated_wall` raises.
    """
    async with emulated_wall(served.wall, served.data) as emulated:
        control = Control(emulated, power_url=served.power_url)
        app = application(emulated, control, host=served.host)
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1)
        server = _Server(config)

        def stop() -> None:
            control.stop()
            server.should_exit = True

        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop)
        ready()
        await server.serve(sockets=[served.listener])


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to `serve`: uvicorn would end the process before the lines are closed."""
        yield


async def _page(request: Request) -> Response:
    lang = language(request.query_params.get("lang") or request.headers.get("accept-language"))
    return HTMLResponse(page(lang))


def page(lang: Lang) -> str:
    """The page in one language: `{{key}}` stands for the words of `emulator.key`."""
    said = _said(lang)
    source = (_PAGE / "index.html").read_text("utf-8")
    filled = re.sub(r"\{\{(\w+)\}\}", lambda match: said[match[1]], source)
    for each in LANGS:
        filled = filled.replace(f'data-lang="{each}"', f'data-lang="{each}"' + _current(each, lang))
    return filled


async def _words(request: Request) -> Response:
    return JSONResponse(_said(language(request.query_params.get("lang"))))


def _said(lang: Lang) -> dict[str, str]:
    own = "emulator."
    said = {key.removeprefix(own): texts[lang] for key, texts in catalogue().items() if key.startswith(own)}
    return {"lang": lang, **said}


def _current(each: Lang, lang: Lang) -> str:
    return ' aria-current="true"' if each == lang else ""
