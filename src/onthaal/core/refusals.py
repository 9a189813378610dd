"""The three kinds of no: a refusal (polite, expected), a fault (a machine fails), a bug (surfaces by itself)."""

from __future__ import annotations

from enum import StrEnum


class Why(StrEnum):
    """Every reason code of a refusal. Its words stand in the catalogue as `why.<value>`."""

    # a code at the wall
    CODE_WRONG = "code-wrong"
    CODE_UNREADABLE = "code-unreadable"
    CODE_OF_OTHER_WALL = "code-of-other-wall"
    CODE_EXPIRED = "code-expired"
    CODE_USED = "code-used"
    CODE_REVOKED = "code-revoked"
    CODE_NOT_YET = "code-not-yet"
    CODE_FOR_STAFF = "code-for-staff"
    PIN_CLOSED = "pin-closed"
    BACKED_OFF = "backed-off"
    QR_ONLY = "qr-only"
    BADGE_UNKNOWN = "badge-unknown"
    STAFF_PIN_WRONG = "staff-pin-wrong"
    # at the wall
    TAG_UNKNOWN = "tag-unknown"
    TAG_NOT_ON_LOAN = "tag-not-on-loan"
    WRONG_ITEM = "wrong-item"
    LABEL_UNKNOWN = "label-unknown"
    NOTHING_TO_LOAD = "nothing-to-load"
    NO_COMPARTMENT_FREE = "no-compartment-free"
    COMPARTMENT_UNAVAILABLE = "compartment-unavailable"
    NEEDS_SECOND_PERSON = "needs-second-person"
    SAME_PERSON_TWICE = "same-person-twice"
    NEEDS_SERVICE = "needs-service"
    """A wall that stopped itself: whoever has the right *service* looks first."""
    PROOF_TOO_WEAK = "proof-too-weak"
    STORE_FULL = "store-full"
    NOT_ENROLLED = "not-enrolled"
    STALE_SCREEN = "stale-screen"
    SESSION_BUSY = "session-busy"
    COMMAND_STALE = "command-stale"
    # who somebody is
    IDENTITY_UNAVAILABLE = "identity-unavailable"
    """The provider, the network to it or its set-up: nobody can sign in now."""
    IDENTITY_REFUSED = "identity-refused"
    """The person said no, or stopped."""
    IDENTITY_FAILED = "identity-failed"
    """What came back was not right: changed, doubled, old or meant for another."""
    IDENTITY_TOO_LATE = "identity-too-late"
    IDENTITY_WEAK = "identity-weak"
    IDENTITY_RISK = "identity-risk"
    """A sign of fraud: somebody may be on the telephone with them."""
    SIGN_IN_AGAIN = "sign-in-again"
    NOTHING_FOR_YOU = "nothing-for-you"
    DIGITS_WRONG = "digits-wrong"
    # personal documents
    MINOR = "minor"
    AGE_UNKNOWN = "age-unknown"
    OTHER_PROVIDER = "other-provider"
    """The provider did not say when somebody was born."""
    PROXY = "proxy"
    URGENT = "urgent"
    PAYMENT_OPEN = "payment-open"
    OLD_DOCUMENT_OPEN = "old-document-open"
    IDENTITY_CARD_DESK_ONLY = "identity-card-desk-only"
    CLEARANCE_MISSING = "clearance-missing"
    ATTACHMENT_WRONG = "attachment-wrong"
    ATTACHMENT_TOO_BIG = "attachment-too-big"
    ATTACHMENT_MISSING = "attachment-missing"
    # in the portal
    LIVE_REQUEST_EXISTS = "live-request-exists"
    TOO_MANY_REQUESTS = "too-many-requests"
    LINK_EXPIRED = "link-expired"
    NO_ITEM_FREE = "no-item-free"
    PERIOD_INVALID = "period-invalid"
    PERIOD_OVER = "period-over"
    PRODUCT_NOT_OFFERED = "product-not-offered"
    # at the desk and between machines
    MOVE_NOT_ALLOWED = "move-not-allowed"
    NOT_YOURS = "not-yours"
    REASON_MISSING = "reason-missing"
    CODE_ALREADY_SENT = "code-already-sent"
    WALL_BEHIND = "wall-behind"
    WALL_RETIRED = "wall-retired"
    ENROLMENT_CODE_WRONG = "enrolment-code-wrong"
    DEVICE_UNKNOWN = "device-unknown"
    CLOCK_WRONG = "clock-wrong"
    MALFORMED = "malformed"
    LOCKER_NOT_ALLOWED = "locker-not-allowed"


class Refusal(Exception):
    """A polite no: expected, explainable, safe to show. `facts` fill the words' slots."""

    def __init__(self, why: Why, **facts: object) -> None:
        super().__init__(why.value)
        self.why = why
        self.facts = facts


class Fault(Exception):
    """A machine fails. `passing` says whether trying again may help; `advice` is a words key: what to do now."""

    passing: bool = True
    advice: str = "fault.try-again"

    def __init__(self, detail: str = "", *, passing: bool | None = None, advice: str | None = None) -> None:
        super().__init__(detail or type(self).__name__)
        self.passing = type(self).passing if passing is None else passing
        self.advice = advice or type(self).advice
