"""Every screen of the wall, by name: for the tests that look at all of them."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from onthaal.core.facts import Fitted
from onthaal.core.protocol import Confirmation, Words3
from onthaal.core.refusals import Why
from onthaal.kiosk.screen.parts import Look
from onthaal.kiosk.session import state as at
from onthaal.kiosk.session.identity import Identifying, Offer
from onthaal.kiosk.session.state import Job, Session, Setup, Spot, Thing
from onthaal.words import LANGS

_PLACES = (
    ("S", 1540, 1780), ("M", 1220, 1520), ("M", 900, 1200), ("M", 580, 880), ("L", 120, 560),
    ("S", 1540, 1780), ("L", 900, 1520), ("XL", 120, 880), ("XL", 120, 1780),
)  # fmt: skip
FITTED = tuple(
    Fitted(number=number, size=size, bottom_mm=bottom, top_mm=top, presence=True)  # type: ignore[arg-type]
    for number, (size, bottom, top) in enumerate(_PLACES, start=1)
)
LOOK = Look(
    help_phone="+32 9 000 00 00",
    languages=LANGS,
    fitted=FITTED,
    municipality="Gemeente Voorbeeld",
    wall="Automaat Markt",
    opening_hours=Words3(
        nl="Loket: maandag tot vrijdag, 9 tot 12 uur",
        fr="Guichet : du lundi au vendredi, de 9 à 12 heures",
        en="Counter: Monday to Friday, 9 to 12",
    ),
)
LIGHTS = Words3(nl="Feestverlichting", fr="Guirlandes de fête", en="Party lights")
THING = Thing(handover=7, item=3, tag="E2000017221101441890", names=LIGHTS, tagged=True)
STAFF = at.Staff(account="staff-cleo", shown_as="Cleo", rights=("load", "take_back", "inspect", "service"))
BARE = Session(setup=Setup(boot="b"), service="ok")
OPEN = replace(BARE, session="b.1")


def _job(purpose: str, compartment: int = 4, **changed: Any) -> Job:
    job = Job(purpose=purpose, spot=Spot(compartment=compartment), intent="b.1.1", thing=THING)  # type: ignore[arg-type]
    return replace(job, **changed)


def _door(purpose: str, **changed: Any) -> at.AtDoor:
    return at.AtDoor(job=_job(purpose, **changed))


TAKEOUTS = tuple(
    at.TakeOut(compartment=number, kind=kind, handover=number, names=LIGHTS)  # type: ignore[arg-type]
    for number, kind in ((2, "recalled"), (4, "returned"), (7, "found"), (8, "disputed"), (9, "left"))
)
CHECKS = (
    at.ToCheck(compartment=5),
    at.ToCheck(compartment=6, reasons=("left-open",)),
    at.ToCheck(compartment=7, reasons=("did-not-open",), sealed=True),
)
_THANKS = ("collected", "kept", "missing", "returned", "found", "not-returned")

NEVER_HERE = {Why.IDENTITY_CARD_DESK_ONLY}
"""The desk explains them at length."""

SIGNED_IN = {why for why in Why if why.value.startswith("identity-")} - NEVER_HERE | {
    Why.NOTHING_FOR_YOU, Why.DIGITS_WRONG
}  # fmt: skip
"""Who reads these has typed no code."""

STATES: dict[str, Session] = {
    "attract": BARE,
    "starting": replace(BARE, service="starting"),
    "not-enrolled": replace(BARE, service="not-enrolled"),
    "store-full": replace(BARE, service="store-full"),
    "home": replace(OPEN, step=at.Home()),
    "pin": replace(OPEN, step=at.Pin(digits="48217")),
    "checking": replace(OPEN, step=at.Checking(back=at.Home())),
    "placing": replace(OPEN, step=at.Placing(purpose="return", thing=THING)),
    "opening": replace(OPEN, step=at.Opening(job=_job("collect"))),
    "opening-again": replace(OPEN, step=at.Opening(job=_job("collect"), pulses=2)),
    "take": replace(OPEN, step=_door("collect")),
    "take-reminded": replace(OPEN, step=at.AtDoor(job=_job("collect", 9), reminded=1)),
    "take-missing": replace(OPEN, step=_door("collect", missing=True), case="K7-0412"),
    "take-by-word": replace(OPEN, step=_door("collect", by_word=True)),
    "take-busy": replace(OPEN, step=_door("collect"), busy=True),
    "not-taken": replace(OPEN, step=at.NotTakenYet(job=_job("collect"))),
    **{f"thanks-{one}": replace(OPEN, step=at.Thanks(what=one, thing=THING, compartment=4)) for one in _THANKS},  # type: ignore[arg-type]
    "return-present": replace(OPEN, step=at.ReturnPresent()),
    "return-expected": replace(OPEN, step=at.ReturnPresent(expected=THING)),
    "return-put": replace(OPEN, step=_door("return")),
    "return-nothing": replace(OPEN, step=_door("return", why_again="nothing")),
    "return-wrong": replace(OPEN, step=_door("return", why_again="wrong")),
    "return-found": replace(OPEN, step=_door("return", found=True)),
    "fault": replace(OPEN, step=at.Faulted(trouble="door-did-not-open", case="K7-0412", compartment=4, keeps="code")),
    "fault-doubted": replace(
        OPEN,
        step=at.Faulted(trouble="door-did-not-open", case="K7-0412", compartment=4, doubted=_job("collect")),
    ),
    "fault-not-checked": replace(OPEN, step=at.Faulted(trouble="not-checked", case="K7-0412")),
    "fault-line": replace(OPEN, step=at.Faulted(trouble="line-unavailable", case="K7-0412", compartment=4)),
    "fault-wrong-door": replace(OPEN, step=at.Faulted(trouble="wrong-door", case="K7-0412", compartment=4)),
    "fault-retry": replace(
        OPEN,
        step=at.Faulted(
            trouble="door-did-not-open",
            case="K7-0412",
            compartment=4,
            retry=at.Placing(purpose="return", thing=THING),
        ),
    ),
    "help": replace(OPEN, step=at.Home(), overlay="help", case="K7-0412"),
    "warning": replace(OPEN, step=at.Home(), overlay="warning"),
    **{
        f"refused-{why}": replace(OPEN, step=at.Refused(why=why, back=at.Pin())) for why in Why if why not in NEVER_HERE
    },
    **{f"refused-{why}": replace(OPEN, step=at.Refused(why=why, back=at.Home(), signing_in=True)) for why in SIGNED_IN},
    "refused-scanned": replace(OPEN, step=at.Refused(why=Why.CODE_WRONG, channel="qr", back=at.Home())),
    "refused-other-wall": replace(
        OPEN,
        step=at.Refused(
            why=Why.CODE_OF_OTHER_WALL, facts={"walls": "Automaat Station, Stationsplein 1"}, back=at.Home()
        ),
    ),
    "refused-until": replace(OPEN, step=at.Refused(why=Why.BACKED_OFF, facts={"until": "02:15"}, back=at.Home())),
}
STAFF_STEPS: dict[str, at.Step] = {
    "staff-pin": at.StaffPin(badge="staff-cleo", shown_as="Cleo", digits="314"),
    "staff-pin-wrong": at.StaffPin(badge="staff-cleo", shown_as="Cleo", note=Why.STAFF_PIN_WRONG),
    "staff-menu": at.StaffMenu(),
    "load-scan": at.LoadScan(),
    "load-scan-wanted": at.LoadScan(wanted=THING),
    "load-scan-note": at.LoadScan(note=Why.LABEL_UNKNOWN),
    "load-scan-last": at.LoadScan(last=_job("load", loaded=True)),
    "load-put": _door("load"),
    "load-put-by-word": _door("load", by_word=True),
    "load-undo": _door("load", undo=True),
    "load-confirm": at.LoadConfirm(job=_job("load"), present=True),
    "load-confirm-empty": at.LoadConfirm(job=_job("load"), present=False),
    "load-confirm-still": at.LoadConfirm(job=_job("load", loaded=True), present=True),
    "takeout-list": at.TakeoutList(entries=TAKEOUTS),
    "takeout-list-none": at.TakeoutList(),
    "takeout-open": _door("take_back"),
    "takeout-open-by-word": _door("take_back", by_word=True),
    "takeout-confirm": at.TakeoutConfirm(job=_job("take_back"), present=False),
    "takeout-confirm-undo": at.TakeoutConfirm(job=_job("load", undo=True), present=None),
    "takeout-confirm-still": at.TakeoutConfirm(job=_job("take_back"), present=True),
    "check-list": at.CheckList(entries=CHECKS),
    "check-list-none": at.CheckList(),
    "check-empty": _door("check"),
    "check-empty-by-word": _door("check", by_word=True),
    "check-confirm": at.CheckConfirm(job=_job("check"), present=None),
    "check-confirm-still": at.CheckConfirm(job=_job("check"), present=True),
    "check-release": at.CheckRelease(entry=CHECKS[2]),
}
STATES |= {name: replace(OPEN, step=step, staff=STAFF) for name, step in STAFF_STEPS.items()}

ITSME = Offer(name=Words3(nl="itsme", fr="itsme", en="itsme"), ways=("phone", "page"))
SIGNING_IN = Identifying(
    way="phone",
    attempt=1,
    left=60,
    number=12,
    url="https://onthaal.voorbeeld.be/muur/w3Qx0LzKp1c7yRbVn8sTgA",
    confirmation=Confirmation(
        municipality="Gemeente Voorbeeld", street="Markt 1, 9880 Voorbeeld", wall="Automaat Markt", number="47"
    ),
)
READY = at.Waiting(thing=Thing(handover=7, names=LIGHTS), spot=Spot(compartment=4))
DOCUMENT_FAULT = at.Faulted(trouble="door-did-not-open", case="K7-0412", compartment=4, keeps="document")
_IDENTIFIED = {
    "home-identify": replace(OPEN, step=at.Home()),
    "home-identify-away": replace(OPEN, step=at.Home(), offer=replace(ITSME, up=False)),
    "attract-identify-away": replace(BARE, offer=replace(ITSME, ways=())),
    "identify-way": replace(OPEN, step=at.IdentifyWay()),
    "identify-starting": replace(OPEN, step=at.IdentifyStarting(), identifying=replace(SIGNING_IN, number=None)),
    "identify-page": replace(OPEN, step=at.IdentifyPage(), identifying=replace(SIGNING_IN, way="page")),
    "identify-page-covered": replace(
        OPEN, step=at.IdentifyPage(covered=True), identifying=replace(SIGNING_IN, way="page")
    ),
    "identify-phone": replace(OPEN, step=at.IdentifyPhone(), identifying=SIGNING_IN),
    "identify-digits": replace(OPEN, step=at.IdentifyDigits(digits="4"), identifying=SIGNING_IN),
    "identify-waiting": replace(OPEN, step=at.IdentifyWaiting(), identifying=SIGNING_IN),
    "identify-next": replace(OPEN, step=at.IdentifyNext(), approval=at.Approval(identification=12, waiting=(READY,))),
    "identify-next-more": replace(
        OPEN, step=at.IdentifyNext(), approval=at.Approval(identification=12, waiting=(READY, READY))
    ),
    "fault-document": replace(OPEN, step=DOCUMENT_FAULT),
    "fault-document-more": replace(
        OPEN, step=DOCUMENT_FAULT, approval=at.Approval(identification=12, waiting=(READY,))
    ),
    "thanks-more": replace(
        OPEN,
        step=at.Thanks(what="collected", compartment=4),
        approval=at.Approval(identification=12, waiting=(READY,)),
    ),
    "thanks-missing-more": replace(
        OPEN,
        step=at.Thanks(what="missing", compartment=4),
        approval=at.Approval(identification=12, waiting=(READY,)),
        case="K7-0412",
    ),
    "thanks-kept-more": replace(
        OPEN,
        step=at.Thanks(what="kept", compartment=4, identified=True),
        approval=at.Approval(identification=12, waiting=(READY,)),
    ),
    "not-taken-document": replace(
        OPEN,
        step=at.NotTakenYet(job=_job("collect", identification=12)),
        approval=at.Approval(identification=12, waiting=()),
    ),
    "warning-approved": replace(
        OPEN,
        step=at.IdentifyNext(),
        overlay="warning",
        approval=at.Approval(identification=12, waiting=(READY,), left=20),
    ),
    "thanks-kept-document": replace(OPEN, step=at.Thanks(what="kept", compartment=4, identified=True)),
    "refused-signed-unavailable": replace(
        OPEN, step=at.Refused(why=Why.COMPARTMENT_UNAVAILABLE, back=at.Home(), signing_in=True)
    ),
}
STATES |= {name: replace(state, offer=state.offer or ITSME) for name, state in _IDENTIFIED.items()}
