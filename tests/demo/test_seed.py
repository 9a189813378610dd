"""Who is in the demo's municipality: everybody, also on data that an older version made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from onthaal.central.foundation.people.actions import close_account, erase_account
from onthaal.central.foundation.people.models import Account, Municipality
from onthaal.central.foundation.tenancy import acting_for
from onthaal.central.lockers.access.models import Badge
from onthaal.demo import seed

BEA = "bea"

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "accounts.json"


def begin(file: Path) -> dict[str, dict[str, Any]]:
    """What a start makes of the municipality, and what the accounts file says then."""
    seed.keep_accounts(file, seed.make_municipality("*"))
    return {entry["name"]: entry for entry in json.loads(file.read_text())["accounts"]}


def loads_at_the_wall(entry: dict[str, Any]) -> bool:
    """Whether its password signs in, and it has a valid badge with a PIN."""
    with acting_for(Municipality.objects.get(slug="aalter").pk):
        account = Account.objects.get(username=entry["name"])
        badges = Badge.objects.filter(account=account, revoked_at=None).exclude(pin_sealed=None)
        known = account.is_active and account.check_password(entry["password"])
        return known and "load" in badges.get().rights and bool(entry["badge"] and entry["pin"])


def test_a_second_start_leaves_everybody_as_they_were(file: Path) -> None:
    first = begin(file)
    assert loads_at_the_wall(first[BEA])
    assert begin(file) == first
    assert loads_at_the_wall(first[BEA])
    assert file.stat().st_mode & 0o077 == 0


def test_a_clerk_whom_an_older_version_did_not_know_is_added(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as older:
        older.setattr(seed, "PEOPLE", [person for person in seed.PEOPLE if person.username != BEA])
        before = begin(file)
    assert BEA not in before

    now = begin(file)

    assert {name: entry for name, entry in now.items() if name != BEA} == before
    assert loads_at_the_wall(now[BEA])


def test_an_account_that_is_gone_is_made_again(file: Path) -> None:
    before = begin(file)
    with acting_for(Municipality.objects.get(slug="aalter").pk):
        bea = Account.objects.get(username=BEA)
        close_account(bea, by=None)
        erase_account(bea, by=None)

    now = begin(file)

    assert now["an"] == before["an"]
    assert now[BEA] != before[BEA]
    assert loads_at_the_wall(now[BEA])
