"""The browser that tests look with: Chromium without a window of its own, where Debian has it.

The whole browser starts a renderer for its toolbar with every window that nobody sees: a third of what a story costs.
"""

from __future__ import annotations

import shutil

from playwright import async_api, sync_api

SHELL = shutil.which("chromium-headless-shell")
NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = SHELL or next((path for name in NAMES if (path := shutil.which(name))), "")
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-quic",
    "--disable-site-isolation-trials",  # every site here is ours: none needs to be kept from another
    # Pages are short-lived and every core has work: no thread beside a page's own for its script, and no interpreting.
    "--js-flags=--single-threaded --always-sparkplug",
)  # fmt: skip

for each in (sync_api.expect, async_api.expect):
    each.set_options(timeout=40_000)  # ms: two towns share two processors


def on_screen(url: str) -> tuple[str, ...]:
    """What a wall's own browser must be told besides its flags to show its screen: the shell knows no `--app`."""
    return (url,) if SHELL else ()
