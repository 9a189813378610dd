"""A browser told what to do over a pipe: the DevTools protocol, one JSON message after the other, each ended by NUL.

https://chromedevtools.github.io/devtools-protocol/ ; `--remote-debugging-pipe` reads commands from file descriptor 3
and writes answers and events to 4. When the pipe closes, the browser ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import structlog

from onthaal.kiosk.ports import BrowserGone

READS, WRITES = 3, 4
NOWHERE = -1
"""In place of the number of a pipe that was closed: the next file that is opened gets that number."""
ENDS_WITHIN = 5.0
MOST_BYTES = 16 * 1024 * 1024

log = structlog.get_logger(__name__)


class DevTools:
    """One browser process. `news` takes its events; `ended` is set when it is gone."""

    def __init__(self, process: asyncio.subprocess.Process, reader: asyncio.StreamReader, to: int) -> None:
        self.news: Callable[[str, dict[str, Any], str | None], None] = lambda method, params, session: None
        self.ended = asyncio.Event()
        self._process, self._reader, self._to = process, reader, to
        self._asked: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._number = 0
        self._transport: asyncio.BaseTransport | None = None
        self._reading = asyncio.ensure_future(self._read())
        self._watching = asyncio.ensure_future(self._watch())

    @classmethod
    async def starting(cls, command: tuple[str, ...], *, home: Path) -> DevTools:
        """Start it. BrowserGone when there is no such program."""
        commands, to = os.pipe()
        answers, back = os.pipe()

        def numbered() -> None:
            spare = os.dup(back)  # `back` may itself be number 3
            os.dup2(commands, READS)
            os.dup2(spare, WRITES)

        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                env={**os.environ, "HOME": str(home)},
                pass_fds=(READS, WRITES),
                preexec_fn=numbered,
                start_new_session=True,
            )
        except OSError as error:
            os.close(to)
            os.close(answers)
            raise BrowserGone(f"{command[0]}: {error.strerror}") from error
        finally:
            os.close(commands)
            os.close(back)
        reader = asyncio.StreamReader(limit=MOST_BYTES)
        loop = asyncio.get_running_loop()
        transport, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(answers, "rb")
        )
        tools = cls(process, reader, to)
        tools._transport = transport
        return tools

    async def call(self, method: str, params: dict[str, Any], *, session: str | None = None) -> dict[str, Any]:
        """The answer to one command. BrowserGone when it says no, or is gone."""
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        number = self.say(method, params, session=session)
        self._asked[number] = answer
        if self.ended.is_set():
            raise BrowserGone("it ended")
        try:
            told = await answer
        finally:
            self._asked.pop(number, None)
        if "error" in told:
            raise BrowserGone(f"{method}: {told['error'].get('message', '')}")
        return dict(told["result"])

    def say(self, method: str, params: dict[str, Any], *, session: str | None = None) -> int:
        """Send a command without waiting for its answer; its number."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if session is not None:
            message["sessionId"] = session
        try:
            os.write(self._to, msgspec.json.encode(message) + b"\0")  # far less than a pipe holds
        except OSError as error:
            raise BrowserGone(f"the pipe: {error.strerror}") from error
        return self._number

    async def _read(self) -> None:
        try:
            while True:
                self._told((await self._reader.readuntil(b"\0"))[:-1])
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError, msgspec.DecodeError):
            pass
        finally:
            self._over()

    async def _watch(self) -> None:
        """What it started may outlive it, and would hold the pipe open."""
        await self._process.wait()
        self._over()

    def _over(self) -> None:
        self.ended.set()
        for answer in self._asked.values():
            if not answer.done():
                answer.set_exception(BrowserGone("it ended"))

    def _told(self, line: bytes) -> None:
        message = msgspec.json.decode(line, type=dict[str, Any])
        answer = self._asked.get(message.get("id", 0))
        if answer is not None and not answer.done():
            answer.set_result(message)
        elif "method" in message:
            self.news(message["method"], message.get("params", {}), message.get("sessionId"))

    async def stop(self) -> None:
        """End it, by the pipe and if need be by force."""
        to, self._to = self._to, NOWHERE
        with contextlib.suppress(OSError):
            os.close(to)
        try:
            async with asyncio.timeout(ENDS_WITHIN):
                await self._process.wait()
        except TimeoutError:
            log.warning("browser.ended_by_force")
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, 9)  # also what it started: the group is its own
        await self._process.wait()
        self._reading.cancel()
        self._watching.cancel()
        if self._transport is not None:
            self._transport.close()
