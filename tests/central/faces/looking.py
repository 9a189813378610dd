"""A real Chromium that is shown what Django answered before: nobody else sees the rows of a test's transaction."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

from tests import axe
from tests.chromium import ARGUMENTS, CHROMIUM

NAMED = re.compile(r'(?:href|src)="(/static/[^"]+)"')
ONLY_OVER_HTTPS = "Cross-Origin-Opener-Policy"
OURS = {ONLY_OVER_HTTPS, "Content-Length"}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


NOTHING = Answer(204, {}, b"")


class Answers(ThreadingHTTPServer):
    """Says what Django answered to each path. The browser keeps stylesheets and scripts as long as it was told."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.found: Mapping[str, Answer] = {}


class Asked(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Answers

    def do_GET(self) -> None:
        answer = self.server.found.get(urlsplit(self.path).path, NOTHING)
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            if name not in OURS:
                self.send_header(name, value)
        if answer is not NOTHING:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, *said: object) -> None:
        """Nothing."""


@dataclass(frozen=True)
class Look:
    """What Django answered to each path in one language, and how wide a page is drawn."""

    lang: str
    width: int
    found: Mapping[str, Answer]

    def wrong(self) -> dict[str, object]:
        """Path → status of what was not answered."""
        return {path: answer.status for path, answer in self.found.items() if answer.status != 200}


@dataclass(frozen=True)
class Looking:
    """One browser for all that a test draws; every host's name leads to the answers."""

    browser: Browser
    answers: Answers

    @contextmanager
    def window(self, looks: Sequence[Look], host: str) -> Iterator[tuple[Page, list[str]]]:
        """A page that is given these answers, with axe in it, and what the browser complains of meanwhile."""
        self.answers.found = {path: answer for look in reversed(looks) for path, answer in look.found.items()}
        complaints: list[str] = []
        context = self.browser.new_context(base_url=f"http://{host}")
        context.add_init_script(axe.SCRIPT)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page, complaints
        context.close()


def drawn(page: Page, looks: Sequence[Look], path: str) -> Iterator[Look]:
    """Each look at `path` while it is shown. The window goes there for the first; the others are written into it, and
    what axe learnt in that window is not learnt anew: half of what it takes. The policy of the first holds for all."""
    for look in looks:
        page.set_viewport_size({"width": look.width, "height": 900})
        if look is looks[0]:
            page.goto(path)
        else:
            page.set_content(look.found[path].body.decode())
        yield look


@contextmanager
def looking() -> Iterator[Looking]:
    """The browser and its answers, until the end of the block."""
    with Answers() as answers:
        serving = Thread(target=answers.serve_forever, daemon=True)
        serving.start()
        try:
            with sync_playwright() as playwright:
                there = f"--host-resolver-rules=MAP * 127.0.0.1:{answers.server_port}"
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, there])
                yield Looking(browser, answers)
                browser.close()
        finally:
            answers.shutdown()
            serving.join()
