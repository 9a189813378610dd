"""The screen's server: one page, one stream of fragments, one way to answer. For the wall's own browser only."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from importlib.resources import files
from ipaddress import ip_address

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from onthaal.core.refusals import Fault, Why
from onthaal.kiosk.screen.parts import Look
from onthaal.kiosk.screen.view import document, fragment, question
from onthaal.kiosk.session.events import Act
from onthaal.kiosk.session.state import Session
from onthaal.words import words

MOST_BYTES = 1024
"""An answer is a name and a few digits; more than this is none of ours."""
HEARTBEAT_SECONDS = 5.0
HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)
STATIC = {"kiosk.css": "text/css", "kiosk.js": "text/javascript"}


class ScreenTaken(Fault):
    """Nobody could see the screen at its address: another program is there, or this machine has no such address."""

    advice = "fault.screen-taken"


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a touch says: to which revision of the screen, what, and with which value."""

    revision: int
    act: str
    value: str = ""


class Screen:
    """What is shown now. `answer` is called with each touch that still fits the question."""

    def __init__(self, state: Session, look: Look) -> None:
        self.answer: Callable[[Act], None] = lambda act: None
        self._state, self._look = state, look
        self._question: object = question(state)
        self._watchers: set[asyncio.Event] = set()
        self._closed = False
        self.revision = 1
        self.markup = str(fragment(state, look))

    def show(self, state: Session) -> None:
        """A new state: everybody who watches is told when it looks different, or asks something else in the same
        words: a touch that names the question before would be refused."""
        self._state = state
        before = self.revision, self.markup
        asked = question(state)
        if asked != self._question:
            self._question, self.revision = asked, self.revision + 1
        self.markup = str(fragment(state, self._look))
        if (self.revision, self.markup) != before:
            for watcher in self._watchers:
                watcher.set()

    def look(self, look: Look) -> None:
        """Names, telephone or languages changed."""
        self._look = look
        self.show(self._state)

    def close(self) -> None:
        """The agent stops: every watcher's stream ends, and the browser waits for the next agent."""
        self._closed = True
        for watcher in self._watchers:
            watcher.set()

    def page(self) -> str:
        return document(self._state, self._look, self.revision)

    def busy(self) -> bool:
        """Whether somebody watches."""
        return bool(self._watchers)

    @property
    def lang(self) -> str:
        return self._state.lang

    @contextlib.contextmanager
    def watcher(self) -> Iterator[asyncio.Event]:
        bell = asyncio.Event()
        self._watchers.add(bell)
        try:
            yield bell
        finally:
            self._watchers.discard(bell)

    async def views(self) -> AsyncIterator[bytes]:
        """The view now, then each new one; a comment now and then, so that a dead line is noticed."""
        with self.watcher() as bell:
            yield self._view()
            while not self._closed:
                try:
                    await asyncio.wait_for(bell.wait(), HEARTBEAT_SECONDS)
                except TimeoutError:
                    yield b"event: beat\ndata:\n\n"
                    continue
                bell.clear()
                if not self._closed:
                    yield self._view()

    def _view(self) -> bytes:
        lines = "".join(f"data: {line}\n" for line in self.markup.splitlines())
        return f"event: view\nid: {self.revision}\n{lines}\n".encode()


class OnLoopback:
    """Refuses a request that names another host than this machine, or comes from another page; adds the headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        origin = headers.get(b"origin", b"").decode("latin-1")
        host = headers.get(b"host", b"").decode("latin-1")
        if not _loopback(host) or (origin and origin.partition("://")[2] != host):
            await PlainTextResponse("this screen is for this machine only", 421)(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *HEADERS]
            await send(message)

        await self._app(scope, receive, with_headers)


def _loopback(host: str) -> bool:
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    if name == "localhost":
        return True
    try:
        return ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def application(screen: Screen) -> Starlette:
    """The whole of it: `/`, `/events`, `/act`, `/static/…`."""

    async def page(request: Request) -> Response:
        return HTMLResponse(screen.page())

    async def events(request: Request) -> Response:
        return StreamingResponse(screen.views(), media_type="text/event-stream")

    async def act(request: Request) -> Response:
        return await _acted(screen, request)

    async def static(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in STATIC:
            return PlainTextResponse("not here", 404)
        content = (files("onthaal.kiosk.screen") / "static" / name).read_bytes()
        return Response(content, media_type=STATIC[name])

    routes = [
        Route("/", page),
        Route("/events", events),
        Route("/act", act, methods=["POST"]),
        Route("/static/{name}", static),
    ]
    return Starlette(routes=routes, middleware=[Middleware(OnLoopback)])


async def _acted(screen: Screen, request: Request) -> Response:
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        return PlainTextResponse("JSON, please", 415)
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            return PlainTextResponse("too much", 413)
    try:
        answer = msgspec.json.decode(body, type=Answer)
    except msgspec.DecodeError:
        return PlainTextResponse("not understood", 400)
    if answer.revision != screen.revision:
        return PlainTextResponse(words(f"why.{Why.STALE_SCREEN}", "nl"), 409)
    screen.answer(Act(act=answer.act, value=answer.value))
    return Response(status_code=204)


class Server(uvicorn.Server):
    """Signals are the agent's affair, not the server's."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listening(host: str, port: int) -> socket.socket:
    """The screen's own socket. ScreenTaken when there can be none; uvicorn would end the process instead."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise ScreenTaken(f"{host}:{port}: {error.strerror}") from error


def server(screen: Screen) -> Server:
    """Serve it with `serve(sockets=[listening(…)])`."""
    config = uvicorn.Config(
        application(screen),
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    return Server(config)
