"""What follows from which journal entry: one screen, the whole behaviour (the table is at the end).

Each follower is run by a worker in a transaction of its own, retried alone, done once. Hearing has already moved the
handover, its stay, custody and grants; here people are written, asked and warned. A follower may run late: it looks
at how things are now before it acts.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from onthaal.central.foundation.attention import actions as attention
from onthaal.central.foundation.attention.models import Alert
from onthaal.central.foundation.journal.models import Entry
from onthaal.central.foundation.notices import actions as notices
from onthaal.central.foundation.people.models import Municipality
from onthaal.central.foundation.tenancy import scope
from onthaal.central.lockers.access import actions as access
from onthaal.central.lockers.access import warning
from onthaal.central.lockers.access.bounces import address_works, nobody_was_told
from onthaal.central.lockers.access.models import Grant
from onthaal.central.lockers.access.queries import counts_on_it
from onthaal.central.lockers.devices.alarms import ask_to_look, bus_is_back, count_is_done, warn
from onthaal.central.lockers.devices.models import KioskState
from onthaal.central.lockers.handovers import actions as handovers
from onthaal.central.lockers.handovers import jobs as deadlines
from onthaal.central.lockers.handovers import queries
from onthaal.central.lockers.handovers.models import Handover
from onthaal.central.lockers.requests import actions as requests
from onthaal.central.lockers.requests import following as papers
from onthaal.core.lifecycles import Direction, Stage

A_VISIT = timedelta(days=1)
"""What a door that did not open costs."""

UNTRUE_THEN = (
    "ready", "new-code", "new-pin", "reminder", "door-trouble", "return-reminder", "overdue",
    "dossier-ready", "dossier-reminder", "dossier-door-trouble",
)  # fmt: skip
"""Notices that say nothing true any more once a handover moved on."""

SAYS_IT_GOES_BACK = ("recalled", "dossier-to-desk")
"""Notices of the night, which wait for the morning."""
CALLED_BACK = {Stage.RECALLED, Stage.TAKEN_BACK, Stage.DISPUTED}
"""Of a handover that was called back: it is not collected all the same, and does not lie there again."""

Follower = Callable[[Entry], None]


def _handover(entry: Entry) -> Handover:
    found: Handover = Handover.objects.select_related("product", "kiosk__site", "person", "item").get(
        pk=entry.about["handover"]
    )
    return found


def _let_known_codes_go(kiosk_id: int) -> None:
    """The wall may know the code already: then nothing waits for its next word."""
    state = KioskState.objects.filter(kiosk_id=kiosk_id).first()
    if state is not None and state.wish_epoch == Municipality.objects.get(pk=scope()).epoch:
        access.wall_knows(kiosk_id=kiosk_id, version=state.wish_version)


# what the addressee is told


def announce_ready(entry: Entry) -> None:
    """It lies there: mail where, until when, and with which code unless who they are opens it. Nothing when the
    loading was undone meanwhile."""
    handover = _handover(entry)
    if handover.direction != Direction.OUT or handover.stage != Stage.LOADED:
        return
    if handover.product.personal:
        access.announce(handover, kind="ready")
        return
    unsent = Grant.objects.filter(
        handover=handover, status__in=["asleep", "awake"], pin_closed_at=None, sealed__isnull=False
    ).first()
    if unsent is None:
        # No wall can know this one yet; and it locked the wall, after which no notice of another may be locked.
        access.send_again(handover_id=handover.pk, by=None)
        return
    access.announce(handover, kind="ready", grant=unsent)
    _let_known_codes_go(handover.kiosk_id)


def drop_announcement(entry: Entry) -> None:
    """What was not sent yet about this handover is not true any more."""
    notices.drop(f"handover:{entry.about['handover']}", *UNTRUE_THEN)


def mark_waiting(entry: Entry) -> None:
    """The notice with the code has gone: the collection period begins, and the clear code is gone for good."""
    if entry.data.get("notice") in access.TELL_OF_IT and "handover" in entry.about:
        access.code_sent(handover_id=entry.about["handover"], notice_id=entry.about["notice"])
        if not notices.has_bounced(entry.about["notice"]):
            handovers.notified(handover_id=entry.about["handover"], at=entry.at)


def send_new_pin(entry: Entry) -> None:
    """Five wrong PINs closed it: the addressee gets a new code, and the QR they have goes on opening."""
    handover = _handover(entry)
    new = Grant.objects.filter(handover=handover, status__in=["asleep", "awake"], pin_closed_at=None)
    if handovers.can_be_opened(handover) and not new.exists():
        access.send_again(handover_id=handover.pk, by=None, keep_qr=True)


def give_receipt(entry: Entry) -> None:
    """Thank you, you have it now; and for a loan the code to bring it back, and when."""
    out = _handover(entry)
    if out.direction != Direction.OUT or out.stage != Stage.COLLECTED:
        return
    back = deadlines.start_loan(out_id=out.pk)
    if back is None or back.stage != Stage.PLANNED:
        access.announce(out, kind="receipt")
        return
    grant = access.make_grant(back, awake=True)
    access.announce(back, kind="receipt", grant=grant)
    access.tell_walls([grant])


def watch_return(entry: Entry) -> None:
    """What seemed to be brought back is with its borrower still: they are reminded of it as before."""
    back = _handover(entry)
    if back.direction == Direction.BACK and back.out is not None and handovers.can_be_opened(back):
        deadlines.start_loan(out_id=back.out.pk)


def remind(entry: Entry) -> None:
    """Something waits for you, or is to come back soon."""
    handover = _handover(entry)
    if entry.data["what"] == "collect" and handover.stage == Stage.WAITING:
        access.announce(handover, kind="reminder")
    elif entry.data["what"] == "return" and handover.stage == Stage.PLANNED:
        access.announce(handover, kind="return-reminder")


def dun(entry: Entry) -> None:
    """A loan is overdue: remind the borrower, tell the staff. Bringing back is never refused."""
    handover = _handover(entry)
    if handover.stage == Stage.PLANNED:
        access.announce(handover, kind="overdue")
        attention.open_task(kind="overdue", about=f"handover:{handover.pk}")


def give_more_time(entry: Entry) -> None:
    """A failure of ours moved the deadline: say until when."""
    handover = _handover(entry)
    if handover.stage == Stage.WAITING:
        access.announce(handover, kind="door-trouble")


def thank_for_return(entry: Entry) -> None:
    access.announce(_handover(entry), kind="return-receipt")


def tell_recalled(entry: Entry) -> None:
    """It goes back to the desk, asked for or not: whoever has a code for it hears that it opens no more. Who withdrew
    knows, and who collects it at the desk instead was told so."""
    if entry.data.get("reason") == "not-collected":
        _tell_not_collected(_handover(entry))
    elif entry.data.get("reason") not in {"withdrawn", "to-desk"}:
        _tell_taken_back(entry)


def _tell_not_collected(handover: Handover) -> None:
    if handover.stage in CALLED_BACK and not requests.is_settled(handover.pk):
        access.announce(handover, kind="recalled")


def tell_doubt_is_over(entry: Entry) -> None:
    """Staff has it, or takes it out: whoever counts on it hears that."""
    if entry.data["to"] in {Stage.RECALLED, Stage.TAKEN_BACK}:
        _tell_taken_back(entry)


def _tell_taken_back(entry: Entry) -> None:
    handover = _handover(entry)
    if handover.stage not in CALLED_BACK:
        return  # collected all the same, or it lies there again
    drop_announcement(entry)  # first, so that no code leaves after the look at which ones did
    if counts_on_it(handover.pk, before=entry.number):
        access.announce(handover, kind="taken-back")


def unsay_recall(entry: Entry) -> None:
    """It was collected all the same, or can be: what would say that it goes back is untrue."""
    handover = _handover(entry)
    if handover.stage not in {Stage.RECALLED, Stage.TAKEN_BACK}:
        notices.drop(f"handover:{handover.pk}", *SAYS_IT_GOES_BACK, "taken-back", "dossier-taken-back")


def unsay_at_desk(entry: Entry) -> None:
    """Who asked needs it no more, does not get it, or has it from the desk: nothing calls them there in the morning."""
    if "handover" in entry.about:
        notices.drop(f"handover:{entry.about['handover']}", *SAYS_IT_GOES_BACK)


# what ends


def withdraw_codes(entry: Entry) -> None:
    """No code of a handover that is over, or recalled, opens any more."""
    late = entry.data.get("reason") == "not-collected"
    status = Grant.Status.EXPIRED if late else Grant.Status.REVOKED
    access.revoke(handover_id=entry.about["handover"], by=None, status=status)


def tell_lost(entry: Entry) -> None:
    """What was to be collected is nowhere: who counted on it hears it. A borrower has spoken with the staff."""
    handover = _handover(entry)
    if handover.direction == Direction.OUT:
        access.announce(handover, kind="lost")


def ask_for_another(entry: Entry) -> None:
    """Others were promised the same thing: staff finds them another or tells them."""
    for handover_id in queries.others_planned(entry.about["item"]):
        attention.open_task(kind="thing-lost", about=f"handover:{handover_id}")


def another_is_promised(entry: Entry) -> None:
    """Staff need not find another thing for it any more."""
    attention.finish_task(kind="thing-lost", about=f"handover:{entry.about['handover']}")


def is_loaded(entry: Entry) -> None:
    """Nobody need bring it to the wall any more."""
    for kind in ("not-loaded", "thing-lost"):
        attention.finish_task(kind=kind, about=f"handover:{entry.about['handover']}")


def complete_request(entry: Entry) -> None:
    requests.complete(handover_id=entry.about["handover"])


def finish_tasks(entry: Entry) -> None:
    """What staff was asked to do about this handover is done, or needs no doing any more."""
    about = f"handover:{entry.about['handover']}"
    for kind in (
        "take-back", "inspect", "overdue", "resolve-dispute", "mend-address", "still-on-loan", "thing-lost",
        "not-loaded",
    ):  # fmt: skip
        attention.finish_task(kind=kind, about=about)
    attention.alert_over("item-disputed", about)


def withdraw_resolved(entry: Entry) -> None:
    """Staff decided that it is over, or that only they take it out."""
    if entry.data["to"] in {Stage.RECALLED, Stage.TAKEN_BACK, Stage.COLLECTED}:
        withdraw_codes(entry)


def start_again(entry: Entry) -> None:
    """Staff decided that it lies in the wall after all, or that the borrower still has it: a new code, for the old one
    may have been used."""
    handover = _handover(entry)
    if not handovers.can_be_opened(handover):
        return
    if handover.product.personal:
        access.renew_identity_grant(handover_id=handover.pk)
        access.announce(handover, kind="ready")
    else:
        access.send_again(handover_id=handover.pk, by=None)


# what staff is asked and warned of


def ask_to_take_back(entry: Entry) -> None:
    handover = _handover(entry)
    if handover.stage == Stage.RECALLED:
        attention.open_task(kind="take-back", about=f"handover:{handover.pk}")


def ask_to_inspect(entry: Entry) -> None:
    handover = _handover(entry)
    if handover.direction == Direction.BACK and handover.stage == Stage.LOADED:
        attention.finish_task(kind="overdue", about=f"handover:{handover.pk}")
        attention.open_task(kind="inspect", about=f"handover:{handover.pk}")


def warn_of_dispute(entry: Entry) -> None:
    about = f"handover:{entry.about['handover']}"
    level, why = Alert.Level.CRITICAL, {"why": entry.data.get("why", "")}
    attention.raise_alert(kind="item-disputed", level=level, about=about, slots=why, again_after=attention.EACH_TIME)
    attention.open_task(kind="resolve-dispute", about=about, slots=why)


def ask_whose_loan(entry: Entry) -> None:
    """A thing was loaded that somebody still has on loan by the plan: staff ends that loan, or finds out."""
    if entry.data.get("why") != "was-on-loan" or "handover" not in entry.about:
        return
    handover = _handover(entry)
    back = queries.still_on_loan(handover.item_id, other_than=handover.pk)
    if back is not None:
        attention.open_task(kind="still-on-loan", about=f"handover:{back.pk}")


def give_a_visit_back(entry: Entry) -> None:
    """A door did not open: whoever stood there gets at least a day (promise 14)."""
    door = entry.about.get("compartment")
    doors = None if door is None else [door]
    deadlines.give_days_back(kiosk_id=entry.about["kiosk"], lost=A_VISIT, cause="not-opened", doors=doors)


FOLLOWERS: dict[str, tuple[Follower, ...]] = {
    "handover.reallotted": (another_is_promised,),
    "handover.loaded": (papers.findings_are_over, is_loaded, announce_ready),
    "handover.undone": (drop_announcement, watch_return),
    "handover.collected": (
        drop_announcement,
        unsay_recall,
        finish_tasks,
        give_receipt,
        complete_request,
        papers.ask_to_activate,
    ),
    "handover.returned": (drop_announcement, withdraw_codes, ask_to_inspect, thank_for_return),
    "handover.inspected": (drop_announcement, withdraw_codes, finish_tasks, complete_request),
    "handover.recalled": (drop_announcement, withdraw_codes, ask_to_take_back, tell_recalled),
    "handover.received": (papers.was_received, papers.is_back_at_desk),
    "handover.taken-back": (
        drop_announcement,
        withdraw_codes,
        tell_recalled,
        finish_tasks,
        complete_request,
        papers.ask_to_receive,
    ),
    "handover.cancelled": (drop_announcement, withdraw_codes, finish_tasks, papers.findings_are_over),
    "handover.disputed": (drop_announcement, papers.findings_are_over, warn_of_dispute),
    "handover.resolved": (
        finish_tasks,
        papers.findings_are_over,
        withdraw_resolved,
        unsay_recall,
        watch_return,
        tell_doubt_is_over,
        start_again,
        ask_to_take_back,
        ask_to_inspect,
        give_receipt,
        complete_request,
        papers.ask_to_receive,
    ),
    "handover.came-back": (drop_announcement, withdraw_codes, finish_tasks, complete_request),
    "handover.lost": (
        drop_announcement,
        withdraw_codes,
        finish_tasks,
        papers.findings_are_over,
        tell_lost,
        ask_for_another,
        complete_request,
    ),
    "handover.taken-after": (papers.open_incident,),
    "handover.reminded": (remind,),
    "handover.overdue": (dun,),
    "handover.extended": (give_more_time,),
    "notice.sent": (mark_waiting, address_works),
    "notice.bounced": (nobody_was_told,),
    "grant.pin-closed": (send_new_pin,),
    "item.found": (warn, ask_to_look),
    **dict.fromkeys(("kiosk.door-forced", "kiosk.wrong-door", "kiosk.door-left-open"), (warn, ask_to_look)),
    "kiosk.not-opened": (warn, ask_to_look, give_a_visit_back),
    "kiosk.sensor-suspect": (ask_to_look,),
    "kiosk.bus-silent": (warn,),
    "kiosk.bus-restored": (bus_is_back,),
    "kiosk.qr-only": (warn,),
    **dict.fromkeys(("kiosk.unexpected-content", "kiosk.fact-malformed"), (warn, ask_to_look)),
    "kiosk.fact-conflict": (warn, ask_to_look, ask_whose_loan),
    **dict.fromkeys(("kiosk.chain-broken", "kiosk.log-replaced"), (warn,)),
    "kiosk.log-gap": (warn, ask_to_look),
    "kiosk.counted": (count_is_done,),
    "opening.asked": (papers.ask_to_confirm,),
    "finding.said": (papers.ask_to_confirm_finding,),
    **dict.fromkeys(("opening.confirmed", "opening.withdrawn", "opening.expired"), (papers.asked_no_more,)),
    **dict.fromkeys(("finding.confirmed", "finding.withdrawn", "dossier.activated"), (papers.asked_no_more,)),
    "stock.counted": (papers.was_counted,),
    **dict.fromkeys(("request.withdrawn", "request.refused"), (papers.ask_to_put_away, unsay_at_desk)),
    "request.place-changed": (papers.ask_to_move_envelope,),
    "dossier.ready-at-desk": (papers.envelope_was_moved,),
    "dossier.handed-out": (papers.envelope_was_moved, papers.ask_to_activate, unsay_at_desk),
    "incident.opened": (papers.warn_of_incident,),
    "incident.closed": (papers.incident_is_over,),
    "identity.provider-silent": (warning.provider_is_silent,),
    "provider.changed": (warning.provider_was_changed,),
    "identity.provider-back": (warning.provider_is_back,),
    "identification.refused": (warning.count_guesses,),
}
