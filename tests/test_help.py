"""What `--help` says reads as text, whatever the width of the window."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import pytest
import typer
from typer.core import TyperGroup
from typer.testing import CliRunner

from onthaal.cli import app

WIDTH = 80


def commands(command: object, *name: str) -> Iterator[tuple[str, ...]]:
    yield name
    if isinstance(command, TyperGroup):
        for each, below in command.commands.items():
            yield from commands(below, *name, each)


@pytest.mark.parametrize("name", [*commands(typer.main.get_command(app))], ids=" ".join)
def test_no_line_of_a_help_text_breaks_before_it_is_full(name: tuple[str, ...]) -> None:
    said = CliRunner().invoke(app, [*name, "--help"], env={"COLUMNS": str(WIDTH), "TERM": "dumb"})
    assert said.exit_code == 0
    text = said.output.partition("╭")[0]
    paragraphs = [part for part in text.replace("\n" + " " * WIDTH, "\n").split("\n\n") if part.strip()]
    assert paragraphs
    for paragraph in paragraphs:
        lines = [line.strip() for line in paragraph.strip().splitlines()]
        assert lines == textwrap.wrap(" ".join(lines), WIDTH - 2, break_on_hyphens=False)
