"""Addresses that providers know. They are registered with them: an address that changes breaks every sign-in."""

from __future__ import annotations

from django.urls import path

from onthaal.central.foundation.identity import views

urlpatterns = [
    path("aanmelden/<slug:profile>/terug", views.back, name="identity-back"),
    path(".well-known/onthaal-jwks.json", views.jwks, name="identity-keys"),
]
