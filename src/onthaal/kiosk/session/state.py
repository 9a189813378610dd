"""Where a session stands. Frozen; nothing here outlives the session but what `fresh` keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from onthaal.core.facts import Channel, Purpose
from onthaal.core.protocol import Words3
from onthaal.core.refusals import Why
from onthaal.kiosk.session.identity import (
    Approval,
    IdentifyDigits,
    Identifying,
    IdentifyNext,
    IdentifyPage,
    IdentifyPhone,
    IdentifyStarting,
    IdentifyWaiting,
    IdentifyWay,
    Offer,
    Waiting,
)
from onthaal.kiosk.session.things import Spot, Thing
from onthaal.words import Lang

__all__ = [
    "Approval",
    "IdentifyDigits",
    "IdentifyNext",
    "IdentifyPage",
    "IdentifyPhone",
    "IdentifyStarting",
    "IdentifyWaiting",
    "IdentifyWay",
    "Spot",
    "Thing",
    "Waiting",
]  # fmt: skip

Service = Literal["starting", "not-enrolled", "store-full", "ok"]
"""Whether a session may start, and why not."""
How = Literal["done", "stopped", "idle", "abandoned", "restart", "fault"]
Trouble = Literal["door-did-not-open", "wrong-door", "line-unavailable", "left-open", "not-allowed", "not-checked"]


class _Frozen(msgspec.Struct, frozen=True, kw_only=True):
    pass


class Setup(_Frozen, frozen=True, kw_only=True):
    """What does not change while the agent runs."""

    boot: str
    """Names of sessions and intents begin with it, so that they are never used twice."""
    languages: tuple[Lang, ...] = ("nl", "fr", "en")
    code_reader: bool = True
    tag_reader: bool = True
    case_prefix: str = "K1"
    cases_from: int = 0
    """Case numbers count on from here: the last fact's number at the start."""


class Staff(_Frozen, frozen=True, kw_only=True):
    account: str
    shown_as: str
    rights: tuple[str, ...]


class Job(_Frozen, frozen=True, kw_only=True):
    """One thing, one compartment, one purpose; a reopening is a new intent of the same job."""

    purpose: Purpose
    spot: Spot
    intent: str
    thing: Thing = Thing()
    grant: int | None = None
    identification: int | None = None
    """Of a personal thing: the one that approved it."""
    staff: str | None = None
    by_tag: bool = False
    """The thing's tag was seen at the reader; after a wrong thing it must be seen again."""
    reopened: bool = False
    why_again: Literal["nothing", "wrong", "still", None] = None
    """What the reopened door must explain."""
    undo: bool = False
    """Staff takes out again what they just put in."""
    loaded: bool = False
    """*Loaded* was told: taking it out again is an undo on record."""
    wrong_tag: str | None = None
    found: bool = False
    """What is put in is known to be the wrong thing: it becomes a found item."""
    missing: bool = False
    """The person says that nothing was in it."""
    by_word: bool = False
    """The door's contact cannot be believed: the person says what happened."""
    said_shut: bool = False
    """That the door is shut was said by staff, and seen by nothing."""
    reasons: tuple[str, ...] = ()
    """Blocks of the kiosk's own that this check may lift."""

    @property
    def compartment(self) -> int:
        return self.spot.compartment


class TakeOut(_Frozen, frozen=True, kw_only=True):
    """One line of the staff's list: what is to be taken out, and from where."""

    compartment: int
    kind: Literal["recalled", "returned", "found", "disputed", "left"]
    handover: int | None = None
    names: Words3 | None = None


class ToCheck(_Frozen, frozen=True, kw_only=True):
    """A compartment that staff must look into, or whose block only needs lifting."""

    compartment: int
    reasons: tuple[str, ...] = ()
    sealed: bool = False
    """Something of somebody lies in it, or no door may be pulsed: a block can be lifted, the door stays shut."""


# the steps


class Attract(_Frozen, frozen=True, kw_only=True):
    pass


class Home(_Frozen, frozen=True, kw_only=True):
    pass


class Pin(_Frozen, frozen=True, kw_only=True):
    digits: str = ""


class ReturnPresent(_Frozen, frozen=True, kw_only=True):
    """Waiting for a tag. With `expected` a code has said which thing comes."""

    expected: Thing | None = None
    grant: int | None = None
    wrong: int = 0
    """How often another tag was held."""


class Placing(_Frozen, frozen=True, kw_only=True):
    """A free compartment is being chosen for this thing."""

    purpose: Purpose
    thing: Thing
    grant: int | None = None
    channel: Channel | None = None
    """Set when accepting the code must be told together with the intent."""
    by_tag: bool = False
    found: bool = False
    wrong_tag: str | None = None


class StaffPin(_Frozen, frozen=True, kw_only=True):
    badge: str
    shown_as: str
    digits: str = ""
    note: Why | None = None


class StaffMenu(_Frozen, frozen=True, kw_only=True):
    pass


class LoadScan(_Frozen, frozen=True, kw_only=True):
    wanted: Thing | None = None
    """Its label was scanned; its tag is still to be held before the reader."""
    note: Why | None = None
    last: Job | None = None
    """What was just loaded: it can still be undone."""


class TakeoutList(_Frozen, frozen=True, kw_only=True):
    entries: tuple[TakeOut, ...] = ()
    page: int = 0


class CheckList(_Frozen, frozen=True, kw_only=True):
    entries: tuple[ToCheck, ...] = ()
    page: int = 0


class CheckRelease(_Frozen, frozen=True, kw_only=True):
    """Lift the kiosk's own block of a compartment that holds somebody's thing: its door stays shut."""

    entry: ToCheck


class Refused(_Frozen, frozen=True, kw_only=True):
    why: Why
    facts: Mapping[str, str] = {}
    channel: Channel | None = None
    """What was held or typed, where the advice depends on it."""
    back: Home | Pin | ReturnPresent | StaffMenu | Attract | IdentifyNext
    signing_in: bool = False
    """No code was refused: the person was signing in, or had done so."""


class Checking(_Frozen, frozen=True, kw_only=True):
    """An answer is being looked up; `back` is where the person came from."""

    back: Home | Pin | ReturnPresent | StaffPin | StaffMenu | LoadScan | Attract


class Opening(_Frozen, frozen=True, kw_only=True):
    job: Job
    pulses: int = 1


class AtDoor(_Frozen, frozen=True, kw_only=True):
    """The door is open. Nothing times out but the door itself."""

    job: Job
    reminded: int = 0
    present: bool | None = None
    """What the presence sensor shows meanwhile."""


class NotTakenYet(_Frozen, frozen=True, kw_only=True):
    """Shut again, and the thing still lies there."""

    job: Job


class LoadConfirm(_Frozen, frozen=True, kw_only=True):
    job: Job
    present: bool | None


class TakeoutConfirm(_Frozen, frozen=True, kw_only=True):
    job: Job
    present: bool | None


class CheckConfirm(_Frozen, frozen=True, kw_only=True):
    job: Job
    present: bool | None


class Thanks(_Frozen, frozen=True, kw_only=True):
    what: Literal["collected", "kept", "missing", "returned", "found", "not-returned"]
    thing: Thing = Thing()
    compartment: int
    identified: bool = False
    """Of somebody who had said who they are, and has no code."""


Keeps = Literal["code", "document", "nothing"]
"""What a person can come back with: a code that stays valid, a document that stays theirs, or nothing of the kind."""


class Faulted(_Frozen, frozen=True, kw_only=True):
    trouble: Trouble
    case: str
    compartment: int | None = None
    keeps: Keeps = "nothing"
    retry: Placing | None = None
    """Another compartment may do for this thing."""
    doubted: Job | None = None
    """What may have been taken all the same: a contact that sticks shows no edge."""


Step = (
    Attract | Home | Pin | ReturnPresent | Placing | StaffPin | StaffMenu | LoadScan | TakeoutList | CheckList
    | CheckRelease | Refused | Checking | Opening | AtDoor | NotTakenYet | LoadConfirm | TakeoutConfirm | CheckConfirm
    | Thanks | Faulted
    | IdentifyWay | IdentifyStarting | IdentifyPage | IdentifyPhone | IdentifyDigits | IdentifyWaiting | IdentifyNext
)  # fmt: skip


class Session(_Frozen, frozen=True, kw_only=True):
    """The whole of what the screen shows and waits for."""

    setup: Setup
    step: Step = Attract()
    lang: Lang = "nl"
    service: Service = "starting"
    session: str | None = None
    staff: Staff | None = None
    overlay: Literal["none", "help", "warning"] = "none"
    case: str | None = None
    """The number shown by Help, made once a session."""
    busy: bool = False
    """Somebody scanned a code while a door was open."""
    answered_tags: tuple[str, ...] = ()
    """Tags that were answered and still lie before the reader: they are not asked about again. The newest last."""
    gone_tags: frozenset[str] = frozenset()
    """Those of them that were taken away at a screen that waits for tags, and nobody touched anything since."""
    offer: Offer | None = None
    """None: nobody says who they are at this wall."""
    identifying: Identifying | None = None
    approval: Approval | None = None
    attempts: int = 0
    sessions: int = 0
    intents: int = 0
    cases: int = 0


def begun(setup: Setup, service: Service = "starting") -> Session:
    """The state at the start of the agent."""
    return Session(setup=setup, lang=setup.languages[0], service=service)


def fresh(state: Session) -> Session:
    """The state after a session: nothing of it is left but the counters that keep names apart."""
    return Session(
        setup=state.setup,
        lang=state.setup.languages[0],
        service=state.service,
        offer=state.offer,
        attempts=state.attempts,
        sessions=state.sessions,
        cases=state.cases,
    )


def door_in_play(state: Session) -> Job | None:
    """The job whose door is being opened or open."""
    return state.step.job if isinstance(state.step, Opening | AtDoor) else None


def door_watched(state: Session) -> Job | None:
    """The same, and one that was not seen to open: its sensor may still tell otherwise."""
    return state.step.doubted if isinstance(state.step, Faulted) else door_in_play(state)
