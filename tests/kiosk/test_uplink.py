"""The link to the centre, over real HTTP."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from onthaal.clock import Clock, FileClock, SystemClock
from onthaal.core import facts as f
from onthaal.core.chain import canonical
from onthaal.core.lifecycles import Stage
from onthaal.core.protocol import (
    Command,
    OpenNow,
    State,
    Wishes,
)
from onthaal.kiosk.config import KioskConfig, from_tables
from onthaal.kiosk.enrol import Identity
from onthaal.kiosk.store import Store
from onthaal.kiosk.uplink import Pace, Uplink
from onthaal.proofs.devices import DeviceKey
from tests.kiosk.cast import PEPPER, a_clock, a_handover, waiting, wishes
from tests.kiosk.standin import DEVICE, StandIn, standing_in
from tests.waiting import until

FAST = Pace(first=0.01, longest=0.05, poll=0.05, steady=30.0, heartbeat=0.5, gathering=0.02, silence=5.0)


def a_config(folder: Path, centre: str) -> KioskConfig:
    kiosk = {
        "centre": centre,
        "store": "kiosk.db",
        "key": "kiosk.key",
        "screen": "127.0.0.1:8100",
        "languages": ["nl"],
        "help_phone": "1",
    }
    bus = {"name": "main", "dialect": "kerong-cu16", "url": "/dev/null", "baudrate": 19200}
    one = {"number": 1, "bus": "main", "board": 0, "channel": 1, "closed_bit": 1, "size": "M"}
    one |= {"bottom_mm": 700, "top_mm": 1000}
    return from_tables({"kiosk": kiosk, "bus": [bus], "compartment": [one]}, folder=folder)


class Kiosk:
    """The agent's side: a store, an uplink, and what it was told."""

    def __init__(self, folder: Path, centre: StandIn, clock: Clock) -> None:
        self.folder, self.centre, self.clock = folder, centre, clock
        self.key = DeviceKey.draw()
        centre.public_key = self.key.public()
        self.store = Store.open(folder / "kiosk.db", clock=clock)
        self.wishes: list[Wishes] = []
        self.commands: list[Command] = []
        identity = Identity(key=self.key, device=DEVICE, pepper=PEPPER, epoch=1)
        self.uplink = Uplink(a_config(folder, centre.url), identity, self.store, self, clock)
        self.uplink.pace = FAST

    def on_wishes(self, wishes: Wishes) -> None:
        self.wishes.append(wishes)

    def on_command(self, command: Command) -> None:
        self.commands.append(command)

    def state(self) -> State:
        held = self.store.wishes()
        return State(
            log=self.store.log,
            boot=self.store.boot,
            at=self.clock.now(),
            software="1",
            epoch=held.epoch if held else 0,
            version=held.version if held else 0,
            last_fact=self.store.last_number,
            doors={},
            contents={},
            troubles=tuple(sorted(self.uplink.troubles)),
        )

    def append(self, *words: str) -> None:
        self.store.append(*(f.HelpAsked(session=word) for word in words))
        self.uplink.wake()

    @contextlib.asynccontextmanager
    async def linked(self) -> AsyncIterator[Kiosk]:
        running = asyncio.create_task(self.uplink.run())
        try:
            yield self
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running


async def so(condition: Callable[[], object], what: str = "it") -> None:
    await asyncio.to_thread(until, condition, what=what)


@pytest.fixture
def centre() -> Iterator[StandIn]:
    with standing_in(wishes(a_handover(5))) as centre:
        yield centre


@pytest.fixture
def kiosk(tmp_path: Path, centre: StandIn) -> Iterator[Kiosk]:
    kiosk = Kiosk(tmp_path, centre, SystemClock())
    yield kiosk
    kiosk.store.close()


def ledger_is_log(kiosk: Kiosk) -> bool:
    return kiosk.centre.ledger == kiosk.store.facts_after(0)


async def test_facts_go_up_and_wishes_come_down(kiosk: Kiosk, centre: StandIn) -> None:
    kiosk.append("a", "b")
    async with kiosk.linked():
        await so(lambda: kiosk.store.heard_up_to == 2)
        await so(lambda: kiosk.wishes and kiosk.wishes[-1].heard_up_to == 2)
        kiosk.append("c")
        await so(lambda: centre.heard_up_to == 3)
        await so(lambda: centre.states and centre.states[-1].last_fact == 3)
        assert kiosk.uplink.link == "up"
    assert ledger_is_log(kiosk)
    assert not kiosk.uplink.troubles


async def test_promise_9_after_days_offline_the_ledger_equals_the_log(kiosk: Kiosk, centre: StandIn) -> None:
    """The kiosk's part of the promise: whatever is lost, doubled or late, told in order and once."""
    centre.away = True
    async with kiosk.linked():
        for day in range(9):
            kiosk.append(*(f"day {day}, fact {number}" for number in range(50)))
        assert kiosk.uplink.link == "down"
        centre.lose_answers = 2
        centre.away = False
        await so(lambda: kiosk.store.heard_up_to == 450)
    assert ledger_is_log(kiosk)
    assert centre.posts >= 5, "portions, and those told twice whose answer was lost"


async def test_promise_9_a_restart_in_the_middle_tells_on_where_it_was(kiosk: Kiosk, centre: StandIn) -> None:
    kiosk.append("a", "b")
    centre.lose_answers = 1
    async with kiosk.linked():
        await so(lambda: centre.heard_up_to == 2)
    kiosk.store.close()
    kiosk.store = Store.open(kiosk.folder / "kiosk.db", clock=SystemClock())
    identity = Identity(key=kiosk.key, device=DEVICE, pepper=PEPPER, epoch=1)
    kiosk.uplink = Uplink(a_config(kiosk.folder, centre.url), identity, kiosk.store, kiosk, SystemClock())
    kiosk.uplink.pace = FAST
    kiosk.append("c")
    async with kiosk.linked():
        await so(lambda: kiosk.store.heard_up_to == 3)
    assert ledger_is_log(kiosk)


async def test_promise_9_a_restored_centre_is_told_again_from_what_it_remembers(kiosk: Kiosk, centre: StandIn) -> None:
    kiosk.append("a", "b", "c")
    async with kiosk.linked():
        await so(lambda: kiosk.store.heard_up_to == 3 and kiosk.wishes)
        centre.forget_after(1)
        centre.wish(wishes(a_handover(5), a_handover(6), epoch=2, version=1))
        await so(lambda: kiosk.wishes[-1].epoch == 2)
        await so(lambda: centre.heard_up_to == 4)
        await so(lambda: kiosk.store.heard_up_to == 4)
    assert ledger_is_log(kiosk)
    assert centre.ledger[3].body == f.EpochAccepted(epoch=2, was=1)


async def test_a_centre_that_forgot_without_a_new_epoch_is_told_again_too(kiosk: Kiosk, centre: StandIn) -> None:
    kiosk.append("a", "b", "c")
    async with kiosk.linked():
        await so(lambda: kiosk.store.heard_up_to == 3)
        centre.forget_after(0)
        kiosk.append("d")
        await so(lambda: centre.heard_up_to == 4)
    assert ledger_is_log(kiosk)


def put_back(kiosk: Kiosk, *then: str) -> None:
    """The disk is put back to where it is now, after *then* was told; and the agent starts."""
    image = kiosk.store.facts_after(0)
    heard = kiosk.store.heard_up_to
    log = kiosk.store.log
    kiosk.centre.ledger = list(image)
    head = bytes.fromhex(image[-1].hash)
    for number, word in enumerate(then, start=len(image) + 1):
        lost = f.sealed(number=number, at=image[-1].at, boot="b", body=f.HelpAsked(session=word), previous=head)
        kiosk.centre.ledger.append(lost)
        head = bytes.fromhex(lost.hash)
    kiosk.centre.log = log
    assert heard <= len(image)


@pytest.mark.parametrize("later", [("x",), ("x", "y", "z", "more"), tuple(f"n{n}" for n in range(300))])
@pytest.mark.parametrize("old", [False, True])
async def test_a_disk_put_back_to_an_earlier_state_goes_on_in_a_new_log(
    kiosk: Kiosk, centre: StandIn, later: tuple[str, ...], old: bool
) -> None:
    kiosk.append("a", "b")
    kiosk.store.heard(2)
    put_back(kiosk, *(("lost", "too") if not old else [f"lost {n}" for n in range(400)]))
    was, centre.old = kiosk.store.log, old
    kiosk.append(*later)
    async with kiosk.linked():
        await so(lambda: kiosk.store.log != was and kiosk.store.heard_up_to == len(later) + 1)
        await so(lambda: centre.states and centre.states[-1].log == kiosk.store.log)
        kiosk.append("after")
        await so(lambda: kiosk.store.heard_up_to == len(later) + 2)
    assert ledger_is_log(kiosk)
    assert centre.ledger[0].body == f.LogBegun(former=was, same_up_to=2)
    told = [fact.body for fact in centre.ledger[1:]]
    assert told == [f.HelpAsked(session=word) for word in (*later, "after")]
    assert len(centre.former[was]) == (402 if old else 4), "the old log stays as it was"
    assert not kiosk.uplink.troubles


async def test_a_centre_that_says_so_of_every_log_is_believed_once(kiosk: Kiosk, centre: StandIn) -> None:
    kiosk.append("a")
    was = kiosk.store.log

    def answers() -> None:
        log = kiosk.store.log.encode()
        centre.answers_instead["/device/v1/facts"] = (200, b'{"log":"%s","heard_up_to":99,"version":1}' % log)

    answers()
    async with kiosk.linked():
        await so(lambda: kiosk.store.log != was)
        begun = kiosk.store.log
        answers()
        await so(lambda: any("heard-beyond" in state.troubles for state in centre.states))
        kiosk.append("b")
        await so(lambda: centre.states[-1].last_fact == 3)
        assert (kiosk.store.log, kiosk.store.heard_up_to, len(kiosk.store.facts_after(0))) == (begun, 0, 3)
        del centre.answers_instead["/device/v1/facts"]
        await so(lambda: kiosk.store.heard_up_to == 3)
    assert not kiosk.uplink.troubles


async def test_a_centre_that_speaks_of_another_log_moves_nothing(kiosk: Kiosk, centre: StandIn) -> None:
    centre.answers_instead["/device/v1/facts"] = (200, b'{"log":"another","heard_up_to":1,"version":1}')
    kiosk.append("a")
    async with kiosk.linked():
        await so(lambda: "other-log" in kiosk.uplink.troubles)
    assert kiosk.store.heard_up_to == 0


async def test_the_kiosk_learns_the_centres_time_from_the_refusal(tmp_path: Path, centre: StandIn) -> None:
    moved = tmp_path / "clock"
    moved.write_text("-7200")
    kiosk = Kiosk(tmp_path, centre, FileClock(moved))
    kiosk.append("a")
    async with kiosk.linked():
        await so(lambda: kiosk.store.heard_up_to == 1)
        await so(lambda: centre.listeners == 1)
        assert abs((kiosk.uplink.centre_time() - centre.now()).total_seconds()) < 5
    kiosk.store.close()


async def test_an_unchanged_snapshot_is_not_sent_again(kiosk: Kiosk, centre: StandIn) -> None:
    centre.streams = False
    async with kiosk.linked():
        await so(lambda: len(centre.fetched) >= 4)
    assert centre.fetched[0] is None
    assert centre.fetched[-1] == kiosk.wishes[-1].etag
    assert len(kiosk.wishes) == 1


async def test_news_on_the_stream_brings_the_new_wishes_at_once(kiosk: Kiosk, centre: StandIn) -> None:
    async with kiosk.linked():
        await so(lambda: kiosk.wishes and centre.listeners == 1)
        centre.wish(wishes(waiting(5, 1), version=2))
        await so(lambda: kiosk.wishes[-1].version == 2)
        await so(lambda: centre.states[-1].version == 2, "the state that says which version the wall applied")


async def test_without_the_stream_wishes_are_polled(kiosk: Kiosk, centre: StandIn) -> None:
    centre.streams = False
    async with kiosk.linked():
        await so(lambda: kiosk.wishes)
        centre.wish(wishes(waiting(5, 1), version=2), tell=False)
        await so(lambda: kiosk.wishes[-1].version == 2)
        assert kiosk.uplink.link == "up"


async def test_the_stream_goes_on_where_it_ended(kiosk: Kiosk, centre: StandIn) -> None:
    async with kiosk.linked():
        await so(lambda: kiosk.wishes and centre.listeners == 1)
        centre.wish(wishes(waiting(5, 1), version=2))
        await so(lambda: kiosk.wishes[-1].version == 2)
        centre.hang_up()
        await so(lambda: len(centre.last_event_ids) == 2)
    assert centre.last_event_ids == [None, "1.2"]


async def test_the_stream_may_live_at_another_address(kiosk: Kiosk, centre: StandIn) -> None:
    centre.streams = False
    with standing_in(centre.wishes) as elsewhere:
        elsewhere.public_key = centre.public_key
        centre.wish(wishes(a_handover(5), stream_url=elsewhere.url + "/"), tell=False)
        async with kiosk.linked():
            await so(lambda: elsewhere.listeners == 1)


COMMAND = OpenNow(nonce="n1", boot="b", issued_at=a_clock().now(), compartment=1, person="p", reason="Sleutel kwijt")


async def test_a_command_comes_once_however_often_it_is_sent(kiosk: Kiosk, centre: StandIn) -> None:
    async with kiosk.linked():
        await so(lambda: centre.listeners == 1)
        centre.command(COMMAND)
        centre.command(COMMAND)
        centre.say('event: command\ndata: {"type": "open-everything"}\n\n')
        centre.say("event: command\ndata: not json\n\nevent: party\ndata: x\n\n\x00\n\n")
        centre.command(msgspec.structs.replace(COMMAND, nonce="n2"))
        await so(lambda: len(kiosk.commands) == 2)
    assert [command.nonce for command in kiosk.commands] == ["n1", "n2"]


def spoilt(**changed: Any) -> bytes:
    told = msgspec.json.decode(canonical(wishes(waiting(5, 1), version=9)))
    return msgspec.json.encode(told | changed)


def with_grant(**changed: Any) -> bytes:
    told = msgspec.json.decode(canonical(wishes(waiting(5, 1), version=9)))
    told["handovers"][0]["grants"][0] |= changed
    return msgspec.json.encode(told)


TWICE = wishes(waiting(5, 1), waiting(5, 2, stage=Stage.RECALLED), version=9)
GARBAGE = {
    "empty": b"",
    "a page of a captive portal": b"<html>Log in to the Wi-Fi</html>",
    "half a snapshot": canonical(wishes(version=9))[:200],
    "another protocol": spoilt(protocol=2),
    "a negative number": spoilt(heard_up_to=-1),
    "a handover twice": canonical(TWICE),
    "two things in one compartment": canonical(wishes(waiting(5, 1), waiting(6, 1), version=9)),
    "a time without a zone": with_grant(opens_at="2026-11-22T00:00:00"),
    "a verifier that takes all memory": with_grant(pin_verifier="$argon2id$v=19$m=99999999,t=9,p=1$c2FsdHNhbHQ$aGFzaA"),
    "a verifier that is none": with_grant(qr_verifier="hello"),
    "an unknown field": spoilt(open_all=True, handovers=[{"id": 1, "open_all": True}]),
    "numbers as text": spoilt(version="nine"),
}


@pytest.mark.parametrize("case", GARBAGE)
async def test_a_malformed_snapshot_changes_nothing(kiosk: Kiosk, centre: StandIn, case: str) -> None:
    async with kiosk.linked():
        await so(lambda: kiosk.wishes)
        kept = kiosk.store.wishes()
        centre.answers_instead["/device/v1/wishes"] = (200, GARBAGE[case])
        centre.say("event: wishes\nid: 1.9\ndata: 9\n\n")
        await so(lambda: "wishes-malformed" in kiosk.uplink.troubles)
        assert kiosk.store.wishes() == kept
        assert len(kiosk.wishes) == 1
        centre.answers_instead.clear()
        centre.wish(wishes(version=10))
        await so(lambda: kiosk.wishes[-1].version == 10)
        await so(lambda: not kiosk.uplink.troubles)


@pytest.mark.parametrize("status", [200, 302, 400, 401, 404, 500])
async def test_whatever_a_stranger_answers_the_facts_stay_and_are_told_later(
    kiosk: Kiosk, centre: StandIn, status: int
) -> None:
    for path in ("facts", "wishes", "state", "stream"):
        centre.answers_instead[f"/device/v1/{path}"] = (status, b"\xff\x00 nonsense")
    kiosk.append("a")
    async with kiosk.linked():
        await so(lambda: kiosk.uplink.link == "down")
        assert kiosk.store.heard_up_to == 0
        centre.answers_instead.clear()
        await so(lambda: kiosk.store.heard_up_to == 1 and kiosk.wishes)
    assert ledger_is_log(kiosk)


async def test_a_kiosk_that_the_centre_no_longer_knows_says_so_and_keeps_its_facts(
    kiosk: Kiosk, centre: StandIn
) -> None:
    key, centre.public_key = centre.public_key, None
    kiosk.append("a")
    async with kiosk.linked():
        await so(lambda: "refused" in kiosk.uplink.troubles)
        assert kiosk.store.heard_up_to == 0
        centre.public_key = key
        await so(lambda: kiosk.store.heard_up_to == 1)
