"""Every address of the centre begins here."""

from __future__ import annotations

from importlib import import_module

from django.urls import URLPattern, URLResolver, include, path

from onthaal.central.web import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("alive/", views.alive, name="alive"),
    path("desk/sign-in/", views.sign_in_page, name="sign-in"),
    path("desk/sign-out/", views.sign_out, name="sign-out"),
    path("desk/account/", views.own_account, name="own-account"),
]

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

handler400 = "onthaal.central.web.views.bad_request"
handler403 = "onthaal.central.web.views.forbidden"
handler404 = "onthaal.central.web.views.not_found"
handler500 = "onthaal.central.web.views.broken"
