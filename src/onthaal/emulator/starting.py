"""A wall from its file to its page: read it, listen, say where everything is, serve."""

import asyncio
import socket
from pathlib import Path

import typer

from onthaal.emulator.disk import AlreadyRunning, alone_in
from onthaal.emulator.line import LineInTheWay
from onthaal.emulator.nine import nine_doors
from onthaal.emulator.papers import kiosk_file
from onthaal.emulator.power import PowerUnreachable, checked_power_url
from onthaal.emulator.serving import Served, serve
from onthaal.emulator.wall import WallConfig, WallUnusable, checked, links, read_wall


def run(wall_file: Path | None, data: Path, address: tuple[str, int], power_url: str | None) -> int:
    """Serve until SIGINT or SIGTERM; the exit code: 2 for a wall file or address that cannot be used, 1 for a place
    that somebody else has."""
    try:
        _serve(wall_file, data, address, power_url)
    except (WallUnusable, PowerUnreachable) as error:
        typer.echo(str(error), err=True)
        return 2
    except (AlreadyRunning, LineInTheWay, OSError) as error:
        typer.echo(str(error), err=True)
        return 1
    return 0


def _serve(wall_file: Path | None, data: Path, address: tuple[str, int], power_url: str | None) -> None:
    power = None if power_url is None else checked_power_url(power_url)
    data = data.resolve()
    wall = checked(nine_doors(data / "lines")) if wall_file is None else read_wall(wall_file)
    with alone_in(data), socket.create_server(address) as listener:
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
