"""Every address of the centre begins here."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from onthaal.central.foundation import admin  # noqa: F401 (importing it registers its tables)
from onthaal.central.foundation.configuration import site
from onthaal.central.lockers import admin as lockers_admin  # noqa: F401 (the same)
from onthaal.central.web import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("alive/", views.alive, name="alive"),
    path("desk/sign-in/", views.sign_in_page, name="sign-in"),
    path("desk/sign-out/", views.sign_out, name="sign-out"),
    path("admin/", site.urls),
    path("desk/account/", views.own_account, name="own-account"),
    path("desk/still-here/", views.still_here, name="still-here"),
    path("device/v1/", include("onthaal.central.lockers.devices.urls")),
    path("desk/", include("onthaal.central.lockers.faces.staff.urls")),
    path("", include("onthaal.central.foundation.identity.urls")),
    path("", include("onthaal.central.lockers.faces.citizen.urls")),
]

handler400 = "onthaal.central.web.views.bad_request"
handler403 = "onthaal.central.web.views.forbidden"
handler404 = "onthaal.central.web.views.not_found"
handler500 = "onthaal.central.web.views.broken"
