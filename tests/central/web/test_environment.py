"""Settings from the environment: what is odd stops the start, in words and with a hint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured

from onthaal.central.web import environment


@pytest.mark.parametrize(
    "url", ["postgresql://u:p@h:abc/db", "postgresql://u:p@[::1/db", "postgresql://u:p@h/db?nonsense=1", "mysql://h/db"]
)
def test_an_address_of_a_database_that_is_none_is_named(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="ONTHAAL_DATABASE_URL must look like postgresql://"):
        environment.database(url, "ONTHAAL_DATABASE_URL")


@pytest.mark.parametrize("url", ["smtp://h:abc", "smtp://[::1", "mail.example"])
def test_an_address_of_a_mail_server_that_is_none_is_named(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="ONTHAAL_SMTP_URL must look like smtp://"):
        environment.mail(url)


@pytest.mark.parametrize("url", ["nonsense", "ftp://h", "https://", "http://h:abc"])
def test_an_address_of_a_page_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("ONTHAAL_PUBLIC_URL", url)
    with pytest.raises(ImproperlyConfigured, match="ONTHAAL_PUBLIC_URL must look like https://"):
        environment.address("ONTHAAL_PUBLIC_URL")


def test_an_address_loses_its_last_stroke_and_may_be_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONTHAAL_PUBLIC_URL", "https://onthaal.example/aalter/")
    assert environment.address("ONTHAAL_PUBLIC_URL") == "https://onthaal.example/aalter"
    monkeypatch.delenv("ONTHAAL_PUBLIC_URL")
    assert environment.address("ONTHAAL_PUBLIC_URL") == ""


def test_nobody_is_told_to_write_another_secret_over_the_one_that_is_there(tmp_path: Path) -> None:
    spoilt = tmp_path / "secret.key"
    with pytest.raises(ImproperlyConfigured, match="make one"):
        environment.secret(str(spoilt))
    spoilt.write_text("abcd")
    with pytest.raises(ImproperlyConfigured) as short:
        environment.secret(str(spoilt))
    spoilt.write_text("no hex")
    with pytest.raises(ImproperlyConfigured) as odd:
        environment.secret(str(spoilt))
    with pytest.raises(ImproperlyConfigured) as folder:
        environment.secret(str(tmp_path))
    for said in (short, odd, folder):
        assert "openssl" not in str(said.value)
        assert "put the right file back" in str(said.value)


def test_a_function_for_who_signed_in_that_is_not_there_is_named(settings: Any) -> None:
    assert not [found for found in run_checks() if found.id == "onthaal.E005"]
    settings.ONTHAAL_SIGNED_IN = "onthaal.nowhere"
    assert [found for found in run_checks() if found.id == "onthaal.E005"]
