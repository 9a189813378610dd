"""Promise 18: a kiosk's log is recomputed from what was told, word for word. What could not be read when it came was
kept and said; it is no break. A row that was changed since is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import psycopg
import pytest

from onthaal import clock
from onthaal.central.foundation.journal import digests
from onthaal.central.lockers.devices.hearing import hear
from onthaal.central.lockers.devices.models import HeardFact
from onthaal.central.web import chains
from onthaal.core import chain, facts
from tests.central.conftest import municipality
from tests.central.devices.cast import Teller, Wall, a_wall


def the_log(wall: Wall) -> Any:
    with wall.acting():
        (log,) = [checked for checked in chains.recomputed() if checked.name.startswith("kiosk-log:")]
    return log


def heard(wall: Wall, teller: Teller, *elements: bytes) -> None:
    hear(wall.device, teller.raw(*elements))


def texts(teller: Teller, count: int) -> list[bytes]:
    told = teller.says(*(facts.HelpAsked(session=f"s{number}") for number in range(count)))
    return [msgspec.json.encode(fact) for fact in told]


def of_a_later_version(teller: Teller) -> bytes:
    """A fact with a body that this centre does not know, chained by a kiosk that does."""
    said = {"number": 2, "at": teller.at, "boot": teller.boot, "body": {"type": "sang", "song": "De Vlaamse Leeuw"}}
    linked = chain.link(bytes.fromhex(teller.facts[0].hash), chain.canonical(said))
    return chain.canonical({**said, "hash": linked.hex()})


def test_a_log_of_good_facts_is_whole(wall: Wall, teller: Teller) -> None:
    heard(wall, teller, *texts(teller, 4))
    assert (the_log(wall).break_at, the_log(wall).remarks) == (None, ())


def test_a_fact_with_everything_spelt_out_is_no_break(wall: Wall, teller: Teller) -> None:
    """A kiosk that also says what is left out by default chains other bytes; hearing takes it, and so does verify."""
    (fact,) = teller.says(facts.CodeRefused(session="s", channel="pin", why="code-wrong", counts=True))
    said = msgspec.json.decode(msgspec.json.encode(fact))
    said["body"]["grant"] = None
    heard(wall, teller, msgspec.json.encode(said))
    with wall.acting():
        assert HeardFact.objects.get().verdict == "good"
    assert the_log(wall).break_at is None


def test_a_fact_of_a_later_version_is_kept_and_its_chain_is_checked(wall: Wall, teller: Teller) -> None:
    (one,) = texts(teller, 1)
    two = of_a_later_version(teller)
    fact = msgspec.json.decode(two)
    three = facts.sealed(
        number=3,
        at=teller.at,
        boot=teller.boot,
        body=facts.HelpAsked(session="s"),
        previous=bytes.fromhex(fact["hash"]),
    )
    heard(wall, teller, one, two, msgspec.json.encode(three))
    log = the_log(wall)
    assert (log.break_at, log.remarks) == (None, ("fact 2 is malformed, kept verbatim",))


def test_two_in_a_row_that_were_no_facts_are_named_and_no_break(wall: Wall, teller: Teller) -> None:
    one, _, _, four, five = texts(teller, 5)
    heard(wall, teller, one, b"17", b"18", four, five)
    log = the_log(wall)
    assert log.break_at is None
    assert log.remarks == tuple(f"fact {number} is malformed, kept verbatim" for number in (2, 3))


@pytest.mark.parametrize(
    "element", [b"17", b"{}", b'{"number":2}', b'{"number":2,"hash":"%s"}' % (b"ab" * 32), b"[" * 200 + b"]" * 200]
)
def test_what_was_no_fact_at_all_is_named_and_no_break(wall: Wall, teller: Teller, element: bytes) -> None:
    one, _, three, four = texts(teller, 4)
    heard(wall, teller, one, element, three)
    heard(wall, teller, four)
    log = the_log(wall)
    assert (log.break_at, log.remarks) == (None, ("fact 2 is malformed, kept verbatim",))


@pytest.fixture
def kept(committed: None) -> Wall:
    """A wall whose rows stand there for good, so that the owner of the tables sees them too."""
    return a_wall(municipality("aalter", "aalter.example"))


@contextmanager
def as_owner(owner: psycopg.Connection) -> Iterator[None]:
    """Somebody who owns the tables."""
    with owner.transaction():
        for table in ("lockers_heardfact", "lockers_log"):
            owner.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        yield
        for table in ("lockers_heardfact", "lockers_log"):
            owner.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def rewritten(owner: psycopg.Connection, number: int, old: str, new: str) -> None:
    """They change what a fact says."""
    with as_owner(owner):
        changed = owner.execute(
            "UPDATE lockers_heardfact SET told = replace(told, %s, %s) WHERE number = %s", [old, new, number]
        )
    assert changed.rowcount == 1


@pytest.mark.parametrize("number", [1, 2, 3])
def test_promise_18_a_fact_that_was_changed_since_is_found(
    kept: Wall, teller: Teller, owner: psycopg.Connection, number: int
) -> None:
    heard(kept, teller, *texts(teller, 3))
    rewritten(owner, number, f"s{number - 1}", "another")
    assert the_log(kept).break_at == f"fact {number}"


def test_promise_18_a_malformed_fact_that_was_changed_since_is_found_too(
    kept: Wall, teller: Teller, owner: psycopg.Connection
) -> None:
    (one,) = texts(teller, 1)
    heard(kept, teller, one, of_a_later_version(teller))
    assert the_log(kept).break_at is None
    rewritten(owner, 2, "Vlaamse", "Waalse")
    assert the_log(kept).break_at == "fact 2"


@pytest.mark.parametrize("unreadable", [0, 1], ids=["a whole log", "a log that broke before"])
def test_promise_18_a_fact_that_was_changed_and_called_malformed_since_is_found(
    kept: Wall, teller: Teller, owner: psycopg.Connection, unreadable: int
) -> None:
    """Columns excuse nothing: only what the journal told when the fact came."""
    told = texts(teller, 5)
    told[:unreadable] = [b"17"] * unreadable
    heard(kept, teller, *told)
    assert the_log(kept).break_at is None
    rewritten(owner, 4, "s3", "another")
    with as_owner(owner):
        owner.execute("UPDATE lockers_heardfact SET verdict = 'malformed' WHERE number = 4")
        owner.execute("UPDATE lockers_log SET broken_at = coalesce(broken_at, 4)")
    assert the_log(kept).break_at == "fact 4"


@pytest.mark.parametrize(("number", "old"), [(2, "17"), (3, "s2")], ids=["itself", "the one right behind it"])
def test_promise_18_what_broke_the_chain_when_it_came_still_says_what_it_said_then(
    kept: Wall, teller: Teller, owner: psycopg.Connection, number: int, old: str
) -> None:
    one, _, three, four = texts(teller, 4)
    heard(kept, teller, one, b'{"number":2,"17":17}', three, four)
    assert the_log(kept).break_at is None
    rewritten(owner, number, old, "18")
    assert the_log(kept).break_at == f"fact {number}"


def test_promise_18_a_past_told_anew_with_a_chain_of_its_own_is_not_what_was_signed(
    kept: Wall, teller: Teller, owner: psycopg.Connection
) -> None:
    heard(kept, teller, *texts(teller, 3))
    with kept.acting():
        digests.sign_day(clock.now(), chains.other_heads())
        name = HeardFact.objects.select_related("log")[0].log.name
    head, anew = chain.genesis(facts.stream(name)), []
    for fact in teller.facts:
        told = facts.sealed(
            number=fact.number, at=fact.at, boot=fact.boot, body=facts.HelpAsked(session="another"), previous=head
        )
        head = bytes.fromhex(told.hash)
        anew.append((msgspec.json.encode(told).decode(), told.number))
    with as_owner(owner):
        for text, number in anew:
            owner.execute("UPDATE lockers_heardfact SET told = %s WHERE number = %s", [text, number])
        owner.execute("UPDATE lockers_log SET head = %s", [head])
    assert the_log(kept).break_at == "fact 3, which is not what was signed"


def test_promise_18_a_fact_that_is_gone_is_found(kept: Wall, teller: Teller, owner: psycopg.Connection) -> None:
    heard(kept, teller, *texts(teller, 3))
    with as_owner(owner):
        owner.execute("DELETE FROM lockers_heardfact WHERE number = 3")
    assert the_log(kept).break_at == "fact 3"
