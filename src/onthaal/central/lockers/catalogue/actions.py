"""Verbs on the catalogue: things that come and go, promises of them, and who holds each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime

from django.db import connection, transaction

from onthaal import clock
from onthaal.central.foundation.journal import actions as journal
from onthaal.central.foundation.people.models import Account
from onthaal.central.lockers.catalogue import queries
from onthaal.central.lockers.catalogue.models import Custody, Item, Product, Promise
from onthaal.core.codes import Kind
from onthaal.core.custody import AT_THE_DESK, LOST, Held, Holder
from onthaal.core.lending import Allocation
from onthaal.core.refusals import Refusal, Why
from onthaal.proofs import qr


def add_item(*, product: Product, name: str = "", tag: str | None = None, by: Account | None = None) -> Item:
    """A thing to lend, at the desk, with a label of its own. `tag` in hex."""
    return _made(product, name=name, tag=tag.upper() if tag else None, single_use=False, by=by)


def make_single_use(*, product: Product, by: Account | None = None) -> Item:
    """A thing for one request (an envelope of vouchers), at the desk, with its label."""
    return _made(product, name="", tag=None, single_use=True, by=by)


def _made(product: Product, *, name: str, tag: str | None, single_use: bool, by: Account | None) -> Item:
    item = Item(product=product, label=qr.draw(Kind.LABEL), name=name, tag=tag, single_use=single_use)
    item.save()
    move_custody(item_id=item.pk, to=AT_THE_DESK, at=clock.now(), grade="")
    journal.note(
        stream=f"item:{item.pk}",
        kind="item.added",
        by=str(by.pseudonym) if by else "",
        about={"item": item.pk, "product": product.pk},
    )
    return item


@transaction.atomic
def retire(*, item_id: int, by: Account | None, lost: bool = False) -> None:
    """Take a thing out of lending. `lost`: nobody holds it any more.

    Refuses MOVE_NOT_ALLOWED while it is promised or not at the desk, unless it is lost.
    """
    item = Item.objects.select_for_update(no_key=True).get(pk=item_id)
    if not lost and not queries.may_be_retired(item):
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage="in-use", move="retire")
    item.retired_at = clock.now()
    item.save(update_fields=["retired_at"])
    if lost:
        move_custody(item_id=item.pk, to=LOST, at=item.retired_at, grade="D")
    journal.note(
        stream=f"item:{item.pk}",
        kind="item.retired",
        by=str(by.pseudonym) if by else "",
        about={"item": item.pk},
        data={"lost": lost},
    )


@transaction.atomic
def back_in_service(*, item_id: int, by: Account | None) -> None:
    """A thing is lent again. One that was lost was found: the desk has it now.

    Refuses MOVE_NOT_ALLOWED for one that is in service.
    """
    item = Item.objects.select_for_update(no_key=True).get(pk=item_id)
    if item.retired_at is None:
        raise Refusal(Why.MOVE_NOT_ALLOWED, stage="in-use", move="back_in_service")
    item.retired_at = None
    item.save(update_fields=["retired_at"])
    found = queries.held_now(item_id).holder == Holder.LOST
    if found:
        move_custody(item_id=item_id, to=AT_THE_DESK, at=clock.now(), grade="D")
    journal.note(
        stream=f"item:{item_id}",
        kind="item.back-in-service",
        by=str(by.pseudonym) if by else "",
        about={"item": item_id},
        data={"found": found},
    )


def lock_items(ids: Iterable[int]) -> list[Item]:
    """Lock things by id (lock order: after handovers)."""
    return list(Item.objects.select_for_update(no_key=True).filter(pk__in=set(ids)).order_by("pk"))


def move_custody(*, item_id: int, to: Held, at: datetime, grade: str, account_id: int | None = None) -> Custody:
    """The thing comes to a holder, and leaves the one it had. The caller has locked the item.

    A move told late never makes a holding end before it began.
    """
    now_held = Custody.objects.filter(item_id=item_id, until=None).first()
    if now_held is not None:
        at = max(at, now_held.since)
        now_held.until = at
        now_held.save(update_fields=["until"])
    held = Custody(
        item_id=item_id,
        holder=to.holder,
        compartment_id=to.compartment,
        handover_id=to.handover,
        account_id=account_id,
        grade=grade,
        since=at,
    )
    held.save()
    return held


def promise(*, allocation: Allocation, starts_on: date, ends_on: date) -> Promise:
    """Promise the allocated item for these days, moving other promises first where the plan says so.

    The caller has locked the product, and the items.
    """
    made = Promise(item_id=allocation.item, starts_on=starts_on, ends_on=ends_on)
    with _overlapping_for_a_moment():
        _moved(allocation.moved)
        made.save()
    return made


def move_promises(to: Mapping[int, int]) -> None:
    """Promise → the thing it is of from now on. The caller has locked the product, and the items."""
    with _overlapping_for_a_moment():
        _moved(to)


def _moved(to: Mapping[int, int]) -> None:
    for moved, item_id in to.items():
        Promise.objects.filter(pk=moved, live=True).update(item_id=item_id)


@contextmanager
def _overlapping_for_a_moment() -> Iterator[None]:
    """The constraint waits for the end of the moves: two that swap overlap for a moment."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS promises_never_overlap DEFERRED")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS promises_never_overlap IMMEDIATE")


def end_promise(*, promise_id: int) -> None:
    """The item is free again for these days."""
    Promise.objects.filter(pk=promise_id).update(live=False)
