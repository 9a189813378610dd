"""`python -m bench`: both tables; exit code 1 when a goal is missed."""

from __future__ import annotations

import sys

import structlog
from rich.console import Console

from bench import hearing, unlocking

WARNINGS = 30


def main() -> int:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(WARNINGS))
    console = Console()
    every_goal_met = True
    for measure in (unlocking.run, hearing.run):
        table, met = measure()
        console.print(table)
        console.print()
        every_goal_met &= met
    return 0 if every_goal_met else 1


if __name__ == "__main__":
    sys.exit(main())
