"""A municipality says with which provider it is registered, and how: whoever may do that may say who people are."""

from __future__ import annotations

from onthaal.central.foundation.attention import actions as attention
from onthaal.central.foundation.attention.models import Alert
from onthaal.central.foundation.identity.knowing import forget_numbers
from onthaal.central.foundation.identity.models import Provider
from onthaal.central.foundation.journal import actions as journal
from onthaal.central.foundation.people.models import Account

TOLD = (
    "profile", "issuer", "client_id", "portal_service", "wall_service", "authorisation", "in_portal", "at_wall_page",
    "at_wall_phone", "refuse_on_call", "enabled",
)  # fmt: skip
"""What the journal keeps of a change, before and after. None of it is a secret: our keys stand elsewhere."""


def as_it_is(provider_id: int | None) -> dict[str, object]:
    """A registration as it stands; nothing of one that is new."""
    found: dict[str, object] | None = Provider.objects.filter(pk=provider_id).values(*TOLD).first()
    return found or {}


def changed(provider: Provider, before: dict[str, object], *, by: Account) -> None:
    """Part of a verb that stored it: what was and what is goes into the journal, everybody on duty hears of it, each
    time anew, and a national number that no permission covers any more is forgotten. Nothing where nothing differs.
    """
    after = as_it_is(provider.pk)
    differs = {name: [before.get(name), now] for name, now in after.items() if before.get(name) != now}
    if not differs:
        return
    pseudonym, about = str(by.pseudonym), f"provider:{provider.pk}"
    journal.note(
        stream=about, kind="provider.changed", by=pseudonym, about={"provider": provider.pk},
        data={"profile": provider.profile, "changed": differs},
    )  # fmt: skip
    forget_numbers(by=pseudonym)
    slots = {"profile": provider.profile}
    level, each_time = Alert.Level.CRITICAL, attention.EACH_TIME
    attention.raise_alert(kind="provider-changed", level=level, about=about, slots=slots, again_after=each_time)
