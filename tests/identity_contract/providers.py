"""The providers that must keep the contract, by name. Each is started for one client."""

from __future__ import annotations

from tests.identity_contract.certified import certified
from tests.identity_contract.simulated import simulator
from tests.identity_contract.under_test import Start

PROVIDERS: dict[str, Start] = {
    "certified": certified,
    "simulator": simulator,
}
