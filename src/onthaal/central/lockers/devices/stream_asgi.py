"""The event stream of the kiosks: one process that says that newer wishes exist, and passes commands on.

`GET /device/v1/stream`, signed like every request of a kiosk. Events: `wishes` (id `epoch.version`, so that whoever
reconnects is told only what it missed) and `command` (no id; data `core.protocol.OpenNow`). One number a municipality
is asked for once a second, whatever the number of walls; no row is read while an answer streams.

    uvicorn onthaal.central.lockers.devices.stream_asgi:application --timeout-graceful-shutdown 3

or `serve`, which ends the streams by itself when it is told to stop.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from types import FrameType
from typing import Any

import django
import msgspec
import structlog
import uvicorn
from asgiref.sync import sync_to_async

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onthaal.central.web.settings")
django.setup()

from django.db import Error, connection  # noqa: E402 (Django must be set up first)

from onthaal import clock  # noqa: E402
from onthaal.central.lockers.devices import gate, news  # noqa: E402
from onthaal.central.lockers.devices.models import Device  # noqa: E402
from onthaal.core.protocol import Refused  # noqa: E402
from onthaal.core.refusals import Refusal, Why  # noqa: E402

PATH = "/device/v1/stream"
LOOKS_EVERY = 1.0
"""Seconds between two looks at a municipality's number."""
BREATHES_EVERY = 15.0
"""Seconds: a kiosk takes a stream for dead after 60 without a byte."""

log = structlog.get_logger(__name__)
Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Listener:
    """One kiosk that listens: what it has been told, and what it is still to be told."""

    def __init__(self, device: Device, last: str) -> None:
        self.device = device
        self.told = last
        self.nonces: set[str] = set()
        self.queue: asyncio.Queue[bytes | None] = asyncio.Queue()

    def hear(self, kiosk: news.OfKiosk) -> None:
        """Queue what is new to it; a device that was replaced is sent away."""
        if kiosk.device != self.device.pk:
            self.queue.put_nowait(None)
            return
        if kiosk.moment != self.told:
            self.told = kiosk.moment
            self.queue.put_nowait(b"event: wishes\nid: %b\ndata: {}\n\n" % kiosk.moment.encode())
        for command in kiosk.commands:
            if command.nonce not in self.nonces:
                self.nonces.add(command.nonce)
                self.queue.put_nowait(b"event: command\ndata: %b\n\n" % msgspec.json.encode(command))


class Streams:
    """Everybody who listens, and the one task that looks for news."""

    def __init__(self) -> None:
        self._listeners: set[Listener] = set()
        self._seen: dict[int, news.Standing] = {}
        self._looking: asyncio.Task[None] | None = None
        self.stopping = False

    def stop(self) -> None:
        """End every stream; the kiosks come back by themselves."""
        self.stopping = True
        for listener in self._listeners:
            listener.queue.put_nowait(None)

    @contextlib.asynccontextmanager
    async def listening(self, listener: Listener) -> AsyncIterator[None]:
        """Among the listeners for the while; told at once what it missed."""
        self._listeners.add(listener)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            await self._tell(listener.device.municipality_id, {listener})
            yield
        finally:
            self._listeners.discard(listener)
            if not self._of(listener.device.municipality_id):
                self._seen.pop(listener.device.municipality_id, None)

    async def _look(self) -> None:
        """While anybody listens. A database that is away is asked again a second later."""
        ticks = clock.SystemClock()
        while self._listeners and not self.stopping:
            await ticks.sleep(LOOKS_EVERY)
            for municipality in {listener.device.municipality_id for listener in self._listeners}:
                try:
                    standing = await _asked(news.standing, municipality)
                    if self._seen.get(municipality) != standing:
                        await self._tell(municipality, self._of(municipality))
                        self._seen[municipality] = standing
                except Error as error:
                    log.warning("stream: no answer of the database", error=type(error).__name__)

    def _of(self, municipality: int) -> set[Listener]:
        return {listener for listener in self._listeners if listener.device.municipality_id == municipality}

    async def _tell(self, municipality: int, listeners: set[Listener]) -> None:
        kiosks = await _asked(news.of_kiosks, municipality, {listener.device.kiosk for listener in listeners})
        for listener in listeners:
            kiosk = kiosks.get(listener.device.kiosk)
            if kiosk is not None:
                listener.hear(kiosk)


@sync_to_async
def _asked(query: Callable[..., Any], *arguments: object) -> Any:
    """Run a query in the one thread that has the database connection; a broken connection is not used again."""
    try:
        return query(*arguments)
    except Error:
        connection.close()
        raise


streams = Streams()


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application."""
    if scope["type"] == "lifespan":
        await _live(receive, send)
    elif scope["type"] == "http":
        await _answer(scope, receive, send)


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.shutdown":
            streams.stop()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _answer(scope: Scope, receive: Receive, send: Send) -> None:
    if not scope["path"].endswith(PATH) or scope["method"] != "GET":
        await _say(send, 404, b"")
        return
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    query = scope.get("query_string", b"").decode("latin-1")
    path = scope["raw_path"].decode("latin-1") + (f"?{query}" if query else "")
    try:
        device = await _asked(_known, headers.get("authorization", ""), path)
    except Refusal as no:
        refused = msgspec.json.encode(Refused(why=no.why.value, centre_time=clock.now()))
        await _say(send, 401, refused)
        return
    except Error:
        await _say(send, 503, b"")
        return
    await _stream(Listener(device, headers.get("last-event-id", "")), receive, send)


def _known(header: str, path: str) -> Device:
    if streams.stopping:
        raise Refusal(Why.DEVICE_UNKNOWN)
    return gate.known(header=header, method="GET", path=path, body=b"")


async def _say(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _stream(listener: Listener, receive: Receive, send: Send) -> None:
    headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    gone = asyncio.create_task(_gone(receive, listener))
    try:
        async with streams.listening(listener):
            await send({"type": "http.response.body", "body": b": here\n\n", "more_body": True})
            while (event := await _next(listener)) is not None:
                await send({"type": "http.response.body", "body": event, "more_body": True})
    except Error:
        log.warning("stream: ended, the database is away")
    finally:
        gone.cancel()
    with contextlib.suppress(OSError):
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _gone(receive: Receive, listener: Listener) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    listener.queue.put_nowait(None)


async def _next(listener: Listener) -> bytes | None:
    try:
        return await asyncio.wait_for(listener.queue.get(), BREATHES_EVERY)
    except TimeoutError:
        return b": \n\n"


class _Server(uvicorn.Server):
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        streams.stop()
        super().handle_exit(sig, frame)


def serve(*, host: str, port: int) -> None:
    """Answer until told to stop (SIGTERM, SIGINT): then every stream ends within a moment."""
    config = uvicorn.Config(
        application, host=host, port=port, log_config=None, access_log=False, timeout_graceful_shutdown=3
    )
    _Server(config).run()
