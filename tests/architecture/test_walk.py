"""The walk of one thing names modules and functions: each of them is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
WALK = (ROOT / "docs" / "walk.md").read_text()
FILES = [path.relative_to(ROOT / "src" / "onthaal").as_posix() for path in (ROOT / "src" / "onthaal").rglob("*.py")]
NAMED = sorted(set(re.findall(r"`([\w/]+\.py)(?:: (\w+))?`", WALK)))


def whole(path: str) -> str:
    """A path of the page, with its two short forms written out."""
    for short in ("lockers/", "foundation/"):
        if path.startswith(short):
            return f"central/{path}"
    return path


def is_there(path: str, function: str) -> bool:
    """Whether there is such a file, and the function in it where one is named."""
    files = [file for file in FILES if file == whole(path) or file.endswith(f"/{whole(path)}")]
    defined = re.compile(rf"^\s*(?:async )?(?:def|class) {function}\b" if function else "", re.MULTILINE)
    return any(defined.search((ROOT / "src" / "onthaal" / file).read_text()) for file in files)


def test_what_the_walk_names_is_there() -> None:
    assert [named for named in NAMED if not is_there(*named)] == []


def test_the_walk_names_many() -> None:
    assert len(NAMED) > 50
