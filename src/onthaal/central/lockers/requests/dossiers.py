"""What a personal request adds, for who asks and for the staff: conditions, sealed attachments, mails."""

from __future__ import annotations

import hashlib
from typing import Any

from onthaal import clock
from onthaal.central.foundation.identity.models import Identity
from onthaal.central.foundation.notices import actions as notices
from onthaal.central.foundation.people.models import Municipality
from onthaal.central.foundation.sealing import seal, unseal
from onthaal.central.foundation.tenancy import scope
from onthaal.central.lockers.access.recognising import recognisable
from onthaal.central.lockers.catalogue.models import Product
from onthaal.central.lockers.requests.models import Attachment, Dossier, Request
from onthaal.core import attachments as allowed
from onthaal.core.documents import Conditions
from onthaal.core.refusals import Why
from onthaal.words import LANGS, catalogue, words


def conditions(request: Request) -> Conditions:
    """What its rules look at, as it is known now."""
    dossier: Dossier = request.dossier
    return Conditions(
        identity_card=request.product.kind == Product.Kind.IDENTITY_CARD,
        locker_allowed=request.product.locker_allowed,
        of_age=dossier.of_age,
        age_known=dossier.identity is None or dossier.identity.birthdate_sealed is not None,
        proxy=dossier.proxy,
        urgent=dossier.urgent,
        paid=dossier.fee_cents == 0 or dossier.paid_at is not None,
        old_document_open=dossier.old_document == Dossier.Old.OPEN,
        other_provider=dossier.identity is not None and not recognisable(dossier.identity),
        entered_at_desk=dossier.identity_id is None,
    )


def missing(request: Request) -> tuple[str, ...]:
    """The kinds of attachment that its product needs and that are not there."""
    needed = {"photo": request.product.needs_photo, "certificate": request.product.needs_certificate}
    there = {attachment.kind for attachment in attachments(request.dossier)}
    return tuple(kind for kind, needs in needed.items() if needs and kind not in there)


def attachments(dossier: Dossier) -> list[Attachment]:
    """Those whose content is there, the oldest first."""
    return list(Attachment.objects.filter(dossier=dossier, dropped_at=None).defer("sealed").order_by("pk"))


def keep(dossier: Dossier, kind: str, content: bytes) -> Attachment:
    """Part of a verb: keep this content, sealed, a picture without what a camera wrote into it; what there was of its
    kind makes way.

    Refuses ATTACHMENT_TOO_BIG and ATTACHMENT_WRONG, by its content: nothing of it is kept then.
    """
    found = allowed.media_type(kind, content)
    content = allowed.only_the_picture(found, content)
    for before in Attachment.objects.filter(dossier=dossier, kind=kind, dropped_at=None):
        drop(before)
    kept = Attachment(
        dossier=dossier,
        kind=kind,
        media_type=found,
        size=len(content),
        digest=hashlib.sha256(content).hexdigest(),
        sealed=b"",
        added_at=clock.now(),
    )
    kept.save()
    kept.sealed = seal(content, _sealed_for(kept))
    kept.save(update_fields=["sealed"])
    return kept


def content(attachment: Attachment) -> bytes:
    """What was attached. Raises proofs.seals.BrokenSeal when the row holds what was sealed for another."""
    assert attachment.sealed is not None
    return unseal(bytes(attachment.sealed), _sealed_for(attachment))


def drop(attachment: Attachment) -> None:
    """Its content is gone for good; that there was one stays."""
    attachment.sealed, attachment.digest, attachment.dropped_at = None, "", clock.now()
    attachment.save(update_fields=["sealed", "digest", "dropped_at"])


def drop_attachments(dossier: Dossier) -> int:
    """All of its attachments are gone for good. How many there were."""
    there = attachments(dossier)
    for attachment in there:
        drop(attachment)
    return len(there)


def _sealed_for(attachment: Attachment) -> str:
    return f"attachment:{attachment.pk}:{attachment.dossier_id}:{attachment.kind}"


def emptied(request: Request) -> None:
    """Part of a verb: nothing in its dossier says any more who it was about."""
    dossier = Dossier.objects.filter(request=request).first()
    if dossier is None:
        return
    drop_attachments(dossier)
    dossier.asked_more = dossier.answer = dossier.payment_reference = ""
    dossier.save(update_fields=["asked_more", "answer", "payment_reference"])


def identities(request: Request) -> list[Identity]:
    """As whom its person signed in, that is still known."""
    return list(Identity.objects.filter(person_id=request.person_id, erased_at=None).order_by("pk"))


def why_at_the_desk(reason: Why) -> dict[str, str]:
    """Why it is handed out at the desk, in each language, as its asker should read it."""
    key = f"portal.desk-why.{reason.value}"
    return {lang: words(key if key in catalogue() else f"why.{reason.value}", lang) for lang in LANGS}


def tell(request: Request, kind: str, **more: Any) -> None:
    """Write who asked. Neither the document nor what it is for is named: a mailbox is read by more than one.

    Nobody is written who was erased, or whose address is not known.
    """
    if not request.person.email:
        return
    kiosk, dossier = request.kiosk, request.dossier
    municipality = Municipality.objects.get(pk=scope())
    at_wall = dossier.place == Dossier.Place.WALL
    slots = {
        "kiosk": kiosk.name if at_wall else municipality.name,
        "address": kiosk.site.address if at_wall else municipality.address,
        "help_phone": municipality.help_phone,
        "number": str(request.pk),
    }
    notices.send(kind=kind, person=request.person, about=f"request:{request.pk}", slots={**slots, **more})
