"""The machine a table speaks of: numbers without it say nothing."""

from __future__ import annotations

import os
import platform
import socket
import statistics
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table


def name() -> str:
    """Processor, cores, Python and kernel, on one line."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "processor")
    return f"{model}, {os.cpu_count()} cores, Python {platform.python_version()}, Linux {platform.release()}"


def percentile(values: Sequence[float], hundredths: int) -> float:
    """The value that so many hundredths of `values` do not exceed."""
    return statistics.quantiles(values, n=100, method="inclusive")[hundredths - 1] if len(values) > 1 else values[0]


def free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


def table(title: str, columns: Sequence[str]) -> Table:
    made = Table(title=f"{title}\n{name()}", title_justify="left")
    for column in columns:
        made.add_column(column, justify="left" if column == columns[0] else "right")
    return made
