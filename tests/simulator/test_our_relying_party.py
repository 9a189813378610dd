"""Our own relying party signs people in at the simulator, as the demo lets it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from onthaal.central.foundation.identity.oidc.client import Came, Client
from onthaal.central.foundation.identity.oidc.fetching import Fetcher
from onthaal.central.foundation.identity.oidc.keys import OurKeys
from onthaal.central.foundation.identity.oidc.registration import Registration, Secrets, Wanted, random_word
from onthaal.central.foundation.identity.profiles import named
from tests.identity_contract.relying import CALL, NATIONAL_NUMBER, comes_back
from tests.identity_contract.under_test import CLIENT_ID, PORTAL_BACK, WALL_BACK
from tests.simulator.conftest import Standing


def signed_in(
    standing: Standing, service: str, *, with_number: bool, confirmation: str | None = None
) -> dict[str, object]:
    """What our relying party hears of Emma."""
    relying, now = standing.relying, datetime.now(UTC)  # noqa: TID251 (a test's own machine)
    keys = OurKeys(str(relying.signing.kid), relying.signing, {str(each.kid): each for each in relying.reading})
    registration = Registration(
        profile=named("itsme"), issuer=relying.issuer, client_id=CLIENT_ID, keys=keys, with_number=with_number,
        redirect_uri=PORTAL_BACK if service == "PORTAL" else WALL_BACK,
    )  # fmt: skip
    wanted = Wanted(
        state=random_word(), secrets=Secrets(random_word(), random_word(), "high"), now=now, lang="nl",
        names=service == "PORTAL", service=service, confirmation=confirmation,
    )  # fmt: skip
    client = Client(Fetcher(loopback=True))
    standing.phone("approve", ongoing_call=True)
    back = comes_back(client.address(registration, wanted))
    assert back["state"] == wanted.state
    came = Came(code=back["code"], iss=back.get("iss"), secrets=wanted.secrets, started_at=now, now=now)
    return dict(client.claims(registration, came))


def test_at_the_portal_it_hears_the_name_and_no_number(standing: Standing) -> None:
    claims = signed_in(standing, "PORTAL", with_number=False)
    assert (claims["given_name"], claims["family_name"]) == ("Emma", "Fictief")
    assert NATIONAL_NUMBER not in claims


@pytest.mark.parametrize("with_number", [True, False])
def test_at_the_wall_it_hears_no_name(standing: Standing, with_number: bool) -> None:
    claims = signed_in(standing, "WALL", with_number=with_number, confirmation="Aalter, Europalaan, muur 1: 48")
    assert claims[CALL] is True
    assert "family_name" not in claims
    assert (NATIONAL_NUMBER in claims) == with_number
