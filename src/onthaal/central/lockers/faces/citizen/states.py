"""The words key for how far a request is, as its asker should read it."""

from __future__ import annotations

from onthaal.central.lockers.handovers.models import Handover
from onthaal.central.lockers.requests.models import Request
from onthaal.core.lifecycles import Stage

_OUT = {
    Stage.PLANNED: "accepted",
    Stage.LOADED: "loaded",
    Stage.WAITING: "waiting",
    Stage.COLLECTED: "collected",
    Stage.RECALLED: "recalled",
    Stage.TAKEN_BACK: "recalled",
    Stage.DISPUTED: "disputed",
    Stage.CANCELLED: "lapsed",
}


def state_of(request: Request) -> str:
    """The name below `portal.state.`."""
    if request.status != Request.Status.ACCEPTED or request.handover is None:
        return str(request.status)
    out = request.handover
    back = Handover.objects.filter(out=out).first()
    if out.stage != Stage.COLLECTED or back is None:
        return _OUT[Stage(out.stage)]
    if back.stage == Stage.DISPUTED:
        return "disputed"
    return "borrowed" if back.stage == Stage.PLANNED else "returned"


MAY_WITHDRAW = frozenset({"unconfirmed", "received", "accepted", "loaded", "waiting"})
