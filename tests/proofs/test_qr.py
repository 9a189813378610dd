"""Random secrets behind QRs, badges and labels."""

from __future__ import annotations

import pytest

from onthaal.core.codes import Code, Kind, read
from onthaal.proofs import qr

PEPPER = bytes(range(32))


@pytest.mark.parametrize(("kind", "characters"), [(Kind.GRANT, 16), (Kind.BADGE, 16), (Kind.LABEL, 8)])
def test_a_fresh_code_is_read_as_what_it_is(kind: Kind, characters: int) -> None:
    body = qr.draw(kind)
    assert len(body) == characters
    assert read(qr.text(kind, body)) == Code(kind, body)


def test_fresh_secrets_differ() -> None:
    assert len({qr.draw(Kind.GRANT) for _ in range(500)}) == 500


def test_a_verifier_says_nothing_without_the_pepper_and_of_another_kind() -> None:
    body = qr.draw(Kind.GRANT)
    verifier = qr.verifier(Kind.GRANT, body, PEPPER)
    assert len(verifier) == 64
    assert verifier == qr.verifier(Kind.GRANT, body, PEPPER)
    assert verifier != qr.verifier(Kind.GRANT, body, bytes(32))
    assert verifier != qr.verifier(Kind.BADGE, body, PEPPER)
