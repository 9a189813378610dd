"""Every address of the centre begins here."""

from __future__ import annotations

from importlib import import_module

from django.urls import URLPattern, URLResolver, include, path

from onthaal.central.web import views

urlpatterns: list[URLPattern | URLResolver] = [path("alive/", views.alive, name="alive")]

for prefix, module in (
    ("device/v1/", "onthaal.central.lockers.devices.urls"),
    ("desk/", "onthaal.central.lockers.faces.staff.urls"),
    ("", "onthaal.central.lockers.faces.citizen.urls"),
):
    try:
        import_module(module)
    except ImportError:
        continue
    urlpatterns.append(path(prefix, include(module)))
