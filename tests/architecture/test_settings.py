"""Every setting is documented, and nothing is documented that is gone."""

from __future__ import annotations

import re

from tests.architecture.tree import SRC, TOP, files

PAGE = TOP / "docs" / "settings.md"
NAMED_IN_CODE = re.compile(r"[\"'](ONTHAAL_[A-Z0-9_]+)[\"']")
NAMED_ON_PAGE = re.compile(r"^\|\s*`(ONTHAAL_[A-Z0-9_]+)`", re.MULTILINE)


def test_every_setting_of_the_environment_stands_on_its_page() -> None:
    sources = [path for path in files(".py") if path.is_relative_to(SRC)]
    read = {name for path in sources for name in NAMED_IN_CODE.findall(path.read_text("utf-8"))}
    documented = set(NAMED_ON_PAGE.findall(PAGE.read_text("utf-8")))
    assert read - documented == set(), "say in docs/settings.md what it does"
    assert documented - read == set(), "these are gone"
