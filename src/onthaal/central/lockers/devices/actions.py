"""Verbs of the kiosks and on them: enrolment, live state, opening a door from afar. (Hearing has its own file.)"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import F

from onthaal import clock
from onthaal.central.foundation.attention import actions as attention
from onthaal.central.foundation.attention.queries import lasting
from onthaal.central.foundation.journal import actions as journal
from onthaal.central.foundation.people.models import Account, Municipality
from onthaal.central.foundation.tenancy import acting_for, scope
from onthaal.central.lockers.access import actions as access
from onthaal.central.lockers.devices.hearing import begin_log, hear
from onthaal.central.lockers.devices.models import (
    SILENT_AFTER,
    Command,
    Device,
    EnrolmentCode,
    HeardFact,
    KioskState,
    Log,
)
from onthaal.central.lockers.handovers import actions as handovers
from onthaal.central.lockers.handovers.models import Handover, Stay
from onthaal.central.lockers.places import actions as places
from onthaal.central.lockers.places.models import Compartment, Kiosk
from onthaal.core.codes import ALPHABET
from onthaal.core.lifecycles import OPENABLE, Direction
from onthaal.core.protocol import Enrol, Enrolled, State
from onthaal.core.refusals import Refusal, Why

__all__ = ["enrol", "enrolment_code", "hear", "keep_state", "open_now"]

CODE_CHARACTERS = 8
CODE_LIVES = timedelta(minutes=30)
CODE_TRIES = 10
"""Wrong codes while one is open: with 40 bits, a guesser's odds stay under 1 in 100,000,000,000."""
_STALE = timedelta(minutes=2)
_KEY_CHARACTERS = 64


# enrolment


@transaction.atomic
def enrolment_code(*, kiosk_id: int, by: Account) -> str:
    """A one-time code `XXXX-XXXX` for a kiosk, good for 30 minutes: the only moment it is shown. Older ones end."""
    kiosk = Kiosk.objects.select_for_update(no_key=True).get(pk=kiosk_id, retired_at=None)
    now = clock.now()
    EnrolmentCode.objects.filter(kiosk=kiosk, used_at=None, expires_at__gt=now).update(expires_at=now)
    clear = "".join(secrets.choice(ALPHABET) for _ in range(CODE_CHARACTERS))
    EnrolmentCode(kiosk=kiosk, hash=_code_hash(clear), made_by=by, expires_at=now + CODE_LIVES).save()
    return f"{clear[:4]}-{clear[4:]}"


def _code_hash(typed: str) -> str:
    plain = "".join(character for character in typed.upper() if character in ALPHABET)
    return hashlib.sha256(f"enrolment:{plain}".encode()).hexdigest()


def enrol(*, municipality_id: int, enrol: Enrol) -> Enrolled:
    """Take a kiosk's key for the code shown at the desk; its wall's pepper goes with the answer.

    The same key with the same code again gets the same answer (it may have been lost). Refuses ENROLMENT_CODE_WRONG
    for a code that is wrong, used by another key, too old or tried too often; MALFORMED for what is no key.
    """
    _check(enrol)
    with acting_for(municipality_id):
        answer = _enrolled(enrol)
    if answer is None:
        raise Refusal(Why.ENROLMENT_CODE_WRONG)
    return answer


def _check(enrol: Enrol) -> None:
    try:
        key = bytes.fromhex(enrol.public_key)
    except ValueError:
        raise Refusal(Why.MALFORMED, what="key") from None
    log_named = 0 < len(enrol.log) <= 40 and enrol.log.isascii() and enrol.log.replace("-", "").isalnum()  # noqa: PLR2004 (the column's width)
    if len(enrol.public_key) != _KEY_CHARACTERS or len(key) * 2 != _KEY_CHARACTERS or not log_named:
        raise Refusal(Why.MALFORMED, what="key")


def _enrolled(enrol: Enrol) -> Enrolled | None:
    now = clock.now()
    code = EnrolmentCode.objects.select_for_update().filter(hash=_code_hash(enrol.code), expires_at__gt=now).first()
    if code is None or code.tries >= CODE_TRIES:
        EnrolmentCode.objects.filter(used_at=None, expires_at__gt=now).update(tries=F("tries") + 1)
        return None
    kiosk = Kiosk.objects.get(pk=code.kiosk_id)
    device = Device.objects.filter(kiosk=kiosk.pk, retired_at=None).select_for_update().first()
    if code.used_at is not None:
        same = device is not None and device.public_key == enrol.public_key
        return _answer(device, kiosk) if device is not None and same else None
    if device is not None:
        device.retired_at = now
        device.save(update_fields=["retired_at"])
    device = Device.objects.create(
        municipality_id=scope(),
        kiosk=kiosk.pk,
        public_key=enrol.public_key,
        key_kind=enrol.key_kind,
        enrolled_at=now,
    )
    code.used_at = now
    code.save(update_fields=["used_at"])
    if not Log.objects.filter(kiosk=kiosk).exists():
        begin_log(device, enrol.log)
    journal.note(
        stream=f"kiosk:{kiosk.pk}",
        kind="kiosk.enrolled",
        by=str(code.made_by.pseudonym),
        about={"kiosk": kiosk.pk, "device": device.pk},
        data={"key_kind": enrol.key_kind},
    )
    places.raise_wishes([kiosk.pk])  # so that a stream of the device before it ends
    return _answer(device, kiosk)


def _answer(device: Device, kiosk: Kiosk) -> Enrolled:
    epoch = Municipality.objects.get(pk=device.municipality_id).epoch
    return Enrolled(device=device.pk, pepper=access.pepper(kiosk).hex(), epoch=epoch)


# live state


def keep_state(device: Device, state: State) -> None:
    """How a wall is now: the latest wins. What it applied lets codes go; what cannot be raises an alert."""
    now = clock.now()
    kept = KioskState.objects.select_for_update().filter(kiosk_id=device.kiosk).first()
    if kept is not None and kept.boot == state.boot and timedelta(0) < kept.at - state.at < _STALE:
        return
    row = kept or KioskState(kiosk_id=device.kiosk)
    was_silent, other_log = row.silent_since is not None, kept is not None and row.log != state.log
    row.at, row.told_at, row.silent_since = state.at, now, None
    row.boot, row.log = state.boot, state.log
    row.wish_epoch, row.wish_version = state.epoch, state.version
    row.told = msgspec.to_builtins(state, str_keys=True)
    row.save()
    if was_silent:
        about = f"kiosk:{device.kiosk}"
        journal.note(stream=about, kind="kiosk.back", about={"kiosk": device.kiosk})
        attention.alert_over("kiosk-silent", about)
    _compare(device, state)
    if other_log:
        places.raise_wishes([device.kiosk])  # they speak of what was heard of the log before


def _compare(device: Device, state: State) -> None:
    """A kiosk that knows more than the centre: the centre was restored, or somebody else answers that wall."""
    epoch, version = Kiosk.objects.values_list("municipality__epoch", "wish_version").get(pk=device.kiosk)
    ahead = state.epoch > epoch or (state.epoch == epoch and state.version > version)
    known = _told_before(device, state)
    about = f"kiosk:{device.kiosk}"
    _alerts(
        about,
        Watched("ahead", wrong=ahead, slots={"told": state.version, "known": version}),
        Watched("log-behind", wrong=state.last_fact < known, slots={"told": state.last_fact, "known": known}),
        *(Watched(kind, wrong=kind in state.troubles, level="warning") for kind in ("bus-degraded", "reader-silent")),
    )
    if state.epoch == epoch and not ahead:
        access.wall_knows(kiosk_id=device.kiosk, version=state.version)


def _told_before(device: Device, state: State) -> int:
    """The highest fact of the kiosk's log that had happened when it put its state together (by its own clock).

    Facts may overtake a state on the way: later ones say nothing about it.
    """
    facts = HeardFact.objects.filter(log__kiosk_id=device.kiosk, log__name=state.log, at__lt=state.at)
    return facts.order_by("-number").values_list("number", flat=True).first() or 0


class Watched(msgspec.Struct, frozen=True):
    """One thing that every state is looked at for."""

    kind: str
    wrong: bool
    slots: dict[str, Any] = {}
    level: str = "critical"


def _alerts(about: str, *watched: Watched) -> None:
    """Raise those that are wrong; what is right again is over. Nearly always nothing is: asked in one question."""
    last = lasting(about)
    for one in watched:
        if one.wrong:
            attention.raise_alert(kind=one.kind, level=one.level, about=about, slots=one.slots)
        elif one.kind in last:
            attention.alert_over(one.kind, about)


# opening from afar


@transaction.atomic
def open_now(
    *, kiosk_id: int, compartment_id: int, by: Account, reason: str, handover_id: int | None = None
) -> Command:
    """Ask a wall to open one door, within 60 s, on a named person's word.

    What holds a thing opens only to take that thing out: it is recalled by this. Refuses REASON_MISSING;
    WALL_BEHIND when the wall is silent; COMPARTMENT_UNAVAILABLE when something else lies there than was named;
    NEEDS_SECOND_PERSON for a personal document.
    """
    if not reason.strip():
        raise Refusal(Why.REASON_MISSING)
    state = answering(kiosk_id)
    compartment = Compartment.objects.get(pk=compartment_id, kiosk_id=kiosk_id, removed_at=None)
    handover = lying_in(compartment, handover_id)
    if handover is not None and handover.product.personal:
        raise Refusal(Why.NEEDS_SECOND_PERSON)
    return command_to_open(state, compartment, handover, by=by, reason=reason)


def answering(kiosk_id: int) -> KioskState:
    """The state of a wall that answers. Refuses WALL_BEHIND when it is silent: no command would reach it in time."""
    state: KioskState | None = KioskState.objects.filter(kiosk_id=kiosk_id).first()
    if state is None or clock.now() - state.told_at > SILENT_AFTER:
        raise Refusal(Why.WALL_BEHIND)
    return state


def command_to_open(
    state: KioskState, compartment: Compartment, handover: Handover | None, *, by: Account, reason: str
) -> Command:
    """Part of a verb that locked what lies there: ask the wall to open. What waits there is recalled by it."""
    kiosk_id = state.kiosk_id
    if handover is not None and handover.direction == Direction.OUT and handover.stage in OPENABLE:
        handovers.recalled(handover, by=by, reason="opened-remotely")
    command = Command(
        kiosk_id=kiosk_id,
        nonce=secrets.token_hex(16),
        boot=state.boot,
        compartment=compartment,
        handover=handover,
        asked_by=by,
        reason=reason.strip()[:200],
        issued_at=clock.now(),
    )
    command.save()
    about = {"kiosk": kiosk_id, "compartment": compartment.number, "handover": handover.pk if handover else None}
    journal.note(
        stream=f"kiosk:{kiosk_id}",
        kind="kiosk.opened-remotely",
        by=str(by.pseudonym),
        about={name: value for name, value in about.items() if value is not None},
        data={"command": command.pk},
    )
    if handover is not None:
        places.raise_wishes([kiosk_id])
    return command


def lying_in(compartment: Compartment, named: int | None) -> Handover | None:
    """What lies in the compartment, locked. Refuses COMPARTMENT_UNAVAILABLE when that is not what was named."""
    handover = handovers.lock([named]).get(named) if named is not None else None
    stay = Stay.objects.filter(compartment=compartment, until=None).first()
    if (stay.handover_id if stay else None) != named:
        raise Refusal(Why.COMPARTMENT_UNAVAILABLE)
    return handover
