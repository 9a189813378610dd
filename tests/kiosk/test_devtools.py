"""The pipe to the browser: what is said to one that was stopped goes nowhere."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from onthaal.kiosk.devtools import DevTools
from onthaal.kiosk.ports import BrowserGone


async def test_what_is_said_to_a_browser_that_was_stopped_reaches_nobody(tmp_path: Path) -> None:
    """The number of its pipe is given to the next file that is opened: the store's, or a lock board's line."""
    browser = await DevTools.starting((sys.executable, "-c", "import os; os.read(3, 1)"), home=tmp_path)
    await browser.stop()
    lines = [os.open(tmp_path / "line", os.O_RDWR | os.O_CREAT) for _ in range(8)]
    try:
        with pytest.raises(BrowserGone):
            browser.say("Target.disposeBrowserContext", {})
        assert (tmp_path / "line").read_bytes() == b""
    finally:
        for line in lines:
            os.close(line)
