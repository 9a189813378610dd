"""The event stream: a wall hears within a moment that there is something new."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from asgiref.sync import sync_to_async
from django.db import DatabaseError, InterfaceError

from onthaal import clock
from onthaal.central.lockers.access.models import Identification
from onthaal.central.lockers.devices import actions, news
from onthaal.central.lockers.devices.models import Command, Device
from onthaal.central.lockers.places.actions import raise_wishes
from onthaal.core.protocol import Approved, NotApproved, OpenNow, Refused
from onthaal.core.refusals import Why
from tests.central.conftest import municipality
from tests.central.devices.addressees import a_provider, another_wall, begins, comes_back, lies_ready, somebody, vouched
from tests.central.devices.cast import Teller, Wall, a_wall
from tests.central.devices.test_addresses import a_state
from tests.central.lockers.town import turned_clock
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("committed")
WITHIN = 60.0
PATH = "/device/v1/stream"


class Ear:
    """A kiosk's end of a stream."""

    def __init__(self) -> None:
        self.status = 0
        self.body = b""
        self.came = asyncio.Event()
        self.hung_up = asyncio.Event()
        self.ended = False

    async def send(self, message: dict[str, Any]) -> None:
        self.status = message.get("status", self.status)
        self.body += message.get("body", b"")
        self.ended = message["type"] == "http.response.body" and not message.get("more_body", False)
        self.came.set()

    async def receive(self) -> dict[str, Any]:
        await self.hung_up.wait()
        return {"type": "http.disconnect"}

    async def hears(self, what: Callable[[bytes], bool]) -> None:
        async with asyncio.timeout(WITHIN):
            while not what(self.body):
                self.came.clear()
                await self.came.wait()


@contextlib.asynccontextmanager
async def listening(wall: Wall, last: str = "", header: str | None = None) -> AsyncIterator[Ear]:
    from onthaal.central.lockers.devices.stream_asgi import application

    signed = wall.key.header(device=wall.device.pk, method="GET", path=PATH, body=b"", at=clock.now())
    headers = [(b"authorization", (signed if header is None else header).encode()), (b"last-event-id", last.encode())]
    scope = {"type": "http", "method": "GET", "path": PATH, "raw_path": PATH.encode(), "headers": headers}
    ear = Ear()
    answering = asyncio.create_task(application(scope, ear.receive, ear.send))
    try:
        yield ear
    finally:
        ear.hung_up.set()
        async with asyncio.timeout(WITHIN):
            await answering


@pytest.fixture
async def wall() -> AsyncIterator[Wall]:
    yield await sync_to_async(lambda: a_wall(municipality("aalter", "aalter.example")))()
    await sync_to_async(_let_go)()


def _let_go() -> None:
    from django.db import connection

    connection.close()


async def in_scope(wall: Wall, act: Callable[[], Any]) -> Any:
    def acting() -> Any:
        with wall.acting():
            return act()

    return await sync_to_async(acting)()


async def test_a_wall_hears_that_there_are_newer_wishes(wall: Wall) -> None:
    async with listening(wall) as ear:
        await ear.hears(lambda body: b"event: wishes\nid: 1.1\n" in body)
        await in_scope(wall, lambda: raise_wishes([wall.kiosk.pk]))
        await ear.hears(lambda body: b"event: wishes\nid: 1.2\n" in body)


async def test_who_comes_back_is_told_only_what_it_missed(wall: Wall) -> None:
    async with listening(wall, last="1.1") as ear:
        await in_scope(wall, lambda: raise_wishes([wall.kiosk.pk]))
        await ear.hears(lambda body: b"id: 1.2\n" in body)
        assert b"id: 1.1\n" not in ear.body


async def test_a_command_goes_to_its_wall_once(wall: Wall) -> None:
    def asks() -> Command:
        actions.keep_state(wall.device, a_state())
        return actions.open_now(
            kiosk_id=wall.kiosk.pk, compartment_id=wall.doors[4].pk, by=wall.clerk, reason="Sleutel zit vast"
        )

    async with listening(wall, last="1.1") as ear:
        command = await in_scope(wall, asks)
        await ear.hears(lambda body: b"event: command" in body)
        await in_scope(wall, lambda: raise_wishes([wall.kiosk.pk]))
        await ear.hears(lambda body: b"id: 1.2" in body)
        assert ear.body.count(b"event: command") == 1
        data = ear.body.split(b"event: command\ndata: ")[1].split(b"\n")[0]
        told = msgspec.json.decode(data, type=OpenNow)
        assert (told.nonce, told.compartment, told.boot) == (command.nonce, 4, "boot-one")


async def test_what_was_approved_goes_to_the_wall_that_asked_once_and_is_not_sent_when_old(
    wall: Wall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Approved here, refused at another wall: each hears its own, bound to its boot and session."""
    clock_now = clock.now()
    turned = turned_clock(tmp_path / "clock", monkeypatch, clock_now)
    other = await sync_to_async(another_wall)(wall)
    mine = await sync_to_async(_licence)(wall)

    def approves() -> tuple[Identification, Identification]:
        here, _ = begins(wall)
        there, _ = begins(other, session="boot-one.7")
        comes_back(here, vouched("an"))
        comes_back(there, vouched("an"))
        return here, there

    async with listening(wall, last="1.2") as ear, listening(other, last="1.1") as other_ear:
        here, there = await in_scope(wall, approves)
        await ear.hears(lambda body: b"event: command" in body)
        await other_ear.hears(lambda body: b"event: command" in body)
        await in_scope(wall, lambda: raise_wishes([wall.kiosk.pk, other.kiosk.pk]))
        await ear.hears(lambda body: b"event: wishes" in body.split(b"event: command")[-1])
        await other_ear.hears(lambda body: b"event: wishes" in body.split(b"event: command")[-1])
    yes, no = (msgspec.json.decode(commanded(each), type=Approved | NotApproved) for each in (ear, other_ear))
    assert isinstance(yes, Approved)
    assert (yes.boot, yes.session, yes.identification, yes.handovers) == ("boot-one", "boot-one.1", here.pk, (mine,))
    assert isinstance(no, NotApproved)
    assert (no.session, no.identification, no.why) == ("boot-one.7", there.pk, Why.NOTHING_FOR_YOU)
    turned.turn(seconds=61)
    async with listening(wall) as late:
        await late.hears(lambda body: b"event: wishes" in body)
        await in_scope(wall, lambda: raise_wishes([wall.kiosk.pk]))
        await late.hears(lambda body: body.count(b"event: wishes") == 2)
    assert b"event: command" not in late.body


def commanded(ear: Ear) -> bytes:
    """The one command it heard."""
    (data,) = ear.body.split(b"event: command\ndata: ")[1:]
    return data.split(b"\n")[0]


def _licence(wall: Wall) -> int:
    with wall.acting():
        a_provider()
        an = somebody("an")
    return int(lies_ready(wall, Teller(), an).pk)


async def test_a_device_that_was_replaced_is_sent_away(wall: Wall) -> None:
    def replaces() -> None:
        Device.objects.update(retired_at=clock.now())
        raise_wishes([wall.kiosk.pk])

    async with listening(wall) as ear:
        await ear.hears(lambda body: b"id: 1.1\n" in body)
        await in_scope(wall, replaces)
        await ear.hears(lambda body: ear.ended)
    assert b"id: 1.2\n" not in ear.body


@pytest.mark.parametrize("error", [DatabaseError, InterfaceError])
async def test_a_database_that_is_gone_for_a_moment_keeps_no_news_from_a_wall(
    wall: Wall, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    standing, gone = news.standing, [error]

    def stands(municipality: int) -> news.Standing:
        if gone:
            raise gone.pop()
        return standing(municipality)

    monkeypatch.setattr(news, "standing", stands)
    async with listening(wall) as ear:
        await ear.hears(lambda body: b"id: 1.1\n" in body)
        await asyncio.to_thread(until, lambda: not gone, what="a look while the database is gone")
        await in_scope(wall, lambda: raise_wishes([wall.kiosk.pk]))
        await ear.hears(lambda body: b"id: 1.2\n" in body)


async def test_who_does_not_sign_hears_nothing(wall: Wall) -> None:
    async with listening(wall, header="Onthaal 1.1.x") as ear:
        await ear.hears(bool)
    assert ear.status == 401
    assert msgspec.json.decode(ear.body, type=Refused).why == Why.DEVICE_UNKNOWN
