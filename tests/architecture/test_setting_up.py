"""Setting up says in one line what is missing, and does nothing twice."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.architecture.tree import TOP


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout, in a folder with a space, in which nothing is set up yet."""
    here = tmp_path / "a check out"
    (here / ".ci").mkdir(parents=True)
    shutil.copy(TOP / ".ci" / "setup", here / ".ci" / "setup")
    (here / "requirements.lock").write_text("")
    (here / "pyproject.toml").write_text("")
    return here


def a_python(checkout: Path, answers: str) -> Path:
    """A stand-in for `python3` that runs the shell lines `answers`."""
    program = checkout / "python3"
    program.write_text(f"#!/bin/sh\n{answers}\n")
    program.chmod(0o755)
    return program


def set_up(checkout: Path, python: Path | str, *, first: Path | None = None) -> subprocess.CompletedProcess[str]:
    return run(checkout, ".ci/setup", first=first, PYTHON=str(python))


def run(checkout: Path, script: str, *, first: Path | None = None, **settings: str) -> subprocess.CompletedProcess[str]:
    """What `script` says; programs in the folder `first` come before the machine's."""
    path = "/usr/bin:/bin" if first is None else f"{first}:/usr/bin:/bin"
    return subprocess.run(
        [script], cwd=checkout, env={"PATH": path, **settings}, capture_output=True, text=True, check=False
    )


def test_no_python_is_said_with_the_line_that_helps(checkout: Path) -> None:
    told = set_up(checkout, "no-such-python")
    assert told.returncode == 1
    assert "apt-get install -y python3 python3-venv" in told.stderr


def test_an_old_python_is_refused_by_name(checkout: Path) -> None:
    told = set_up(checkout, a_python(checkout, 'case "$1" in -c) exit 1;; -V) echo Python 3.9.2;; esac'))
    assert told.returncode == 1
    assert "needs Python 3.11 or newer" in told.stderr
    assert "Python 3.9.2" in told.stderr


def test_a_missing_venv_package_is_said_with_the_line_that_helps(checkout: Path) -> None:
    answers = 'case "$1" in -V) echo Python 3.11.2;; -m) mkdir -p .venv; echo no ensurepip; exit 1;; esac'
    told = set_up(checkout, a_python(checkout, answers))
    assert told.returncode == 1
    assert "apt-get install -y python3-venv" in told.stderr
    assert not (checkout / ".venv").exists()


A_GOOD_PYTHON = """
case "$1 $2" in
    "-m venv") mkdir -p .venv/bin && cp "$0" .venv/bin/python && chmod +x .venv/bin/python ;;
    "-V "*) echo Python 3.11.2 ;;
    "-m pip") echo "$3" >>calls ;;
esac
"""


def test_a_second_run_does_nothing_until_the_lock_changes(checkout: Path) -> None:
    python = a_python(checkout, A_GOOD_PYTHON)
    calls = checkout / "calls"
    first = set_up(checkout, python)
    assert first.returncode == 0, first.stderr
    assert "Ready: .venv/bin/onthaal" in first.stdout
    assert calls.read_text().split().count("install") == 2

    again = set_up(checkout, python)
    assert (again.returncode, again.stdout) == (0, "")
    assert calls.read_text().split().count("install") == 2

    (checkout / "requirements.lock").write_text("one==1\n")
    set_up(checkout, python)
    assert calls.read_text().split().count("install") == 4


def test_an_environment_that_was_made_elsewhere_is_made_again(checkout: Path) -> None:
    python = a_python(checkout, A_GOOD_PYTHON)
    set_up(checkout, python)
    moved = checkout.with_name("moved")
    checkout.rename(moved)
    (moved / ".venv" / "old").touch()

    assert set_up(moved, moved / "python3").returncode == 0
    assert not (moved / ".venv" / "old").exists()


def with_a_quick_clock(checkout: Path) -> Path:
    """Programs that come before the machine's: a `sleep` that takes no time, and lets `waits` go after 25 of them."""
    programs = checkout / "programs"
    programs.mkdir()
    (programs / "sleep").write_text(
        '#!/bin/sh\necho >>ticks\n[ "$(wc -l <ticks)" -lt 60 ] || touch go\n/bin/sleep 0.01\n'
    )
    (programs / "sleep").chmod(0o755)
    return programs


WAITS = "until [ -e go ]; do /bin/sleep 0.01; done"


def test_an_index_that_does_not_answer_is_seen_while_it_is_waited_for(checkout: Path) -> None:
    answers = A_GOOD_PYTHON.replace('echo "$3" >>calls', f"echo Retrying; {WAITS}")
    told = set_up(checkout, a_python(checkout, answers), first=with_a_quick_clock(checkout))
    assert told.returncode == 0, told.stderr
    assert "still at it: Retrying" in told.stdout


def test_a_registry_that_does_not_answer_is_seen_while_it_is_waited_for(checkout: Path) -> None:
    here = checkout / "tests" / "provider"
    (here / "node_modules").mkdir(parents=True)
    (here / "package.json").write_text("{}")
    (here / "package-lock.json").write_text("{}")
    shutil.copy(TOP / ".ci" / "provider", checkout / ".ci" / "provider")
    (checkout / ".venv" / "bin").mkdir(parents=True)
    a_python(checkout, WAITS).rename(checkout / ".venv" / "bin" / "python")
    told = run(checkout, ".ci/provider", first=with_a_quick_clock(checkout))
    assert told.returncode == 0, told.stderr
    assert "still at it (20 seconds)" in told.stdout
    assert run(checkout, ".ci/provider").stdout == ""
