"""What a provider's redirect brings, read strictly: it comes through a browser, so anybody may have written it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from onthaal.core.refusals import Why

_STATE = re.compile(r"[A-Za-z0-9_-]{43}")
_CODE = re.compile(r"[\x21-\x7e]{1,1024}")
"""VSCHAR of RFC 6749, A.11, without the space."""
_ERROR = re.compile(r"[a-z_]{1,60}")
LONGEST_ISSUER = 200

SAID_NO = {"access_denied", "login_required", "interaction_required", "consent_required", "account_selection_required"}
PROVIDER_CANNOT = {
    "temporarily_unavailable",
    "temporary_unavailable",  # as itsme writes it
    "server_error",
    "unauthorized_client",
    "invalid_request",
    "invalid_client_id",
    "invalid_redirect_uri",
    "invalid_scope",
    "invalid_request_object",
    "invalid_request_uri",
    "unsupported_request",
    "unsupported_response_type",
    "request_not_supported",
}


class NoAnswer(Exception):
    """It cannot be an answer to anything we asked."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A code, or an error; never both."""

    state: str = field(repr=False)
    code: str = field(default="", repr=False)
    error: str = ""
    iss: str | None = None


def well_formed(state: str) -> bool:
    """Whether it can be a state that we drew."""
    return bool(_STATE.fullmatch(state))


def read(query: Mapping[str, str]) -> Answer:
    """Raises NoAnswer for what is malformed. Names that we do not know are passed over (RFC 6749, 4.1.2)."""
    state, code, error = (query.get(name, "") for name in ("state", "code", "error"))
    iss = query.get("iss")
    if not well_formed(state):
        raise NoAnswer("state-form")
    if bool(code) == bool(error):
        raise NoAnswer("code-or-error")
    if code and not _CODE.fullmatch(code):
        raise NoAnswer("code-form")
    if error and not _ERROR.fullmatch(error):
        raise NoAnswer("error-form")
    if iss is not None and len(iss) > LONGEST_ISSUER:
        raise NoAnswer("issuer-form")
    # An error's own words go into the journal: only those that are known.
    known = error in SAID_NO | PROVIDER_CANNOT
    return Answer(state=state, code=code, error=error if known or not error else "other", iss=iss)


def why_of_error(error: str) -> Why:
    """What a provider's error means for the person."""
    if error in SAID_NO:
        return Why.IDENTITY_REFUSED
    return Why.IDENTITY_UNAVAILABLE if error in PROVIDER_CANNOT else Why.IDENTITY_FAILED
