"""`onthaal emulator run`: the command line of the emulated wall."""

import asyncio
import os
import socket
from pathlib import Path
from typing import Annotated

import typer

from onthaal.emulator.disk import AlreadyRunning, alone_in
from onthaal.emulator.line import LineInTheWay
from onthaal.emulator.nine import nine_doors
from onthaal.emulator.papers import kiosk_file
from onthaal.emulator.power import PowerUnreachable, checked_power_url
from onthaal.emulator.serving import Served, serve
from onthaal.emulator.wall import WallConfig, WallUnusable, checked, links, read_wall

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
    port: Annotated[int, typer.Option(help="Port of the page and the control interface; 0 takes a free one.")] = 8120,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    power_url: PowerOption = None,
) -> None:
    """Serve a wall: its serial lines, its page and its control interface, until Ctrl-C.

    Each line appears as a path that an agent opens like a serial port. What is in the wall is
    still there at the next start. Stops with 2 when the wall file cannot be used.
    """
    try:
        _serve(wall, data or _usual_data(wall), (host, port), power_url)
    except (WallUnusable, PowerUnreachable) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    except (AlreadyRunning, LineInTheWay, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


def _serve(wall_file: Path | None, data: Path, address: tuple[str, int], power_url: str | None) -> None:
    power = None if power_url is None else checked_power_url(power_url)
    data = data.resolve()
    with alone_in(data), socket.create_server(address) as listener:
        wall = checked(nine_doors(data / "lines")) if wall_file is None else read_wall(wall_file)
        host, port = listener.getsockname()[:2]
        typer.echo(f"wall   http://{host}:{port}/")
        for name, link in links(wall).items():
            typer.echo(f"line   {name}  {link}")
        if wall_file is None:
            _leave_kiosk_file(wall, data)
        served = Served(wall=wall, data=data, listener=listener, host=address[0], power_url=power)
        asyncio.run(serve(served, ready=lambda: typer.echo("ready  Ctrl-C stops it")))


def _leave_kiosk_file(wall: WallConfig, data: Path) -> None:
    paper = data / "kiosk.toml"
    if not paper.exists():
        paper.write_text(kiosk_file(wall, data), "utf-8")
    typer.echo(f"kiosk  {paper}")


def _usual_data(wall_file: Path | None) -> Path:
    if wall_file is not None:
        return wall_file.with_suffix(".data")
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "onthaal" / "emulator"
