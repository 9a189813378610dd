"""A stand-in for the centre: its protocol over real HTTP, with the mishaps of networks and of old backups."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from onthaal.clock import SystemClock
from onthaal.core import chain, facts
from onthaal.core.protocol import (
    TIME_HEADER,
    Command,
    DigitsChecked,
    Enrol,
    Enrolled,
    Heard,
    IdentificationStarted,
    OfSession,
    Refused,
    StartIdentification,
    State,
    Told,
    TypedDigits,
    Wishes,
)
from onthaal.core.refusals import Why
from onthaal.proofs import devices
from tests.kiosk.cast import PEPPER
from tests.waiting import until

DEVICE = 12
CODE = "ABCD-EFGH"


class StandIn:
    """What the centre knows, and how it misbehaves next. Tests read and set its attributes."""

    def __init__(self, wishes: Wishes) -> None:
        self.wishes = wishes
        self.ledger: list[facts.Fact] = []
        self.log: str | None = None
        self.former: dict[str, list[facts.Fact]] = {}
        self.old = False
        """A centre of before it could say where a put back disk parts from what it heard."""
        self.public_key: str | None = None
        self.states: list[State] = []
        self.posts = 0
        self.fetched: list[str | None] = []
        self.last_event_ids: list[str | None] = []
        self.ahead = timedelta(0)
        self.tells_time = False
        """On every answer, as a centre does that is not of before."""
        self.away = False
        self.lose_answers = 0
        self.answers_instead: dict[str, tuple[int, bytes]] = {}
        self.streams = True
        self.listeners = 0
        self._news: list[str] = []
        self._hang_up = 0
        self.url = ""
        self.identifying: IdentificationStarted | None = None
        """What it answers who begins to identify; None: it refuses."""
        self.digits = ""
        self.identified: list[StartIdentification | tuple[int, TypedDigits] | tuple[int, OfSession]] = []

    # what tests do to it

    def wish(self, wishes: Wishes, *, tell: bool = True) -> None:
        self.wishes = wishes
        if tell:
            self._news.append(f"event: wishes\nid: {wishes.epoch}.{wishes.version}\ndata: {wishes.version}\n\n")

    def command(self, command: Command) -> None:
        self.say(f"event: command\ndata: {msgspec.json.encode(command).decode()}\n\n")

    def say(self, text: str) -> None:
        self._news.append(text)

    def hang_up(self) -> None:
        """End every stream that is open."""
        self._hang_up += 1

    def forget_after(self, number: int) -> None:
        """An older backup was put back."""
        self.ledger = self.ledger[:number]

    def now(self) -> datetime:
        return SystemClock().now() + self.ahead

    @property
    def heard_up_to(self) -> int:
        return len(self.ledger)

    # what it answers

    def app(self) -> Starlette:
        routes = [
            Route("/device/v1/enrol", self._enrol, methods=["POST"]),
            Route("/device/v1/facts", self._facts, methods=["POST"]),
            Route("/device/v1/wishes", self._wishes, methods=["GET"]),
            Route("/device/v1/state", self._state, methods=["PUT"]),
            Route("/device/v1/stream", self._stream, methods=["GET"]),
            Route("/device/v1/identifications", self._identify, methods=["POST"]),
            Route("/device/v1/identifications/{number:int}/digits", self._digits, methods=["POST"]),
            Route("/device/v1/identifications/{number:int}/over", self._over, methods=["POST"]),
        ]
        return Starlette(routes=routes)

    async def _enrol(self, request: Request) -> Response:
        asked = msgspec.json.decode(await request.body(), type=Enrol)
        if asked.code != CODE:
            return self._no(Why.ENROLMENT_CODE_WRONG, 403)
        self.public_key, self.log = asked.public_key, asked.log
        if self._loses():
            return Response(status_code=502)
        return self._said(Enrolled(device=DEVICE, pepper=PEPPER.hex(), epoch=self.wishes.epoch))

    async def _facts(self, request: Request) -> Response:
        body = await request.body()
        if (no := self._refuses(request, body)) is not None:
            return no
        told = msgspec.json.decode(body, type=Told)
        self.posts += 1
        if self.log not in {None, told.log}:
            self.former[str(self.log)], self.ledger = self.ledger, []
        self.log = told.log
        same = [fact.number for fact in told.facts if self.ledger[fact.number - 1 : fact.number] == [fact]]
        if told.facts[0].number <= self.heard_up_to and not self.old:
            same_up_to = max(same, default=told.facts[0].number - 1)
            if same_up_to < min(self.heard_up_to, told.facts[-1].number):
                return self._said(self._heard(told.log, same_up_to))
        head = bytes.fromhex(self.ledger[-1].hash) if self.ledger else chain.genesis(facts.stream(told.log))
        for fact in told.facts:
            if fact.number == self.heard_up_to + 1:
                assert facts.follows(fact, head), f"the chain breaks at {fact.number}"
                self.ledger.append(fact)
                head = bytes.fromhex(fact.hash)
        if self._loses():
            return Response(status_code=502)
        return self._said(self._heard(told.log, None))

    def _heard(self, log: str, same_up_to: int | None) -> Heard:
        return Heard(log=log, heard_up_to=self.heard_up_to, version=self.wishes.version, same_up_to=same_up_to)

    async def _wishes(self, request: Request) -> Response:
        if (no := self._refuses(request, b"")) is not None:
            return no
        asked = request.headers.get("if-none-match")
        self.fetched.append(asked)
        now = msgspec.structs.replace(self.wishes, heard_up_to=self.heard_up_to, log=self.log or self.wishes.log)
        if asked == now.etag:
            return Response(status_code=304)
        return self._said(now)

    async def _state(self, request: Request) -> Response:
        body = await request.body()
        if (no := self._refuses(request, body)) is not None:
            return no
        self.states.append(msgspec.json.decode(body, type=State))
        told = {TIME_HEADER: self.now().isoformat()} if self.tells_time else {}
        return Response(status_code=204, headers=told)

    async def _stream(self, request: Request) -> Response:
        if not self.streams:
            return Response(status_code=503)
        if (no := self._refuses(request, b"")) is not None:
            return no
        self.last_event_ids.append(request.headers.get("last-event-id"))
        return StreamingResponse(self._told(), media_type="text/event-stream")

    async def _identify(self, request: Request) -> Response:
        body = await request.body()
        if (no := self._refuses(request, body)) is not None:
            return no
        self.identified.append(msgspec.json.decode(body, type=StartIdentification))
        return self._said(self.identifying) if self.identifying else self._no(Why.IDENTITY_UNAVAILABLE, 409)

    async def _digits(self, request: Request) -> Response:
        body = await request.body()
        if (no := self._refuses(request, body)) is not None:
            return no
        typed = msgspec.json.decode(body, type=TypedDigits)
        self.identified.append((request.path_params["number"], typed))
        return self._said(DigitsChecked(right=typed.digits == self.digits))

    async def _over(self, request: Request) -> Response:
        body = await request.body()
        if (no := self._refuses(request, body)) is not None:
            return no
        self.identified.append((request.path_params["number"], msgspec.json.decode(body, type=OfSession)))
        return Response(status_code=204)

    async def _told(self) -> AsyncIterator[str]:
        calls, said = self._hang_up, len(self._news)
        self.listeners += 1
        try:
            yield ": here\n\n"
            while calls == self._hang_up:
                for news in self._news[said:]:
                    yield news
                said = len(self._news)
                await SystemClock().sleep(0.01)
        finally:
            self.listeners -= 1

    def _refuses(self, request: Request, body: bytes) -> Response | None:
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        if self.away:
            return Response(status_code=503)
        if request.url.path in self.answers_instead:
            status, content = self.answers_instead[request.url.path]
            return Response(content, status)
        token = devices.parse(request.headers.get("authorization", ""))
        if token is None or token.device != DEVICE or self.public_key is None:
            return self._no(Why.DEVICE_UNKNOWN, 401)
        if not devices.signed_by(self.public_key, token, method=request.method, path=path, body=body):
            return self._no(Why.DEVICE_UNKNOWN, 401)
        return None if devices.fresh(token, self.now()) else self._no(Why.CLOCK_WRONG, 401)

    def _loses(self) -> bool:
        self.lose_answers -= 1
        return self.lose_answers >= 0

    def _no(self, why: Why, status: int) -> Response:
        return Response(msgspec.json.encode(Refused(why=why, centre_time=self.now())), status)

    def _said(self, message: msgspec.Struct) -> Response:
        return Response(msgspec.json.encode(message), media_type="application/json")


@contextlib.contextmanager
def standing_in(wishes: Wishes) -> Iterator[StandIn]:
    """A stand-in centre on a loopback port, in a thread of its own."""
    centre = StandIn(wishes)
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        centre.url = f"http://127.0.0.1:{door.getsockname()[1]}"
        config = uvicorn.Config(centre.app(), log_config=None, lifespan="off", timeout_graceful_shutdown=2)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[door])), daemon=True)
        thread.start()
        until(lambda: server.started, what="the stand-in centre")
        try:
            yield centre
        finally:
            centre.hang_up()
            server.should_exit = True
            thread.join(timeout=10)
