"""The signature under every request of a kiosk."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onthaal.proofs.devices import DeviceKey, Token, fresh, parse, signed_by

AT = datetime(2026, 11, 22, 2, 10, tzinfo=UTC)
KEY = DeviceKey.draw()
PATH = "/device/v1/facts?x=1"


def token(**changed: object) -> Token:
    asked = {"device": 12, "method": "POST", "path": PATH, "body": b"{}", "at": AT} | changed
    found = parse(KEY.header(**asked))  # type: ignore[arg-type]  # the values above, some of them changed
    assert found is not None
    return found


def holds(found: Token, *, public: str = "", method: str = "POST", path: str = PATH, body: bytes = b"{}") -> bool:
    return signed_by(public or KEY.public(), found, method=method, path=path, body=body)


def test_a_request_is_its_signers() -> None:
    assert token().device == 12
    assert token().at == AT
    assert holds(token())


def test_a_signature_is_for_one_request_only() -> None:
    assert not holds(token(), method="PUT")
    assert not holds(token(), path="/device/v1/facts")
    assert not holds(token(), body=b"{} ")
    assert not holds(token(), public=DeviceKey.draw().public())
    other_device = Token(13, token().at, token().signature)
    later = Token(12, token().at + timedelta(seconds=1), token().signature)
    assert not holds(other_device)
    assert not holds(later)


@pytest.mark.parametrize(("seconds", "good"), [(0, True), (60, True), (-60, True), (61, False), (-61, False)])
def test_a_token_lives_a_minute_either_way(seconds: int, good: bool) -> None:
    assert fresh(token(), AT + timedelta(seconds=seconds)) is good


@given(st.text(max_size=80))
def test_any_header_is_read_or_refused(header: str) -> None:
    assert parse(header) is None or header.startswith("Onthaal ")


@pytest.mark.parametrize(
    "rest",
    ["", "12", "12.1", "12.1.@@@", "-1.1.AAAA", "12.99999999999999999999.AAAA", "12.1.AAAA.x", "１２.1.AAAA", "12.1.A"],
)
def test_a_header_of_another_form_is_refused(rest: str) -> None:
    assert parse("Onthaal " + rest) is None


def test_a_short_signature_is_nobodys() -> None:
    found = parse("Onthaal 12.1.AAAA")
    assert found is not None
    assert not holds(found)


def test_a_key_is_the_same_after_it_was_kept(tmp_path: Path) -> None:
    file = tmp_path / "kiosk.key"
    file.write_bytes(KEY.pem())
    file.chmod(stat.S_IRUSR | stat.S_IWUSR)
    assert DeviceKey.load(file).public() == KEY.public()


def test_what_is_no_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        DeviceKey.load(tmp_path / "nothing")
    (tmp_path / "junk").write_bytes(b"junk")
    with pytest.raises(ValueError):
        DeviceKey.load(tmp_path / "junk")
