"""Run a command that dies with its parent, and as another user if asked.

`python leash.py SIGNAL PARENT USER COMMAND…`: the kernel sends SIGNAL (a number) to the command as soon as the
thread that started it is gone, however it went; so start leashed commands from a thread that stays, best the main
one. USER is a user's name, or `-` to stay who we are. Linux only does this; elsewhere the command runs unleashed.
Stands on the standard library alone, so that it starts in a few milliseconds.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import sys
from collections.abc import Sequence

_SET_PARENT_DEATH_SIGNAL = 1
_SET_NO_NEW_PRIVILEGES = 38


def leashed(command: Sequence[str], *, by: signal.Signals, user: str | None = None) -> list[str]:
    """The argument list that runs `command` (its first word an absolute path) on a leash of this process.

    `by` is what it is sent when this process is gone.
    """
    start = [sys.executable, "-I", "-S", __file__, str(int(by)), str(os.getpid()), user or "-"]
    return [*start, *command]


def _drop_to(name: str) -> None:
    account = pwd.getpwnam(name)
    os.setgroups([])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def main(arguments: Sequence[str]) -> None:
    """Become the command; does not return."""
    by, parent, user, *command = arguments
    if user != "-":
        _drop_to(user)
    if sys.platform == "linux":
        # A change of user clears the parent-death signal: it is set after the drop.
        _prctl(_SET_PARENT_DEATH_SIGNAL, int(by))
        if user != "-":
            _prctl(_SET_NO_NEW_PRIVILEGES, 1)
    if os.getppid() != int(parent):
        sys.exit("leash: the parent is gone already")
    os.execv(command[0], command)  # noqa: S606 (becoming the command without a shell is the point)


if __name__ == "__main__":
    main(sys.argv[1:])
