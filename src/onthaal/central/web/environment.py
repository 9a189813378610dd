"""What the process is told by its environment, read once, typed. What is odd stops the start, with a hint."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import make_conninfo

SECRET_BYTES = 32
PRODUCTION_WORDS = {"": False, "0": False, "no": False, "1": True, "yes": True}


@dataclass(frozen=True)
class Mail:
    """Where mail is handed over: host, port, and how."""

    host: str
    port: int
    user: str
    password: str
    tls: bool


def wanted(name: str, hint: str) -> str:
    """The value of a variable that must be set."""
    if value := os.environ.get(name, ""):
        return value
    raise ImproperlyConfigured(f"{name} is not set: {hint}")


def optional(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def yes_or_no(name: str) -> bool:
    """1, yes, 0, no or nothing."""
    try:
        return PRODUCTION_WORDS[os.environ.get(name, "").lower()]
    except KeyError:
        raise ImproperlyConfigured(f"{name} is neither 1 nor 0") from None


def whole_number(name: str, default: int) -> int:
    text = os.environ.get(name, "")
    if not text:
        return default
    if not text.isdecimal():
        raise ImproperlyConfigured(f"{name} is not a whole number")
    return int(text)


def address(name: str, default: str = "") -> str:
    """The address of pages, without a stroke at its end; nothing when it is left out and there is no default."""
    url = optional(name, default).rstrip("/")
    parts = _parts(url)
    if url and (parts is None or parts.scheme not in {"https", "http"} or not parts.hostname):
        raise ImproperlyConfigured(f"{name} must look like https://onthaal.example.be")
    return url


def _parts(url: str) -> SplitResult | None:
    """None when it is no address: its host or its port cannot be."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # read here: it is looked at only when it is asked for
    except ValueError:
        return None
    return parts


def database(url: str, name: str) -> dict[str, object]:
    """Django's words for `postgresql://user:password@host:port/database?host=/a/socket/folder&sslmode=…`."""
    parts = _parts(url)
    if parts is None or parts.scheme not in {"postgresql", "postgres"} or not parts.path.strip("/"):
        raise ImproperlyConfigured(f"{name} must look like postgresql://user:password@host:5432/database")
    options = dict(parse_qsl(parts.query))
    try:
        make_conninfo("", **options)
    except ProgrammingError as odd:
        like = "postgresql://user:password@host:5432/database?sslmode=verify-full"
        raise ImproperlyConfigured(f"{name} must look like {like} ({str(odd).strip()})") from None
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", unquote(parts.hostname or "")),
        "PORT": str(parts.port or options.pop("port", "")),
        "OPTIONS": dict(options),
    }


def secret(path: str) -> bytes:
    """The installation's one secret: at least 32 bytes, written in hex, in a file only this user can read."""
    hint = "put the right file back, readable by the service: what was sealed with it opens with no other"
    try:
        key = bytes.fromhex(Path(path).read_text("ascii").strip())
    except FileNotFoundError:
        hint = (
            f"put it back, or for a new installation make one: (umask 077; openssl rand -hex {SECRET_BYTES} > {path})"
        )
        raise ImproperlyConfigured(f"ONTHAAL_SECRET_KEY_FILE names no file; {hint}") from None
    except OSError as error:
        raise ImproperlyConfigured(f"ONTHAAL_SECRET_KEY_FILE cannot be read ({error.strerror}); {hint}") from None
    except ValueError:
        raise ImproperlyConfigured(f"ONTHAAL_SECRET_KEY_FILE does not hold hex digits; {hint}") from None
    if len(key) < SECRET_BYTES:
        raise ImproperlyConfigured(f"ONTHAAL_SECRET_KEY_FILE holds fewer than {SECRET_BYTES} bytes; {hint}")
    return key


def mail(url: str) -> Mail:
    """`smtp://host:port` or `smtps://user:password@host:port`."""
    parts = _parts(url)
    if parts is None or parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ImproperlyConfigured(
            "ONTHAAL_SMTP_URL must look like smtp://host:port or smtps://user:password@host:port"
        )
    tls = parts.scheme == "smtps"
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Mail(host=parts.hostname, port=parts.port or (465 if tls else 25), user=user, password=password, tls=tls)
