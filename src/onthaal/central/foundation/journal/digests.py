"""The daily digest: every head of a municipality's chains, signed, so that a copy betrays a rewritten past."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db.models import QuerySet

from onthaal.central.foundation.calendar import local_day
from onthaal.central.foundation.journal.chains import Head
from onthaal.central.foundation.journal.models import Digest
from onthaal.central.foundation.journal.queries import heads as stream_heads
from onthaal.central.foundation.keys import derived
from onthaal.central.foundation.people.models import Municipality
from onthaal.central.foundation.tenancy import scope
from onthaal.core import chain


def sign_day(now: datetime, others: Mapping[str, Head] | None = None) -> Digest | None:
    """Sign all heads (`others`: of chains kept elsewhere, by name) for the day before `now`, once. None when signed.

    The heads are those of the moment of signing; the day says which night it was.
    """
    day = local_day(now) - timedelta(days=1)
    if Digest.objects.filter(day=day).exists():
        return None
    every = {**stream_heads(), **(others or {})}
    heads = {name: [head.length, head.hash.hex()] for name, head in sorted(every.items())}
    digest = Digest(day=day, heads=heads, signed_at=now, signature=_key().sign(_signed_bytes(day, heads)))
    digest.save(force_insert=True)
    return digest


def is_genuine(digest: Digest) -> bool:
    """Whether this installation's key signed exactly these heads."""
    try:
        _key().public_key().verify(bytes(digest.signature), _signed_bytes(digest.day, digest.heads))
    except InvalidSignature:
        return False
    return True


def every() -> QuerySet[Digest]:
    """Every digest, the newest first."""
    found: QuerySet[Digest] = Digest.objects.order_by("-day")
    return found


def exported() -> Iterator[dict[str, Any]]:
    """Every digest as plain JSON values, oldest first, with the public key that checks it."""
    public = _key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
    for digest in Digest.objects.order_by("day").iterator():
        yield {
            "municipality": _slug(), "day": digest.day.isoformat(), "heads": digest.heads,
            "signature": bytes(digest.signature).hex(), "public_key": public,
        }  # fmt: skip


def _key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(derived("digest"))


def _slug() -> str:
    return Municipality.objects.get(pk=scope()).slug


def _signed_bytes(day: date, heads: Mapping[str, Any]) -> bytes:
    return chain.canonical({"municipality": _slug(), "day": day.isoformat(), "heads": heads})
