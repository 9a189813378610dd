"""What a wall's machines do not show: a contact that sticks, a line that fell silent, a door that is another's."""

from __future__ import annotations

from msgspec.structs import replace

from onthaal.core.evidence import Block
from onthaal.core.facts import Body, CompartmentBlocked, Disputed, OpenNotDetected, PulseNotSent, SensorSuspect
from onthaal.kiosk.session import effects as do
from onthaal.kiosk.session import events as told
from onthaal.kiosk.session import identify
from onthaal.kiosk.session.moves import FIRST_REMINDER, Moved, faulted, quiet, stay, tell, to
from onthaal.kiosk.session.state import AtDoor, Faulted, Job, Opening, Session, TakeoutConfirm


def put_in_before(job: Job) -> tuple[Body, ...]:
    """The door was opened for this thing before, was shut, and now will not open again: something lies there."""
    if job.purpose != "load" or job.loaded or not (job.undo or job.reopened) or job.thing.handover is None:
        return ()
    return (Disputed(handover=job.thing.handover, compartment=job.compartment, why="loading-unfinished"),)


def went_unseen(state: Session, job: Job) -> Moved:
    """The thing goes while the contact reads closed: the contact sticks, or the sensor blinked. No further pulse, and
    no custody moves by itself: who stands there says whether they have it."""
    job = replace(job, by_word=True)
    if job.purpose == "collect":
        reminder = do.Wake(timer="door", seconds=FIRST_REMINDER)
        return to(state, AtDoor(job=job, present=False), do.Wake(timer="detect", seconds=None), reminder)
    if job.purpose == "take_back" or job.undo:
        asked = TakeoutConfirm(job=replace(job, spot=replace(job.spot, present=None)), present=False)
        return to(state, asked, *tell(*suspected(job)), *quiet())
    return stay(state)


def suspected(job: Job) -> tuple[Body, ...]:
    """Nobody believes this contact until somebody has looked at it."""
    return (
        SensorSuspect(compartment=job.compartment, what="door"),
        CompartmentBlocked(compartment=job.compartment, reason=Block.SENSOR_SUSPECT),
    )


def out_of_sight(state: Session, event: told.DoorUnseen) -> Moved:
    """Nobody can read the door that a pulse was sent to. No pulse goes after it, and nothing is said of how it ended:
    the intent waits, and when the door answers again the evidence says so. Whoever took it may say it here."""
    match state.step:
        case Opening(job=job) | AtDoor(job=job) if job.intent == event.intent:
            if isinstance(state.step, AtDoor):
                state = identify.void(state)  # it stood open: nobody knows who stands there now
            after, effects = faulted(state, "line-unavailable", job, *put_in_before(job))
            if isinstance(after.step, Faulted) and job.purpose == "collect":
                doubted = replace(job, spot=replace(job.spot, present=None))
                # Whether the code stays valid is what nobody knows now.
                after = replace(after, step=replace(after.step, doubted=doubted, keeps="nothing"))
            return after, effects
        case _:
            return stay(state)


def pulse_failed(state: Session, event: told.PulseFailed) -> Moved:
    """The line is gone. When nothing was ever sent, the compartment is not to blame: its bus says so itself."""
    match state.step:
        case Opening(job=job, pulses=1) if job.intent == event.intent:
            unsent = PulseNotSent(intent=job.intent, compartment=job.compartment)
            return faulted(state, "line-unavailable", job, unsent, *put_in_before(job))
        case Opening(job=job) | AtDoor(job=Job(by_word=True) as job) if job.intent == event.intent:
            missed = OpenNotDetected(intent=job.intent, compartment=job.compartment)
            return faulted(state, "line-unavailable", job, missed)
        case _:
            return stay(state)


def wall_stopped(state: Session) -> Moved:
    match state.step:
        case Opening(job=job):
            return faulted(state, "wrong-door", job, OpenNotDetected(intent=job.intent, compartment=job.compartment))
        case _:
            return stay(state)
