"""The scanner of promise 16 sees what it must, and nothing in an ordinary log line."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from onthaal.clock import SystemClock
from onthaal.core.facts import SessionOpened
from onthaal.kiosk.store import Store
from tests.journeys.rows import readable
from tests.journeys.traces import seen, store
from tests.leaks import leaks

ORDINARY = (
    '{"event": "mail not sent", "notice": 12, "tries": 3, "error": "ConnectionRefusedError", '
    '"timestamp": "2026-11-22T18:27:41.123456Z", "level": "warning"}\n'
    'GET /desk/requests/123456789/ 200 127.0.0.1:8000 item 123 456 ms "handover:12"\n'
    "GET /desk/requests/?state=accepted 200 pid 85073003329\n"
    "postgresql://onthaal_app@/onthaal?host=/var/tmp"
)


@pytest.mark.parametrize(
    "said",
    [
        "GZ1:ABCDEFGHIJKLMNOPX", "GZS:MFRGGZDF", "typed 482 170 935", "to an@example.org", "85.07.30-033.28",
        "GET /r/b7Yx0c3kq9aHk2Jm1wq8Lr5sT4uVx6Zz/", "-----BEGIN PRIVATE KEY-----", "argon2$argon2id$v=19",
        "postgresql://app:geheim@db/onthaal", "GET /muur/c29tZS1yYW5kb20taGFuZGxl 200", "of 85073003328 it is",
        "Bearer eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbiJ9.c2lnbmVk", "eyJlbmMiOiJBMTI4R0NNIn0.a2V5.aXY.dGV4dA.dGFn",
        "GET /aanmelden/itsme/terug?code=Kx93mQpWz81Lf0aa", "?state=Kx93mQpWz81Lf0aa", '{"d": "Kx93mQpWz81Lf0aaKx93m"}',
    ],
)  # fmt: skip
def test_promise_16_each_kind_is_seen(said: str) -> None:
    assert len(leaks(f"{ORDINARY}\n{said}\n{ORDINARY}")) == 1


def test_promise_16_an_ordinary_line_gives_nothing_away() -> None:
    assert leaks(ORDINARY, secrets=("Peeters", "482 170 935")) == []


def test_promise_16_the_secrets_of_a_test_are_seen_however_written() -> None:
    assert leaks("PEETERS typed 482170935", secrets=("Peeters", "482 170 935")) == [
        "a secret of this test: Peeters", "a secret of this test: 482 170 935",
    ]  # fmt: skip


@pytest.mark.parametrize("table", ["fact", "former", "wishes", "checkpoint", "ended"])
def test_promise_16_a_name_in_any_table_of_a_walls_store_is_seen(table: str, tmp_path: Path) -> None:
    kept = Store.open(tmp_path / "kiosk.db", clock=SystemClock())
    kept.append(SessionOpened(session="b.1", language="nl"))
    kept.close()
    assert leaks(store(tmp_path / "kiosk.db"), secrets=("Peeters",)) == []

    disk = sqlite3.connect(tmp_path / "kiosk.db")
    said = b'{"who": "Peeters"}'
    planted = {
        "fact": ("INSERT INTO fact VALUES ((SELECT max(number) + 1 FROM fact), 0, ?)", said),
        "former": ("INSERT INTO former VALUES ('log', 1, 0, ?)", said),
        "wishes": ("INSERT INTO wishes VALUES (1, ?)", said),
        "checkpoint": ("INSERT INTO checkpoint VALUES (1, 0, 'head', ?)", said),
        "ended": ("INSERT INTO ended VALUES (?, 1, 'head')", said.decode()),
    }
    disk.execute(planted[table][0], (planted[table][1],))
    disk.commit()
    assert leaks(store(tmp_path / "kiosk.db"), secrets=("Peeters",)) == ["a secret of this test: Peeters"]


def test_promise_16_a_name_kept_as_bytes_is_seen_and_a_digest_is_no_address() -> None:
    digest = bytes.fromhex("d3494042382e7545ff") + bytes(24)
    assert leaks(digest.decode(errors="replace")) == ["a mail address: I@B8.uE"]
    assert leaks(str(readable({"hash": digest, "number": 7}))) == []
    assert leaks(str(readable({"sealed": b"An Peeters"})), secrets=("Peeters",)) == ["a secret of this test: Peeters"]


def test_promise_16_what_the_page_of_a_mail_keeps_apart_is_seen_together() -> None:
    page = "<p>Uw nummer: <b>85.07.30</b>-033.28</p><td>482</td>&nbsp;<td>170</td>\n<td>935</td>"
    assert leaks(page) == []
    assert sorted(leaks(seen(page))) == ["a PIN as shown: 482 170 935", "a national number: 85.07.30-033.28"]
