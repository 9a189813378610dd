"""The mains switch of the demo: cutting the power kills the kiosk's agent, as a power cut would."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from onthaal.demo.layout import LOOPBACK


class PowerSwitch:
    """Answers `POST /power` on loopback. `asked` is set whenever somebody cut the power."""

    def __init__(self, port: int, cut: Callable[[], None]) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                # A page of another site can send a plain form, never this content type without our consent.
                if self.path != "/power" or self.headers.get("Content-Type") != "application/json":
                    self.send_error(404)
                    return
                self.rfile.read(min(int(self.headers.get("Content-Length") or 0), 1000))
                cut()
                body = json.dumps({"power": "cut"}).encode()
                self.send_response(202)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """The demo's own output stays readable."""

        self._server = ThreadingHTTPServer((LOOPBACK, port), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
