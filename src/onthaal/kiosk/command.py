"""`onthaal kiosk …`: run the agent, check a wall, make a kiosk known to its centre."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from onthaal.lean import loading

app = typer.Typer(help="The agent in the wall: run it, check the wiring, enrol it.", no_args_is_help=True)

Config = Annotated[Path, typer.Option("--config", help="The kiosk's file, kiosk.toml.", show_default=False)]


@app.command()
def run(config: Config) -> None:
    """Run the agent of one wall until it is stopped.

    Opens the lines to boards and readers, serves the screen on loopback and speaks with the centre. It starts and
    serves without the centre and without any one of its devices.
    """
    with loading():
        from onthaal.kiosk import agent

    raise typer.Exit(agent.run(config))


@app.command()
def doctor(
    config: Config,
    open_: Annotated[int | None, typer.Option("--open", metavar="N", help="Pulse this door, once.")] = None,
    seconds: Annotated[float, typer.Option("--seconds", metavar="S", min=0, help="How long to watch.")] = 3.0,
    json_: Annotated[bool, typer.Option("--json", help="Print nothing but the JSON object.")] = False,
) -> None:
    """Check the wiring of a wall: the installer's tool. Needs no centre.

    Reads every door, opens door N if asked (one pulse, and watches for S seconds), then watches the readers for what
    is left of S. The last line printed is one JSON object. Exit code 0: what was asked happened. 1: it did not, and
    `fault` in the JSON says why. 2: the file cannot be used.

    While the agent runs on the same file nothing is opened. A compartment that holds something is never opened.
    """
    from onthaal.kiosk import doctor as examination  # draws on a terminal: not inside `loading`

    raise typer.Exit(examination.doctor(config, open_, seconds, json_))


@app.command()
def enrol(
    config: Config,
    code: Annotated[str, typer.Option("--code", help="The one-time code that the desk shows.", prompt=True)],
) -> None:
    """Make this kiosk known to its centre, with the one-time code from the desk.

    Draws the kiosk's own key if there is none, and keeps what the centre gives beside it. A running agent notices.
    """
    from onthaal.clock import from_environment
    from onthaal.core.refusals import Fault, Refusal
    from onthaal.words import words

    with loading():
        from onthaal.kiosk import enrol as enrolment
        from onthaal.kiosk.config import ConfigFault, load

    try:
        known = enrolment.enrol(load(config), code, clock=from_environment())
    except ConfigFault as fault:
        typer.echo(str(fault), err=True)
        raise typer.Exit(2) from fault
    except Refusal as no:
        typer.echo(words(f"why.{no.why.value}", "en", **no.facts), err=True)
        raise typer.Exit(1) from no
    except Fault as fault:
        typer.echo(f"{words(fault.advice, 'en')} ({fault})", err=True)
        raise typer.Exit(1) from fault
    typer.echo(f"This kiosk is device {known.device} of its centre.")
