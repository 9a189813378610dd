"""The two servers: granian for the pages, uvicorn for the event streams. One process watches both."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass

import structlog

log = structlog.get_logger()

PAGES = "onthaal.central.web.wsgi:application"
STREAMS = "onthaal.central.lockers.devices.stream_asgi:application"
LOOKS_EVERY = 0.5
STOPPED_WITHIN = 15.0
_SET_PARENT_DEATH_SIGNAL = 1


@dataclass(frozen=True, kw_only=True)
class Serving:
    host: str
    port: int
    stream_port: int
    workers: int
    threads: int

    def pages(self) -> list[str]:
        # A backlog and back-pressure above the defaults: a wall that reconnects must not be turned away.
        return [
            sys.executable, "-m", "granian", "--interface", "wsgi", "--host", self.host, "--port", str(self.port),
            "--workers", str(self.workers), "--blocking-threads", str(self.threads),
            "--blocking-threads-idle-timeout", "600", "--backlog", "4096", "--backpressure", "2048", "--no-ws",
            "--respawn-failed-workers", "--workers-kill-timeout", "10", "--log-level", "warning", PAGES,
        ]  # fmt: skip

    def streams(self) -> list[str]:
        return [
            sys.executable, "-m", "uvicorn", "--host", self.host, "--port", str(self.stream_port),
            "--timeout-graceful-shutdown", "3", "--no-access-log", "--log-level", "warning", "--lifespan", "auto",
            STREAMS,
        ]  # fmt: skip


def serve(serving: Serving) -> int:
    """Run both until SIGTERM or SIGINT, or until one of them ends by itself (then exit code 1)."""
    stop = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: stop.set())
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "onthaal.central.web.settings"}
    servers = {
        name: subprocess.Popen(command, env=environment, preexec_fn=_die_with_parent, start_new_session=True)  # noqa: PLW1509 (one thread here)
        for name, command in (("pages", serving.pages()), ("streams", serving.streams()))
    }
    log.info("serving", host=serving.host, port=serving.port, stream_port=serving.stream_port)
    gone: list[str] = []
    try:
        while not stop.wait(LOOKS_EVERY):
            gone = [name for name, server in servers.items() if server.poll() is not None]
            if gone:
                log.error("server ended", which=gone)
                break
    finally:
        _end(list(servers.values()))
    return 1 if gone else 0


def _die_with_parent() -> None:
    """Have the kernel ask this child to stop when its parent is gone, however it went."""
    ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM, 0, 0, 0)


def _end(servers: list[subprocess.Popen[bytes]]) -> None:
    for server in servers:
        server.terminate()
    for server in servers:
        try:
            server.wait(STOPPED_WITHIN)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
