"""Hash chains."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from onthaal.core import chain, facts

AT = datetime(2026, 11, 22, 2, 10, tzinfo=UTC)
ENTRIES = st.lists(st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5)), min_size=1, max_size=6)


def chained(stream: str, entries: list[bytes]) -> list[tuple[bytes, bytes]]:
    head, done = chain.genesis(stream), []
    for entry in entries:
        head = chain.link(head, entry)
        done.append((entry, head))
    return done


def test_a_stream_begins_with_the_hash_of_its_name() -> None:
    assert chain.genesis("kiosk-log:7").hex() == hashlib.sha256(b"kiosk-log:7").hexdigest()


def test_a_link_is_the_hash_of_what_stood_before_and_the_entry() -> None:
    head = chain.genesis("a")
    assert chain.link(head, b"{}") == hashlib.sha256(head + b"{}").digest()


def test_the_canonical_form_sorts_its_keys_and_has_no_white_space() -> None:
    assert chain.canonical({"b": 1, "a": [AT, None]}) == b'{"a":["2026-11-22T02:10:00Z",null],"b":1}'


@given(ENTRIES)
def test_a_whole_chain_holds(entries: list[dict[str, object]]) -> None:
    assert chain.breaks("s", chained("s", [chain.canonical(entry) for entry in entries])) is None


@given(ENTRIES, st.data())
def test_a_changed_dropped_or_doubled_entry_breaks_it_there(
    entries: list[dict[str, object]], data: st.DataObject
) -> None:
    links = chained("s", [chain.canonical(entry) for entry in entries])
    place = data.draw(st.integers(0, len(links) - 1))
    entry, stored = links[place]
    changed = [*links[:place], (entry + b" ", stored), *links[place + 1 :]]
    assert chain.breaks("s", changed) == place
    doubled = [*links[: place + 1], *links[place:]]
    assert chain.breaks("s", doubled) == place + 1
    if place < len(links) - 1:
        assert chain.breaks("s", [*links[:place], *links[place + 1 :]]) == place


def test_a_chain_does_not_hold_under_another_streams_name() -> None:
    assert chain.breaks("other", chained("s", [b"{}"])) == 0


def test_a_fact_is_sealed_over_number_time_boot_and_body() -> None:
    head = chain.genesis(facts.stream("log"))
    told = b'{"at":"2026-11-22T02:10:00Z","body":{"session":"s","type":"help-asked"},"boot":"b","number":1}'
    fact = facts.sealed(number=1, at=AT, boot="b", body=facts.HelpAsked(session="s"), previous=head)
    assert fact.hash == hashlib.sha256(head + told).hexdigest()
    assert facts.follows(fact, head)
    assert not facts.follows(fact, bytes(32))
