"""What a person's touch means on each screen, and what is the same on all of them: language, help, stop, back."""

from __future__ import annotations

from msgspec.structs import replace

from onthaal.core.codes import PIN_DIGITS
from onthaal.core.facts import HelpAsked
from onthaal.kiosk.session import doors, identify, staff
from onthaal.kiosk.session import effects as do
from onthaal.kiosk.session import events as told
from onthaal.kiosk.session.codes import place
from onthaal.kiosk.session.moves import Moved, begin, case, ended, session_of, stay, tell, to
from onthaal.kiosk.session.state import (
    AtDoor,
    Attract,
    Checking,
    Faulted,
    Home,
    IdentifyNext,
    IdentifyPage,
    Job,
    LoadConfirm,
    NotTakenYet,
    Opening,
    Pin,
    Placing,
    Refused,
    ReturnPresent,
    Session,
    Spot,
    StaffMenu,
    StaffPin,
    TakeoutConfirm,
    Thanks,
    door_in_play,
)

STAFF_PIN_DIGITS = 6


def acted(state: Session, event: told.Act) -> Moved:
    """A touch or a key. Whatever does not belong to this screen does nothing."""
    if isinstance(state.step, Attract):
        return _start(state)
    if state.overlay == "warning":
        return _warned(state, event)
    return _anywhere(state, event) or _here(state, event)


def _start(state: Session) -> Moved:
    if state.service != "ok":
        return stay(state)
    begun, effects = begin(state)
    return replace(begun, step=Home()), effects


def _warned(state: Session, event: told.Act) -> Moved:
    """Any touch is a sign of life. Where an approval is at stake, only the button that says so counts."""
    if event.act == "stop":
        return stopped(state)
    limited = identify.limited(state)
    woken = state if limited else replace(state, overlay="none")
    if event.act in {"lang", "help"}:
        return _anywhere(woken, event) or stay(woken)
    if not limited:
        return woken, ()
    return identify.more_time(state) if event.act == "more" else stay(state)


def _anywhere(state: Session, event: told.Act) -> Moved | None:
    match event.act:
        case "lang":
            chosen = next((lang for lang in state.setup.languages if lang == event.value), state.lang)
            return replace(state, lang=chosen), ()
        case "help":
            return helped(state)
        case "back" if state.overlay == "help":
            return replace(state, overlay="none"), ()
        case "stop":
            return stopped(state)
        case "back":
            return identify.back(state) or went_back(state)
        case _:
            return identify.acted(state, event)


def helped(state: Session) -> Moved:
    """A telephone number and a case number, made once a session."""
    if state.overlay == "help":
        return stay(state)
    if isinstance(state.step, IdentifyPage) and state.step.covered:
        away, first = identify.left(state)  # help is of no use under somebody else's page
        shown, effects = helped(away)
        return shown, (*first, *effects)
    asked = HelpAsked(session=session_of(state))
    if state.case is not None:
        return replace(state, overlay="help"), tell(asked)
    if isinstance(state.step, Faulted):
        return replace(state, overlay="help", case=state.step.case), tell(asked)
    state, number, fact = case(state, "help", door_in_play(state))
    return replace(state, overlay="help", case=number), tell(asked, fact)


def stopped(state: Session) -> Moved:
    """Away at once; the thing stays reserved. Not while a door is open: the door must be shut first."""
    match state.step:
        case Opening() | AtDoor():
            return replace(state, overlay="none"), ()
        case Thanks():
            return ended(state, "done")
        case Faulted():
            return ended(state, "fault")
        case _:
            return ended(state, "stopped")


def went_back(state: Session) -> Moved:
    match state.step:
        case Opening() | AtDoor() | Placing() | LoadConfirm() | TakeoutConfirm():
            return stay(state)
        case Home() | Thanks() | StaffMenu() | NotTakenYet() | IdentifyNext():
            return stopped(state)
        case Refused(back=Home() | Pin() | ReturnPresent() | IdentifyNext() as back):
            return to(replace(state, answered_tags=()), back)
        case Faulted() if state.staff is None:
            return stopped(state)
        case Pin() | ReturnPresent() | StaffPin() | Checking() if state.staff is None:
            return to(state, Home())
        case _:
            return staff.back(state)


def _here(state: Session, event: told.Act) -> Moved:  # noqa: C901 (one table: screen → room)
    match state.step:
        case Home():
            return _home(state, event)
        case Pin() | StaffPin():
            return _typed(state, event)
        case ReturnPresent() as present:
            return _present(state, present, event.act)
        case AtDoor() as at:
            return _at_door(state, at, event.act)
        case Refused() | Thanks():
            return went_back(state) if event.act in {"next", "done"} else stay(state)
        case NotTakenYet(job=job) if event.act == "again":
            return doors.again(state, job)
        case Faulted(doubted=Job(spot=Spot(present=None | False)) as job) if event.act == "have":
            return doors.by_word(state, job)
        case Faulted(retry=Placing() as retry) if event.act == "again":
            return place(state, retry)
        case _:
            return _staff(state, event)


def _staff(state: Session, event: told.Act) -> Moved:
    match event.act:
        case "go" if isinstance(state.step, StaffMenu):
            return staff.chosen(state, event.value)
        case "choose":
            return staff.picked(state, event.value)
        case "more":
            return staff.more(state)
        case "confirm":
            return staff.confirmed(state)
        case "undo":
            return staff.undo(state)
        case "again":
            return staff.reopened(state)
        case "deny":
            return staff.not_empty(state)
        case _:
            return stay(state)


def _home(state: Session, event: told.Act) -> Moved:
    match event:
        case told.Act(act="go", value="collect"):
            return to(state, Pin())
        case told.Act(act="go", value="return"):
            step = ReturnPresent() if state.setup.tag_reader else Pin()
            return to(replace(state, answered_tags=()), step)
        case told.Act(act="go", value="identify"):
            return identify.chosen(state)
        case told.Act(act="key"):
            return _typed(replace(state, step=Pin()), event)
        case _:
            return stay(state)


def _present(state: Session, present: ReturnPresent, act: str) -> Moved:
    """No tag, or one that cannot be read: the code alone will do, with a lower grade."""
    if act == "no-tag" and present.expected is not None:
        return place(state, Placing(purpose="return", thing=present.expected, grant=present.grant))
    if act == "code" and present.expected is None:
        return to(state, Pin())
    return stay(state)


def _typed(state: Session, event: told.Act) -> Moved:
    """The keypad. Nothing is checked before *enter*: a mistyped last digit can be put right."""
    step = state.step
    assert isinstance(step, Pin | StaffPin)
    full = PIN_DIGITS if isinstance(step, Pin) else STAFF_PIN_DIGITS
    match event.act:
        case "key" if event.value in set("0123456789") and len(step.digits) < full:
            return replace(state, step=replace(step, digits=step.digits + event.value)), ()
        case "erase":
            return replace(state, step=replace(step, digits=step.digits[:-1])), ()
        case "enter" if len(step.digits) == full:
            return _enter(state, step)
        case _:
            return stay(state)


def _enter(state: Session, step: Pin | StaffPin) -> Moved:
    session = session_of(state)
    if isinstance(step, Pin):
        return to(state, Checking(back=Pin()), do.CheckPin(session=session, text=step.digits))
    back = replace(step, digits="", note=None)
    return to(state, Checking(back=back), do.CheckStaffPin(session=session, badge=step.badge, pin=step.digits))


def _at_door(state: Session, at: AtDoor, act: str) -> Moved:
    match act:
        case "missing" if at.job.purpose == "collect":
            return doors.missing(state, at.job)
        case "have" if at.job.by_word and at.job.purpose == "collect":
            return doors.by_word(state, at.job)
        case "done" if at.job.by_word:
            return staff.said_shut(state, at)
        case "stuck" if at.job.by_word:
            return doors.did_not_open(state, at.job)
        case _:
            return stay(state)
