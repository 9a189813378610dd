"""Wrong passwords are slowed down, per account and per origin, and the waiting survives everything but time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from onthaal.central.foundation.journal.models import Entry
from onthaal.central.foundation.people import signing_in
from onthaal.central.foundation.people.actions import NewAccount, close_account, create_account
from onthaal.central.foundation.people.models import Account, Municipality, SignInTry
from onthaal.central.foundation.people.signing_in import FIRST_WAIT, LONGEST_WAIT, sign_in

RIGHT = "een-goed-wachtwoord"


@pytest.fixture
def an(in_aalter: Municipality) -> Account:
    return create_account(NewAccount(username="An", name="An Peeters", password=RIGHT, roles=("clerk",)), by=None)


def tries(password: str, times: int = 1, *, username: str = "an", origin: str = "192.0.2.7") -> signing_in.Outcome:
    for _ in range(times):
        outcome = sign_in(username=username, password=password, origin=origin)
    return outcome


def later(**by: float) -> None:
    """As if so much time had passed since the last wrong password."""
    for row in SignInTry.objects.all():
        row.last_at -= timedelta(**by)
        row.save()


def test_the_right_password_signs_in_whatever_the_case_of_the_name(an: Account) -> None:
    assert tries(RIGHT, username=" AN ").account == an
    assert Entry.objects.filter(kind="account.signed-in").count() == 1


def test_after_five_wrong_passwords_the_right_one_must_wait_too(an: Account) -> None:
    assert tries("fout", 4).wait == timedelta()
    assert tries("fout").wait == pytest.approx(FIRST_WAIT, abs=timedelta(seconds=2))
    refused = tries(RIGHT)
    assert refused.account is None
    assert refused.wait > timedelta()
    later(seconds=31)
    assert tries(RIGHT).account == an


def test_the_waiting_doubles_up_to_a_quarter_of_an_hour(an: Account) -> None:
    tries("fout", 5)
    waits = []
    for _ in range(7):
        later(minutes=20)
        waits.append(round(tries("fout").wait.total_seconds() / 30))
    assert waits == [2, 4, 8, 16, 30, 30, 30]
    assert timedelta(minutes=15) == LONGEST_WAIT


def test_one_origin_that_tries_many_names_waits(an: Account) -> None:
    for number in range(20):
        tries("fout", username=f"niemand{number}")
    assert tries(RIGHT).account is None
    assert tries(RIGHT, origin="198.51.100.1").account == an


def test_wrong_passwords_are_noted_without_a_name(an: Account) -> None:
    tries("fout")
    entry = Entry.objects.get(kind="account.sign-in-refused")
    assert entry.about == {"account": str(an.pseudonym)}
    assert "an" not in {key.key for key in SignInTry.objects.all()}


def test_a_closed_account_does_not_sign_in(an: Account) -> None:
    close_account(an, by=None)
    assert tries(RIGHT).account is None
