"""Our keys: published before use, opened after replacement, and gone when nothing can need them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from onthaal import clock as our_clock
from onthaal.central.foundation.identity import jobs, keyring
from onthaal.central.foundation.identity.models import ClientKey
from onthaal.central.foundation.journal.models import Entry
from onthaal.central.foundation.people.models import Municipality
from onthaal.central.foundation.tenancy import acting_for
from tests.central.conftest import municipality
from tests.central.lockers.racing import crossing

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
PRIVATE = {"d", "p", "q", "dp", "dq", "qi"}


def signs_with(now: datetime) -> str:
    ours = keyring.our_keys(now)
    assert ours is not None
    return ours.signing_kid


def opens(now: datetime) -> set[str]:
    ours = keyring.our_keys(now)
    return set() if ours is None else set(ours.opening)


def published(use: str) -> list[str]:
    return [key["kid"] for key in keyring.public_jwks()["keys"] if key["use"] == use]


@pytest.mark.usefixtures("in_aalter")
def test_the_first_keys_are_used_at_once() -> None:
    assert keyring.our_keys(MONDAY) is None
    signing, encryption = keyring.rotate_keys(MONDAY)
    assert signs_with(MONDAY) == signing.kid
    assert opens(MONDAY) == {encryption.kid}


@pytest.mark.usefixtures("in_aalter")
def test_a_new_signing_key_is_published_a_day_before_it_signs() -> None:
    old, _ = keyring.rotate_keys(MONDAY)
    new, _ = keyring.rotate_keys(MONDAY + timedelta(days=80))
    switched = MONDAY + timedelta(days=81)
    assert published("sig") == [old.kid, new.kid]
    assert signs_with(switched - timedelta(minutes=1)) == old.kid
    assert signs_with(switched) == new.kid
    jobs.rotate_keys(switched + timedelta(minutes=59))
    assert published("sig") == [old.kid, new.kid]
    jobs.rotate_keys(switched + timedelta(hours=1))
    assert published("sig") == [new.kid]


@pytest.mark.usefixtures("in_aalter")
def test_a_replaced_encryption_key_is_published_no_more_but_opens_for_a_day() -> None:
    _, old = keyring.rotate_keys(MONDAY)
    _, new = keyring.rotate_keys(MONDAY + timedelta(days=80))
    assert published("enc") == [new.kid]
    over = MONDAY + timedelta(days=81)
    assert opens(over - timedelta(minutes=1)) == {old.kid, new.kid}
    assert opens(over) == {new.kid}
    jobs.rotate_keys(over)
    gone = ClientKey.objects.get(pk=old.pk)
    assert (gone.gone_at, bytes(gone.sealed)) == (over, b"")


@pytest.mark.usefixtures("in_aalter")
def test_keys_are_replaced_by_themselves_after_three_months_and_not_before() -> None:
    jobs.rotate_keys(MONDAY)
    assert not ClientKey.objects.exists(), "who uses no provider needs no keys"
    keyring.rotate_keys(MONDAY)
    jobs.rotate_keys(MONDAY + timedelta(days=89))
    assert ClientKey.objects.count() == 2
    jobs.rotate_keys(MONDAY + timedelta(days=90))
    jobs.rotate_keys(MONDAY + timedelta(days=90, minutes=1))
    assert ClientKey.objects.count() == 4


@pytest.mark.usefixtures("in_aalter")
def test_two_rotations_in_a_row_leave_one_key_to_sign_with() -> None:
    first, _ = keyring.rotate_keys(MONDAY)
    keyring.rotate_keys(MONDAY + timedelta(days=1))
    last, _ = keyring.rotate_keys(MONDAY + timedelta(days=1, hours=1))
    assert signs_with(MONDAY + timedelta(days=1, hours=2)) == first.kid
    assert signs_with(MONDAY + timedelta(days=3)) == last.kid


@pytest.mark.usefixtures("in_aalter")
def test_nothing_private_is_published_or_noted() -> None:
    keyring.rotate_keys(MONDAY)
    for key in keyring.public_jwks()["keys"]:
        assert set(key) == {"kty", "n", "e", "kid", "use", "alg"}
    private = str(list(Entry.objects.values())) + str([bytes(row.sealed) for row in ClientKey.objects.all()])
    assert '"d"' not in private


def test_providers_find_the_keys_of_the_host_they_ask(aalter: Municipality, deinze: Municipality) -> None:
    with acting_for(aalter.pk):
        keyring.rotate_keys(our_clock.now())
    answer = Client(headers={"host": "aalter.example"}).get("/.well-known/onthaal-jwks.json")
    assert answer.headers["Content-Type"] == "application/jwk-set+json"
    assert answer.headers["Cache-Control"] == "public, max-age=1800"
    assert [key["use"] for key in answer.json()["keys"]] == ["sig", "enc"]
    others = Client(headers={"host": "deinze.example"}).get("/.well-known/onthaal-jwks.json")
    assert others.json() == {"keys": []}


@pytest.mark.usefixtures("in_aalter")
def test_after_a_leak_the_old_signing_keys_are_gone_at_once() -> None:
    keyring.rotate_keys(MONDAY)
    _, old = keyring.rotate_keys(MONDAY + timedelta(days=80))  # one signs, one would tomorrow
    now = MONDAY + timedelta(days=80, hours=1)
    signing, encryption = keyring.retire_now(now)
    assert published("sig") == [signing.kid]
    assert signs_with(now) == signing.kid
    assert published("enc") == [encryption.kid]
    assert opens(now) >= {old.kid, encryption.kid}, "what is on its way is still read"
    left = ClientKey.objects.filter(use="sig").exclude(pk=signing.pk)
    assert {(row.gone_at, bytes(row.sealed)) for row in left} == {(now, b"")}
    assert Entry.objects.filter(kind="client-key.retired").count() == 2


@pytest.mark.usefixtures("in_aalter")
def test_publishing_our_keys_opens_no_seal(monkeypatch: pytest.MonkeyPatch) -> None:
    keyring.rotate_keys(MONDAY)
    ClientKey.objects.filter(use="enc").update(public=None)  # as one made before
    jobs.rotate_keys(MONDAY)
    opened: list[ClientKey] = []
    monkeypatch.setattr(keyring, "_private", opened.append)
    assert [key["use"] for key in keyring.public_jwks()["keys"]] == ["sig", "enc"]
    assert opened == []


def test_two_who_replace_old_keys_at_once_replace_them_once(committed: None) -> None:
    """The second would find nothing left to replace, and sign at once with a key that nobody was shown."""
    aalter, due = municipality("aalter", "aalter.example").pk, MONDAY + keyring.REPLACED_AFTER
    with acting_for(aalter):
        old, _ = keyring.rotate_keys(MONDAY)
    with crossing(aalter) as both:
        keyring.rotate_when_due(due)
        both.comes(lambda: keyring.rotate_when_due(due))
    with acting_for(aalter):
        assert (signs_with(due), len(published("sig")), len(published("enc"))) == (old.kid, 2, 1)
