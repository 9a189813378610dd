"""A person before the screen, for pure steps: says what happens, keeps what was wanted done."""

from __future__ import annotations

from typing import Any, Self, TypeVar

from onthaal.core.codes import Kind, written
from onthaal.core.facts import Body
from onthaal.kiosk.session import effects as do
from onthaal.kiosk.session import events as told
from onthaal.kiosk.session.state import Session, Setup, Spot, Staff, Thing, begun, door_in_play
from onthaal.kiosk.session.stepping import step

_B = TypeVar("_B", bound=Body)
_E = TypeVar("_E", bound=do.Effect)

TAG, OTHER_TAG = "E2000017221101441890", "E280116000000000000000AA"
CLEO = Staff(account="staff-cleo", shown_as="Cleo", rights=("load", "take_back", "inspect", "service"))


def a_thing(**changed: Any) -> Thing:
    return Thing(**({"handover": 7, "item": 3} | changed))


def a_tagged_thing(**changed: Any) -> Thing:
    return a_thing(tag=TAG, tagged=True, **changed)


def a_spot(**changed: Any) -> Spot:
    return Spot(**({"compartment": 4, "present": True} | changed))


class Person:
    """Each verb takes one or more events through `step`."""

    def __init__(self, service: str = "ok", **setup: Any) -> None:
        self.state: Session = begun(Setup(boot="boot", **setup), service)  # type: ignore[arg-type]
        self.done: list[do.Effect] = []

    def hears(self, event: told.Event) -> Self:
        self.state, effects = step(self.state, event)
        self.done += effects
        return self

    def acts(self, act: str, value: str = "") -> Self:
        return self.hears(told.Act(act=act, value=value))

    def scans(self, text: str | None) -> Self:
        return self.hears(told.Scanned(text=text))

    def holds(self, tag: str, *, ours: bool = True) -> Self:
        return self.hears(told.TagHeld(tag=tag, ours=ours))

    def rings(self, *timers: Any) -> Self:
        for timer in timers:
            self.hears(told.Rang(timer=timer))
        return self

    def types(self, digits: str) -> Self:
        for digit in digits:
            self.acts("key", digit)
        return self

    def starts(self) -> Self:
        return self.acts("start")

    def asks_for_a_pin(self) -> Self:
        return self.acts("go", "collect").types("482170935").acts("enter")

    def hears_yes(self, *, spot: Spot | None = None, thing: Thing | None = None) -> Self:
        """The code is right: of a thing that goes out, unless another is named."""
        thing = thing or a_thing()
        spot = None if thing.back else (spot or a_spot())
        session = self.state.session or "boot.1"
        return self.hears(told.Granted(session=session, channel="pin", grant=5, thing=thing, spot=spot))

    def door_opens(self) -> Self:
        return self.hears(told.Opened(intent=self.intent))

    def door_shuts(self, present: bool | None) -> Self:
        return self.hears(told.Shut(intent=self.intent, present=present))

    def is_staff(self) -> Self:
        """Badge and PIN are right."""
        self.starts().scans(written(Kind.BADGE, "CLEOCLEOCLEOCLEO"))
        self.hears(told.BadgeKnown(badge=CLEO.account, shown_as=CLEO.shown_as))
        self.types("314159").acts("enter")
        return self.hears(told.StaffKnown(session=self.state.session or "", staff=CLEO))

    @property
    def step(self) -> Any:
        """Where the session stands; the test says what it expects there."""
        return self.state.step

    @property
    def intent(self) -> str:
        job = door_in_play(self.state)
        assert job is not None, self.state.step
        return job.intent

    def at(self, kind: type[Any]) -> bool:
        return isinstance(self.state.step, kind)

    def told(self, kind: type[_B]) -> list[_B]:
        bodies: list[Body] = []
        for effect in self.done:
            bodies += effect.bodies if isinstance(effect, do.Tell) else ()
            bodies += (*effect.first, effect.intent) if isinstance(effect, do.Open) else ()
        return [body for body in bodies if isinstance(body, kind)]

    def last(self, kind: type[_E]) -> _E:
        return [effect for effect in self.done if isinstance(effect, kind)][-1]

    def timer(self, name: str) -> float | None:
        """When this timer was last set to ring."""
        return [effect for effect in self.done if isinstance(effect, do.Wake) and effect.timer == name][-1].seconds
