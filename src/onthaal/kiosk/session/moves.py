"""Small steps that every screen uses: to another screen, to another door, to the end."""

from __future__ import annotations

from typing import Literal

from msgspec.structs import replace

from onthaal.core.facts import (
    Body,
    CaseOpened,
    CodeAccepted,
    Disputed,
    Grade,
    IdentificationEnded,
    OpenIntended,
    SessionClosed,
    SessionOpened,
    TakenOut,
)
from onthaal.core.refusals import Why
from onthaal.kiosk.session import effects as do
from onthaal.kiosk.session.state import (
    AtDoor,
    Faulted,
    How,
    Job,
    Keeps,
    LoadConfirm,
    Opening,
    Placing,
    Session,
    Step,
    TakeoutConfirm,
    Trouble,
    fresh,
)

Moved = tuple[Session, tuple[do.Effect, ...]]

DETECT_SECONDS = 3.0
"""An unlock that shows no edge within this has not opened (hardware: a latch moves within a second)."""
MOST_PULSES = 3
FIRST_REMINDER, SECOND_REMINDER, ABANDONED = 30.0, 120.0, 300.0
"""Seconds a door may stand open until each."""


def stay(state: Session) -> Moved:
    return state, ()


def to(state: Session, step: Step, *effects: do.Effect) -> Moved:
    """Another screen; what lay over the old one is gone."""
    return replace(state, step=step, overlay="none", busy=False), effects


def answered(state: Session, tag: str | None) -> Session:
    """This tag is not asked about again while it lies before the reader. The newest stands last."""
    others = tuple(one for one in state.answered_tags if one != tag)
    return replace(state, answered_tags=others if tag is None else (*others, tag), gone_tags=state.gone_tags - {tag})


def tell(*bodies: Body) -> tuple[do.Effect, ...]:
    """One transaction with these facts; no facts, no transaction."""
    return (do.Tell(bodies=bodies),) if bodies else ()


def begin(state: Session) -> Moved:
    """A session starts. Its name is never used twice: boot and count."""
    session = f"{state.setup.boot}.{state.sessions + 1}"
    started = replace(fresh(state), sessions=state.sessions + 1, session=session)
    return started, tell(SessionOpened(session=session, language=state.lang))


def ended(state: Session, how: How, *bodies: Body) -> Moved:
    """The session is over: facts first, then everything about it is wiped."""
    if state.session is None:
        return fresh(state), ()
    last = (
        *bodies,
        *unfinished(state),
        *not_identified(state, Why.IDENTITY_REFUSED),
        SessionClosed(session=state.session, how=how),
    )
    return fresh(state), tell(*last)


def not_identified(state: Session, why: Why) -> tuple[Body, ...]:
    """The fact of an identification that ends without an approval."""
    waits = state.identifying
    if waits is None or state.session is None:
        return ()
    return (IdentificationEnded(session=state.session, why=why.value, identification=waits.number),)


def unfinished(state: Session) -> tuple[Body, ...]:
    """What must be said when somebody leaves a question open that only they could answer."""
    match state.step:
        case LoadConfirm(job=Job(loaded=False, thing=thing) as job, present=present):
            if thing.handover is not None and present is not False:
                return (Disputed(handover=thing.handover, compartment=job.compartment, why="loading-unfinished"),)
        case TakeoutConfirm(job=Job(thing=thing) as job) if job.undo or job.by_word:
            why: Literal["sensor-suspect", "loading-unfinished"]
            why = "sensor-suspect" if job.by_word else "loading-unfinished"
            if thing.handover is not None:
                return (Disputed(handover=thing.handover, compartment=job.compartment, why=why),)
        case TakeoutConfirm(job=job, present=present) if seen_to_go(job, present=present):
            return (taken_out(job, session_of(state), grade=graded(tag=False, sensor=True)),)
        case TakeoutConfirm(job=Job(thing=thing) as job, present=False | None as present) if thing.handover is not None:
            unseen: Literal["sensor-suspect", "crash-closed-no-sensor"]
            unseen = "crash-closed-no-sensor" if present is None else "sensor-suspect"
            return (Disputed(handover=thing.handover, compartment=job.compartment, why=unseen),)
        case _:
            pass
    return ()


def seen_to_go(job: Job, *, present: bool | None) -> bool:
    """A sensor saw something in it before the door opened, and nothing after."""
    return job.spot.present is True and present is False


def taken_out(job: Job, session: str, *, grade: Grade) -> TakenOut:
    return TakenOut(
        compartment=job.compartment, staff=job.staff or "", session=session, grade=grade, handover=job.thing.handover
    )


def graded(*, tag: bool, sensor: bool) -> Grade:
    """How good the evidence of a whole door cycle is, with a tag at the reader and a presence sensor beside it.

    A tag seen *inside* would be A; no reader here can do that.
    """
    if tag and sensor:
        return "B"
    return "C" if tag or sensor else "D"


def session_of(state: Session) -> str:
    """The running session's name. A bug when there is none."""
    assert state.session is not None
    return state.session


def intent_name(state: Session) -> str:
    return f"{session_of(state)}.{state.intents + 1}"


def opening(state: Session, job: Job, *first: Body) -> Moved:
    """Intent and pulse for this job. A door that already reads open cannot show that it opens: the person says so."""
    job = replace(job, intent=intent_name(state), by_word=job.spot.door == "open")
    intent = OpenIntended(
        intent=job.intent,
        session=session_of(state),
        compartment=job.compartment,
        purpose=job.purpose,
        handover=job.thing.handover,
        staff=job.staff,
    )
    state = replace(state, intents=state.intents + 1)
    wanted = do.Open(intent=intent, first=first)
    if job.by_word:
        return to(
            state, AtDoor(job=job, present=job.spot.present), wanted, do.Wake(timer="door", seconds=FIRST_REMINDER)
        )
    return to(state, Opening(job=job), wanted, do.Wake(timer="detect", seconds=DETECT_SECONDS))


def case(state: Session, about: str, job: Job | None = None) -> tuple[Session, str, CaseOpened]:
    """A case number made on the spot, as `K7-0412`, and the fact that says it was shown."""
    number = f"{state.setup.case_prefix}-{(state.setup.cases_from + state.cases + 1) % 10_000:04}"
    fact = CaseOpened(
        case=number,
        about=about,
        session=state.session,
        compartment=job.compartment if job else None,
        handover=job.thing.handover if job else None,
    )
    return replace(state, cases=state.cases + 1), number, fact


def faulted(state: Session, trouble: Trouble, job: Job | None, *bodies: Body) -> Moved:
    """A machine failed: nobody loses anything, a case is opened, another compartment is offered where one may do."""
    state, number, fact = case(state, trouble, job)
    retry = None
    if trouble == "door-did-not-open" and job and job.purpose in {"return", "load"} and not (job.undo or job.reopened):
        retry = Placing(
            purpose=job.purpose, thing=job.thing, by_tag=job.by_tag, found=job.found, wrong_tag=job.wrong_tag
        )
    compartment = job.compartment if job else None
    left: Keeps = "code" if trouble == "not-checked" else keeps(job)
    step = Faulted(trouble=trouble, case=number, compartment=compartment, keeps=left, retry=retry)
    return to(state, step, *tell(*bodies, fact), *quiet())


def keeps(job: Job | None) -> Keeps:
    """What a fault leaves to whoever stands there, so that nobody is told of a code they never had.

    Staff, and who held a tag before the reader, have neither a code nor a document.
    """
    if job is not None and job.identification is not None:
        return "document"
    return "code" if job is not None and job.grant is not None else "nothing"


def quiet() -> tuple[do.Effect, ...]:
    """No door of this session is in play any more."""
    return do.Wake(timer="detect", seconds=None), do.Wake(timer="door", seconds=None)


def accepted(state: Session, placing: Placing) -> tuple[Body, ...]:
    """The fact that goes with the intent when a code, not a hand at the reader, asked for this door."""
    if placing.channel is None:
        return ()
    return (
        CodeAccepted(
            session=session_of(state), channel=placing.channel, grant=placing.grant, handover=placing.thing.handover
        ),
    )
