"""`onthaal …`: the command line. Each part of the house brings its own commands."""

from __future__ import annotations

import typer

from onthaal import __version__
from onthaal.central.commands import app as central
from onthaal.demo.command import demo
from onthaal.emulator.command import app as emulator
from onthaal.kiosk.command import app as kiosk
from onthaal.simulator.command import app as simulator

app = typer.Typer(
    name="onthaal",
    help="Onthaal: a municipality that serves its people when the town hall is closed.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",  # else a help text keeps the line breaks of its source
)
app.command("demo")(demo)
app.add_typer(central, name="central")
app.add_typer(kiosk, name="kiosk")
app.add_typer(emulator, name="emulator")
app.add_typer(simulator, name="simulator")


def _version(asked: bool) -> None:
    if asked:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def main(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Say which version this is."
    ),
) -> None:
    """Onthaal: a municipality that serves its people when the town hall is closed."""
