"""Signed requests to the centre, and its event stream. Every answer is bounded; every failure is one of two kinds:
LinkDown (a fault that passes) or a Refusal with the centre's reason."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from http import HTTPStatus

import httpx
import msgspec
import structlog

from onthaal.clock import Clock
from onthaal.core.protocol import TIME_HEADER, Refused
from onthaal.core.refusals import Fault, Refusal, Why
from onthaal.kiosk.enrol import Identity

MAX_ANSWER = 32 * 1024 * 1024
MAX_LINE = 64 * 1024
"""Bytes. Far above what a wall of hundreds of doors is told."""
UNREADABLE = httpx.DecodingError, httpx.InvalidURL, httpx.HTTPError, httpx.StreamError, ValueError

log = structlog.get_logger(__name__)


class LinkDown(Fault):
    """The centre was not reached, or answered nothing that can be used."""

    passing = True
    advice = "fault.link-down"


class Answer(msgspec.Struct, frozen=True):
    status: int
    body: bytes


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One server-sent event."""

    name: str
    data: str
    id: str | None = None


class Centre:
    """The centre as this kiosk speaks to it."""

    def __init__(self, base: str, identity: Identity, http: httpx.AsyncClient, clock: Clock) -> None:
        """`base`: the centre's address, `https://host` or `https://host/prefix`."""
        self._base = base.rstrip("/")
        self._identity = identity
        self._http = http
        self._clock = clock
        self._told: tuple[datetime, float] | None = None
        """The centre's time as it told it last, and when that was by our monotonic clock."""

    @property
    def told_time(self) -> bool:
        """Whether the centre said in this run what time it is."""
        return self._told is not None

    def time(self) -> datetime:
        """The centre's time, as its last answer told it, however this machine's clock jumps; else this machine's."""
        if self._told is None:
            return self._clock.now()
        at, then = self._told
        return at + timedelta(seconds=self._clock.monotonic() - then)

    async def ask(
        self, method: str, path: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """The answer to a signed request; 304 is one. A wrong clock is set right by the refusal and tried once more."""
        answer = await self._once(method, path, body, headers or {})
        if self._learns_time(answer):
            answer = await self._once(method, path, body, headers or {})
        if answer.status >= HTTPStatus.BAD_REQUEST:
            raise _no(answer)
        return answer

    @asynccontextmanager
    async def events(self, url: str, *, last: str | None, silence: float) -> AsyncIterator[AsyncIterator[Event]]:
        """The event stream at `url` (a path of the centre, or a whole address). Ends when the centre ends it; LinkDown
        after `silence` seconds without a byte."""
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last} if last else {})
        timeout = httpx.Timeout(silence, connect=10.0)
        try:
            for attempt in (1, 2):
                request = self._request("GET", url, b"", headers, timeout=timeout)
                response = await self._http.send(request, stream=True)
                try:
                    if response.status_code == HTTPStatus.OK:
                        yield _events(response)
                        return
                    answer = Answer(response.status_code, await _bounded(response))
                finally:
                    await response.aclose()
                if attempt == 2 or not self._learns_time(answer):  # noqa: PLR2004 (once more, and no more)
                    raise _no(answer)
        except UNREADABLE as away:
            raise LinkDown(type(away).__name__) from away

    async def _once(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        try:
            response = await self._http.send(self._request(method, path, body, headers), stream=True)
            try:
                self._hear_time(response.headers.get(TIME_HEADER))
                return Answer(response.status_code, await _bounded(response))
            finally:
                await response.aclose()
        except UNREADABLE as away:
            raise LinkDown(type(away).__name__) from away

    def _hear_time(self, told: str | None) -> None:
        """What an answer says; one that says nothing, or nonsense, changes nothing."""
        try:
            at = datetime.fromisoformat(told or "")
        except ValueError:
            return
        if at.tzinfo is not None:
            self._told = at, self._clock.monotonic()

    def _request(
        self, method: str, url: str, body: bytes, headers: Mapping[str, str], *, timeout: httpx.Timeout | None = None
    ) -> httpx.Request:
        whole = httpx.URL(url if "://" in url else self._base + url)
        if whole.scheme not in {"http", "https"}:
            raise httpx.InvalidURL(whole.scheme)
        signature = self._identity.key.header(
            device=self._identity.device,
            method=method,
            path=whole.raw_path.decode("ascii"),
            body=body,
            at=self.time(),
        )
        headers = {"Authorization": signature, "Content-Type": "application/json", **headers}
        return self._http.build_request(
            method, whole, content=body, headers=headers, timeout=timeout or self._http.timeout
        )

    def _learns_time(self, answer: Answer) -> bool:
        """Whether the answer says that our clock is wrong; then it is taken as the centre's from now on."""
        told = _refused(answer)
        if told is None or told.why != Why.CLOCK_WRONG or told.centre_time.tzinfo is None:
            return False
        self._told = told.centre_time, self._clock.monotonic()
        log.warning("uplink.clock-wrong", seconds=round((told.centre_time - self._clock.now()).total_seconds()))
        return True


async def _bounded(response: httpx.Response) -> bytes:
    held = bytearray()
    async for piece in response.aiter_bytes():
        held += piece
        if len(held) > MAX_ANSWER:
            raise LinkDown("the answer is too long")
    return bytes(held)


def _refused(answer: Answer) -> Refused | None:
    if answer.status < HTTPStatus.BAD_REQUEST:
        return None
    try:
        return msgspec.json.decode(answer.body, type=Refused)
    except msgspec.DecodeError:
        return None


def _no(answer: Answer) -> Refusal | LinkDown:
    told = _refused(answer)
    if told is None or told.why not in set(Why):
        return LinkDown(f"the centre answered {answer.status}")
    return Refusal(Why(told.why))


async def _lines(response: httpx.Response) -> AsyncIterator[str]:
    held = bytearray()
    async for piece in response.aiter_bytes():
        held += piece
        while (end := held.find(b"\n")) >= 0:
            line = bytes(held[:end]).removesuffix(b"\r")
            del held[: end + 1]
            yield line.decode("utf-8", "replace")
        if len(held) > MAX_LINE:
            raise LinkDown("a line of the stream is too long")


async def _events(response: httpx.Response) -> AsyncIterator[Event]:
    """As the living HTML standard 9.2.6 reads them; a comment is only a sign of life."""
    name, id_ = "", None
    data: list[str] = []
    async for line in _lines(response):
        if not line:
            if data:
                yield Event(name=name or "message", data="\n".join(data), id=id_)
            name, data, id_ = "", [], None
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            name = value
        elif field == "data":
            data.append(value)
        elif field == "id":
            id_ = value
