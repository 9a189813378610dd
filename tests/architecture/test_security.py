"""The threat model names tests: each of them is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SAID = (ROOT / "SECURITY.md").read_text()
TESTS = sorted(set(re.findall(r"`(test_\w+)`", SAID)))
FILES = sorted(set(re.findall(r"`(?:\w+/)*(tests/[\w/]+\.py)`", SAID)))
DEFINED = {
    name
    for path in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text(), re.MULTILINE)
}


@pytest.mark.parametrize("name", TESTS)
def test_a_test_that_the_threat_model_names_is_there(name: str) -> None:
    assert name in DEFINED


@pytest.mark.parametrize("path", FILES)
def test_a_file_that_the_threat_model_names_is_there(path: str) -> None:
    assert (ROOT / path).is_file()


def test_the_threat_model_names_many() -> None:
    assert len(TESTS) > 40
