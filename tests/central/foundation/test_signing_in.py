"""Wrong passwords are slowed down, per account and per origin, and the waiting survives everything but time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from onthaal import clock
from onthaal.central.foundation.journal.models import Entry
from onthaal.central.foundation.people import signing_in
from onthaal.central.foundation.people.actions import NewAccount, close_account, create_account
from onthaal.central.foundation.people.models import Account, Municipality, SignInTry
from onthaal.central.foundation.people.signing_in import (
    FIRST_WAIT,
    FREE_TRIES,
    LONGEST_WAIT,
    ORIGIN_FORGETS_ONE,
    sign_in,
)
from onthaal.central.foundation.tenancy import acting_for
from tests.central.conftest import municipality
from tests.central.lockers.racing import crossing

RIGHT = "een-goed-wachtwoord"


@pytest.fixture(autouse=True)
def passes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[timedelta], None]:
    """So much time passes. It begins just after a quarter of the hour: at each an origin has one mistake less, and no
    test runs into one by chance."""
    file = clock.FileClock(tmp_path / "clock")

    def pass_(time: timedelta) -> None:
        (tmp_path / "clock").write_text(str(file.moved_by() + time.total_seconds()))

    pass_(timedelta(seconds=1 - clock.now().timestamp() % ORIGIN_FORGETS_ONE.total_seconds()))
    monkeypatch.setenv(clock.CLOCK_FILE, str(tmp_path / "clock"))
    return pass_


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


def test_a_town_hall_that_mistypes_now_and_then_never_waits(an: Account, passes: Callable[[timedelta], None]) -> None:
    """A day of fifty clerks behind one address: a mistake every ten minutes, each at another account."""
    for number in range(40):
        assert tries("fout", username=f"klerk{number}").wait == timedelta()
        passes(timedelta(minutes=10))
    assert tries(RIGHT).account == an


def test_an_origin_that_guesses_on_gets_no_more_tries_than_the_longest_wait_gives(
    an: Account, passes: Callable[[timedelta], None]
) -> None:
    passed, guesses = timedelta(), FREE_TRIES["origin"] + 25
    for number in range(guesses):
        wait = tries("fout", username=f"niemand{number}").wait
        passes(wait)
        passed += wait
    climbing = 5
    """Tries behind shorter waits, each twice the one before."""
    assert passed >= LONGEST_WAIT * (guesses - FREE_TRIES["origin"] - climbing - 1)


def test_wrong_passwords_are_noted_without_a_name(an: Account) -> None:
    tries("fout")
    entry = Entry.objects.get(kind="account.sign-in-refused")
    assert entry.about == {"account": str(an.pseudonym)}
    assert "an" not in {key.key for key in SignInTry.objects.all()}


def test_a_closed_account_does_not_sign_in(an: Account) -> None:
    close_account(an, by=None)
    assert tries(RIGHT).account is None


def test_who_clicks_twice_after_a_mistake_signs_in_twice(committed: None) -> None:
    """The first forgets the mistakes that the second waits for."""
    aalter = municipality("aalter", "aalter.example").pk
    with acting_for(aalter):
        create_account(NewAccount(username="An", name="An Peeters", password=RIGHT, roles=("clerk",)), by=None)
        tries("fout")
    signed_in: list[signing_in.Outcome] = []
    with crossing(aalter) as both:
        signed_in.append(tries(RIGHT, origin="192.0.2.7"))
        both.comes(lambda: signed_in.append(tries(RIGHT, origin="198.51.100.1")))
    assert [outcome.account is not None for outcome in signed_in] == [True, True]
