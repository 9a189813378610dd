"""Verbs of identity: begin a sign-in, finish it, and know again who it was.

`begin` and `finish` are called outside any scope: they open their own short transactions, and speak with the provider
between them, never inside one. The others are called in a scope.
"""

from __future__ import annotations

from onthaal.central.foundation.identity.beginning import Begun, begin
from onthaal.central.foundation.identity.finishing import Finished, begun_here, finish, one_at_a_time
from onthaal.central.foundation.identity.keyring import public_jwks, retire_now, rotate_keys
from onthaal.central.foundation.identity.knowing import (
    bind,
    erase,
    forget_numbers,
    know,
    recognise,
    remember,
)

__all__ = [
    "Begun",
    "Finished",
    "begin",
    "begun_here",
    "bind",
    "erase",
    "finish",
    "forget_numbers",
    "know",
    "one_at_a_time",
    "public_jwks",
    "recognise",
    "remember",
    "retire_now",
    "rotate_keys",
]
