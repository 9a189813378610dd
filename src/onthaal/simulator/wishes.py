"""What a request wants to be told, and what it wants confirmed: the scopes and the `claims` parameter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import msgspec

from onthaal.simulator.claims import FREE_TEXT, SCOPES, TEMPLATE, TEXT

_LONGEST_TEXT: Final = 7500
_LETTERS: Final = "iso8859-15"


class ClaimsWrong(Exception):
    """The claims parameter cannot be honoured; the text says why."""


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """Claims by place, the text to confirm, and whom it is for."""

    id_token: tuple[str, ...]
    userinfo: tuple[str, ...]
    text: str | None
    subject: str | None
    """Only this person's phone is asked (Confirmation for somebody known)."""


def read_wishes(scope: str, claims: str | None, *, confirmation: bool) -> Wishes:
    """The wishes of a request. Raises ClaimsWrong."""
    places = _places(claims)
    named = {name: value for place in places.values() for name, value in place.items()}
    text = _text(named) if confirmation else None
    if not confirmation and {TEMPLATE, TEXT} & set(named):
        raise ClaimsWrong("only a Confirmation service has a text to confirm")
    by_scope = (name for each in scope.split(" ") for name in SCOPES.get(each, ()))
    return Wishes(
        id_token=tuple(name for name in places["id_token"] if name not in {TEMPLATE, TEXT}),
        userinfo=tuple({**dict.fromkeys(by_scope), **dict.fromkeys(places["userinfo"])}),
        text=text,
        subject=_value(places["userinfo"].get("sub")),
    )


def _places(claims: str | None) -> dict[str, dict[str, Any]]:
    try:
        asked = msgspec.json.decode(claims) if claims else {}
    except msgspec.DecodeError as error:
        raise ClaimsWrong("claims is not JSON") from error
    if not isinstance(asked, dict) or set(asked) - {"id_token", "userinfo"}:
        raise ClaimsWrong("claims must be an object with id_token and userinfo only")
    places = {place: asked.get(place) or {} for place in ("id_token", "userinfo")}
    for wanted in places.values():
        if not isinstance(wanted, dict) or not all(
            value is None or isinstance(value, dict) for value in wanted.values()
        ):
            raise ClaimsWrong("each claim is asked with null or an object")
    return places


def _text(named: dict[str, Any]) -> str:
    if _value(named.get(TEMPLATE)) != FREE_TEXT:
        raise ClaimsWrong(f"a Confirmation names a template, and only {FREE_TEXT} is simulated")
    text = _value(named.get(TEXT))
    if not text or len(text) > _LONGEST_TEXT:
        raise ClaimsWrong(f"the text to confirm is missing or longer than {_LONGEST_TEXT} characters")
    try:
        text.encode(_LETTERS)
    except UnicodeEncodeError as error:
        raise ClaimsWrong("the text to confirm has letters outside ISO 8859-15") from error
    return text


def _value(asked: Any) -> str | None:
    value = asked.get("value") if isinstance(asked, dict) else None
    return value if isinstance(value, str) else None
