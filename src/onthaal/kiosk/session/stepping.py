"""`step(state, event) -> (state, effects)`: the whole behaviour of the screen, without clock, disk or wire."""

from __future__ import annotations

from msgspec.structs import replace

from onthaal.kiosk.session import acts, codes, doors, faults, identify, staff
from onthaal.kiosk.session import effects as do
from onthaal.kiosk.session import events as told
from onthaal.kiosk.session.moves import Moved, ended, faulted, stay
from onthaal.kiosk.session.state import (
    AtDoor,
    Attract,
    Checking,
    IdentifyDigits,
    IdentifyNext,
    IdentifyPage,
    IdentifyPhone,
    IdentifyStarting,
    IdentifyWaiting,
    Opening,
    Placing,
    Session,
    Thanks,
)

IDLE_SECONDS = 60.0
WARNING_SECONDS = 30.0
THANKS_SECONDS = 15.0
CHECKING_SECONDS = 20.0
"""A hash takes a tenth of a second; after this nobody is waiting for one any more."""


def step(state: Session, event: told.Event) -> Moved:
    """The state after `event`, and what is to be done, in order. Anything unexpected changes nothing."""
    if isinstance(event, told.Act | told.Scanned):
        state = codes.somebody_is_there(state)
    after, effects = _moved(state, event)
    ends = (*identify.forgotten(state, after), *identify.withdrawn(state, after))
    return after, (*effects, *ends, *_patience(state, event, after))


def _moved(state: Session, event: told.Event) -> Moved:  # noqa: C901, PLR0912 (one table: event → room)
    match event:
        case told.Act():
            return acts.acted(state, event)
        case told.Scanned():
            return codes.scanned(state, event)
        case told.TagHeld():
            return codes.tag_held(state, event)
        case told.Rang():
            return rang(state, event)
        case told.ServiceChanged(service=service):
            return replace(state, service=service), ()
        case told.Granted():
            return codes.granted(state, event)
        case told.Denied():
            return codes.denied(state, event)
        case told.BadgeKnown():
            return codes.badge_known(state, event)
        case told.StaffKnown():
            return codes.staff_known(state, event)
        case told.ThingFound():
            return codes.thing_found(state, event)
        case told.ThingUnknown():
            return codes.thing_unknown(state, event)
        case told.Placed():
            return doors.placed(state, event)
        case told.NoPlace():
            return doors.no_place(state, event)
        case told.Listed():
            return staff.listed(state, event)
        case told.Located():
            found = identify.located if isinstance(state.step, IdentifyNext) else staff.located
            return found(state, event)
        case told.OpenRefused():
            return doors.open_refused(state, event)
        case told.PulseFailed():
            return faults.pulse_failed(state, event)
        case told.DoorUnseen():
            return faults.out_of_sight(state, event)
        case told.Opened():
            return doors.opened(state, event)
        case told.Shut():
            return doors.shut(state, event)
        case told.PresenceChanged():
            return doors.presence_changed(state, event)
        case told.WallStopped():
            return faults.wall_stopped(state)
        case _:
            return _identity(state, event)


def _identity(state: Session, event: told.OfIdentity) -> Moved:
    match event:
        case told.OfferChanged(offer=offer):
            return identify.offer_changed(state, offer)
        case told.IdentityBegun():
            return identify.begun(state, event)
        case told.IdentityNotBegun():
            return identify.not_begun(state, event)
        case told.DigitsChecked():
            return identify.checked(state, event)
        case told.IdentityApproved():
            return identify.approved(state, event)
        case told.IdentityNotApproved():
            return identify.not_approved(state, event)
        case told.PageGone():
            return identify.page_gone(state, event)


def rang(state: Session, event: told.Rang) -> Moved:
    match event.timer:
        case "tag":
            return codes.tag_gone(state, event.tag), ()
        case "detect":
            return doors.not_yet_open(state)
        case "door":
            return doors.still_open(state)
        case "identity":
            return identify.rang(state)
        case "approval":
            return identify.approval_rang(state)
        case "longest":
            return identify.run_out(state)
        case "idle":
            return _idled(state)


def _idled(state: Session) -> Moved:
    """A warning first; whoever answers it has as long again, as often as they like."""
    match state.step:
        case Attract() | Opening() | AtDoor() | Placing():
            return stay(state)
        case IdentifyStarting() | IdentifyPage() | IdentifyPhone() | IdentifyDigits() | IdentifyWaiting():
            return stay(state)  # the person is busy elsewhere; the overall limit ends it
        case Thanks() if identify.more(state):
            return ended(state, "idle")
        case Thanks() if state.overlay != "help":
            return ended(state, "done")
        case Checking():
            return faulted(state, "not-checked", None)
        case _ if identify.limited(state):
            return stay(state)  # an approval has its own time
        case _ if state.overlay != "warning":
            return replace(state, overlay="warning"), (do.Wake(timer="idle", seconds=WARNING_SECONDS),)
        case _:
            return ended(state, "idle")


def _patience(before: Session, event: told.Event, after: Session) -> tuple[do.Effect, ...]:
    """The idle timer: from the last touch or change of screen; it stands still while a door is in play."""
    if isinstance(event, told.Rang) and after.overlay == "warning":
        return ()
    if identify.limited(after):
        return _short(before, after)
    touched = isinstance(event, told.Act | told.Scanned)
    if not touched and after.step is before.step and after.overlay == before.overlay:
        return ()
    match after.step:
        case Checking():
            return (do.Wake(timer="idle", seconds=CHECKING_SECONDS),)
        case Attract() | Opening() | AtDoor() | Placing():
            return (do.Wake(timer="idle", seconds=None),)
        case IdentifyStarting() | IdentifyPage() | IdentifyPhone() | IdentifyDigits() | IdentifyWaiting():
            return (do.Wake(timer="idle", seconds=None),)
        case Thanks(what=what) if what != "missing" and after.overlay == "none":
            return (do.Wake(timer="idle", seconds=THANKS_SECONDS),)
        case _:  # also where a case number is still to be written down
            return (do.Wake(timer="idle", seconds=IDLE_SECONDS),)


def _short(before: Session, after: Session) -> tuple[do.Effect, ...]:
    """Where a touch could open another door of an approval, touches renew nothing."""
    if after.step is before.step and identify.limited(before):
        return ()
    return (do.Wake(timer="idle", seconds=THANKS_SECONDS if isinstance(after.step, Thanks) else None),)
