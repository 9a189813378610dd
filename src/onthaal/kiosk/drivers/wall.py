"""All machines of one kiosk's file behind the ports, each alive on its own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from onthaal.clock import Clock
from onthaal.kiosk.config import KioskConfig
from onthaal.kiosk.drivers import CODE_READERS, LOCK_BOARDS, TAG_READERS
from onthaal.kiosk.drivers.lock_bus import SerialLockBus
from onthaal.kiosk.ports import BusState, CodeReader, Door, Observations, Pace, TagReader


class Locks:
    """Implements ports.LockBus for all buses together."""

    def __init__(self, config: KioskConfig, seen: Observations, clock: Clock) -> None:
        self.lines = [
            SerialLockBus(bus, config.compartments, LOCK_BOARDS[bus.dialect](bus), tell=seen.put_nowait, clock=clock)
            for bus in config.buses
        ]
        by_name = {bus.name: bus for bus in self.lines}
        self._home = {one.number: by_name[one.bus] for one in config.compartments}

    async def run(self) -> None:
        async with asyncio.TaskGroup() as together:
            for bus in self.lines:
                together.create_task(bus.run())

    async def pulse(self, compartment: int) -> None:
        await self._home[compartment].pulse(compartment)

    def doors(self) -> Mapping[int, Door]:
        return {number: door for bus in self.lines for number, door in bus.doors().items()}

    def presence(self) -> Mapping[int, bool | None]:
        return {number: present for bus in self.lines for number, present in bus.presence().items()}

    def buses(self) -> Mapping[str, BusState]:
        return {name: state for bus in self.lines for name, state in bus.buses().items()}

    def set_pace(self, pace: Pace) -> None:
        for bus in self.lines:
            bus.set_pace(pace)

    def bus_of(self, compartment: int) -> SerialLockBus:
        """KeyError for a compartment that is not there."""
        return self._home[compartment]


class Hardware:
    """The wall's locks and readers, made from its file. Nothing is opened before `run`."""

    def __init__(self, config: KioskConfig, seen: Observations, clock: Clock) -> None:
        self.locks = Locks(config, seen, clock)
        code, tag = config.code_reader, config.tag_reader
        self.code_reader: CodeReader | None = CODE_READERS[code.kind](code, seen.put_nowait) if code else None
        self.tag_reader: TagReader | None = TAG_READERS[tag.kind](tag, seen.put_nowait) if tag else None

    async def run(self) -> None:
        """Watch everything until cancelled; missing machines are tried again, never waited for."""
        async with asyncio.TaskGroup() as together:
            together.create_task(self.locks.run())
            if self.code_reader is not None:
                together.create_task(self.code_reader.run())
            if self.tag_reader is not None:
                together.create_task(self.tag_reader.run())
