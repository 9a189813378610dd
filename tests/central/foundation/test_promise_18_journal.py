"""Promise 18: nothing is deleted to be changed; the journal is append-only and chained."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError, transaction

from onthaal.central.foundation.journal import actions as journal
from onthaal.central.foundation.journal import queries
from onthaal.central.foundation.journal.models import Entry, Stream
from onthaal.central.foundation.people.models import Municipality
from onthaal.core import chain


def test_entries_stand_in_a_chain_that_begins_at_the_streams_name(in_aalter: Municipality) -> None:
    first = journal.note(stream="handover:12", kind="handover.planned", about={"handover": 12})
    second = journal.note(stream="handover:12", kind="handover.cancelled", by="x", data={"reason": "rain"})
    assert (first.number, second.number) == (1, 2)
    told = {
        "stream": "handover:12", "number": 1, "at": first.at, "kind": "handover.planned", "by": "",
        "about": {"handover": 12}, "data": {},
    }  # fmt: skip
    assert first.hash == chain.link(chain.genesis("handover:12"), chain.canonical(told))
    assert queries.first_break("handover:12") is None


@pytest.mark.parametrize("write", [lambda rows: rows.update(kind="other"), lambda rows: rows.delete()])
def test_promise_18_the_application_can_neither_change_nor_delete_an_entry(in_aalter: Municipality, write) -> None:
    journal.note(stream="handover:12", kind="handover.planned")
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        write(Entry.objects.all())
    assert Entry.objects.count() == 1


def test_promise_18_a_stream_cannot_be_deleted(in_aalter: Municipality) -> None:
    journal.note(stream="handover:12", kind="handover.planned")
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Stream.objects.all().delete()


def test_a_head_that_is_not_the_last_entrys_is_a_break(in_aalter: Municipality) -> None:
    journal.note(stream="handover:12", kind="handover.planned")
    Stream.objects.update(length=2)
    assert queries.first_break("handover:12") == 2
