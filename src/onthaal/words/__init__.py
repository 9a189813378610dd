"""The one catalogue of user-facing words: nl (the source), fr, en. Tables in the TOML files beside this one.

A key is the dotted path of a table with `nl`, `fr` and `en`: `[why.code-wrong]` is `why.code-wrong`.
`{slots}` are filled by the caller; a missing slot or an unknown key is a bug and raises.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

Lang = Literal["nl", "fr", "en"]
LANGS: tuple[Lang, ...] = get_args(Lang)


def _entries(prefix: str, table: Mapping[str, object]) -> Iterator[tuple[str, Mapping[str, str]]]:
    if "nl" in table:
        yield prefix, {lang: str(text) for lang, text in table.items()}
        return
    for name, inner in table.items():
        if not isinstance(inner, Mapping):
            raise ValueError(f"words: {prefix}.{name} is not a table with nl, fr and en")
        yield from _entries(f"{prefix}.{name}" if prefix else name, inner)


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """Every entry: key → language → text. Two files may not say the same key."""
    found: dict[str, Mapping[str, str]] = {}
    for file in sorted(files(__name__).iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".toml"):
            continue
        for key, texts in _entries("", tomllib.loads(file.read_text("utf-8"))):
            if key in found:
                raise ValueError(f"words: {key} stands twice")
            found[key] = texts
    return found


def words(key: str, lang: Lang, **slots: object) -> str:
    """The text of `key` in `lang`, its slots filled. KeyError for an unknown key or a missing slot: a bug."""
    return catalogue()[key][lang].format_map({name: str(value) for name, value in slots.items()})


def language(wanted: str | None, default: Lang = "nl") -> Lang:
    """The first of our languages that `wanted` (`fr-BE`, `en`, an Accept-Language value) names, else `default`."""
    for part in (wanted or "").lower().split(","):
        for lang in LANGS:
            if part.strip().startswith(lang):
                return lang
    return default
