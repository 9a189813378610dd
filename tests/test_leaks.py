"""The scanner of promise 16 sees what it must, and nothing in an ordinary log line."""

from __future__ import annotations

import pytest

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
