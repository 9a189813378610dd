"""What staff does at the wall once they are known: load, take out, look after compartments."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from onthaal.core.evidence import Block
from onthaal.core.facts import (
    Body,
    CompartmentBlocked,
    CompartmentReleased,
    Loaded,
    NotTaken,
    Purpose,
    SeenEmpty,
    UnexpectedContent,
)
from onthaal.core.refusals import Why
from onthaal.kiosk.session import doors
from onthaal.kiosk.session import effects as do
from onthaal.kiosk.session import events as told
from onthaal.kiosk.session.faults import suspected
from onthaal.kiosk.session.moves import (
    Moved,
    answered,
    graded,
    opening,
    quiet,
    seen_to_go,
    session_of,
    stay,
    taken_out,
    tell,
    to,
)
from onthaal.kiosk.session.state import (
    AtDoor,
    CheckConfirm,
    CheckList,
    CheckRelease,
    Job,
    LoadConfirm,
    LoadScan,
    Refused,
    Session,
    Spot,
    Staff,
    StaffMenu,
    TakeOut,
    TakeoutConfirm,
    TakeoutList,
    Thing,
    ToCheck,
)

PER_PAGE = 3
"""With *more* beside them: at most four choices on a screen."""
RIGHTS = {"load": ("load",), "takeout": ("take_back", "inspect"), "check": ("service", "take_back")}
"""Which of these rights opens a line of the staff's menu. A wall that stopped itself is released by service alone."""
LINES: Mapping[Purpose, str] = {"load": "load", "take_back": "takeout", "check": "check"}
"""The line of the menu that a door is opened from."""


def staff_of(state: Session) -> Staff:
    """The staff member of this session. A bug when there is none."""
    assert state.staff is not None
    return state.staff


def may(staff: Staff, line: str) -> bool:
    return any(right in staff.rights for right in RIGHTS[line])


def chosen(state: Session, line: str) -> Moved:
    """A line of the menu."""
    if line not in RIGHTS or not may(staff_of(state), line):
        return stay(state)
    if line == "load":
        return to(replace(state, answered_tags=()), LoadScan())
    return to(state, TakeoutList(), do.ListTakeouts()) if line == "takeout" else to(state, CheckList(), do.ListChecks())


def listed(state: Session, event: told.Listed) -> Moved:
    match state.step:
        case TakeoutList() as at if event.takeouts is not None:
            return replace(state, step=replace(at, entries=event.takeouts)), ()
        case CheckList() as at if event.checks is not None:
            return replace(state, step=replace(at, entries=event.checks)), ()
        case _:
            return stay(state)


def picked(state: Session, number: str) -> Moved:
    """A compartment of the list: its door is looked up, then opened."""
    entries: tuple[TakeOut | ToCheck, ...] = ()
    if isinstance(state.step, TakeoutList | CheckList):
        entries = state.step.entries
    entry = next((one for one in entries if str(one.compartment) == number), None)
    if entry is None:
        return stay(state)
    if isinstance(entry, ToCheck) and Block.MAPPING_FAULT in entry.reasons and "service" not in staff_of(state).rights:
        return to(state, Refused(why=Why.NEEDS_SERVICE, back=StaffMenu()))
    if isinstance(entry, ToCheck) and entry.sealed:
        return to(state, CheckRelease(entry=entry))
    return state, (do.Locate(compartment=entry.compartment),)


def located(state: Session, event: told.Located) -> Moved:
    """Open what staff picked."""
    spot = event.spot
    match state.step:
        case TakeoutList(entries=entries):
            takeout = next((one for one in entries if one.compartment == spot.compartment), None)
            return opening(state, _takeout(state, takeout, spot)) if takeout else stay(state)
        case CheckList(entries=entries):
            check = next((one for one in entries if one.compartment == spot.compartment), None)
            return opening(state, _check(state, check, spot)) if check else stay(state)
        case _:
            return stay(state)


def _takeout(state: Session, entry: TakeOut, spot: Spot) -> Job:
    thing = Thing(handover=entry.handover, names=entry.names)
    return Job(purpose="take_back", spot=spot, intent="", thing=thing, staff=staff_of(state).account)


def _check(state: Session, entry: ToCheck, spot: Spot) -> Job:
    return Job(purpose="check", spot=spot, intent="", staff=staff_of(state).account, reasons=entry.reasons)


def said_shut(state: Session, at: AtDoor) -> Moved:
    """The contact reads open whatever the door does: staff says that it is shut. What is asked then is asked as ever,
    at the lowest grade, and people look at the contact."""
    job, present = replace(at.job, said_shut=True), at.present
    match job.purpose:
        case "load" if job.undo:
            after, effects = doors.undone(state, job, present=present)
        case "load":
            after, effects = to(state, LoadConfirm(job=job, present=present))
        case "take_back":
            after, effects = to(state, TakeoutConfirm(job=job, present=present))
        case "check":
            after, effects = to(state, CheckConfirm(job=job, present=present))
        case _:
            return stay(state)
    return after, (*tell(*suspected(job)), *quiet(), *effects)


def more(state: Session) -> Moved:
    """The next page, then the first again."""
    match state.step:
        case TakeoutList(entries=entries, page=page) | CheckList(entries=entries, page=page):
            pages = max(1, -(-len(entries) // PER_PAGE))
            return replace(state, step=replace(state.step, page=(page + 1) % pages)), ()
        case _:
            return stay(state)


def confirmed(state: Session) -> Moved:
    """*Yes* on a question only staff can answer."""
    match state.step:
        case LoadConfirm(job=job, present=present) if present is not False and not job.loaded:
            return loaded(state, job, present=present)
        case TakeoutConfirm(job=Job(undo=True) as job):
            return doors.out_again(state, job)
        case TakeoutConfirm(job=job, present=present) if present is not True:
            sensor = seen_to_go(job, present=present) and not job.said_shut
            out = taken_out(job, session_of(state), grade=graded(tag=False, sensor=sensor))
            released = _released(job) if job.thing.handover is None else ()
            return to(state, TakeoutList(), *tell(out, *released), do.ListTakeouts())
        case CheckConfirm(job=job, present=present) if present is not True:
            empty = SeenEmpty(compartment=job.compartment, staff=job.staff)
            return to(state, CheckList(), *tell(empty, *_released(job)), do.ListChecks())
        case CheckRelease(entry=entry):
            lifted = _lifted(entry.compartment, entry.reasons, staff_of(state).account)
            return to(state, CheckList(), *tell(*lifted), do.ListChecks())
        case _:
            return stay(state)


def loaded(state: Session, job: Job, *, present: bool | None) -> Moved:
    """*Loaded*: from now on the centre may invite the addressee. It can still be undone from the next screen."""
    assert job.thing.handover is not None
    fact = Loaded(
        handover=job.thing.handover,
        compartment=job.compartment,
        staff=job.staff or "",
        session=session_of(state),
        grade="D" if job.said_shut else graded(tag=job.by_tag, sensor=present is True),
        item=job.thing.item,
        first_staff=job.thing.first_staff,
    )
    last = replace(job, loaded=True)
    return to(answered(state, job.thing.tag), LoadScan(last=last), *tell(fact))


def undo(state: Session) -> Moved:
    """The same door once more, to take out what was just put in."""
    match state.step:
        case LoadConfirm(job=job) | LoadScan(last=Job() as job):
            return opening(state, _once_more(job, undo=True))
        case _:
            return stay(state)


def reopened(state: Session) -> Moved:
    """The same door once more, because something is not as it should be."""
    match state.step:
        case LoadConfirm(job=job) | TakeoutConfirm(job=job) | CheckConfirm(job=job):
            return opening(state, _once_more(job, reopened=True))
        case _:
            return stay(state)


def _once_more(job: Job, **why: bool) -> Job:
    """Shut by all that is seen; where that was only said, its contact reads what it read."""
    door = job.spot.door if job.said_shut else "closed"
    return replace(job, said_shut=False, spot=replace(job.spot, door=door), **why)


def not_empty(state: Session) -> Moved:
    """Something lies where nothing should, and stays there for now: nobody else gets this compartment."""
    match state.step:
        case CheckConfirm(job=job):
            bodies: tuple[Body, ...] = (
                UnexpectedContent(compartment=job.compartment),
                CompartmentBlocked(compartment=job.compartment, reason=Block.UNEXPECTED_CONTENT),
            )
            return to(state, CheckList(), *tell(*bodies), do.ListChecks())
        case LoadConfirm(job=job, present=False):
            empty = SeenEmpty(compartment=job.compartment, staff=job.staff)
            return to(replace(state, answered_tags=()), LoadScan(), *tell(empty))
        case TakeoutConfirm(job=job, present=True):
            kept = _kept(job, session_of(state))
            return to(state, TakeoutList(), *tell(*kept), do.ListTakeouts())
        case TakeoutConfirm(job=Job(undo=False) as job, present=present) if not seen_to_go(job, present=present):
            # Nobody took it out: where it is, people must say.
            empty = SeenEmpty(compartment=job.compartment, staff=job.staff)
            return to(state, TakeoutList(), *tell(empty), do.ListTakeouts())
        case _:
            return stay(state)


def _kept(job: Job, session: str) -> tuple[Body, ...]:
    if job.thing.handover is None:
        return ()
    return (NotTaken(handover=job.thing.handover, compartment=job.compartment, session=session),)


def _released(job: Job) -> tuple[Body, ...]:
    """Not what was found again just now: a contact that nobody can believe."""
    kept = {Block.SENSOR_SUSPECT} if job.said_shut else set()
    return _lifted(job.compartment, tuple(one for one in job.reasons if one not in kept), job.staff)


def _lifted(compartment: int, reasons: tuple[str, ...], staff: str | None) -> tuple[Body, ...]:
    return tuple(CompartmentReleased(compartment=compartment, reason=reason, staff=staff) for reason in sorted(reasons))


def back(state: Session) -> Moved:
    """One screen back inside the staff's part."""
    match state.step:
        case LoadScan(wanted=Thing()):
            return to(replace(state, answered_tags=()), LoadScan())
        case CheckRelease():
            return to(state, CheckList(), do.ListChecks())
        case _:
            return to(state, StaffMenu())
