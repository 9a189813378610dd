"""Machines that are away or in doubt: who is told, and when."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from onthaal.kiosk.runner.standing import Standing
from tests.kiosk.cast import a_clock


def machines(*, code: bool = True, bus: str = "up") -> Any:
    reader = SimpleNamespace(up=code)
    return SimpleNamespace(
        code_reader=reader, tag_reader=None, locks=SimpleNamespace(buses=lambda: {"main": bus, "other": "up"})
    )


def test_nobody_is_asked_to_hold_anything_before_a_reader_that_has_been_away_for_ten_seconds() -> None:
    clock, wall = a_clock(), machines(code=False)
    standing = Standing(wall, clock)
    standing.look(frozenset())
    assert standing.reads("code")
    clock.turn(seconds=10)
    assert not standing.reads("code")
    assert not standing.reads("tag")
    wall.code_reader.up = True
    standing.look(frozenset())
    assert standing.reads("code")


def test_what_lasts_a_minute_is_a_trouble_until_it_is_over() -> None:
    clock, wall = a_clock(), machines(code=False, bus="degraded")
    standing = Standing(wall, clock)
    standing.look(frozenset())
    clock.turn(seconds=59)
    standing.look(frozenset())
    assert standing.troubles() == ()
    clock.turn(seconds=1)
    assert standing.troubles() == ("bus-degraded", "reader-silent")
    wall.code_reader.up = True
    standing.look(frozenset({"main"}))
    assert standing.troubles() == (), "of a silent board was told already"
