"""How the wall is now, for the centre's live picture. No history, nobody's data."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

import onthaal
from onthaal.core import throttle
from onthaal.core.protocol import State
from onthaal.kiosk.runner.book import Book
from onthaal.kiosk.session.state import Session

if TYPE_CHECKING:
    from onthaal.kiosk.runner.run import Machines


def reported(book: Book, machines: Machines, session: Session, now: datetime) -> State:
    truth, store = book.truth, book.store
    numbers = [one.number for one in book.fitted]
    wishes = truth.wishes
    doors = machines.locks.doors()
    return State(
        log=store.log,
        boot=store.boot,
        at=now,
        software=onthaal.__version__,
        epoch=wishes.epoch if wishes else 0,
        version=wishes.version if wishes else 0,
        last_fact=store.last_number,
        doors={number: doors.get(number, "unknown") for number in numbers},
        contents={number: truth.content(number).content for number in numbers},
        blocked={number: tuple(sorted(truth.blocked(number))) for number in numbers if truth.blocked(number)},
        buses=dict(machines.locks.buses()),
        readers=_readers(machines),
        in_session=session.session is not None,
        qr_only=throttle.qr_only(truth.evidence.codes, now, wishes.qr_only_releases if wishes else 0),
        free_bytes=store.free_bytes(),
    )


def _readers(machines: Machines) -> dict[str, Literal["up", "silent"]]:
    readers = {"code": machines.code_reader, "tag": machines.tag_reader, "browser": machines.browser}
    return {name: "up" if reader.up else "silent" for name, reader in readers.items() if reader is not None}
