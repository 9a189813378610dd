"""What a product is never changes: a passport does not become an ordinary thing with a form or a query."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from tests.central.lockers.papers import Papers
from tests.central.lockers.town import Town

LESS: list[dict[str, Any]] = [
    {"kind": "key", "personal": False, "two_staff": False},
    {"kind": "voucher"},
    {"personal": False},
    {"two_staff": False},
]


@pytest.fixture
def papers(town: Town) -> Papers:
    return Papers(town)


def kept_by_the_database(rows: Any, **changed: Any) -> None:
    with pytest.raises(IntegrityError, match="is_fixed"), transaction.atomic():
        rows.update(**changed)


@pytest.mark.parametrize("changed", LESS, ids=str)
def test_no_query_makes_a_passport_an_ordinary_thing(papers: Papers, changed: dict[str, Any]) -> None:
    from onthaal.central.lockers.catalogue.models import Product

    kept_by_the_database(Product.objects.filter(pk=papers.licence.pk), **changed)
    papers.licence.name_nl = "Rijbewijs"
    papers.licence.save()


def test_a_personal_thing_that_is_no_document_stays_personal(town: Town) -> None:
    from onthaal.central.lockers.catalogue.models import Product

    papers = Papers(town, kind="key", slug="sleutel-van-een-kluis")
    for changed in ({"personal": False}, {"two_staff": False}):
        kept_by_the_database(Product.objects.filter(pk=papers.licence.pk), **changed)


def test_an_identity_card_never_becomes_a_document_that_can_be_cleared(town: Town) -> None:
    from onthaal.central.lockers.catalogue.models import Product

    card = Product.objects.get(kind="identity-card")
    for kind in ("document", "key"):
        kept_by_the_database(Product.objects.filter(pk=card.pk), kind=kind)


def test_what_was_asked_made_or_planned_stays_of_its_product(town: Town, papers: Papers) -> None:
    from onthaal.central.lockers.catalogue.models import Item
    from onthaal.central.lockers.handovers.models import Handover
    from onthaal.central.lockers.requests.models import Request

    request = papers.accepted()
    out, other = papers.out(request), town.seeded.vouchers
    kept_by_the_database(Handover.objects.filter(pk=out.pk), product=other)
    kept_by_the_database(Item.objects.filter(pk=out.item_id), product=other)
    kept_by_the_database(Request.objects.filter(pk=request.pk), product=other)
