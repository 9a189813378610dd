"""PINs of tests, at next to no cost: how dear a guess is, only the tests of PINs look at.

They look like the real ones and are none: another process does not know them. So it is for tests in one process.
"""

from __future__ import annotations

import hashlib
import secrets
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any, NamedTuple

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from onthaal.proofs import pins, staff

_HEAD = "$argon2id$v=19$m=19456,t=2,p=1$"


class QuickHasher(PasswordHasher):
    """Verifiers in argon2's form with another hash in them."""

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        salt = salt or secrets.token_bytes(16)
        words = password.encode() if isinstance(password, str) else password
        made = hashlib.blake2b(words, key=salt, digest_size=32).digest()
        return f"{_HEAD}{_written(salt)}${_written(made)}"

    def verify(self, hash: str | bytes, password: str | bytes) -> Any:  # noqa: A002 (argon2's own name)
        salt = str(hash).removeprefix(_HEAD).split("$")[0]
        if self.hash(password, salt=b64decode(salt + "==")) != hash:
            raise VerifyMismatchError
        return True


def _written(data: bytes) -> str:
    return b64encode(data).decode().rstrip("=")


def _quick_result(pin: str, salt: str) -> bytes:
    return hashlib.blake2b(pin.encode(), key=bytes.fromhex(salt), digest_size=32).digest()


class Price(NamedTuple):
    """How PINs are hashed: of a grant, of nobody, of staff."""

    grants: PasswordHasher
    nobodys: str
    staffs: Callable[[str, str], bytes]


DEAR = Price(pins._argon2, pins.NOBODYS, staff.result)
CHEAP = Price(QuickHasher(), QuickHasher().hash(secrets.token_bytes(32)), _quick_result)


def pay(price: Price) -> None:
    """From now on, everywhere in this process."""
    pins._argon2, pins.NOBODYS, staff.result = price  # type: ignore[assignment]
