"""Sending notices: written in the verb's transaction, delivered by the worker after it.

Lock order: the head of its subject's stream where something is noted there, notices by id, where they would bounce to.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

import msgspec
from django.db.models import Q, QuerySet

from onthaal import clock
from onthaal.central.foundation.journal import actions as journal
from onthaal.central.foundation.notices import letters
from onthaal.central.foundation.notices.models import Notice, ReturnAddress
from onthaal.central.foundation.people.models import Municipality, Person
from onthaal.central.foundation.sealing import seal
from onthaal.central.foundation.tenancy import scope

_TOKEN_BYTES = 15
"""Of the return address: 120 bits, so that nobody can bounce somebody else's mail."""


def send(  # noqa: PLR0913 (a notice has eight parts)
    *,
    kind: str,
    person: Person | None = None,
    address: str = "",
    about: str = "",
    slots: dict[str, Any] | None = None,
    sealed: bytes | None = None,
    hold: bool = False,
    not_before: datetime | None = None,
) -> Notice:
    """A mail of `kind` to a person, or to a staff `address`. `sealed` (see `codes.sealed_codes`) is its clear code;
    with `hold` it waits for `release`. It leaves at once, or at `not_before`.
    Slots: texts, numbers, dates and moments (written out in the reader's language), or a dict of nl, fr and en. The
    slot `token` (of a link) is kept sealed. ValueError for a kind without words or a slot they need and do not get."""
    now = clock.now()
    municipality = Municipality.objects.get(pk=scope())
    plain: dict[str, Any] = msgspec.to_builtins(slots or {})
    if token := plain.pop("token", None):
        sealed = seal(str(token).encode(), f"notice:{about}")
    letters.check_words(kind, plain)
    notice = Notice(
        kind=kind, person=person, address=address, about=about, slots=plain, sealed=sealed,
        language=person.language if person else (municipality.languages or ["nl"])[0],
        status=Notice.Status.HELD if hold else Notice.Status.DUE, created_at=now, due_at=not_before or now,
    )  # fmt: skip
    notice.save()
    ReturnAddress.objects.create(
        token=secrets.token_hex(_TOKEN_BYTES), municipality_id=municipality.pk, notice=notice.pk
    )
    return notice


def send_to_duty(*, kind: str, about: str, slots: dict[str, Any], not_before: datetime | None = None) -> Notice:
    """A mail to the address where alerts go."""
    municipality = Municipality.objects.get(pk=scope())
    return send(kind=kind, address=municipality.duty_address, about=about, slots=slots, not_before=not_before)


def was_written(about: str, kind: str, **saying: str) -> bool:
    """Whether a mail of this kind about a subject, with these slots, went or is to go."""
    written = Notice.objects.filter(about=about, kind=kind, slots__contains=saying)
    return bool(written.exclude(status=Notice.Status.DROPPED).exists())


def release(about: str) -> int:
    """Let the held notices about a subject go. How many there were."""
    held = Notice.objects.filter(about=about, status=Notice.Status.HELD)
    return int(held.update(status=Notice.Status.DUE, due_at=clock.now()))


def drop(about: str, *kinds: str, **saying: str) -> int:
    """Not needed any more: what was not sent yet about a subject (of these kinds, or of any; with these slots). How
    many."""
    waiting = Notice.objects.filter(about=about, status__in=[Notice.Status.HELD, Notice.Status.DUE])
    if kinds:
        waiting = waiting.filter(kind__in=kinds)
    if saying:
        waiting = waiting.filter(slots__contains=saying)
    return _drop(waiting)


def drop_for(person: Person) -> None:
    """Nothing more goes to this person."""
    waiting = Notice.objects.filter(person=person, status__in=[Notice.Status.HELD, Notice.Status.DUE])
    _drop(waiting)


def _drop(waiting: QuerySet[Notice]) -> int:
    ids = list(waiting.select_for_update().order_by("pk").values_list("pk", flat=True))
    Notice.objects.filter(pk__in=ids).update(status=Notice.Status.DROPPED, sealed=None)
    ReturnAddress.objects.filter(municipality_id=scope(), notice__in=ids).update(pending=False)
    return len(ids)


def locked(notice_id: int) -> Notice:
    """A notice of which something will be noted: the head of its stream is locked before it."""
    journal.hold(_stream_of(Notice.objects.get(pk=notice_id)))
    notice: Notice = Notice.objects.select_for_update().get(pk=notice_id)
    return notice


def bounced(token: str) -> bool:
    """A mail to this return address was refused for good. Call it inside the scope that `scope_of` names.

    False when it had bounced before: telling twice is harmless.
    """
    address = ReturnAddress.objects.get(token=token, municipality_id=scope())
    notice = locked(address.notice)
    if notice.status == Notice.Status.BOUNCED:
        return False
    mark_bounced(notice)
    return True


def mark_bounced(notice: Notice) -> None:
    """Part of a verb that locked it: nobody got it; the code in it is gone."""
    notice.status, notice.bounced_at, notice.sealed = Notice.Status.BOUNCED, clock.now(), None
    notice.save(update_fields=["status", "bounced_at", "sealed"])
    ReturnAddress.objects.filter(municipality_id=scope(), notice=notice.pk).update(pending=False)
    note(notice, "notice.bounced")


def has_bounced(notice_id: int) -> bool:
    """Whether a mail that went came back by now."""
    return bool(Notice.objects.filter(pk=notice_id, status=Notice.Status.BOUNCED).exists())


def came_back_since(notice_id: int, *, about: str) -> bool:
    """Whether this mail came back by now, or one about this subject that was written after it."""
    later = Q(pk=notice_id) | Q(pk__gt=notice_id, about=about)
    return bool(Notice.objects.filter(later, status=Notice.Status.BOUNCED).exists())


def note(notice: Notice, kind: str) -> None:
    """What became of a notice, in the stream of its subject."""
    subject, _, number = notice.about.partition(":")
    about: dict[str, Any] = {"notice": notice.pk}
    if number.isdecimal():
        about[subject] = int(number)
    if notice.person_id is not None and notice.person is not None:
        about["person"] = str(notice.person.pseudonym)
    journal.note(stream=_stream_of(notice), kind=kind, about=about, data={"notice": notice.kind})


def _stream_of(notice: Notice) -> str:
    return notice.about or f"notice:{notice.pk}"


def sealed_codes(pin: str, qr: str, about: str) -> bytes:
    """The clear PIN (nine digits, as shown) and QR text, sealed for the notices about `about`."""
    return seal(f"{pin}\n{qr}".encode(), f"notice:{about}")
