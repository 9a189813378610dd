"""Our keys as rows: made, published before use, replaced, and thrown away when nothing can need them any more."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from django.db.models import Q

from onthaal import clock
from onthaal.central.foundation.identity.models import ClientKey
from onthaal.central.foundation.identity.oidc import keys
from onthaal.central.foundation.journal import actions as journal
from onthaal.central.foundation.sealing import seal, unseal

PUBLISHED_BEFORE = timedelta(hours=24)
"""A signing key is published so long before it is used: so long a provider may keep our old list (itsme's manual)."""
STILL_PUBLISHED = timedelta(hours=1)
"""What was signed last is checked within that time."""
STILL_OPENS = timedelta(hours=24)
"""A replaced encryption key opens what a provider with our old list still writes to it."""
REPLACED_AFTER = timedelta(days=90)
STREAM = "client-keys"


def rotate_keys(now: datetime) -> list[ClientKey]:
    """Replace both keys. The new ones, the signing key first.

    The first signing key of all is used at once; nothing older is known anywhere.
    """
    _one_at_a_time()
    made = [_replace_signing(now), _replace_encryption(now)]
    tidy(now)
    for key in made:
        journal.note(stream=STREAM, kind="client-key.made", data={"kid": key.kid, "use": key.use})
    return made


def retire_now(now: datetime) -> list[ClientKey]:
    """After a leak: every signing key there is, also one that would be used tomorrow, neither signs nor is published
    from now on; new keys take over at once. The new ones, the signing key first.

    Until a provider reads our keys again it may refuse us: some keep them for a day. What it still writes to the
    replaced encryption key is opened as after any rotation: opening it harms nobody.
    """
    _one_at_a_time()
    old = ClientKey.objects.filter(use=ClientKey.Use.SIGN, gone_at=None)
    for row in old:
        row.replaced_at, row.gone_at, row.sealed = min(row.replaced_at or now, now), now, b""
        row.save(update_fields=["replaced_at", "gone_at", "sealed"])
        journal.note(stream=STREAM, kind="client-key.retired", data={"kid": row.kid, "use": row.use})
    return rotate_keys(now)


def rotate_when_due(now: datetime) -> None:
    """For the clock: replaces keys that are old (never begins with a municipality that has none), forgets those that
    are over."""
    if _are_old(now):
        _one_at_a_time()
        if _are_old(now):  # still: nobody replaced them meanwhile
            rotate_keys(now)
    tidy(now)


def _are_old(now: datetime) -> bool:
    newest = ClientKey.objects.filter(gone_at=None, replaced_at=None).order_by("-made_at").first()
    return newest is not None and now - newest.made_at >= REPLACED_AFTER


def _one_at_a_time() -> None:
    """Whoever replaces keys waits for who does so now, and sees theirs: two first keys would both sign at once."""
    journal.hold(STREAM)


def tidy(now: datetime) -> None:
    """Keys that are over lose their private part."""
    over = Q(use=ClientKey.Use.SIGN, replaced_at__lte=now - STILL_PUBLISHED)
    over |= Q(use=ClientKey.Use.ENCRYPT, replaced_at__lte=now - STILL_OPENS)
    ClientKey.objects.filter(over, gone_at=None).update(gone_at=now, sealed=b"")
    for row in ClientKey.objects.filter(gone_at=None, public__isnull=True):
        row.public = keys.public(_private(row))
        row.save(update_fields=["public"])


def public_jwks() -> dict[str, list[dict[str, Any]]]:
    """What providers may know: every signing key that is or will be used, and the one key to write to."""
    rows = ClientKey.objects.filter(gone_at=None).order_by("pk").defer("sealed")
    shown = [row for row in rows if row.use == ClientKey.Use.SIGN or row.replaced_at is None]
    return {"keys": [_public(row) for row in shown]}


def our_keys(now: datetime) -> keys.OurKeys | None:
    """What to sign with now, and all that still opens. None while a municipality has no keys."""
    rows = list(ClientKey.objects.filter(gone_at=None).order_by("signs_from", "pk"))
    signing = [row for row in rows if row.use == ClientKey.Use.SIGN and row.signs_from <= now]
    opening: Mapping[str, Any] = {
        row.kid: keys.read(_private(row)) for row in rows if row.use == ClientKey.Use.ENCRYPT and _opens(row, now)
    }
    if not signing or not opening:
        return None
    return keys.OurKeys(signing[-1].kid, keys.read(_private(signing[-1])), opening)


def _opens(row: ClientKey, now: datetime) -> bool:
    return row.replaced_at is None or now < row.replaced_at + STILL_OPENS


def _replace_signing(now: datetime) -> ClientKey:
    old = ClientKey.objects.filter(use=ClientKey.Use.SIGN, gone_at=None, replaced_at=None)
    used_from = now + PUBLISHED_BEFORE if old.exists() else now
    old.update(replaced_at=used_from)
    return _keep("sig", now, used_from)


def _replace_encryption(now: datetime) -> ClientKey:
    old = ClientKey.objects.filter(use=ClientKey.Use.ENCRYPT, gone_at=None, replaced_at=None)
    old.update(replaced_at=now)
    return _keep("enc", now, None)


def _keep(use: Literal["sig", "enc"], now: datetime, signs_from: datetime | None) -> ClientKey:
    made = keys.made(use)
    row = ClientKey(
        kid=made.kid, use=use, sealed=seal(made.jwk, _purpose(made.kid)), public=keys.public(made.jwk), made_at=now,
        signs_from=signs_from,
    )  # fmt: skip
    row.save()
    return row


def _public(row: ClientKey) -> dict[str, Any]:
    """Of a key made before its public part was kept beside it, read from what is sealed: until `tidy` came by."""
    kept: dict[str, Any] | None = row.public
    return kept if kept is not None else keys.public(_private(row))


def _private(row: ClientKey) -> bytes:
    return unseal(bytes(row.sealed), _purpose(row.kid))


def _purpose(kid: str) -> str:
    return f"client-key:{kid}"


def have_keys() -> bool:
    """Whether this municipality can sign and be written to now."""
    return our_keys(clock.now()) is not None
