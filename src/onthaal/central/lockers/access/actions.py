"""The verbs of this room: those on grants, on badges and on identifications."""

from onthaal.central.lockers.access.badges import (
    account_changed,
    issue_badge,
    revoke_badge,
    rights_of,
    set_badge_pin,
)
from onthaal.central.lockers.access.grants import (
    WITH_CODE,
    announce,
    code_sent,
    end_grants,
    make_grant,
    make_identity_grant,
    pepper,
    release_qr_only,
    revoke,
    send_again,
    tell_walls,
    wall_knows,
)
from onthaal.central.lockers.access.identifications import (
    confirmation,
    end_identification,
    expire_identifications,
    follow_handle,
    identification_proved,
    start_identification,
    type_digits,
)

__all__ = [
    "WITH_CODE",
    "account_changed",
    "announce",
    "code_sent",
    "confirmation",
    "end_grants",
    "end_identification",
    "expire_identifications",
    "follow_handle",
    "identification_proved",
    "issue_badge",
    "make_grant",
    "make_identity_grant",
    "pepper",
    "release_qr_only",
    "revoke",
    "revoke_badge",
    "rights_of",
    "send_again",
    "set_badge_pin",
    "start_identification",
    "tell_walls",
    "type_digits",
    "wall_knows",
]
