"""Gathers the rooms' models for Django."""

from onthaal.central.foundation.attention.models import Alert, Task
from onthaal.central.foundation.identity.models import ClientKey, Identity, Provider, ProviderState, SignIn
from onthaal.central.foundation.journal.models import Digest, Entry, Following, Stream
from onthaal.central.foundation.notices.models import Notice, ReturnAddress
from onthaal.central.foundation.people.models import Account, Municipality, Person, SignInTry

__all__ = [
    "Account",
    "Alert",
    "ClientKey",
    "Digest",
    "Entry",
    "Following",
    "Identity",
    "Municipality",
    "Notice",
    "Person",
    "Provider",
    "ProviderState",
    "ReturnAddress",
    "SignIn",
    "SignInTry",
    "Stream",
    "Task",
]
