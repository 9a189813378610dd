"""The emulator in a thread of the test: a fresh wall for each page that is looked at, without a process for each."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from onthaal.emulator.control import Control
from onthaal.emulator.running import emulated_wall, nine_doors
from onthaal.emulator.serving import application
from tests.emulator.process import Reached


@contextmanager
def served(data: Path, *, power_url: str) -> Iterator[Reached]:
    """Nine doors that keep their truth in the folder `data`, served until the end of the block."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        wall = _Wall(data, listener, power_url)
        thread = threading.Thread(target=asyncio.run, args=(wall.serve(),), daemon=True)
        thread.start()
        assert wall.there.wait(30)
        try:
            yield Reached(f"http://127.0.0.1:{listener.getsockname()[1]}/")
        finally:
            wall.stop()
            thread.join(30)
            assert not thread.is_alive()


class _Wall:
    def __init__(self, data: Path, listener: socket.socket, power_url: str) -> None:
        self.there = threading.Event()
        self._data, self._listener, self._power_url = data, listener, power_url

    async def serve(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        async with emulated_wall(nine_doors(self._data / "lines"), self._data) as emulated:
            control = Control(emulated, power_url=self._power_url)
            app = application(emulated, control, host="127.0.0.1")
            server = uvicorn.Server(
                uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1)
            )
            serving = asyncio.create_task(server.serve(sockets=[self._listener]))
            self.there.set()
            await self._stopping.wait()
            control.stop()
            server.should_exit = True
            await serving

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
