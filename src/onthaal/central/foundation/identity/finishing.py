"""A sign-in ends: the answer is taken once, the provider is asked what it means, and the outcome is kept."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
import structlog
from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

from onthaal import clock
from onthaal.central.foundation.identity.answers import Answer, NoAnswer, read, well_formed, why_of_error
from onthaal.central.foundation.identity.assertion import IdentityAssertion
from onthaal.central.foundation.identity.beginning import hashed, registered, sealed_for
from onthaal.central.foundation.identity.knowing import AnotherNumber, know
from onthaal.central.foundation.identity.models import Identity, SignIn
from onthaal.central.foundation.identity.oidc import reading
from onthaal.central.foundation.identity.oidc.client import Came
from onthaal.central.foundation.identity.oidc.errors import Unavailable, Weak, Wrong
from onthaal.central.foundation.identity.oidc.registration import Secrets
from onthaal.central.foundation.identity.parties import client
from onthaal.central.foundation.identity.watching import somebody_missed
from onthaal.central.foundation.journal import actions as journal
from onthaal.central.foundation.journal.models import Entry
from onthaal.central.foundation.sealing import unseal
from onthaal.central.foundation.tenancy import acting_for
from onthaal.core.refusals import Refusal, Why

log = structlog.get_logger()

AUDITED_A_MINUTE = 60
"""Answers to no sign-in of ours that are written down each; who sends more is not given our journal to fill."""
LOCK_SECONDS = 30
"""So long a second answer with the same state waits for the first, which asks a provider twice at most."""
STREAM_OF_STRAYS = "sign-ins"


@dataclass(frozen=True, kw_only=True)
class Finished:
    """What came of a sign-in."""

    sign_in: SignIn | None
    """None for an answer that belongs to none of ours."""
    assertion: IdentityAssertion | None = None
    """Who it is; only the first time, and only when all is well."""
    why: Why | None = None
    again: bool = False
    """The same answer came before: nothing was done this time."""


@dataclass(frozen=True)
class _Outcome:
    assertion: IdentityAssertion | None = None
    why: Why | None = None
    what: str = ""
    fault: Unavailable | None = None
    """The provider did not answer us."""


def finish(*, municipality: int, profile: str, query: Mapping[str, str], browser: str) -> Finished:
    """Take in what a provider's redirect brought. Never raises for anything that a browser can send, but for
    TOO_MANY_REQUESTS to who sends the same again and again (see `one_at_a_time`).
    """
    try:
        answer = read(query)
    except NoAnswer as error:
        return _stray(municipality, profile, error.what, browser)
    if not begun_here(municipality, answer.state):
        return _stray(municipality, profile, "state", browser)
    with one_at_a_time(answer.state):
        taken = _take(municipality, profile, answer, browser)
        if isinstance(taken, Finished):
            return taken
        outcome = _judged(taken, answer)
        return _keep(taken, outcome)


def begun_here(municipality: int, state: str) -> bool:
    """Whether a sign-in of this municipality has that state: nothing waits for, or locks, one that nobody drew."""
    if not well_formed(state):
        return False
    with acting_for(municipality):
        return bool(SignIn.objects.filter(state_hash=hashed(state)).exists())


def lock_of(state: str) -> int:
    """The number of the advisory lock on a state."""
    return int(hashed(f"lock:{state}")[:15], 16)


@contextmanager
def one_at_a_time(state: str) -> Iterator[None]:
    """Answers with the same state one after the other: a second tap waits for what the first finds out. The lock is
    the database session's: it spans transactions, and goes when the process does.

    Refuses TOO_MANY_REQUESTS when the first takes longer than any sign-in may.
    """
    key = lock_of(state)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{LOCK_SECONDS}s"])
            cursor.execute("SELECT pg_advisory_lock(%s)", [key])
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        raise Refusal(Why.TOO_MANY_REQUESTS) from None
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


def _take(municipality: int, profile: str, answer: Answer, browser: str) -> SignIn | Finished:
    """The sign-in this is the answer to, taken for the one time; or what there is to say instead."""
    now = clock.now()
    with acting_for(municipality):
        found: SignIn | None = (
            SignIn.objects.select_for_update(of=("self",))
            .select_related("provider", "identity")
            .filter(state_hash=hashed(answer.state), provider__profile=profile)
            .first()
        )
        if found is not None and hmac.compare_digest(found.browser_hash, hashed(browser)):
            if found.used_at is not None:
                return _same_again(found)
            found.used_at = now
            found.save(update_fields=["used_at"])
            return found
    return _stray(municipality, profile, "state" if found is None else "browser", browser)


def _same_again(found: SignIn) -> Finished:
    # One that was taken but never ended broke off half-way: its code is spent.
    why = Why(found.why) if found.why else None if found.ended_at else Why.IDENTITY_FAILED
    return Finished(sign_in=found, why=why, again=True)


def _judged(taken: SignIn, answer: Answer) -> _Outcome:
    """What the provider says, asked without any transaction."""
    try:
        return _Outcome(assertion=_asserted(taken, answer))
    except _Ends as end:
        return _Outcome(why=end.why, what=end.what)
    except Refusal as no:
        return _Outcome(why=no.why, what="our-registration")
    except Unavailable as fault:
        return _Outcome(why=Why.IDENTITY_UNAVAILABLE, what=fault.what, fault=fault)
    except Wrong as wrong:
        return _Outcome(why=Why.IDENTITY_WEAK if isinstance(wrong, Weak) else Why.IDENTITY_FAILED, what=wrong.what)


class _Ends(Exception):
    """It ends here, and nothing was wrong with the answer itself."""

    def __init__(self, why: Why, what: str) -> None:
        super().__init__(what)
        self.why, self.what = why, what


def _asserted(taken: SignIn, answer: Answer) -> IdentityAssertion:
    now = clock.now()
    provider = taken.provider
    registration = registered(provider, now)
    if not client().right_issuer(registration, answer.iss):
        raise Wrong("response-issuer")
    if answer.error:
        raise _Ends(why_of_error(answer.error), f"provider:{answer.error}")
    if now >= taken.expires_at:
        raise _Ends(Why.IDENTITY_TOO_LATE, "expired")
    kept = msgspec.json.decode(unseal(bytes(taken.sealed or b""), sealed_for(taken)), type=Secrets)
    came = Came(code=answer.code, iss=answer.iss, secrets=kept, started_at=taken.started_at, now=now)
    claims = client().claims(registration, came)
    found = reading.assertion(claims, registration, minimum=kept.minimum, transaction=f"sign-in:{taken.pk}")
    if taken.purpose != "portal" and provider.refuse_on_call and found.risk.ongoing_call:
        raise _Ends(Why.IDENTITY_RISK, "ongoing-call")
    return found


def _keep(taken: SignIn, outcome: _Outcome) -> Finished:
    with acting_for(taken.municipality_id):
        if outcome.fault is not None:
            somebody_missed(taken.provider, outcome.fault)
        identity, outcome = _known(outcome)
        taken.identity, taken.ended_at, taken.sealed = identity, clock.now(), None
        taken.why = outcome.why.value if outcome.why else ""
        taken.save(update_fields=["identity", "ended_at", "sealed", "why"])
        about = {"sign_in": taken.pk} | ({"person": str(identity.person.pseudonym)} if identity else {})
        data = {"profile": taken.provider.profile, "purpose": taken.purpose, "why": taken.why, "what": outcome.what}
        journal.note(stream=f"sign-in:{taken.pk}", kind="sign-in.ended", about=about, data=data)
    if outcome.why:
        log.info("sign-in ended without a person", sign_in=taken.pk, why=taken.why, what=outcome.what)
    return Finished(sign_in=taken, assertion=outcome.assertion, why=outcome.why)


def _known(outcome: _Outcome) -> tuple[Identity | None, _Outcome]:
    """Whom we know by it; nobody when it contradicts what we know."""
    try:
        return know(outcome.assertion) if outcome.assertion else None, outcome
    except AnotherNumber as no:
        return None, _Outcome(why=no.why, what="another-number")


def _stray(municipality: int, profile: str, what: str, browser: str) -> Finished:
    """An answer that belongs to nothing we asked: said, written down, and that is all. In the browser of somebody who
    stands at a wall it ends their sign-in: nothing right comes after it, and the wall must not wait for it.
    """
    now = clock.now()
    waited_for = _at_a_wall(municipality, browser, now)
    if waited_for is not None:
        return _keep(waited_for, _Outcome(why=Why.IDENTITY_FAILED, what=what))
    with acting_for(municipality):
        if _audited_since(now - timedelta(minutes=1)) < AUDITED_A_MINUTE:
            journal.note(stream=STREAM_OF_STRAYS, kind="sign-in.refused", data={"profile": profile, "what": what})
    log.info("an answer to no sign-in", municipality=municipality, profile=profile, what=what)
    return Finished(sign_in=None, why=Why.IDENTITY_FAILED)


def _at_a_wall(municipality: int, browser: str, now: datetime) -> SignIn | None:
    """The sign-in at a wall that this browser is under way with, taken; None when there is none."""
    if not browser:
        return None
    with acting_for(municipality):
        found: SignIn | None = (
            SignIn.objects.select_for_update(of=("self",))
            .select_related("provider")
            .filter(browser_hash=hashed(browser), purpose__startswith="wall-", used_at=None, expires_at__gt=now)
            .order_by("-pk")
            .first()
        )
        if found is not None:
            found.used_at = now
            found.save(update_fields=["used_at"])
    return found


def _audited_since(moment: datetime) -> int:
    return int(Entry.objects.filter(kind="sign-in.refused", at__gte=moment).count())
