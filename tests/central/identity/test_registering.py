"""Who changes with which provider a municipality is registered: everybody on duty hears of it."""

from __future__ import annotations

from onthaal import clock
from onthaal.central.foundation.attention.models import Alert
from onthaal.central.foundation.identity import registering
from onthaal.central.foundation.identity.models import Provider
from onthaal.central.foundation.journal.models import Entry
from onthaal.central.foundation.notices.models import Notice
from onthaal.central.foundation.people.models import Account, Municipality


def test_each_change_of_a_provider_is_mailed_though_nobody_has_seen_the_one_before(in_aalter: Municipality) -> None:
    by = Account(username="an", name="An", roles=["administrator"], created_at=clock.now())
    by.save()
    row = Provider.objects.create(profile="itsme", issuer="https://idp.example/v2", client_id="AALTER")
    for issuer in ("https://mine.example", "https://yours.example", "https://yours.example"):
        before = registering.as_it_is(row.pk)
        row.issuer = issuer
        row.save()
        registering.changed(row, before, by=by)
    (alert,) = Alert.objects.filter(kind="provider-changed")
    assert Notice.objects.filter(kind="alert").count() == 2
    said = Entry.objects.filter(kind="alert.raised").order_by("pk")
    assert [entry.about for entry in said] == [{"alert": alert.pk}] * 2
    assert alert.raised_at > said[0].at
