"""The line between one store and the centre's own pages: it loses, doubles, delays and garbles.

The uplink's own telling and fetching run over it, without its clockwork: nothing here waits, so that an example of a
property is over in no time. `settle` is the clockwork's promise: it tries until all is told.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Coroutine, Iterable
from typing import Any, Literal, TypeVar

import httpx
from django.test import Client

from onthaal.clock import SystemClock
from onthaal.core.protocol import Command, State, Wishes
from onthaal.core.refusals import Fault, Refusal
from onthaal.kiosk.enrol import Identity
from onthaal.kiosk.store import Store
from onthaal.kiosk.uplink import Uplink
from onthaal.kiosk.wire import Centre
from tests.kiosk.cast import PEPPER
from tests.proof.town import Town

Mishap = Literal["none", "lost", "answer lost", "twice", "late", "garbled", "away"]
MISHAPS: tuple[Mishap, ...] = ("none", "lost", "answer lost", "twice", "late", "garbled", "away")
MOST_TRIES = 80

_T = TypeVar("_T")


class BadLine(httpx.AsyncBaseTransport):
    """Carries requests to the centre's pages. `mishaps`: what happens to the next ones; then all goes well."""

    def __init__(self, host: str) -> None:
        self.mishaps: deque[Mishap] = deque()
        self.late: list[httpx.Request] = []
        self._host = host

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        mishap = self.mishaps.popleft() if self.mishaps else "none"
        match mishap:
            case "lost":
                raise httpx.ConnectError("lost")
            case "away":
                return httpx.Response(503)
            case "late":
                self.late.append(request)
                raise httpx.ReadTimeout("late")
            case "garbled":
                return self._carried(request, request.content[:-1] + b"~")
        answer = self._carried(request)
        if mishap == "twice":
            answer = self._carried(request)
        if mishap == "answer lost":
            raise httpx.ReadError("the answer is lost")
        return answer

    def arrives_late(self) -> None:
        """What was under way all the while comes in now, the last first; nobody waits for the answers."""
        while self.late:
            self._carried(self.late.pop())

    def _carried(self, request: httpx.Request, body: bytes | None = None) -> httpx.Response:
        answer = Client(headers={"Host": self._host}).generic(
            request.method,
            request.url.raw_path.decode(),
            request.content if body is None else body,
            content_type="application/json",
            headers={
                name: request.headers[name] for name in ("Authorization", "If-None-Match") if name in request.headers
            },
        )
        return httpx.Response(answer.status_code, content=answer.content)


class Nobody:
    """The agent, as far as the uplink asks."""

    def on_wishes(self, wishes: Wishes) -> None: ...

    def on_command(self, command: Command) -> None: ...

    def state(self) -> State:
        raise AssertionError("no state is shown here")


class Link:
    """One store's uplink over a bad line."""

    def __init__(self, town: Town, store: Store) -> None:
        wall = town.wall
        self.store, self.line = store, BadLine(wall.municipality.host)
        identity = Identity(key=wall.key, device=wall.device.pk, pepper=PEPPER, epoch=1)
        clock = SystemClock()
        self._uplink = Uplink(None, identity, store, Nobody(), clock)  # type: ignore[arg-type]
        http = httpx.AsyncClient(transport=self.line)
        self._centre = Centre("http://centre", identity, http, clock)

    def settle(self, mishaps: Iterable[Mishap] = ()) -> None:
        """Tell and fetch until the centre heard all and its newest wishes are kept, whatever happens to the first
        requests."""
        self.line.mishaps.extend(mishaps)
        for _ in range(MOST_TRIES):
            told = self._tries(self._uplink._tell(self._centre))
            fetched = self._tries(self._uplink._fetch(self._centre))
            over = told and fetched and not self.line.mishaps
            if over and self.store.heard_up_to == self.store.last_number:
                return
        raise AssertionError(f"heard {self.store.heard_up_to} of {self.store.last_number}: {self._uplink.troubles}")

    def _tries(self, work: Coroutine[Any, Any, float]) -> bool:
        try:
            at_once(work)
        except (Fault, Refusal):
            return False
        return True


def at_once(work: Coroutine[Any, Any, _T]) -> _T:
    """The result of a coroutine that waits for nothing."""
    try:
        work.send(None)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]
    work.close()
    raise AssertionError("it waits for something")
