"""Whether a wall can serve somebody now."""

from typing import Any

import pytest

from onthaal.core.protocol import Size
from onthaal.core.serving import WallNow, opens, takes_in

SIZES: dict[int, Size] = {1: "S", 2: "M", 3: "L"}
GOOD: dict[str, Any] = {
    "doors": dict.fromkeys(SIZES, "closed"),
    "contents": dict.fromkeys(SIZES, "empty"),
    "blocked": {},
}


def wall(**other: Any) -> WallNow:
    return WallNow(**GOOD | other)


def test_a_wall_in_order_gives_and_takes() -> None:
    assert opens(wall(), 1)
    assert takes_in(wall(), SIZES, "L")


@pytest.mark.parametrize(
    "trouble", [{"silent": True}, {"blocked": {3: frozenset({"mapping-fault"})}}], ids=["silent", "stopped"]
)
def test_a_wall_that_is_silent_or_stopped_opens_nothing(trouble: dict[str, Any]) -> None:
    assert not opens(wall(**trouble), 1)
    assert not takes_in(wall(**trouble), SIZES, "S")


@pytest.mark.parametrize("reason", ["did-not-open", "left-open", "forced", "centre", "kapot"])
def test_a_compartment_out_of_use_opens_for_nobody(reason: str) -> None:
    blocked = {1: frozenset({reason})}
    assert not opens(wall(blocked=blocked), 1)
    assert opens(wall(blocked=blocked), 2)


@pytest.mark.parametrize("reason", ["sensor-suspect", "unexpected-content"])
def test_a_doubt_about_the_content_keeps_nobody_from_their_own(reason: str) -> None:
    assert opens(wall(blocked={1: frozenset({reason})}), 1)


def test_a_door_that_nobody_sees_opens_for_nobody() -> None:
    assert not opens(wall(doors={1: "unknown", 2: "closed"}), 1)
    assert not opens(wall(doors={2: "closed"}), 1)


def test_a_thing_comes_back_only_behind_a_free_door_that_is_large_enough() -> None:
    assert not takes_in(wall(contents={1: "empty", 2: "holds", 3: "unknown"}), SIZES, "M")
    assert not takes_in(wall(blocked={3: frozenset({"sensor-suspect"})}), SIZES, "L")
    assert not takes_in(wall(doors={1: "closed", 2: "open", 3: "unknown"}), SIZES, "M")
    assert takes_in(wall(contents={1: "holds", 2: "holds", 3: "empty"}), SIZES, "M")
