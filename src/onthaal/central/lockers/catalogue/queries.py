"""Reading the catalogue: products, things, promises, and who holds what now."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from typing import cast

import msgspec
from django.db.models import F, QuerySet

from onthaal import clock
from onthaal.central.lockers.catalogue.models import Custody, Item, Product, Promise
from onthaal.core import deadlines
from onthaal.core.lending import Promised, Span
from onthaal.core.protocol import ProductRule, Size, Words3


def offered(asked_for: str | None = None) -> QuerySet[Product]:
    """What the portal offers to whoever confirms a mail, by Dutch name; only what this kind of asker may ask for when
    one is named. Personal products are not among it: see `personal`."""
    products = Product.objects.filter(offered=True, locker_allowed=True, personal=False)
    if asked_for is not None:
        products = products.filter(**{_FOR[asked_for]: True})
    return products.order_by("name_nl")


def personal() -> QuerySet[Product]:
    """What the portal offers to who signed in, by Dutch name: for a wall, or for the desk only."""
    return Product.objects.filter(offered=True, personal=True, for_residents=True).order_by("name_nl")


def products() -> QuerySet[Product]:
    """Every product, offered or not, by Dutch name."""
    return Product.objects.order_by("name_nl")


_FOR = {"resident": "for_residents", "business": "for_businesses", "association": "for_associations"}


def open_to(product: Product, asked_for: str) -> bool:
    """Whether this kind of asker may ask for it in the portal with no more than a mail address."""
    open_ = product.offered and product.locker_allowed and not product.personal
    return bool(open_ and getattr(product, _FOR[asked_for]))


def names(product: Product) -> dict[str, str]:
    """The product's name in each language: slots of mails and screens."""
    return {"nl": product.name_nl, "fr": product.name_fr, "en": product.name_en}


def product_rules() -> tuple[ProductRule, ...]:
    """What every wall must know of the products."""
    return tuple(
        ProductRule(
            id=product.pk,
            names=Words3(**names(product)),
            mode=product.mode,
            size=cast("Size", product.size),
            tagged=product.tagged,
            personal=product.personal,
            two_staff=product.two_staff,
        )
        for product in Product.objects.order_by("pk")
    )


def lendable(product_id: int) -> list[int]:
    """The ids of the things of a product that can be promised."""
    return list(
        Item.objects.filter(product_id=product_id, single_use=False, retired_at=None)
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def promised(product_id: int, *, fixed: Collection[int], away: Collection[int], today: date) -> list[Promised]:
    """The live promises of a product. `fixed`: ids of those whose item may not change any more; `away`: of those whose
    item left the desk for them.

    One that is fixed and over is not back yet: it holds its item through today. One that is away before its first day
    holds it from today on.
    """
    live = Promise.objects.filter(item__product_id=product_id, live=True).order_by("pk")
    return [
        Promised(
            promise.pk,
            promise.item_id,
            Span(
                min(promise.starts_on, today) if promise.pk in away else promise.starts_on,
                max(promise.ends_on, today) if promise.pk in fixed else promise.ends_on,
            ),
            fixed=promise.pk in fixed,
        )
        for promise in live
    ]


class Day(msgspec.Struct, frozen=True):
    """How many of a product's things are free on a day."""

    day: date
    free: int


def live_days(product_id: int, *, first: date, days: int, away: Collection[int] = ()) -> Sequence[Day]:
    """For each day from `first`: how many things of the product are not promised. For the portal's calendar.

    `away`: see `promised`.
    """
    count = len(lendable(product_id))
    today = deadlines.day_of(clock.now())
    spans = [one.span for one in promised(product_id, fixed=away, away=away, today=today)]
    every = [first + timedelta(days=offset) for offset in range(days)]
    return [Day(day, max(0, count - sum(span.first <= day <= span.last for span in spans))) for day in every]


class OnLoan(msgspec.Struct, frozen=True):
    """A tagged thing that a citizen holds."""

    item: int
    tag: str
    product: int
    out: int
    """The handover out that brought it there."""


def on_loan() -> tuple[OnLoan, ...]:
    """Every tagged thing that is with a citizen now: each wall recognises it."""
    held = (
        Custody.objects.filter(until=None, holder=Custody.Holder.CITIZEN, item__tag__isnull=False)
        .order_by("item_id")
        .values_list("item_id", "item__tag", "item__product_id", "handover_id")
    )
    return tuple(OnLoan(*row) for row in held)


def held_now(item_id: int) -> Custody:
    """Who holds a thing now."""
    custody: Custody = Custody.objects.select_related("compartment__kiosk", "handover__person", "account").get(
        item_id=item_id, until=None
    )
    return custody


def custody_of(item_id: int) -> QuerySet[Custody]:
    """Everybody who ever held a thing, the newest first."""
    return (
        Custody.objects.filter(item_id=item_id)
        .select_related("compartment__kiosk", "handover", "account")
        .order_by(F("until").desc(nulls_first=True), "-since", "-pk")
    )


def items() -> QuerySet[Item]:
    """The things, with their product, by product and name."""
    return Item.objects.select_related("product").order_by("product__name_nl", "name", "pk")


def loans_version() -> int:
    """Grows whenever a tagged thing changes hands: what names the state of `on_loan`."""
    newest = Custody.objects.filter(item__tag__isnull=False).order_by("-pk").values_list("pk", flat=True).first()
    return newest or 0


def item(item_id: int) -> Item:
    """One thing with its product. Item.DoesNotExist."""
    found: Item = Item.objects.select_related("product").get(pk=item_id)
    return found


def held_by_each(item_ids: Iterable[int]) -> dict[int, Custody]:
    """Item id → who holds it now."""
    now = Custody.objects.filter(item_id__in=list(item_ids), until=None)
    return {custody.item_id: custody for custody in now.select_related("compartment__kiosk", "handover", "account")}


def is_tag_known(tag: str) -> bool:
    """Whether a thing, in use or not, has this tag (upper-case hex)."""
    return bool(Item.objects.filter(tag=tag).exists())


def at_the_desk(product_id: int) -> list[int]:
    """The ids of the things of a product that can be promised, and lie at the desk now."""
    there = Custody.objects.filter(until=None, holder=Custody.Holder.DESK, item__in=lendable(product_id))
    return list(there.order_by("item_id").values_list("item_id", flat=True))


def may_be_retired(item: Item) -> bool:
    """Whether nobody is promised a thing and the desk holds it (or it is lost)."""
    if item.retired_at is not None or Promise.objects.filter(item=item, live=True).exists():
        return False
    return held_now(item.pk).holder == Custody.Holder.DESK


def free_between(product_id: int, *, first: date, last: date, away: Collection[int] = ()) -> int:
    """How many of a product's things are free on every day of a span, as far as counting goes.

    `away`: see `promised`.
    """
    days = live_days(product_id, first=first, days=(last - first).days + 1, away=away)
    return min((day.free for day in days), default=0)
