"""Somebody of the staff left: the account is closed, and its name may be erased."""

from __future__ import annotations

from typing import Any

import pytest

from onthaal.core.refusals import Refusal, Why
from tests.central.lockers.town import Town


def people() -> Any:
    from onthaal.central.foundation.people import actions

    return actions


def left(town: Town) -> Any:
    """Karel worked here, left, and was forgotten."""
    town.accepted(town.asks())
    people().close_account(town.clerk, by=town.technician)
    people().erase_account(town.clerk, by=town.technician)
    town.clerk.refresh_from_db()
    return town.clerk


def test_nothing_of_a_former_account_says_whose_it_was(town: Town) -> None:
    from django.core import serializers

    from onthaal.central.foundation.people.models import Account

    karel = left(town)
    row = serializers.serialize("json", Account.objects.filter(pk=karel.pk)).lower()
    assert "karel" not in row
    assert "claeys" not in row
    assert karel.erased_at is not None


def test_the_journal_goes_on_naming_the_pseudonym_and_holds_together(town: Town) -> None:
    from onthaal.central.foundation.journal import queries as journal
    from onthaal.central.foundation.people import queries

    karel = left(town)
    assert town.kinds(f"account:{karel.pseudonym}")[-2:] == ["account.closed", "account.erased"]
    assert queries.names_of([str(karel.pseudonym)]) == {str(karel.pseudonym): str(karel.pseudonym)[:8]}
    assert any(entry.by == str(karel.pseudonym) for entry in journal.search(kind="request.accepted"))
    assert {name: journal.first_break(name) for name in journal.heads()} == dict.fromkeys(journal.heads())


def test_an_account_in_use_is_not_erased(town: Town) -> None:
    with pytest.raises(Refusal) as no:
        people().erase_account(town.clerk, by=town.technician)
    assert no.value.why is Why.MOVE_NOT_ALLOWED
    town.clerk.refresh_from_db()
    assert town.clerk.name == "Karel Claeys"


def test_an_erased_account_is_never_opened_again(town: Town) -> None:
    karel = left(town)
    with pytest.raises(Refusal) as no:
        people().reopen_account(karel, by=town.technician)
    assert no.value.why is Why.MOVE_NOT_ALLOWED
    karel.refresh_from_db()
    assert not karel.is_active


def test_erasing_twice_changes_nothing_and_two_former_accounts_stay_apart(town: Town) -> None:
    karel = left(town)
    when = karel.erased_at
    people().erase_account(karel, by=town.technician)
    karel.refresh_from_db()
    assert karel.erased_at == when
    people().close_account(town.technician, by=None)
    people().erase_account(town.technician, by=None)
    town.technician.refresh_from_db()
    assert town.technician.username != karel.username
