"""A person collects at a wall that speaks the makers' bytes."""

from __future__ import annotations

from onthaal.core import facts as f
from tests.kiosk.cast import pin_text, waiting
from tests.kiosk.stage import on_stage


async def test_a_right_pin_opens_the_door_and_the_thing_is_collected(tmp_path):
    async with on_stage(tmp_path, waiting(482, 3), holds=(3,)) as stage:
        await stage.types_pin(pin_text())
        await stage.opens(3)
        await stage.sees("take")
        stage.hand.take(3)
        stage.hand.shut(3)
        await stage.sees("thanks")
        assert stage.told(f.Collected)[0].grade == "C"
        assert [one.present for one in stage.told(f.DoorShut)] == [False]
        kinds = stage.kinds
        order = ["CodeAccepted", "OpenIntended", "DoorOpened", "DoorShut", "Collected"]
        assert [kind for kind in kinds if kind in order] == order
