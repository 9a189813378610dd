"""The two servers: granian for the pages, uvicorn for the event streams. One process watches both.

They are forked off a process that has read the settings, the pages and their checks already: nothing is loaded twice,
and what was loaded is one memory for all of them.
"""

from __future__ import annotations

import ctypes
import gc
import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.process import BaseProcess

import structlog
from django.db import connections
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from onthaal.central.lockers.devices import stream_asgi
from onthaal.central.web import wsgi

log = structlog.get_logger()

PAGES = f"{wsgi.__name__}:application"
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

    def taken(self) -> str | None:
        """The first address that cannot be listened on and why, in words. Two servers of ours would share a port
        without a word: each would get a part of what is asked."""
        for port in (self.port, self.stream_port):
            family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
            try:
                socket.create_server((self.host, port), family=family).close()
            except OSError as error:
                why = str(error.strerror).partition(" (while")[0]  # the address stands before it already
                return f"{self.host}:{port} cannot be listened on: {why}"
        return None

    def pages(self) -> None:
        """Answer residents, staff and what kiosks tell, until told to stop."""
        # A backlog and back-pressure above the defaults: a wall that reconnects must not be turned away.
        Granian(
            PAGES, address=self.host, port=self.port, interface=Interfaces.WSGI, workers=self.workers,
            blocking_threads=self.threads, blocking_threads_idle_timeout=600, backlog=4096, backpressure=2048,
            websockets=False, respawn_failed_workers=True, workers_kill_timeout=10, log_level=LogLevels.warning,
        ).serve()  # fmt: skip

    def streams(self) -> None:
        """Answer the kiosks that listen, until told to stop."""
        stream_asgi.serve(host=self.host, port=self.stream_port)


def serve(serving: Serving) -> int:
    """Run both until SIGTERM or SIGINT, or until one of them ends by itself (then exit code 1)."""
    connections.close_all()  # a connection that two processes share answers the one what the other asked
    gc.freeze()  # what is never looked at stays shared
    servers = {"pages": _forked(serving.pages), "streams": _forked(serving.streams)}
    stop = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: stop.set())
    log.info("serving", host=serving.host, port=serving.port, stream_port=serving.stream_port)
    gone: list[str] = []
    try:
        while not stop.wait(LOOKS_EVERY):
            gone = [name for name, server in servers.items() if not server.is_alive()]
            if gone:
                log.error("server ended", which=gone)
                break
    finally:
        _end(list(servers.values()))
    return 1 if gone else 0


def _forked(server: Callable[[], None]) -> BaseProcess:
    process = multiprocessing.get_context("fork").Process(target=_alone, args=(server, os.getpid()))
    process.start()
    return process


def _alone(server: Callable[[], None], parent: int) -> None:
    """In a session of its own: Ctrl-C goes to the whole foreground group, and the parent decides who stops when."""
    os.setsid()
    # The kernel asks this child to stop when its parent is gone, however it went.
    ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM, 0, 0, 0)
    if os.getppid() == parent:
        server()


def _end(servers: list[BaseProcess]) -> None:
    for server in servers:
        server.terminate()
    for server in servers:
        server.join(STOPPED_WITHIN)
        if server.is_alive():
            server.kill()
            server.join()
