"""Putting a personal document into its envelope: dossier and envelope are scanned, and belong together.

Neither label says a name or what is inside. Whoever prepares does not load.
"""

from __future__ import annotations

from django.db import transaction

from onthaal import clock
from onthaal.central.foundation.people.models import Account
from onthaal.central.lockers.handovers import actions as handovers
from onthaal.central.lockers.handovers import two_people
from onthaal.central.lockers.handovers.models import Handover
from onthaal.central.lockers.places import actions as places
from onthaal.central.lockers.requests import asking, dossiers
from onthaal.central.lockers.requests.desk import locked
from onthaal.central.lockers.requests.models import Dossier, Request
from onthaal.core.codes import LABEL_CHARACTERS, Kind, check_character, read
from onthaal.core.documents import not_yet_in_wall
from onthaal.core.refusals import Refusal, Why


@transaction.atomic
def prepare(*, dossier_label: str, envelope_label: str, by: Account) -> Request:
    """The document of this dossier lies in this envelope.

    Refuses LABEL_UNKNOWN for labels that are none, WRONG_ITEM for the envelope of another dossier, what keeps it out
    of the wall still (PAYMENT_OPEN, OLD_DOCUMENT_OPEN …), MOVE_NOT_ALLOWED when nothing waits to be prepared.
    """
    number, envelope = label_in(dossier_label), label_in(envelope_label)
    dossier = Dossier.objects.filter(number=number).first()
    if dossier is None:
        raise Refusal(Why.LABEL_UNKNOWN)
    request = locked(dossier.request_id, Request.Status.ACCEPTED)
    why = not_yet_in_wall(dossiers.conditions(request))
    if why is not None:
        raise Refusal(why)
    if request.dossier.place != Dossier.Place.WALL or request.handover_id is None:
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage=request.status, move="prepare")
    out = handovers.lock([request.handover_id])[request.handover_id]
    if out.item.label != envelope:
        raise Refusal(Why.WRONG_ITEM if Handover.objects.filter(item__label=envelope).exists() else Why.LABEL_UNKNOWN)
    two_people.prepared(out, by=by)
    request.prepared_at = clock.now()
    request.save(update_fields=["prepared_at"])
    asking.note(request, "request.prepared", by=by)
    places.raise_wishes([out.kiosk_id])
    return request


@transaction.atomic
def unprepare(*, request_id: int, by: Account) -> Request:
    """The envelope was opened again: nobody prepared it. Refuses MOVE_NOT_ALLOWED once it is in the wall or gone."""
    request = locked(request_id, Request.Status.ACCEPTED)
    if request.handover_id is None:
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage=request.status, move="unprepare")
    out = handovers.lock([request.handover_id])[request.handover_id]
    two_people.unprepared(out, by=by)
    request.prepared_at = None
    request.save(update_fields=["prepared_at"])
    places.raise_wishes([out.kiosk_id])
    return request


def label_in(text: str) -> str:
    """The label that was scanned (`GZL:` …) or typed (its eight or nine signs). Refuses LABEL_UNKNOWN."""
    plain = "".join(text.split()).upper()
    if ":" not in plain and len(plain) == LABEL_CHARACTERS and plain.isalnum():
        try:
            plain += check_character(plain)
        except ValueError:
            raise Refusal(Why.LABEL_UNKNOWN) from None
    code = read(plain if ":" in plain else f"{Kind.LABEL}:{plain}")
    if code is None or code.kind is not Kind.LABEL:
        raise Refusal(Why.LABEL_UNKNOWN)
    return code.body
