"""What a wall's doors and sensors showed: a pure fold of the kiosk's whole log.

It is the kiosk's own knowledge and no snapshot of the centre changes it. Content is *empty* only where a sensor, a
tag or a staff member said so; whatever may have let something in since makes it *unknown* again.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

import msgspec

from onthaal.core import throttle
from onthaal.core.facts import OpenIntended, Purpose
from onthaal.core.protocol import Door

Content = Literal["empty", "holds", "unknown"]
PULSES_AN_INTENT = 3
"""One, and at most two more while the door never read open."""


class Block(StrEnum):
    """Why the kiosk keeps a compartment out of use."""

    DID_NOT_OPEN = "did-not-open"
    LEFT_OPEN = "left-open"
    FORCED = "forced"
    UNEXPECTED_CONTENT = "unexpected-content"
    SENSOR_SUSPECT = "sensor-suspect"
    MAPPING_FAULT = "mapping-fault"


LIFTED_BY_EMPTINESS = frozenset({Block.LEFT_OPEN, Block.UNEXPECTED_CONTENT})
"""Reasons that are gone once the compartment was shut and seen empty."""


class Compartment(msgspec.Struct, frozen=True, kw_only=True):
    """What the log shows of one compartment."""

    door: Door = "unknown"
    """As last told; *unknown* after a restart or a silent bus. Who gives a compartment out asks the sensors too."""
    content: Content = "unknown"
    handover: int | None = None
    """Whose thing lies in it, as far as this wall knows. Stays until it was taken out, also while in dispute."""
    thing: Literal["returned", "found"] | None = None
    """It holds something that belongs to no handover here."""
    blocked: frozenset[str] = frozenset()
    present: bool | None = None
    """The sensor's last word; None without one, and while the door is open."""
    session: str | None = None
    """The session that put the thing in: it may undo that while it lasts."""


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """An intent without an outcome yet."""

    intended: OpenIntended
    pulses: int = 1
    """The first one needs no fact of its own: the intent is it."""
    opened: bool = False
    shut: bool = False
    """Shut after it was opened."""
    present: bool | None = None
    opened_before: bool = False
    """An earlier intent on this compartment, without an outcome either, opened the door."""
    empty_at: int | None = None
    """The number of the intent's own fact, when the compartment was known to be empty before it."""

    @property
    def may_pulse_again(self) -> bool:
        return self.pulses < PULSES_AN_INTENT and not self.opened

    @property
    def ever_opened(self) -> bool:
        return self.opened or self.opened_before

    @property
    def harmless(self) -> bool:
        """Nothing changes hands by it, whatever happened: only the content is not known for sure."""
        purpose: Purpose = self.intended.purpose
        return purpose in {"check", "doctor"} or (purpose == "remote" and self.intended.handover is None)


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """What the centre approved for whoever stands there in this session. Nobody's name; gone with the session."""

    session: str
    identification: int
    handovers: frozenset[int]
    """Not collected yet."""


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the log says about doors, contents, intents and tries. `folding.after` makes the next one."""

    number: int = 0
    """The last fact in it."""
    compartments: dict[int, Compartment] = {}
    intents: dict[str, Intent] = {}
    missed: dict[int, OpenIntended] = {}
    """By compartment: the intent whose pulses showed nothing, while nothing else became of it."""
    codes: throttle.CodeRecord = throttle.CodeRecord()
    session: str | None = None
    """The session that was opened last and not closed."""
    approval: Approval | None = None
    """Ends with its session and with every start of the agent: a power cut leaves none."""

    @staticmethod
    def empty() -> Evidence:
        return Evidence()

    def compartment(self, number: int) -> Compartment:
        return self.compartments.get(number) or Compartment()

    def holding(self, handover: int) -> int | None:
        """The compartment that holds this handover's thing by this wall's own evidence."""
        return next((n for n, one in self.compartments.items() if one.handover == handover), None)

    def approved(self, handover: int | None, session: str | None) -> bool:
        """Whether the addressee was identified in this very session, for this handover."""
        approval = self.approval
        return approval is not None and approval.session == session and handover in approval.handovers

    def intents_on(self, compartment: int) -> tuple[Intent, ...]:
        return tuple(intent for intent in self.intents.values() if intent.intended.compartment == compartment)

    def may_open_late(self, compartment: int) -> OpenIntended | None:
        """What a pulse was sent for whose door may still open by it: nobody knows how it ended, or it showed nothing
        (a spring too weak, a bolt that was let go: somebody pulls)."""
        waits = self.intents_on(compartment)
        if waits:
            return waits[-1].intended
        stuck = Block.DID_NOT_OPEN in self.compartment(compartment).blocked
        return self.missed.get(compartment) if stuck else None

    def was_shut(self, intent: str) -> bool:
        """Whether its door was opened and is shut again: what opens it then is not its pulse."""
        one = self.intents.get(intent)
        return one is not None and one.shut

    @property
    def mapping_fault(self) -> bool:
        """Another door moved than the one pulsed: nothing is pulsed until staff released both."""
        return any(Block.MAPPING_FAULT in one.blocked for one in self.compartments.values())
