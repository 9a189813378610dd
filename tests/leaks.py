"""Promise 16: no national number, name, PIN, QR text, mail link or key in any log, address, job row or error.

`leaks(text, secrets=…)` looks through what a process said. Tests of every part use it on what they can reach.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

PATTERNS: Mapping[str, re.Pattern[str]] = {
    "the text of a QR": re.compile(r"GZ[12S]:[A-Z2-7]{4,}"),
    "a PIN as shown": re.compile(r"(?<![\d.:-])\d{3} \d{3} \d{3}(?![\d.:-])"),
    "a mail address": re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}"),
    "a national number": re.compile(r"(?<!\d)\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}(?!\d)"),
    "a mail link": re.compile(r"/r/[\w-]{20,}"),
    "a way to an identification": re.compile(r"/muur/[\w-]{16,}"),
    "a token": re.compile(r"(?<![\w-])eyJ[\w-]{8,}(?:\.[\w-]*){2,4}"),
    "an answer of a provider": re.compile(
        r"(?<![\w-])(?:state|code|code_verifier|id_token|access_token|client_assertion|request)=[\w.~%+/-]{12,}"
    ),
    "a private key": re.compile(r"BEGIN (?:[A-Z]+ )?PRIVATE KEY"),
    "a private key as JWK": re.compile(r"""['"]d['"]: ?['"][\w-]{20,}"""),
    "a password's hash": re.compile(r"\$?argon2id?\$"),
    "a connection with its password": re.compile(r"[a-z+]+://[^\s:/@]+:[^\s@]+@"),
}

ELEVEN = re.compile(r"(?<![\w.-])\d{11}(?![\w-])")


def _is_national_number(digits: str) -> bool:
    """Check digits as in a national number: 97 less the remainder, with a 2 before who was born from 2000 on."""
    nine, check = digits[:9], int(digits[9:])
    return check in (97 - int(nine) % 97, 97 - int(f"2{nine}") % 97)


def leaks(text: str, *, secrets: Iterable[str] = ()) -> list[str]:
    """What `text` gives away: one line each, `kind: what stood there`. Empty when nothing.

    `secrets`: names, codes, passwords of this test, found in any case, also a PIN without its spaces.
    """
    found = [f"{kind}: {match[0]}" for kind, pattern in PATTERNS.items() for match in pattern.finditer(text)]
    elevens = (digits for digits in ELEVEN.findall(text) if _is_national_number(digits))
    found += [f"a national number: {digits}" for digits in elevens]
    low = text.casefold()
    for secret in secrets:
        for written in {secret.casefold(), secret.replace(" ", "") if secret.replace(" ", "").isdecimal() else ""}:
            if written and written in low:
                found.append(f"a secret of this test: {secret}")
                break
    return found
