"""`onthaal simulator itsme`: the command line of the simulated provider."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Annotated

import typer

from onthaal.lean import loading

app = typer.Typer(no_args_is_help=True, help="Providers of identity that are not real, to try everything with.")


@app.callback()
def simulator() -> None:
    """Stand in for a provider of identity. Only invented people have a phone here."""


@app.command()
def itsme(
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.", min=0, max=65535)] = 8130,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    data: Annotated[
        Path | None, typer.Option(help="Where its keys are kept between two starts. Left out: new ones each time.")
    ] = None,
    clients: Annotated[
        Path | None, typer.Option(help="The register of clients (TOML). Left out: nobody, until /clients says so.")
    ] = None,
) -> None:
    """Serve an OpenID provider that behaves like itsme, with a page to play the phone, until Ctrl-C.

    Stops with 2 when the register cannot be used.
    """
    from onthaal.clock import from_environment

    with loading():
        from onthaal.simulator.clients import ISSUER_PATH, ClientsUnusable, Register, read_register
        from onthaal.simulator.keys import OwnKeys
        from onthaal.simulator.provider import Provider
        from onthaal.simulator.serving import application, serve

    try:
        register = Register() if clients is None else read_register(clients)
    except ClientsUnusable as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    try:
        if data is not None:
            data.mkdir(parents=True, exist_ok=True)
        listener = socket.create_server((host, port))
    except OSError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    with listener:
        origin = f"http://{host}:{listener.getsockname()[1]}"
        provider = Provider(issuer=origin + ISSUER_PATH, register=register, own=OwnKeys(data), clock=from_environment())
        typer.echo(f"issuer  {provider.issuer}")
        typer.echo(f"phone   {origin}/phone")
        # It listens from here on: who connects before it serves, waits.
        typer.echo("ready   Ctrl-C stops it")
        serve(application(provider, origin=origin, host=host), listener)
