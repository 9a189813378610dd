"""Providers and their dialects, as data: one TOML file each. Facts and sources stand in those files."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import msgspec

from onthaal.central.foundation.identity.assertion import Loa

Audience = Literal["token-endpoint", "issuer"]


class UnknownProfile(Exception):
    """A bug, or a row that names a provider no file is about."""


class ProviderProfile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one kind of provider is spoken to, and what its answers mean."""

    name: str
    title: str
    """Its key in the catalogue of words."""
    issuer: str
    """Where it usually is; a municipality's registration may name its test environment."""
    audience: Audience
    """Whom our client assertion is meant for."""
    code_seconds: int
    """How long a code can be exchanged."""
    encryption_required: bool
    """ID token and UserInfo are signed, then encrypted to us; anything less is refused."""
    request_object: bool
    """Our request goes signed, then encrypted to the provider."""
    confirmation: bool
    """A text of ours is shown to the person, who approves exactly that."""
    claims_parameter: bool
    """Claims are asked one by one; otherwise they come with the scopes."""
    userinfo: bool
    response_iss: bool
    """The answer names its issuer (RFC 9207) always; otherwise only checked when it does."""
    certificate: Literal["any", "organisation"]
    """What certificate our key address needs."""
    scopes: tuple[str, ...]
    number_scopes: tuple[str, ...]
    """Asked only with an authorisation for the national number."""
    signed: tuple[str, ...]
    """Signature algorithms accepted from it."""
    key_wrap: tuple[str, ...]
    content: tuple[str, ...]
    """Encryption algorithms accepted from it, and used to it: for the key, for the content."""
    ask_for: Mapping[Loa, tuple[str, ...]]
    """What we send as `acr_values` to get at least a level."""
    means: Mapping[str, Loa]
    """What its `acr` values mean."""
    methods: Mapping[str, str]
    """Which means of signing in its `acr` values are."""
    implied_loa: Loa | None
    """The level when the answer names none, because the service that was asked implies it."""
    claims: Mapping[str, str]
    """Our name → theirs: given_name, family_name, birthdate, language, national_number."""
    risk: Mapping[str, str] = {}
    """Our name → theirs: ongoing_call, mode."""


def _profile(name: str, table: dict[str, Any]) -> ProviderProfile:
    """Raises msgspec.ValidationError for a file that says too little, or what no profile knows."""
    acr = table.pop("acr")
    ways = {"ask_for": acr["ask"], "means": acr["means"], "methods": acr.get("methods", {})}
    whole = {**table, **ways, "implied_loa": acr.get("implied"), "name": name, "title": f"identity.{name}"}
    return msgspec.convert(whole, ProviderProfile)


@cache
def profiles() -> Mapping[str, ProviderProfile]:
    """Every profile that is shipped, by name."""
    found = sorted((file for file in files(__name__).iterdir() if file.name.endswith(".toml")), key=lambda f: f.name)
    names = (file.name.removesuffix(".toml") for file in found)
    return {
        name: _profile(name, tomllib.loads(file.read_text("utf-8"))) for name, file in zip(names, found, strict=True)
    }


def named(name: str) -> ProviderProfile:
    """One profile. Raises UnknownProfile."""
    try:
        return profiles()[name]
    except KeyError:
        raise UnknownProfile(name) from None
