"""What a program of ours loads."""

from __future__ import annotations

import gc
import subprocess
import sys

from onthaal.lean import loading

A_SERVICE = """
import sys
from onthaal.lean import loading
with loading():
    import httpx, structlog
structlog.get_logger().info("loaded")
loaded = [name for name in sys.modules if name.split(".")[0] in ("rich", "pygments", "click")]
from rich.console import Console
Console().print(f"for terminals: {loaded}")
"""


def test_a_service_loads_nothing_that_draws_on_a_terminal_and_may_still_draw_later() -> None:
    done = subprocess.run([sys.executable, "-c", A_SERVICE], capture_output=True, text=True, check=True, timeout=60)
    logged, drawn = done.stdout.splitlines()
    assert "loaded" in logged
    assert drawn == "for terminals: []"


def test_garbage_is_collected_again_once_a_service_is_loaded() -> None:
    collecting = gc.isenabled()
    gc.enable()
    with loading():
        assert not gc.isenabled()
    assert gc.isenabled()
    if not collecting:
        gc.disable()
