"""The page on personal data names every kind of row that is about somebody, or holds what somebody typed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SAID = (ROOT / "docs" / "personal-data.md").read_text()
CENTRAL = ROOT / "src" / "onthaal" / "central"
KIND = re.compile(r"^class (\w+)\((?:Row|models\.Model|AbstractBaseUser)[^)]*\):\n(.*?)(?=^class |\Z)", re.M | re.S)
NOBODY = {
    "foundation_clientkey", "foundation_digest", "foundation_municipality", "foundation_provider",
    "foundation_providerstate", "foundation_row", "foundation_stream", "lockers_compartment", "lockers_device",
    "lockers_enrolmentcode", "lockers_item", "lockers_kiosk", "lockers_kioskstate", "lockers_log", "lockers_product",
    "lockers_promise", "lockers_site",
}  # fmt: skip
"""Of the municipality, its machines, its things and its keys."""


def tables() -> list[str]:
    return sorted(
        f"{app}_{kind.lower()}"
        for app in ("foundation", "lockers")
        for path in (CENTRAL / app).rglob("*.py")
        if "migrations" not in path.parts
        for kind, body in KIND.findall(path.read_text())
        if re.search(r"= models\.\w+(?:Field|Key)\(", body)
    )


def test_there_are_many_kinds_of_rows() -> None:
    assert len(tables()) > 40
    assert set(tables()) >= NOBODY - {"foundation_row"}


@pytest.mark.parametrize("table", sorted(set(tables()) - NOBODY))
def test_what_is_kept_of_people_stands_on_the_page(table: str) -> None:
    assert re.search(rf"`{table}[`.]", SAID)
