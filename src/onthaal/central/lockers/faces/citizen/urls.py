"""The portal's addresses."""

from __future__ import annotations

from django.urls import path

from onthaal.central.lockers.faces.citizen import views, wall

urlpatterns = [
    path("", views.home, name="portal"),
    path("ask/<slug:slug>/", views.ask, name="portal-ask"),
    path("asked/", views.asked, name="portal-asked"),
    path("r/<str:token>/", views.request_page, name="portal-request"),
    path("r/<str:token>/withdraw/", views.withdraw, name="portal-withdraw"),
    path("muur/<str:handle>", wall.at_the_wall, name="wall-identification"),
    path("privacy/", views.privacy, name="portal-privacy"),
]
