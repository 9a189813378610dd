"""The lock file is in step with what pyproject asks for."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.architecture.tree import TOP

PROJECT = tomllib.loads((TOP / "pyproject.toml").read_text("utf-8"))["project"]
LOCK = (TOP / "requirements.lock").read_text("utf-8")
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)


def asked_for() -> Iterator[Requirement]:
    lists = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    for text in (text for texts in lists for text in texts):
        requirement = Requirement(text)
        if requirement.name != PROJECT["name"]:
            yield requirement


def test_everything_asked_for_is_pinned_at_a_version_that_fits() -> None:
    pinned = {canonicalize_name(name): Version(version) for name, version in PIN.findall(LOCK)}
    wrong = [
        str(asked)
        for asked in asked_for()
        if (version := pinned.get(canonicalize_name(asked.name))) is None or version not in asked.specifier
    ]
    assert not wrong, f"make requirements.lock again, for: {wrong}"


def test_every_pin_has_its_hashes() -> None:
    starts = [match.start() for match in PIN.finditer(LOCK)]
    entries = [LOCK[start:end] for start, end in zip(starts, [*starts[1:], len(LOCK)], strict=True)]
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []
