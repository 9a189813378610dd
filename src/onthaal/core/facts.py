"""The facts: what happened at a kiosk. Numbered, never changed, chained.

Every fact is one of the bodies below inside a `Fact`. Doors and compartments are numbers as painted on them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from onthaal.core import chain

Grade = Literal["A", "B", "C", "D"]
"""How good the evidence of a move is. A: the tag was seen inside the closed compartment. B: tag at the reader and
the presence sensor after closing. C: one of these with a whole door cycle. D: door cycle or a person's word only."""

Channel = Literal["pin", "qr", "tag", "badge"]
Purpose = Literal["collect", "load", "return", "take_back", "remote", "check", "doctor"]


class _Body(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", omit_defaults=True
):
    pass


# the machine


class Started(_Body, frozen=True, kw_only=True, tag="started"):
    """The agent came up. `clean` says whether the run before it ended by itself."""

    software: str
    clean: bool


class Fitted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One compartment as the kiosk's file says it is."""

    number: int
    size: Literal["S", "M", "L", "XL"]
    bottom_mm: int
    top_mm: int
    presence: bool
    """It can see whether something lies in it."""


class Configured(_Body, frozen=True, kw_only=True, tag="configured"):
    """Which compartments there are. Told at the first start and whenever the file changed."""

    compartments: tuple[Fitted, ...]


class LogBegun(_Body, frozen=True, kw_only=True, tag="log-begun"):
    """The first fact of a log that goes on where another ended: this disk had been put back to an earlier state, and
    the centre heard more of that log than is on it. What was never heard of it follows, with its own times."""

    former: str
    """The log before."""
    same_up_to: int
    """The last of its facts that both sides have."""


class EpochAccepted(_Body, frozen=True, kw_only=True, tag="epoch-accepted"):
    """The centre was restored; from now on its wishes of this epoch count."""

    epoch: int
    was: int


class BusSilent(_Body, frozen=True, kw_only=True, tag="bus-silent"):
    """No board of the bus answers, or one of several does not."""

    bus: str
    compartments: tuple[int, ...]
    """Those that fell silent now."""


class BusRestored(_Body, frozen=True, kw_only=True, tag="bus-restored"):
    bus: str
    changed: tuple[int, ...] = ()
    """Doors that read otherwise than before the silence."""
    still: tuple[int, ...] = ()
    """Compartments of this bus whose board stays silent."""


class SensorSuspect(_Body, frozen=True, kw_only=True, tag="sensor-suspect"):
    compartment: int
    what: Literal["door", "presence"]


# who stood there


class SessionOpened(_Body, frozen=True, kw_only=True, tag="session-opened"):
    session: str
    language: str


class SessionClosed(_Body, frozen=True, kw_only=True, tag="session-closed"):
    session: str
    how: Literal["done", "stopped", "idle", "abandoned", "restart", "fault"]


class StaffIdentified(_Body, frozen=True, kw_only=True, tag="staff-identified"):
    session: str
    staff: str


class CodeAccepted(_Body, frozen=True, kw_only=True, tag="code-accepted"):
    session: str
    channel: Channel
    grant: int | None = None
    handover: int | None = None


class CodeRefused(_Body, frozen=True, kw_only=True, tag="code-refused"):
    """`grant` only where the code named one: five of them close its PIN. Never the code itself."""

    session: str
    channel: Channel
    why: str
    grant: int | None = None
    counts: bool = False
    """A guess: it counts for the wall's back-off and its yearly allowance, or for that of the badge."""
    staff: str | None = None
    """The account behind the badge, when it was a staff PIN that was wrong."""


class IdentificationBegun(_Body, frozen=True, kw_only=True, tag="identification-begun"):
    """Somebody chose to say who they are; the centre knows it by this number."""

    session: str
    identification: int
    way: Literal["page", "phone"]


class Identified(_Body, frozen=True, kw_only=True, tag="identified"):
    """The centre approved these handovers for this session, and for nothing else. Who it is, the kiosk never knows."""

    session: str
    identification: int
    handovers: tuple[int, ...]


class IdentificationEnded(_Body, frozen=True, kw_only=True, tag="identification-ended"):
    """It came to nothing. `identification` is None when it could not even begin."""

    session: str
    why: str
    identification: int | None = None


class WallQrOnly(_Body, frozen=True, kw_only=True, tag="wall-qr-only"):
    """Too many wrong codes in 30 days: PINs are closed at this wall until staff releases it."""

    wrong_codes: int


class CaseOpened(_Body, frozen=True, kw_only=True, tag="case-opened"):
    """The number that a person was shown, to tell on the telephone."""

    case: str
    about: str
    session: str | None = None
    compartment: int | None = None
    handover: int | None = None


class HelpAsked(_Body, frozen=True, kw_only=True, tag="help-asked"):
    session: str


# doors


class OpenIntended(_Body, frozen=True, kw_only=True, tag="open-intended"):
    """On disk before the first pulse byte. One pulse, at most two more in the same session while it never read open."""

    intent: str
    session: str
    compartment: int
    purpose: Purpose
    handover: int | None = None
    staff: str | None = None


class Pulsed(_Body, frozen=True, kw_only=True, tag="pulsed"):
    """On disk before each further pulse of the same intent (the first needs none: the intent is it)."""

    intent: str
    pulse: int


class PulseNotSent(_Body, frozen=True, kw_only=True, tag="pulse-not-sent"):
    """The line was gone before the first byte of the first pulse: the lock never heard of this intent."""

    intent: str
    compartment: int


class DoorOpened(_Body, frozen=True, kw_only=True, tag="door-opened"):
    """The contact changed to open. Without `intent`: nobody asked for it."""

    compartment: int
    intent: str | None = None


class DoorShut(_Body, frozen=True, kw_only=True, tag="door-shut"):
    compartment: int
    intent: str | None = None
    present: bool | None = None
    """What the presence sensor says now; None where there is none or it does not answer."""


class OpenNotDetected(_Body, frozen=True, kw_only=True, tag="open-not-detected"):
    intent: str
    compartment: int


class DoorLeftOpen(_Body, frozen=True, kw_only=True, tag="door-left-open"):
    """Five minutes open: the session ended, the wall serves others, this compartment is blocked."""

    compartment: int
    intent: str | None = None


class OpenedWithoutCommand(_Body, frozen=True, kw_only=True, tag="opened-without-command"):
    compartment: int


class WrongDoor(_Body, frozen=True, kw_only=True, tag="wrong-door"):
    """Another door moved than the one that was pulsed: the whole wall stops."""

    pulsed: int
    moved: int


class CompartmentBlocked(_Body, frozen=True, kw_only=True, tag="compartment-blocked"):
    """The kiosk takes a compartment out of use; each reason is lifted by itself."""

    compartment: int
    reason: str


class CompartmentReleased(_Body, frozen=True, kw_only=True, tag="compartment-released"):
    compartment: int
    reason: str
    staff: str | None = None


class SeenEmpty(_Body, frozen=True, kw_only=True, tag="seen-empty"):
    """Evidence that a compartment holds nothing: its sensor, or a staff member who looked."""

    compartment: int
    staff: str | None = None


class UnexpectedContent(_Body, frozen=True, kw_only=True, tag="unexpected-content"):
    """Something lies where nothing should."""

    compartment: int
    handover: int | None = None


# custody


class Loaded(_Body, frozen=True, kw_only=True, tag="loaded"):
    """A staff member put the thing of this handover out into a compartment, shut it and confirmed."""

    handover: int
    compartment: int
    staff: str
    session: str
    grade: Grade
    item: int | None = None
    first_staff: str | None = None
    """Who prepared it, where two people are needed."""


class LoadUndone(_Body, frozen=True, kw_only=True, tag="load-undone"):
    handover: int
    compartment: int
    staff: str
    session: str


class Collected(_Body, frozen=True, kw_only=True, tag="collected"):
    """The addressee took it: the proof was right, the door opened, and it was shut (or left open) after."""

    handover: int
    compartment: int
    session: str
    grade: Grade
    grant: int | None = None
    identification: int | None = None
    """Of a personal document: the identification that approved it, in the same session."""


class NotTaken(_Body, frozen=True, kw_only=True, tag="not-taken"):
    """The door was opened and shut and the thing still lies there. Nothing changes hands."""

    handover: int
    compartment: int
    session: str


class Returned(_Body, frozen=True, kw_only=True, tag="returned"):
    """A thing was brought back into a compartment. Without `handover`: an item on loan whose return is not planned
    at this wall; the centre plans it backwards."""

    compartment: int
    session: str
    grade: Grade
    handover: int | None = None
    item: int | None = None
    tag: str | None = None


class FoundItem(_Body, frozen=True, kw_only=True, tag="found-item"):
    """A wrong or foreign thing was left in a compartment: quarantine; the loan stays open."""

    compartment: int
    session: str
    expected: int | None = None
    """The handover back that was meant."""
    tag: str | None = None


class TakenOut(_Body, frozen=True, kw_only=True, tag="taken-out"):
    """Staff took a thing out: a recalled one back to the desk, a returned one to inspect it, or a found one."""

    compartment: int
    staff: str
    session: str
    grade: Grade
    handover: int | None = None


class Disputed(_Body, frozen=True, kw_only=True, tag="disputed"):
    """Nobody can tell from the evidence where the thing is: people must look."""

    handover: int
    compartment: int | None
    why: Literal[
        "crash-closed-no-sensor", "crash-closed-absent", "crash-open", "changed-in-silence", "left-open", "forced",
        "rule-broken", "loading-unfinished", "sensor-suspect",
    ]  # fmt: skip


class CommandAnswered(_Body, frozen=True, kw_only=True, tag="command-answered"):
    nonce: str
    outcome: Literal["opened", "not-opened", "expired", "other-boot", "refused", "busy"]
    why: str | None = None


Body = (
    Started | Configured | LogBegun | EpochAccepted | BusSilent | BusRestored | SensorSuspect
    | SessionOpened | SessionClosed | StaffIdentified | CodeAccepted | CodeRefused
    | IdentificationBegun | Identified | IdentificationEnded | WallQrOnly | CaseOpened | HelpAsked
    | OpenIntended | Pulsed | PulseNotSent | DoorOpened | DoorShut | OpenNotDetected | DoorLeftOpen
    | OpenedWithoutCommand | WrongDoor | CompartmentBlocked | CompartmentReleased | SeenEmpty | UnexpectedContent
    | Loaded | LoadUndone | Collected | NotTaken | Returned | FoundItem | TakenOut | Disputed | CommandAnswered
)  # fmt: skip


class Fact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One fact of one kiosk's log."""

    number: int
    """1, 2, 3 … without gaps."""
    at: datetime
    """The kiosk's clock, UTC."""
    boot: str
    body: Body
    hash: str
    """Hex: the chain of the kiosk's log up to and including this fact."""


def stream(log: str) -> str:
    """The name of a kiosk log's journal stream."""
    return f"kiosk-log:{log}"


def sealed(*, number: int, at: datetime, boot: str, body: Body, previous: bytes) -> Fact:
    """A fact with its hash: the chain over number, at, boot and body (not the hash itself)."""
    told = chain.canonical({"number": number, "at": at, "boot": boot, "body": body})
    return Fact(number=number, at=at, boot=boot, body=body, hash=chain.link(previous, told).hex())


def follows(fact: Fact, previous: bytes) -> bool:
    """Whether the fact's hash stands on `previous`."""
    told = chain.canonical({"number": fact.number, "at": fact.at, "boot": fact.boot, "body": fact.body})
    return chain.link(previous, told).hex() == fact.hash
