"""What follows when a mail comes back: staff looks for another address, until a mail goes again.

Followers, as in `central/followers.py`, whose table names them.
"""

from __future__ import annotations

from onthaal.central.foundation.attention import actions as attention
from onthaal.central.foundation.attention.models import Alert
from onthaal.central.foundation.journal.models import Entry
from onthaal.central.foundation.notices import actions as notices
from onthaal.central.lockers.access.grants import TELL_OF_IT, was_the_last_code
from onthaal.central.lockers.handovers import actions as handovers
from onthaal.central.lockers.handovers import queries

NOBODYS = {"alert", "request-link", "request-exists"}
"""A duty address that bounces would go round for ever; an unconfirmed address is nobody's yet."""


def nobody_was_told(entry: Entry) -> None:
    """A mail came back: staff finds another way. No period runs when nobody has a code from us by now."""
    kind = entry.data.get("notice", "")
    if kind in NOBODYS:
        return
    if "handover" in entry.about and was_the_last_code(entry.about["notice"]):
        handovers.bounced(handover_id=entry.about["handover"])
    level, slots = Alert.Level.WARNING, {"notice": kind}
    attention.raise_alert(
        kind="mail-bounced", level=level, about=entry.stream, slots=slots, again_after=attention.EACH_TIME
    )
    attention.open_task(kind="mend-address", about=entry.stream, slots=slots)


def address_works(entry: Entry) -> None:
    """A mail went after those that came back: nobody looks for another address any more. About a handover only one
    that says it can be opened: of what they were to have, they have the code now."""
    kind, subjects = entry.data.get("notice"), [entry.stream]
    if kind in NOBODYS or ("handover" in entry.about and kind not in TELL_OF_IT):
        return
    if "handover" in entry.about:
        handover = queries.get(entry.about["handover"])
        request = getattr(handover.out or handover, "request", None)
        subjects += [f"request:{request.pk}"] if request is not None else []
    for about in subjects:
        if not notices.came_back_since(entry.about["notice"], about=about):
            attention.finish_task(kind="mend-address", about=about)
            attention.alert_over("mail-bounced", about)
