"""`onthaal emulator run`: the command line of the emulated wall."""

import os
from pathlib import Path
from typing import Annotated

import typer

from onthaal.lean import loading

app = typer.Typer(
    no_args_is_help=True, help="A locker wall that is not there: doors, hands, faults, the makers' bytes."
)

WallOption = Annotated[Path | None, typer.Option(help="The wall file (TOML). Left out: nine doors on a KERONG CU16.")]
DataOption = Annotated[Path | None, typer.Option(help="Where doors and things are kept between two starts.")]
PowerOption = Annotated[str | None, typer.Option(help="Address that is told (POST) when somebody cuts the power.")]


@app.callback()
def emulator() -> None:
    """Stand in for the hardware of a wall, so that an agent cannot tell the difference."""


@app.command()
def run(
    wall: WallOption = None,
    data: DataOption = None,
    port: Annotated[
        int, typer.Option(help="Port of the page and the control interface; 0 takes a free one.", min=0, max=65535)
    ] = 8120,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    power_url: PowerOption = None,
) -> None:
    """Serve a wall: its serial lines, its page and its control interface, until Ctrl-C.

    Each line appears as a path that an agent opens like a serial port. What is in the wall is
    still there at the next start. Stops with 2 when the wall file cannot be used.
    """
    with loading():
        from onthaal.emulator import starting

    raise typer.Exit(starting.run(wall, data or _usual_data(wall), (host, port), power_url))


def _usual_data(wall_file: Path | None) -> Path:
    if wall_file is not None:
        return wall_file.with_suffix(".data")
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "onthaal" / "emulator"
