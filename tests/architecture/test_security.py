"""The threat model names tests: each of them is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
SAID = (ROOT / "SECURITY.md").read_text()
TESTS = sorted(set(re.findall(r"`(test_\w+)`", SAID)))
FILES = sorted(set(re.findall(r"`(?:\w+/)*(tests/[\w/]+\.py)`", SAID)))
DEFINED = {
    name
    for path in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text(), re.MULTILINE)
}


def test_what_the_threat_model_names_is_there() -> None:
    assert [name for name in TESTS if name not in DEFINED] == []
    assert [path for path in FILES if not (ROOT / path).is_file()] == []


def test_the_threat_model_names_many() -> None:
    assert len(TESTS) > 40
