"""May a personal product go into a wall? Only after a checklist that a named person filled in and dated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction

from onthaal import clock
from onthaal.central.foundation.journal import actions as journal
from onthaal.central.foundation.people.models import Account
from onthaal.central.lockers.catalogue.models import Clearance, Product
from onthaal.core.refusals import Refusal, Why

LONGEST = 500


@transaction.atomic
def give_clearance(*, product_id: int, points: Mapping[str, str], by: Account) -> Clearance:
    """The checklist is complete: from now on this product may go into a wall.

    Refuses NOT_YOURS for who is no administrator; IDENTITY_CARD_DESK_ONLY; MOVE_NOT_ALLOWED for what is not personal;
    CLEARANCE_MISSING when a point says nothing.
    """
    if not by.has_role("administrator"):
        raise Refusal(Why.NOT_YOURS)
    product = locked(product_id)
    if product.kind == Product.Kind.IDENTITY_CARD:
        raise Refusal(Why.IDENTITY_CARD_DESK_ONLY)
    if not product.personal:
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage="not-personal", move="clear")
    said = {point: points.get(point, "").strip()[:LONGEST] for point in Clearance.POINTS}
    if not all(said.values()):
        raise Refusal(Why.CLEARANCE_MISSING)
    given = Clearance(product=product, by=by, at=clock.now(), **said)
    given.save()
    product.clearance, product.locker_allowed = given, True
    product.save(update_fields=["clearance", "locker_allowed"])
    _note(product, "clearance.given", by, given)
    return given


def withdrawn(product: Product, *, by: Account) -> None:
    """Part of a verb that locked the product: no new one goes into a wall. The checklist itself is kept."""
    given, product.clearance, product.locker_allowed = product.clearance, None, False
    product.save(update_fields=["clearance", "locker_allowed"])
    _note(product, "clearance.withdrawn", by, given)


def locked(product_id: int) -> Product:
    """The product's row, as it is now: who accepts a request for it waits."""
    product: Product = (
        Product.objects.select_for_update(no_key=True, of=("self",)).select_related("clearance").get(pk=product_id)
    )
    return product


def clearances(product_id: int) -> Sequence[Clearance]:
    """Every checklist of a product, the newest first."""
    return list(Clearance.objects.filter(product_id=product_id).select_related("by").order_by("-at", "-pk"))


def personal_products() -> Sequence[Product]:
    """Every personal product, in a wall or not, by name."""
    return list(Product.objects.filter(personal=True).select_related("clearance__by").order_by("name_nl"))


def _note(product: Product, kind: str, by: Account, given: Clearance | None) -> None:
    journal.note(
        stream=f"product:{product.pk}",
        kind=kind,
        by=str(by.pseudonym),
        about={"product": product.pk},
        data={"clearance": given.pk if given else None},
    )
