"""Saying who one is, at the wall: a way, a number, an answer; then one door at a time.

Which person it is, nobody here knows: the centre approves handovers for this session, and for nothing else.
`forgotten` is what every end of it has in common, and `step` sees to it that none goes without.
"""

from __future__ import annotations

from msgspec.structs import replace

from onthaal.core.facts import IdentificationBegun, Identified
from onthaal.core.protocol import IDENTIFICATION_SECONDS, Way
from onthaal.core.refusals import Why
from onthaal.kiosk.session import effects as do
from onthaal.kiosk.session import events as told
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
from onthaal.kiosk.session.moves import Moved, ended, faulted, not_identified, opening, session_of, stay, tell, to
from onthaal.kiosk.session.state import Faulted, Home, Job, NotTakenYet, Refused, Session, Thanks

DIGITS = 2
LEFT = {IDENTIFICATION_SECONDS: 60, 60: 30, 30: 0}
"""Seconds that remain → the next time that the screen says so. At 0 it is over."""

APPROVED_SECONDS = 45
"""An approval opens a door within this, from the approval or from the last door of it that was shut."""
LONGEST_APPROVAL = 300
"""Seconds from the approval after which it opens nothing any more, however many doors there are."""
STILL_LEFT = {APPROVED_SECONDS: 20, 20: 0}
"""As `LEFT`, of an approval. No touch gives more but the button for it, once."""


def chosen(state: Session) -> Moved:
    """The choice on the first screen. Where it cannot be now, that screen has said so already."""
    offer = state.offer
    if offer is None or not offer.open:
        return stay(state)
    if len(offer.ways) > 1:
        return to(state, IdentifyWay())
    return started(state, offer.ways[0])


def acted(state: Session, event: told.Act) -> Moved | None:
    """A touch on one of these screens; None on every other."""
    match state.step, event:
        case IdentifyWay(), told.Act(act="go", value=("page" | "phone") as way):
            return started(state, way)
        case IdentifyPage(covered=False), told.Act(act="page"):
            return _covered(state)
        case IdentifyPhone(), told.Act(act="digits"):
            return to(state, IdentifyDigits())
        case IdentifyDigits() as step, _:
            return _typed(state, step, event)
        case IdentifyNext(), told.Act(act="open"):
            return _opens(state)
        case Thanks(), told.Act(act="next") if more(state):
            return next_door(state)
        case _:
            return None


def back(state: Session) -> Moved | None:
    """One screen back; None where these rules do not say."""
    match state.step:
        case IdentifyDigits():
            return to(state, IdentifyPhone())
        case IdentifyWay() | IdentifyStarting() | IdentifyPage() | IdentifyPhone() | IdentifyWaiting():
            return left(state)
        case NotTakenYet() | Faulted() if more(state):
            return next_door(state)
        case _:
            return None


def started(state: Session, way: Way) -> Moved:
    """From here the overall limit runs, by the wall's own clock."""
    if state.offer is None or not state.offer.up or way not in state.offer.ways:
        return stay(state)
    attempt = state.attempts + 1
    begun = Identifying(way=way, attempt=attempt, left=IDENTIFICATION_SECONDS)
    asked = do.StartIdentification(session=session_of(state), attempt=attempt, way=way, language=state.lang)
    state = replace(state, attempts=attempt, identifying=begun, approval=None)
    return to(state, IdentifyStarting(), asked, _runs(IDENTIFICATION_SECONDS))


def _runs(left: int) -> do.Wake:
    return do.Wake(timer="identity", seconds=float(left - LEFT[left]))


def rang(state: Session) -> Moved:
    """Part of the time is over, or all of it."""
    begun = state.identifying
    if begun is None:
        return stay(state)
    left = LEFT[begun.left]
    if left == 0:
        return refused(state, Why.IDENTITY_TOO_LATE)
    return replace(state, identifying=replace(begun, left=left)), (_runs(left),)


def begun(state: Session, event: told.IdentityBegun) -> Moved:
    """The centre's answer. When the person has gone meanwhile, it is told so."""
    waits = state.identifying
    if waits is None or state.session != event.session or waits.attempt != event.attempt or waits.number is not None:
        return state, (do.EndIdentification(session=event.session, identification=event.number),)
    fact = IdentificationBegun(session=event.session, identification=event.number, way=waits.way)
    known = replace(waits, number=event.number, url=event.url, confirmation=event.confirmation)
    step = IdentifyPage() if waits.way == "page" else IdentifyPhone()
    return to(replace(state, identifying=known), step, *tell(fact))


def not_begun(state: Session, event: told.IdentityNotBegun) -> Moved:
    waits = state.identifying
    if waits is None or state.session != event.session or waits.attempt != event.attempt:
        return stay(state)
    return refused(state, event.why)


def _covered(state: Session) -> Moved:
    waits = state.identifying
    if waits is None or waits.number is None:
        return stay(state)
    shown = do.ShowPage(session=session_of(state), identification=waits.number, url=waits.url)
    return to(state, IdentifyPage(covered=True), shown)


def _typed(state: Session, step: IdentifyDigits, event: told.Act) -> Moved:
    match event.act:
        case "key" if event.value in set("0123456789") and len(step.digits) < DIGITS:
            return replace(state, step=IdentifyDigits(digits=step.digits + event.value)), ()
        case "erase":
            return replace(state, step=IdentifyDigits(digits=step.digits[:-1])), ()
        case "enter" if len(step.digits) == DIGITS and state.identifying and state.identifying.number is not None:
            session, number = session_of(state), state.identifying.number
            asked = do.TypeDigits(session=session, identification=number, digits=step.digits)
            return to(state, IdentifyWaiting(), asked)
        case _:
            return stay(state)


def checked(state: Session, event: told.DigitsChecked) -> Moved:
    """Right: the approval comes by itself. Wrong: there is no second try."""
    if not _ours(state, event.session, event.number) or event.right:
        return stay(state)
    return refused(state, Why.IDENTITY_UNAVAILABLE if event.right is None else Why.DIGITS_WRONG)


def approved(state: Session, event: told.IdentityApproved) -> Moved:
    """Only where it is waited for: a phone's approval never comes before its digits were typed here."""
    if not _ours(state, event.session, event.number) or not isinstance(state.step, IdentifyPage | IdentifyWaiting):
        return stay(state)
    fact = Identified(session=event.session, identification=event.number, handovers=event.handovers)
    if not event.waiting:
        # Something of theirs lies here, and this wall will not open for it now: staff has to look.
        return refused(state, Why.COMPARTMENT_UNAVAILABLE)
    approval = Approval(identification=event.number, waiting=event.waiting, left=APPROVED_SECONDS)
    longest = do.Wake(timer="longest", seconds=float(LONGEST_APPROVAL))
    state = replace(state, identifying=None, approval=approval)
    return to(state, IdentifyNext(), *tell(fact), _approved_for(APPROVED_SECONDS), longest)


def not_approved(state: Session, event: told.IdentityNotApproved) -> Moved:
    return refused(state, event.why) if _ours(state, event.session, event.number) else stay(state)


def page_gone(state: Session, event: told.PageGone) -> Moved:
    if not _ours(state, event.session, event.number) or not isinstance(state.step, IdentifyPage):
        return stay(state)
    return refused(state, Why.IDENTITY_FAILED)


def offer_changed(state: Session, offer: Offer | None) -> Moved:
    """The link came or went. Who has begun goes on: an answer that does not come in time ends it."""
    state = replace(state, offer=offer)
    if isinstance(state.step, IdentifyWay) and (offer is None or not offer.open):
        return refused(state, Why.IDENTITY_UNAVAILABLE)
    return state, ()


def _ours(state: Session, session: str, number: int) -> bool:
    waits = state.identifying
    return waits is not None and state.session == session and waits.number == number


def refused(state: Session, why: Why) -> Moved:
    """It came to nothing: what is the matter, and the way back."""
    ended = tell(*not_identified(state, why))
    return to(replace(state, identifying=None), Refused(why=why, back=Home(), signing_in=True), *ended)


def left(state: Session) -> Moved:
    """Back to the first screen: the person chose something else."""
    ended = tell(*not_identified(state, Why.IDENTITY_REFUSED))
    return to(replace(state, identifying=None, approval=None), Home(), *ended)


def forgotten(before: Session, after: Session) -> tuple[do.Effect, ...]:
    """Whatever ended it: its page is closed, its time stops, and the centre hears unless it said so itself."""
    was = before.identifying
    if was is None or (after.identifying is not None and after.identifying.attempt == was.attempt):
        return ()
    assert before.session is not None
    stop = do.Wake(timer="identity", seconds=None) if after.identifying is None else None
    close = do.ClosePage() if was.way == "page" else None
    tells = was.number is not None and after.approval is None
    end = do.EndIdentification(session=before.session, identification=was.number or 0) if tells else None
    return tuple(one for one in (stop, close, end) if one is not None)


# how long an approval counts


def _approved_for(left: int) -> do.Wake:
    return do.Wake(timer="approval", seconds=float(left - STILL_LEFT[left]))


def limited(state: Session) -> bool:
    """Whether a touch on this screen can lead to a door of the approval: no touch makes such a screen last longer."""
    match state.step:
        case IdentifyNext() | Refused(back=IdentifyNext()):
            return state.approval is not None
        case NotTakenYet(job=job):
            return state.approval is not None and job.identification is not None
        case Thanks() | Faulted():
            return more(state)
        case _:
            return False


def approval_rang(state: Session) -> Moved:
    """Part of an approval's time is over: the screen asks once whether more is needed. Or all of it."""
    approval = state.approval
    if approval is None:
        return stay(state)
    left = STILL_LEFT[approval.left]
    if left == 0:
        return run_out(state)
    asks = limited(state) and not approval.longer and not isinstance(state.step, Thanks)
    state = replace(state, approval=replace(approval, left=left), overlay="warning" if asks else state.overlay)
    return state, (_approved_for(left),)


def more_time(state: Session) -> Moved:
    """Once, by its own button."""
    approval = state.approval
    assert approval is not None
    state = replace(state, overlay="none", approval=replace(approval, left=APPROVED_SECONDS, longer=True))
    return state, (_approved_for(APPROVED_SECONDS),)


def run_out(state: Session) -> Moved:
    """Nothing more opens. A door in play stays with its person."""
    return ended(state, "idle") if limited(state) else (void(state), ())


def void(state: Session) -> Session:
    """Whoever stands here now may be somebody else."""
    return replace(state, approval=None)


def door_opened(state: Session, job: Job) -> tuple[do.Effect, ...]:
    """Somebody is busy at a door of theirs: the time for the next one has not begun."""
    return (do.Wake(timer="approval", seconds=None),) if _approved_by(state, job) else ()


def door_shut(state: Session, job: Job) -> Moved:
    """Whoever opened it has just shut it: from here the time for the next one runs."""
    if state.approval is None or not _approved_by(state, job):
        return stay(state)
    state = replace(state, approval=replace(state.approval, left=APPROVED_SECONDS))
    return state, (_approved_for(APPROVED_SECONDS),)


def _approved_by(state: Session, job: Job) -> bool:
    return state.approval is not None and job.identification == state.approval.identification


def withdrawn(before: Session, after: Session) -> tuple[do.Effect, ...]:
    """Whatever ended an approval, its time stops."""
    if before.approval is None or after.approval is not None:
        return ()
    return do.Wake(timer="approval", seconds=None), do.Wake(timer="longest", seconds=None)


# the doors


def _opens(state: Session) -> Moved:
    """The next one, as its sensors are now."""
    if state.approval is None or not state.approval.waiting:
        return stay(state)
    return state, (do.Locate(compartment=state.approval.waiting[0].spot.compartment),)


def located(state: Session, event: told.Located) -> Moved:
    approval = state.approval
    if approval is None or not approval.waiting or approval.waiting[0].spot.compartment != event.spot.compartment:
        return stay(state)
    thing = approval.waiting[0].thing
    job = Job(purpose="collect", spot=event.spot, intent="", thing=thing, identification=approval.identification)
    state = replace(state, approval=replace(approval, waiting=approval.waiting[1:]))
    if event.spot.door == "unknown":
        return faulted(state, "line-unavailable", job)
    return opening(state, job)


def kept(state: Session, job: Job) -> Session:
    """Nothing was pulsed: it is still to be taken."""
    approval = state.approval
    if approval is None or job.identification != approval.identification:
        return state
    again = Waiting(thing=job.thing, spot=job.spot)
    return replace(state, approval=replace(approval, waiting=(again, *approval.waiting)))


def more(state: Session) -> bool:
    """Whether another approved door is still to be opened in this session."""
    return state.approval is not None and bool(state.approval.waiting)


def next_door(state: Session) -> Moved:
    return to(state, IdentifyNext())
