"""What a password of staff must be, beside what Django looks at."""

from __future__ import annotations

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.utils.translation import get_language

from onthaal.words import language, words


class LongEnough(MinimumLengthValidator):
    """Django's, in our words: its own for this are in English only, whatever the page speaks."""

    def get_error_message(self) -> str:
        return words("web.password-short", language(get_language()), count=self.min_length)
