"""`onthaal demo`: everything at once on one laptop."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from onthaal.lean import loading


def demo(
    ready_file: Annotated[
        Path | None, typer.Option(help="Write the addresses and accounts here (JSON) once all answers; gone on stop.")
    ] = None,
    port_base: Annotated[int, typer.Option(help="The first of eight ports in a row.", min=1024, max=65000)] = 8000,
    data: Annotated[Path | None, typer.Option(help="Where the data is kept between two starts.")] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Throw away the data and begin anew.")] = False,
) -> None:
    """Start a whole municipality on this machine, until Ctrl-C.

    A PostgreSQL, the centre, a worker, a mail catcher, a simulated itsme, one kiosk agent and its emulated nine-door
    wall. Prints the addresses and the demo accounts. A second start keeps the data, and the wall its things.
    """
    from rich.console import Console
    from rich.markup import escape

    with loading():
        from onthaal.core.refusals import Fault
        from onthaal.demo.running import Demo

    console = Console()
    try:
        Demo(console=console, ready_file=ready_file, port_base=port_base, data=data, reset=reset).run()
    except (Fault, OSError) as error:
        why = _in_words(error) if isinstance(error, OSError) else str(error)
        console.print(f"[bold red]The demo cannot go on:[/] {escape(why)}", highlight=False)
        raise typer.Exit(1) from error


def _in_words(error: OSError) -> str:
    """A place that cannot be used, a full disk: what the machine says about it."""
    what = f"{error.filename} cannot be used" if error.filename else "this machine says"
    return f"{what}: {error.strerror or error}"
