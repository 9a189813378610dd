"""Promise 12: every route declares who may call it."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

from onthaal.central.foundation.gates import gate_of


def routes(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, object]]:
    for entry in resolver.url_patterns:
        where = f"{before}{entry.pattern}"
        if isinstance(entry, URLResolver):
            yield from routes(entry, where)
        elif isinstance(entry, URLPattern):
            yield where, entry.callback


def test_promise_12_every_route_declares_who_may_call_it() -> None:
    found = list(routes(get_resolver()))
    silent = [where for where, view in found if gate_of(view) is None]
    assert found
    assert not silent, "say it with a decorator of foundation.gates:\n" + "\n".join(silent)
