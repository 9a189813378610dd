"""Which Chromium the tests drive: the one without a window's frame where there is one, for it is less work."""

from __future__ import annotations

import shutil

SHELL = shutil.which("chromium-headless-shell")
CHROMIUM = SHELL or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome") or ""


def on_screen(url: str) -> tuple[str, ...]:
    """What a wall's own browser must be told besides its flags to show its screen: the shell knows no `--app`."""
    return (url,) if SHELL else ()
