"""One door: opening it, standing at it, and what it means that it was shut."""

from __future__ import annotations

from msgspec.structs import replace

from onthaal.core.evidence import Block
from onthaal.core.facts import (
    Body,
    CodeAccepted,
    CodeRefused,
    Collected,
    CompartmentBlocked,
    Disputed,
    DoorLeftOpen,
    FoundItem,
    Grade,
    LoadUndone,
    NotTaken,
    OpenNotDetected,
    Returned,
    SeenEmpty,
    UnexpectedContent,
)
from onthaal.core.refusals import Why
from onthaal.kiosk.session import effects as do
from onthaal.kiosk.session import events as told
from onthaal.kiosk.session import identify
from onthaal.kiosk.session.faults import put_in_before, suspected, went_unseen
from onthaal.kiosk.session.moves import (
    ABANDONED,
    DETECT_SECONDS,
    FIRST_REMINDER,
    MOST_PULSES,
    SECOND_REMINDER,
    Moved,
    accepted,
    case,
    ended,
    faulted,
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
    Faulted,
    Home,
    IdentifyNext,
    Job,
    LoadConfirm,
    LoadScan,
    NotTakenYet,
    Opening,
    Placing,
    Refused,
    Session,
    Spot,
    StaffMenu,
    TakeoutConfirm,
    Thanks,
    Thing,
)


def placed(state: Session, event: told.Placed) -> Moved:
    """A compartment was found for what is loaded or brought back."""
    if not isinstance(state.step, Placing):
        return stay(state)
    wish = state.step
    job = Job(
        purpose=wish.purpose,
        spot=event.spot,
        intent="",
        thing=wish.thing,
        grant=wish.grant,
        staff=state.staff.account if state.staff else None,
        by_tag=wish.by_tag,
        found=wish.found,
        wrong_tag=wish.wrong_tag,
    )
    return opening(state, job, *accepted(state, wish))


def no_place(state: Session, event: told.NoPlace) -> Moved:
    if not isinstance(state.step, Placing):
        return stay(state)
    first = tell(*accepted(state, state.step))
    back = StaffMenu() if state.staff else Home()
    return to(state, Refused(why=event.why, back=back), *first)


def open_refused(state: Session, event: told.OpenRefused) -> Moved:
    """The last guard would not pulse. Nothing moved; but what was put in before is still there, and nobody said so."""
    if not isinstance(state.step, Opening | AtDoor):
        return stay(state)
    job = state.step.job
    state = identify.kept(state, job)
    back = StaffMenu() if state.staff else IdentifyNext() if identify.more(state) else Home()
    signed = job.identification is not None
    why = Why.IDENTITY_FAILED if signed and event.why is Why.PROOF_TOO_WEAK else event.why  # no code was too weak
    no = Refused(why=why, back=back, signing_in=signed)
    return to(state, no, *tell(*_not_used(event.code, why), *put_in_before(job)), *quiet())


def _not_used(code: CodeAccepted | None, why: Why) -> tuple[Body, ...]:
    """A right code opened nothing: no guess, and yet it is on record."""
    if code is None:
        return ()
    return (CodeRefused(session=code.session, channel=code.channel, why=why, grant=code.grant),)


def opened(state: Session, event: told.Opened) -> Moved:
    match state.step:
        case Opening(job=job) | Faulted(doubted=Job() as job) if job.intent == event.intent:
            # Also late: who still stands before *it did not open* has pulled.
            reminder = do.Wake(timer="door", seconds=FIRST_REMINDER)
            busy = identify.door_opened(state, job)
            return to(state, AtDoor(job=job), do.Wake(timer="detect", seconds=None), reminder, *busy)
        case _:
            return stay(state)


def presence_changed(state: Session, event: told.PresenceChanged) -> Moved:
    match state.step:
        case AtDoor(job=job) as at if job.intent == event.intent:
            return replace(state, step=replace(at, present=event.present)), ()
        case Opening(job=job) if job.intent == event.intent and event.present is False and job.spot.present is True:
            return went_unseen(state, job)
        case Faulted(doubted=Job() as job) as fault if job.intent == event.intent and event.present is not None:
            seen = replace(job, spot=replace(job.spot, present=event.present))
            return replace(state, step=replace(fault, doubted=seen)), ()
        case _:
            return stay(state)


def not_yet_open(state: Session) -> Moved:
    """Three seconds without an edge: one more pulse, or the door does not open."""
    match state.step:
        case Opening(job=job, pulses=pulses) if pulses < MOST_PULSES:
            again = do.PulseAgain(intent=job.intent, compartment=job.compartment, pulse=pulses + 1)
            return replace(state, step=Opening(job=job, pulses=pulses + 1)), (
                again,
                do.Wake(timer="detect", seconds=DETECT_SECONDS),
            )
        case Opening(job=job):
            return did_not_open(state, job)
        case _:
            return stay(state)


def did_not_open(state: Session, job: Job) -> Moved:
    """Custody unchanged, compartment blocked, the code stays valid, a case number; and whoever has it says so."""
    bodies: list[Body] = [
        OpenNotDetected(intent=job.intent, compartment=job.compartment),
        CompartmentBlocked(compartment=job.compartment, reason=Block.DID_NOT_OPEN),
    ]
    after, effects = faulted(state, "door-did-not-open", job, *bodies, *put_in_before(job))
    if isinstance(after.step, Faulted) and job.purpose == "collect":
        after = replace(after, step=replace(after.step, doubted=job))
    return after, effects


def still_open(state: Session) -> Moved:
    """Reminders at 30 and 120 s; at five minutes the wall goes on without this compartment."""
    match state.step:
        case AtDoor(reminded=0) as at:
            return replace(state, step=replace(at, reminded=1)), (
                do.Wake(timer="door", seconds=SECOND_REMINDER - FIRST_REMINDER),
            )
        case AtDoor(reminded=1) as at:
            # So long after, whoever shuts it may be somebody else: nothing else opens for them.
            return replace(identify.void(state), step=replace(at, reminded=2)), (
                do.Wake(timer="door", seconds=ABANDONED - SECOND_REMINDER),
            )
        case AtDoor(job=Job(by_word=True, spot=Spot(door="closed"), thing=Thing(handover=int(handover))) as job):
            doubt = Disputed(handover=handover, compartment=job.compartment, why="sensor-suspect")
            after, effects = ended(state, "abandoned", *suspected(job), doubt)
            return after, (*effects, do.Drop(intent=job.intent, compartment=job.compartment))
        case AtDoor(job=job, present=present):
            bodies = (
                DoorLeftOpen(compartment=job.compartment, intent=job.intent),
                CompartmentBlocked(compartment=job.compartment, reason=Block.LEFT_OPEN),
                *_left(job, session_of(state), present=present),
            )
            after, effects = ended(state, "abandoned", *bodies)
            return after, (*effects, do.Drop(intent=job.intent, compartment=job.compartment))
        case _:
            return stay(state)


def _left(  # noqa: C901 (one table: purpose and sensor → facts)
    job: Job, session: str, *, present: bool | None
) -> tuple[Body, ...]:
    """What an open door that nobody shuts says about the thing."""
    handover, compartment = job.thing.handover, job.compartment
    unclear: tuple[Body, ...] = ()
    if handover is not None:
        unclear = (Disputed(handover=handover, compartment=compartment, why="left-open"),)
    match job:
        case Job(purpose="collect", missing=False) if present is not True and handover is not None:
            return (taken(job, session, grade="D"),)
        case Job(purpose="take_back") if seen_to_go(job, present=present):
            return (taken_out(job, session, grade="D"),)
        case Job(purpose="load", loaded=True) if present is False:
            return _undone(job, session)
        case Job(purpose="load", loaded=False):
            return ()
        case Job(purpose="return") if present is False:
            return ()
        case Job(purpose="return") if handover is None:
            return (UnexpectedContent(compartment=compartment),)
        case Job(purpose="take_back") if present is True:
            return ()
        case _:
            return unclear


def shut(state: Session, event: told.Shut) -> Moved:
    """The door is shut: what it means depends on what it was opened for."""
    match state.step:
        case AtDoor(job=job) | Opening(job=job) | Faulted(doubted=Job() as job) if job.intent == event.intent:
            state, first = identify.door_shut(state, job)
            after, effects = _meaning(state, job, present=event.present)
            return after, (*quiet(), *first, *effects)
        case _:
            return stay(state)


def _meaning(state: Session, job: Job, *, present: bool | None) -> Moved:
    match job.purpose:
        case "collect":
            return collected(state, job, present=present)
        case "return":
            return brought_back(state, job, present=present)
        case "load" if job.undo:
            return undone(state, job, present=present)
        case "load":
            return to(state, LoadConfirm(job=job, present=present))
        case "take_back":
            return to(state, TakeoutConfirm(job=job, present=present))
        case _:
            return to(state, CheckConfirm(job=job, present=present))


def collected(state: Session, job: Job, *, present: bool | None) -> Moved:
    """Taken unless the sensor says otherwise, or the person said that nothing was there."""
    session, handover = session_of(state), job.thing.handover
    assert handover is not None
    if job.missing:
        doubt = Disputed(handover=handover, compartment=job.compartment, why="sensor-suspect")
        return to(state, Thanks(what="missing", compartment=job.compartment), *tell(doubt))
    if present is True:
        kept = NotTaken(handover=handover, compartment=job.compartment, session=session)
        identified = job.identification is not None
        if job.reopened or (identified and state.approval is None):
            thanks = Thanks(what="kept", compartment=job.compartment, identified=identified)
            return to(state, thanks, *tell(kept))
        return to(state, NotTakenYet(job=job), *tell(kept))
    fact = taken(job, session, grade=graded(tag=False, sensor=seen_to_go(job, present=present)))
    return to(state, Thanks(what="collected", thing=job.thing, compartment=job.compartment), *tell(fact))


def taken(job: Job, session: str, *, grade: Grade) -> Collected:
    assert job.thing.handover is not None
    return Collected(
        handover=job.thing.handover,
        compartment=job.compartment,
        session=session,
        grade=grade,
        grant=job.grant,
        identification=job.identification,
    )


def by_word(state: Session, job: Job) -> Moved:
    """The contact cannot be believed: the person says that they have it, and people look at the contact. One whose
    line fell silent is not to blame."""
    fact = taken(job, session_of(state), grade="D")
    silent = isinstance(state.step, Faulted) and state.step.trouble == "line-unavailable"
    blames = () if silent else suspected(job)
    done = Thanks(what="collected", thing=job.thing, compartment=job.compartment)
    return to(state, done, *tell(fact, *blames), *quiet(), do.Drop(intent=job.intent, compartment=job.compartment))


def missing(state: Session, job: Job) -> Moved:
    """Nothing was in it, says the person. No blame: a case, and people look."""
    if job.missing:
        return stay(state)
    state, number, fact = case(state, "nothing-inside", job)
    return to(replace(state, case=number), AtDoor(job=replace(job, missing=True)), *tell(fact))


def again(state: Session, job: Job) -> Moved:
    """The same door once more, for what was not taken."""
    job = replace(job, reopened=True, spot=replace(job.spot, door="closed"))
    return opening(state, job)


def brought_back(state: Session, job: Job, *, present: bool | None) -> Moved:
    """A wrong thing or none: the same door once more, with an explanation. Then quarantine, or nothing at all.

    A wrong thing that was seen lies there until the right tag is seen: that the door moved again says nothing."""
    why = "wrong" if job.wrong_tag is not None and not job.found else "nothing" if present is False else None
    if why is not None and not job.reopened:
        once_more = replace(
            job,
            reopened=True,
            by_tag=job.by_tag and why != "wrong",
            why_again=why,
            spot=replace(job.spot, door="closed"),
        )
        return opening(state, once_more)
    if present is False:
        empty = SeenEmpty(compartment=job.compartment)
        return to(state, Thanks(what="not-returned", thing=job.thing, compartment=job.compartment), *tell(empty))
    session = session_of(state)
    if job.found or job.wrong_tag is not None:
        found = FoundItem(compartment=job.compartment, session=session, expected=job.thing.handover, tag=job.wrong_tag)
        return to(state, Thanks(what="found", thing=job.thing, compartment=job.compartment), *tell(found))
    back = Returned(
        compartment=job.compartment,
        session=session,
        grade=graded(tag=job.by_tag, sensor=present is True),
        handover=job.thing.handover,
        item=job.thing.item,
        tag=job.thing.tag if job.by_tag else None,
    )
    return to(state, Thanks(what="returned", thing=job.thing, compartment=job.compartment), *tell(back))


def undone(state: Session, job: Job, *, present: bool | None) -> Moved:
    """Staff took out again what they had put in. Where nothing sees into it, they are asked."""
    if present is True:
        return to(state, LoadConfirm(job=replace(job, undo=False, why_again="still"), present=present))
    if present is None:
        return to(state, TakeoutConfirm(job=job, present=None))
    return out_again(state, job)


def out_again(state: Session, job: Job) -> Moved:
    """It is out: a sensor saw so, or staff says so."""
    bodies = _undone(job, session_of(state))
    return to(replace(state, answered_tags=()), LoadScan(), *tell(*bodies))


def _undone(job: Job, session: str) -> tuple[Body, ...]:
    if job.loaded and job.thing.handover is not None:
        return (
            LoadUndone(
                handover=job.thing.handover, compartment=job.compartment, staff=job.staff or "", session=session
            ),
        )
    return (SeenEmpty(compartment=job.compartment, staff=job.staff),)
