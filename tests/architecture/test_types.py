"""What `make check` asks besides lint. It takes half a minute of one processor, so it runs beside the other tests."""

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAMS = Path(sys.executable).parent
HOUSE = Path(__file__).parents[2]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("asked", [("mypy",), ("lint-imports", "--no-logo")], ids=["types", "import contracts"])
def test_what_the_code_declares_holds(asked: tuple[str, ...]) -> None:
    program, *how = asked
    done = subprocess.run([PROGRAMS / program, *how], cwd=HOUSE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
