"""The line between the world and the provider. It carries everything as it is, until it is told to lie.

The provider's address is this line's, so that whoever follows its discovery comes through here.
"""

from __future__ import annotations

import base64
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

import httpx

NO_ROOTS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Everything here is plain http on this machine; reading the authorities for each client takes longer than all else."""
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding", "date", "server"}


@dataclass
class Passing:
    """One answer of the provider on its way, and what was asked for."""

    method: str
    path: str
    """With the query."""
    asked: bytes
    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    claims: dict[str, Any] | None = None
    """What the token in this answer says, as the provider put it in."""

    def header(self, name: str) -> str | None:
        return next((value for one, value in self.headers if one.lower() == name), None)

    def set_header(self, name: str, value: str) -> None:
        self.headers = [pair for pair in self.headers if pair[0].lower() != name] + [(name, value)]

    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    def set_json(self, value: object) -> None:
        self.body = json.dumps(value).encode()


class Lie(Protocol):
    """Something that goes wrong on the line."""

    def before(self, passing: Passing) -> bool:
        """True: answered already, the provider is not asked."""

    def after(self, passing: Passing) -> None:
        """Change what the provider answered."""


class Line:
    """Listens from the start; carries as soon as `upstream` is known."""

    def __init__(self) -> None:
        self.upstream = ""
        self.passed: list[tuple[str, str]] = []
        """Method and path of everything that came by, for counting."""
        self._lies: list[Lie] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._client = httpx.Client(follow_redirects=False, timeout=30, trust_env=False, verify=NO_ROOTS)
        self._thread.start()

    @property
    def origin(self) -> str:
        """`http://127.0.0.1:port`."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def lying(self, *lies: Lie) -> Iterator[None]:
        """For as long as this lasts, these things are wrong."""
        self._lies.extend(lies)
        try:
            yield
        finally:
            for lie in lies:
                self._lies.remove(lie)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._client.close()

    def carry(self, passing: Passing, headers: list[tuple[str, str]]) -> None:
        """Fill in the answer."""
        lies = list(self._lies)
        self.passed.append((passing.method, passing.path.partition("?")[0]))
        for lie in lies:
            if lie.before(passing):
                return
        self._ask(passing, headers)
        for lie in lies:
            lie.after(passing)

    def _ask(self, passing: Passing, headers: list[tuple[str, str]]) -> None:
        kept = [(name, value) for name, value in headers if name.lower() not in {"connection", "accept-encoding"}]
        answer = self._client.request(
            passing.method, self.upstream + passing.path, headers=[*kept, ("accept-encoding", "identity")],
            content=passing.asked,
        )  # fmt: skip
        passing.status, passing.body = answer.status_code, answer.content
        passing.headers = [pair for pair in answer.headers.multi_items() if pair[0].lower() not in HOP_BY_HOP]
        if told := passing.header("x-claims"):
            passing.headers = [pair for pair in passing.headers if pair[0].lower() != "x-claims"]
            passing.claims = json.loads(base64.urlsafe_b64decode(told + "=="))

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        line = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                passing = Passing(self.command, self.path, self.rfile.read(length))
                line.carry(passing, list(self.headers.items()))
                self.send_response_only(passing.status)
                for name, value in passing.headers:
                    self.send_header(name, value)
                self.send_header("content-length", str(len(passing.body)))
                try:
                    self.end_headers()
                    self.wfile.write(passing.body)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True  # who asked did not wait so long

            do_GET = do_POST = do_OPTIONS = handle_one  # noqa: N815 (the names http.server looks for)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (http.server's own name)
                """Say nothing."""

        return Handler
