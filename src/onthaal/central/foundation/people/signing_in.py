"""Signing in, with a throttle on wrong passwords: per account and per origin, in rows compared with our clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from onthaal import clock
from onthaal.central.foundation.journal import actions as journal
from onthaal.central.foundation.origins import keyed
from onthaal.central.foundation.people.backend import LocalAccounts
from onthaal.central.foundation.people.models import Account, SignInTry
from onthaal.central.foundation.tenancy import scope

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(days=1)
FREE_TRIES = {"account": 5, "origin": 20}
"""Wrong passwords before the waiting begins. An origin may be a whole town hall behind one address."""
ORIGIN_FORGETS_ONE = LONGEST_WAIT
"""Each quarter of an hour an origin has one wrong password less: whoever guesses on gets no more tries than the longest
wait gives anyway, and the mistakes of a town hall do not add up."""


@dataclass(frozen=True)
class Outcome:
    """Who signed in; or nobody, and how long to wait before the next try counts."""

    account: Account | None
    wait: timedelta = timedelta()


def sign_in(*, username: str, password: str, origin: str) -> Outcome:
    """Check a password. While waiting is due nothing is checked at all, right or wrong."""
    now = clock.now()
    name = username.strip().lower()
    tries = _locked_tries(name, origin, now)
    wait = max(_wait(kind, row, now) for kind, row in tries)
    if wait > timedelta():
        return Outcome(None, wait)
    account = LocalAccounts().authenticate(None, username=name, password=password)
    if account is not None and _is_still_open(account):
        SignInTry.objects.filter(pk__in=[row.pk for kind, row in tries if kind == "account"]).delete()
        _note("account.signed-in", account)
        return Outcome(account)
    for _, row in tries:
        row.wrong += 1
        row.last_at = now
        row.save(update_fields=["wrong", "last_at"])
    known = Account.objects.filter(username=name).first()
    if known is not None:
        _note("account.sign-in-refused", known)
    return Outcome(None, max(_wait(kind, row, now) for kind, row in tries))


def _is_still_open(account: Account) -> bool:
    """Locks the account's row before its journal stream, as every verb on an account does."""
    return Account.objects.select_for_update(no_key=True).filter(pk=account.pk, is_active=True).exists()


def forget_old_tries(now: datetime) -> None:
    SignInTry.objects.filter(last_at__lt=now - FORGOTTEN_AFTER).delete()


def _locked_tries(name: str, origin: str, now: datetime) -> list[tuple[str, SignInTry]]:
    """Both counts, locked until the transaction ends, so that guesses at once are counted one by one."""
    keys = {keyed("sign-in/account", f"{scope()}:{name}"): "account", keyed("sign-in/origin", origin): "origin"}
    rows = []
    for key in sorted(keys):
        row = _locked(key, now)
        if now - row.last_at > FORGOTTEN_AFTER:
            row.wrong = 0
        if keys[key] == "origin":
            row.wrong = max(0, row.wrong - max(0, _quarter(now) - _quarter(row.last_at)))
        rows.append((keys[key], row))
    return rows


def _locked(key: str, now: datetime) -> SignInTry:
    """Whoever signs in deletes the row of their account: who waited for it meanwhile begins another one."""
    while True:
        SignInTry.objects.get_or_create(key=key, defaults={"last_at": now})
        found: SignInTry | None = SignInTry.objects.select_for_update().filter(key=key).first()
        if found is not None:
            return found


def _quarter(moment: datetime) -> int:
    """Counted by the clock, not from the last mistake: else mistakes that follow each other would never be less."""
    return int(moment.timestamp() // ORIGIN_FORGETS_ONE.total_seconds())


def _wait(kind: str, row: SignInTry, now: datetime) -> timedelta:
    beyond = row.wrong - FREE_TRIES[kind]
    if beyond < 0:
        return timedelta()
    # 2 ** 5 half minutes are more than the longest wait; a larger exponent says nothing.
    waits = min(FIRST_WAIT * 2 ** min(beyond, 5), LONGEST_WAIT)
    left: timedelta = row.last_at + waits - now
    return max(left, timedelta())


def _note(kind: str, account: Account) -> None:
    journal.note(
        stream=f"account:{account.pseudonym}", kind=kind, by=str(account.pseudonym),
        about={"account": str(account.pseudonym)},
    )  # fmt: skip
