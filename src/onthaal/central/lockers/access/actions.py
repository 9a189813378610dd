"""The verbs of this room: those on grants and those on badges."""

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
    pepper,
    release_qr_only,
    revoke,
    send_again,
    tell_walls,
    wall_knows,
    was_the_last_code,
)

__all__ = [
    "WITH_CODE",
    "account_changed",
    "announce",
    "code_sent",
    "end_grants",
    "issue_badge",
    "make_grant",
    "pepper",
    "release_qr_only",
    "revoke",
    "revoke_badge",
    "rights_of",
    "send_again",
    "set_badge_pin",
    "tell_walls",
    "wall_knows",
    "was_the_last_code",
]
