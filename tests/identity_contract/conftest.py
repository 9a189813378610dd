"""Each provider of the contract, started once with the client of the suite."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from tests.identity_contract.providers import PROVIDERS
from tests.identity_contract.relying import Relying, publishing
from tests.identity_contract.under_test import ProviderUnderTest, Registration


@dataclass
class Pair:
    """A provider and the client that is registered with it."""

    provider: ProviderUnderTest
    relying: Relying


@pytest.fixture(scope="module", params=sorted(PROVIDERS))
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    relying = Relying()
    with ExitStack() as standing:
        jwks_uri = standing.enter_context(publishing(relying))
        provider = standing.enter_context(PROVIDERS[request.param](Registration(jwks_uri=jwks_uri)))
        relying.issuer = provider.issuer
        yield Pair(provider, relying)
