"""What kiosk and centre say to each other survives the wire, and what is malformed does not pass."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onthaal.core import facts
from onthaal.core.chain import canonical
from onthaal.core.facts import Body, Fact
from onthaal.core.protocol import Heard, OpenNow, State, Told, Wishes
from tests.kiosk.cast import a_handover, cleo, wishes

BODIES = get_args(Body)
AT = datetime(2026, 11, 22, 2, 10, tzinfo=UTC)
PLAIN: dict[type, st.SearchStrategy[Any]] = {
    msgspec.inspect.IntType: st.integers(0, 2**53),
    msgspec.inspect.StrType: st.text(max_size=20),
    msgspec.inspect.BoolType: st.booleans(),
    msgspec.inspect.NoneType: st.none(),
}
FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
MOMENTS = st.integers(0, (LAST - FIRST) // timedelta(microseconds=1)).map(lambda n: FIRST + timedelta(microseconds=n))
"""Every moment there is, drawn as one number: Hypothesis draws a date part by part, which is dear."""


def values(info: Any) -> st.SearchStrategy[Any]:
    """Any value of a field's type, for the few shapes that bodies are made of."""
    match info:
        case msgspec.inspect.LiteralType(values=allowed):
            return st.sampled_from(list(allowed))
        case msgspec.inspect.UnionType(types=types):
            return st.one_of([values(one) for one in types])
        case msgspec.inspect.VarTupleType(item_type=item):
            return st.lists(values(item), max_size=3).map(tuple)
        case msgspec.inspect.StructType(cls=cls):
            return built(cls)
    return PLAIN[type(info)]


def built(cls: Any) -> st.SearchStrategy[Any]:
    fields = msgspec.structs.fields(cls)
    return st.builds(cls, **{field.name: values(msgspec.inspect.type_info(field.type)) for field in fields})


@pytest.mark.parametrize("kind", BODIES, ids=lambda kind: kind.__name__)
def test_every_fact_survives_the_wire(kind: Any) -> None:
    @given(built(kind), MOMENTS)
    def survives(body: Body, at: datetime) -> None:
        fact = facts.sealed(number=1, at=at, boot="b", body=body, previous=bytes(32))
        again = msgspec.json.decode(canonical(fact), type=Fact)
        assert again == fact
        assert facts.follows(again, bytes(32))

    survives()


def test_every_kind_of_fact_has_a_name_of_its_own() -> None:
    tags = [kind.__struct_config__.tag for kind in BODIES]
    assert len(set(tags)) == len(tags)


@pytest.mark.parametrize(
    "message",
    [
        wishes(a_handover(5), staff=(cleo(),)),
        Told(log="l", boot="b", facts=()),
        Heard(log="l", heard_up_to=3, version=4),
        State(
            log="l",
            boot="b",
            at=AT,
            software="1",
            epoch=1,
            version=1,
            last_fact=2,
            doors={1: "unknown"},
            contents={1: "holds"},
        ),
        OpenNow(nonce="n", boot="b", issued_at=AT, compartment=1, person="p", reason="r"),
    ],
    ids=lambda message: type(message).__name__,
)
def test_every_message_survives_the_wire(message: Any) -> None:
    assert msgspec.json.decode(msgspec.json.encode(message), type=type(message)) == message


@pytest.mark.parametrize(
    "spoilt",
    [
        {"number": 1, "at": AT, "boot": "b", "hash": "", "body": {"type": "not-a-fact"}},
        {"number": 1, "at": AT, "boot": "b", "hash": "", "body": {"type": "help-asked"}},
        {"number": 1, "at": AT, "boot": "b", "hash": "", "body": {"type": "help-asked", "session": "s", "pin": "1"}},
        {"number": "one", "at": AT, "boot": "b", "hash": "", "body": {"type": "help-asked", "session": "s"}},
        {"number": 1, "at": AT, "boot": "b", "body": {"type": "help-asked", "session": "s"}},
    ],
)
def test_a_malformed_fact_does_not_pass(spoilt: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode(spoilt), type=Fact)


def test_a_wish_with_an_unknown_word_does_not_pass() -> None:
    told = msgspec.json.decode(msgspec.json.encode(wishes(a_handover(5))))
    told["handovers"][0]["open_it_now"] = True
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode(told), type=Wishes)


def test_the_etag_says_epoch_version_and_what_was_heard_of_which_log() -> None:
    assert wishes(epoch=2, version=7, heard_up_to=41, log="log-a").etag == '"2.7.41.log-a"'
