"""Codes and tags held before a reader or typed, and the answers to them."""

from __future__ import annotations

from msgspec.structs import replace

from onthaal.core import codes
from onthaal.core.codes import Kind
from onthaal.core.facts import CodeAccepted, CodeRefused, StaffIdentified
from onthaal.core.refusals import Why
from onthaal.kiosk.session import effects as do
from onthaal.kiosk.session import events as told
from onthaal.kiosk.session import identify
from onthaal.kiosk.session.moves import Moved, answered, begin, ended, faulted, opening, session_of, stay, tell, to
from onthaal.kiosk.session.state import (
    AtDoor,
    Attract,
    Checking,
    Home,
    Job,
    LoadScan,
    Opening,
    Pin,
    Placing,
    Refused,
    ReturnPresent,
    Session,
    Spot,
    StaffMenu,
    StaffPin,
    Thanks,
    Thing,
)

TAG_GONE_SECONDS = 2.5
"""A tag that was not told of for this long has been taken away (readers tell every second)."""


def scanned(state: Session, event: told.Scanned) -> Moved:
    """A code before the reader: who asks for what depends on the screen."""
    match state.step:
        case Opening() | AtDoor():
            return busy(state)
        case Attract() if state.service == "ok":
            return _with(begin(state), event.text)
        case Thanks():
            return _after_thanks(state, event.text)
        case Home() | Pin() | ReturnPresent() | StaffPin():
            return ask(state, event.text)
        case Refused() if state.staff is None:
            return ask(identify.void(state), event.text)  # it may be the next person's
        case LoadScan():
            return label(state, state.step, event.text)
        case StaffMenu() if state.staff and "load" in state.staff.rights:
            return label(state, LoadScan(), event.text)
        case _:
            return stay(state) if state.session is None else busy(state)


def _after_thanks(state: Session, text: str | None) -> Moved:
    """The next person is there already; where no session may begin, they read why."""
    closed, effects = ended(state, "done")
    if closed.service != "ok":
        return closed, effects
    started, more = _with(begin(closed), text)
    return started, (*effects, *more)


def _with(begun: Moved, text: str | None) -> Moved:
    started, effects = begun
    asked, more = ask(replace(started, step=Home()), text)
    return asked, (*effects, *more)


def ask(state: Session, text: str | None) -> Moved:
    """A resident's QR, or a badge."""
    session = session_of(state)
    if text is None:
        refused = CodeRefused(session=session, channel="qr", why=Why.CODE_UNREADABLE)
        return to(state, Refused(why=Why.CODE_UNREADABLE, channel="qr", back=Home()), *tell(refused))
    code = codes.read(text)
    back = state.step if isinstance(state.step, Pin | ReturnPresent) else Home()
    if code is not None and code.kind is Kind.BADGE:
        return to(state, Checking(back=Home()), do.CheckBadge(session=session, text=text))
    return to(state, Checking(back=back), do.CheckQr(session=session, text=text))


def busy(state: Session) -> Moved:
    """A second person at the reader in the middle of a session: told, recorded once, nothing else."""
    if state.busy:
        return stay(state)
    refused = CodeRefused(session=session_of(state), channel="qr", why=Why.SESSION_BUSY)
    return replace(state, busy=True), tell(refused)


def label(state: Session, scan: LoadScan, text: str | None) -> Moved:
    """Staff's label when loading."""
    code = codes.read(text) if text is not None else None
    if code is not None and code.kind in {Kind.GRANT, Kind.BADGE}:
        return busy(state)
    if code is None or code.kind is not Kind.LABEL:
        why = Why.LABEL_UNKNOWN if text is not None else Why.CODE_UNREADABLE
        return to(state, LoadScan(note=why, wanted=scan.wanted))
    staff = state.staff.account if state.staff else ""
    return to(state, Checking(back=LoadScan()), do.FindLabel(text=code.body, staff=staff))


def tag_held(state: Session, event: told.TagHeld) -> Moved:
    """A tag lies before the reader. Outside the screens that ask for one it means nothing."""
    tag, alive = event.tag, do.Wake(timer="tag", seconds=TAG_GONE_SECONDS, tag=event.tag)
    match state.step:
        case AtDoor(job=Job(purpose="return", thing=Thing(tag=expected)) as job) if expected is not None:
            job = _at_return_door(job, tag, right=tag == expected, ours=event.ours)
            return replace(state, step=replace(state.step, job=job)), ()
        case ReturnPresent() | LoadScan() if tag in state.answered_tags:
            return replace(state, gone_tags=state.gone_tags - {tag}), (alive,)
        case ReturnPresent() | LoadScan():
            after, effects = _tag_asked(answered(state, tag), tag)
            return after, (*effects, alive)
        case _:
            return (state, (alive,)) if tag in state.answered_tags else stay(state)


def tag_gone(state: Session, tag: str | None) -> Session:
    """A tag was taken away: the next time it is asked about again. Where staff waits to load that takes a touch, too,
    or one that comes and goes at the edge of the reader's field would keep them signed in."""
    if isinstance(state.step, LoadScan) and tag in state.answered_tags:
        return replace(state, gone_tags=state.gone_tags | {tag})
    return replace(state, answered_tags=tuple(one for one in state.answered_tags if one != tag))


def somebody_is_there(state: Session) -> Session:
    """Somebody touched the screen or scanned: what was taken away is forgotten."""
    if not state.gone_tags:
        return state
    here = tuple(one for one in state.answered_tags if one not in state.gone_tags)
    return replace(state, answered_tags=here, gone_tags=frozenset())


def _at_return_door(job: Job, tag: str, *, right: bool, ours: bool) -> Job:
    """The last tag that counts says what is put in. Once the right one or a wrong one was seen, a tag that the wall
    does not know counts for nothing: the reader also sees the library book in the same bag."""
    if right:
        return replace(job, by_tag=True, wrong_tag=None)
    known = job.by_tag or job.wrong_tag is not None
    return job if known and not ours else replace(job, wrong_tag=tag)


def _tag_asked(state: Session, tag: str) -> Moved:
    match state.step:
        case ReturnPresent(expected=Thing(tag=expected) as thing, grant=grant) if expected == tag:
            return place(state, Placing(purpose="return", thing=thing, grant=grant, by_tag=True))
        case ReturnPresent() as present:
            return to(state, Checking(back=present), do.FindReturn(session=session_of(state), tag=tag))
        case LoadScan(wanted=Thing(tag=wanted) as thing) if wanted == tag:
            return place(state, Placing(purpose="load", thing=thing, by_tag=True))
        case LoadScan(wanted=Thing()) as scan:
            return to(state, replace(scan, note=Why.WRONG_ITEM))
        case LoadScan():
            staff = state.staff.account if state.staff else ""
            return to(state, Checking(back=LoadScan()), do.FindLoadTag(tag=tag, staff=staff))
        case _:
            return stay(state)


def place(state: Session, placing: Placing) -> Moved:
    """Look for a free compartment."""
    return to(state, placing, do.FindPlace(thing=placing.thing))


def granted(state: Session, event: told.Granted) -> Moved:
    """The code is right. Out: its door. Back: the tag first where the wall can read it, then a free compartment."""
    if not isinstance(state.step, Checking) or event.session != state.session or state.staff is not None:
        return stay(state)
    yes = CodeAccepted(session=event.session, channel=event.channel, grant=event.grant, handover=event.thing.handover)
    if event.spot is not None:
        return _out(state, event, event.spot, yes)
    if state.setup.tag_reader and event.thing.tag is not None:
        asked = ReturnPresent(expected=event.thing, grant=event.grant)
        return to(replace(state, answered_tags=()), asked, *tell(yes))
    placing = Placing(purpose="return", thing=event.thing, grant=event.grant, channel=event.channel)
    return place(state, placing)


def _out(state: Session, event: told.Granted, spot: Spot, yes: CodeAccepted) -> Moved:
    job = Job(purpose="collect", spot=spot, intent="", thing=event.thing, grant=event.grant)
    if spot.door == "unknown":
        return faulted(state, "line-unavailable", job, yes)
    return opening(state, job, yes)


def denied(state: Session, event: told.Denied) -> Moved:
    """Recorded always, shown when the person still waits for it."""
    refused = CodeRefused(
        session=event.session,
        channel=event.channel,
        why=event.real or event.why,
        grant=event.grant,
        counts=event.counts,
        staff=event.staff,
    )
    told_ = tell(refused)
    if not isinstance(state.step, Checking) or event.session != state.session:
        return state, told_
    match state.step.back:
        case StaffPin() as asked if event.why is Why.STAFF_PIN_WRONG:
            return to(state, replace(asked, digits="", note=event.why), *told_)
        case ReturnPresent(expected=Thing() as thing, grant=grant, wrong=wrong) as present if event.channel == "tag":
            if wrong:
                other = state.answered_tags[-1] if state.answered_tags else None
                found = Placing(purpose="return", thing=thing, grant=grant, found=True, wrong_tag=other)
                placed, effects = place(state, found)
                return placed, (*told_, *effects)
            return to(state, Refused(why=Why.WRONG_ITEM, back=replace(present, wrong=wrong + 1)), *told_)
        case Pin():
            back = Pin()
            return to(state, Refused(why=event.why, facts=event.facts, channel=event.channel, back=back), *told_)
        case ReturnPresent() as present:
            return to(state, Refused(why=event.why, facts=event.facts, channel=event.channel, back=present), *told_)
        case _:
            return to(state, Refused(why=event.why, facts=event.facts, channel=event.channel, back=Home()), *told_)


def badge_known(state: Session, event: told.BadgeKnown) -> Moved:
    if not isinstance(state.step, Checking):
        return stay(state)
    return to(state, StaffPin(badge=event.badge, shown_as=event.shown_as))


def staff_known(state: Session, event: told.StaffKnown) -> Moved:
    """A staff member, by badge and own PIN."""
    match state.step:
        case Checking(back=StaffPin()) if event.session == state.session:
            known = StaffIdentified(session=event.session, staff=event.staff.account)
            return to(replace(state, staff=event.staff), StaffMenu(), *tell(known))
        case _:
            return stay(state)


def thing_found(state: Session, event: told.ThingFound) -> Moved:
    """A label or tag that staff loads, or a tag on loan that comes back."""
    match state.step:
        case Checking(back=LoadScan()):
            if event.thing.tag is not None and not event.by_tag and state.setup.tag_reader:
                return to(replace(state, answered_tags=()), LoadScan(wanted=event.thing))
            return place(state, Placing(purpose="load", thing=event.thing, by_tag=event.by_tag))
        case Checking(back=ReturnPresent()):
            return place(state, Placing(purpose="return", thing=event.thing, by_tag=event.by_tag))
        case _:
            return stay(state)


def thing_unknown(state: Session, event: told.ThingUnknown) -> Moved:
    match state.step:
        case Checking(back=LoadScan()):
            return to(state, LoadScan(note=event.why))
        case _:
            return stay(state)
