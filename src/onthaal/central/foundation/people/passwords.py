"""What a password of staff must be, beside what Django looks at; and the first one of an account."""

from __future__ import annotations

import secrets

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.utils.translation import get_language

from onthaal.words import language, words

_SYLLABLES = ("ba", "de", "fi", "go", "ka", "le", "mi", "no", "pu", "ra", "so", "ti", "va", "we", "zo", "ju")
"""Sixteen: each adds four bits, and none looks like another when read aloud."""
_GROUPS, _SYLLABLES_A_GROUP = 4, 4


def drawn() -> str:
    """64 bits, in four groups that can be read aloud."""
    groups = ("".join(secrets.choice(_SYLLABLES) for _ in range(_SYLLABLES_A_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


class LongEnough(MinimumLengthValidator):
    """Django's, in our words: its own for this are in English only, whatever the page speaks."""

    def get_error_message(self) -> str:
        return words("web.password-short", language(get_language()), count=self.min_length)
