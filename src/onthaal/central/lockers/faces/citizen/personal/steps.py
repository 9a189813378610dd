"""How far a personal request is, step by step, as its asker should read it. No rules here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from onthaal.central.foundation.calendar import local_day, written_day
from onthaal.central.lockers.requests import desk, mine
from onthaal.central.lockers.requests.models import Dossier, Request
from onthaal.core.lifecycles import Stage
from onthaal.words import Lang, words

IN_WALL = (Stage.LOADED, Stage.WAITING)
BACK = (Stage.RECALLED, Stage.TAKEN_BACK)


@dataclass(frozen=True)
class Step:
    """One line of the way: behind them, where they are, or ahead."""

    name: str
    """Below `portal.step.`."""
    how: Literal["done", "now", "ahead"]
    said: str


def state_of(request: Request) -> str:
    """The name below `portal.mine.state.`: where it is now, in a word."""
    status, out = Request.Status(request.status), request.handover
    if status == Request.Status.UNCONFIRMED:
        return "draft"
    if status == Request.Status.RECEIVED:
        return "more" if mine.more_is_asked(request.dossier) else "received"
    if status != Request.Status.ACCEPTED:
        return str(status.value)
    at_desk = desk.is_at_desk(request)
    if out is not None and out.stage not in (Stage.PLANNED, Stage.CANCELLED) and not at_desk:
        return _of_stage(Stage(out.stage))
    if mine.more_is_asked(request.dossier):
        return "more"
    return "at-desk" if at_desk else "accepted"


def _of_stage(stage: Stage) -> str:
    if stage in IN_WALL:
        return "in-wall"
    if stage in BACK:
        return "back"
    return "done" if stage == Stage.COLLECTED else "disputed"


def amount(cents: int, lang: Lang) -> str:
    """`€ 25,00`, as written in this language."""
    return words("portal.amount", lang, euros=cents // 100, cents=f"{cents % 100:02}")


def still_to_do(request: Request, lang: Lang) -> list[str]:
    """What the asker must still do before it can be handed over."""
    dossier, to_do = request.dossier, []
    at = "wall" if dossier.place == Dossier.Place.WALL else "desk"
    if dossier.fee_cents and dossier.paid_at is None:
        to_do.append(words(f"portal.to-do.payment-{at}", lang, amount=amount(dossier.fee_cents, lang)))
    if dossier.old_document == Dossier.Old.OPEN:
        to_do.append(words(f"portal.to-do.old-document-{at}", lang))
    return to_do


def steps(request: Request, lang: Lang) -> list[Step]:
    """The whole way, in order; nothing ahead any more once it ended."""
    found = [
        Step(name, how, words(f"portal.step.{name}.{how}", lang, **_slots(request, lang)))
        for name, how in _way(request)
    ]
    return [step for step in found if request.ended_at is None or step.how == "done"]


def _way(request: Request) -> Iterator[tuple[str, Literal["done", "now", "ahead"]]]:
    dossier, state = request.dossier, state_of(request)
    accepted = request.status in (Request.Status.ACCEPTED, Request.Status.DONE)
    yield "received", "done"
    if dossier.asked_more_at is not None:
        yield "more", "now" if mine.more_is_asked(dossier) else "done"
    yield "accepted", "done" if accepted else "ahead" if state == "more" else "now"
    if dossier.fee_cents:
        yield "payment", "done" if dossier.paid_at else "now" if accepted else "ahead"
    if dossier.old_document != Dossier.Old.NONE:
        handed = dossier.old_document == Dossier.Old.HANDED_IN
        yield "old-document", "done" if handed else "now" if accepted else "ahead"
    beyond = state in ("in-wall", "back", "at-desk", "disputed", "done")
    yield "ready", "done" if beyond else "now" if state == "accepted" else "ahead"
    out = request.handover
    if dossier.place == Dossier.Place.WALL or (out is not None and out.stage in (*IN_WALL, *BACK)):
        yield "wall", "now" if state == "in-wall" else "done" if beyond and out is not None else "ahead"
    if state == "back":
        yield "back", "now"
    elif dossier.place == Dossier.Place.DESK and state != "in-wall":
        yield "desk", "now" if state == "at-desk" else "done" if state == "done" else "ahead"
    yield "collected", "done" if state == "done" else "ahead"


def _slots(request: Request, lang: Lang) -> dict[str, object]:
    out = request.handover
    until = written_day(local_day(out.collect_by), lang) if out is not None and out.collect_by else ""
    return {
        "until": words("portal.step.until", lang, day=until) if until else "",
        "amount": amount(request.dossier.fee_cents, lang),
        "where": f"{request.kiosk.name}, {request.kiosk.site.address}",
    }
