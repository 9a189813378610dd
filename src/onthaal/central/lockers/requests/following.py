"""What follows for personal documents: who must receive, confirm, activate, count, or account for one.

Followers, as in `central/followers.py`, whose table names them.
"""

from __future__ import annotations

from onthaal import clock
from onthaal.central.foundation.attention import actions as attention
from onthaal.central.foundation.attention.models import Alert
from onthaal.central.foundation.journal.models import Entry
from onthaal.central.lockers.handovers import counting, findings, queries
from onthaal.central.lockers.requests import desk
from onthaal.central.lockers.requests import queries as requests
from onthaal.core.lifecycles import Stage

_ASKED = {"opening": "confirm-opening", "finding": "confirm-finding", "dossier": "activate"}


def ask_to_receive(entry: Entry) -> None:
    """It came out of a wall: a second person says that it is at the desk."""
    handover = queries.get(entry.about["handover"])
    if handover.stage == Stage.TAKEN_BACK and handover.product.two_staff and not handover.received_by:
        attention.open_task(kind="receive-back", about=f"handover:{handover.pk}")


def was_received(entry: Entry) -> None:
    """A second person said that it is at the desk."""
    attention.finish_task(kind="receive-back", about=f"handover:{entry.about['handover']}")


def is_back_at_desk(entry: Entry) -> None:
    """Two people brought it back: the desk hands it out, and who asked for it hears that."""
    desk.back_at_desk(handover_id=entry.about["handover"])


def ask_to_activate(entry: Entry) -> None:
    """Its holder has it: staff activates it elsewhere and says so."""
    request = desk.to_activate(request_id=entry.about.get("request"), handover_id=entry.about.get("handover"))
    if request is not None:
        attention.open_task(kind="activate", about=f"request:{request}")


def ask_to_confirm(entry: Entry) -> None:
    """Somebody wants to open a door on a personal document: another person looks at it within ten minutes."""
    slots = {"compartment": entry.about["compartment"], "opening": entry.data["opening"]}
    attention.open_task(kind="confirm-opening", about=f"opening:{entry.data['opening']}", slots=slots)


def ask_to_confirm_finding(entry: Entry) -> None:
    """Somebody says what became of a personal document: another person looks too."""
    attention.open_task(kind="confirm-finding", about=f"finding:{entry.data['finding']}")


def findings_are_over(entry: Entry) -> None:
    """Something else happened to it: what somebody said of it before is no longer asked of anybody."""
    said = Entry.objects.filter(stream=entry.stream, kind="finding.said", number__lt=entry.number)
    findings.findings_are_over(one.data["finding"] for one in said)


def asked_no_more(entry: Entry) -> None:
    """What staff was asked to do is done, or was not done in time."""
    room = entry.kind.partition(".")[0]
    about = f"{room}:{entry.data[room]}" if room in entry.data else entry.stream
    attention.finish_task(kind=_ASKED[room], about=about)


def was_counted(entry: Entry) -> None:
    """The count that staff was asked for was made; by the wall itself it is none where a person's was due."""
    if entry.by or not counting.hand_count_is_due(entry.about["kiosk"], clock.now()):
        attention.finish_task(kind="count-by-hand", about=entry.stream)


def open_incident(entry: Entry) -> None:
    """It came out of a wall where by the ledger it did not lie any more: somebody must account for it."""
    counting.open_incident(queries.get(entry.about["handover"]), counting.TAKEN_AFTER)


def warn_of_incident(entry: Entry) -> None:
    """Something personal is not where the ledger says."""
    about = f"incident:{entry.about['incident']}"
    slots = {"compartment": entry.about.get("compartment"), "kiosk": entry.about["kiosk"]}
    attention.raise_alert(kind="stock-differs", level=Alert.Level.WARNING, about=about, slots=slots)
    attention.open_task(kind="incident", about=about, slots=slots)


def incident_is_over(entry: Entry) -> None:
    about = f"incident:{entry.about['incident']}"
    attention.finish_task(kind="incident", about=about)
    attention.alert_over("stock-differs", about)
    attention.alert_over("incident-overdue", about)


def ask_to_move_envelope(entry: Entry) -> None:
    """Who asked chose another place when the envelope stood ready to be loaded: it must not go along by mistake."""
    if entry.data.get("prepared"):
        attention.open_task(kind="move-envelope", about=entry.stream)


def ask_to_put_away(entry: Entry) -> None:
    """It ended while its thing stood ready, outside any wall: nobody waits for it, and it must not be loaded."""
    request = requests.get(entry.about["request"])
    out = request.handover
    if request.prepared_at is not None and (out is None or out.stage == Stage.CANCELLED or out.received_by):
        attention.open_task(kind="put-away", about=entry.stream)


def envelope_was_moved(entry: Entry) -> None:
    attention.finish_task(kind="move-envelope", about=entry.stream)
