"""The portal's addresses."""

from __future__ import annotations

from django.urls import path

from onthaal.central.lockers.faces.citizen import views, wall
from onthaal.central.lockers.faces.citizen.personal import applying, mine, signing

urlpatterns = [
    path("", views.home, name="portal"),
    path("ask/<slug:slug>/", views.ask, name="portal-ask"),
    path("asked/", views.asked, name="portal-asked"),
    path("r/<str:token>/", views.request_page, name="portal-request"),
    path("r/<str:token>/withdraw/", views.withdraw, name="portal-withdraw"),
    path("muur/<str:handle>", wall.at_the_wall, name="wall-identification"),
    path("aanmelden/", signing.sign_in, name="portal-sign-in"),
    path("sign-out/", signing.sign_out, name="portal-sign-out"),
    path("apply/<slug:slug>/", applying.questions, name="portal-apply"),
    path("apply/<slug:slug>/details/", applying.details, name="portal-apply-details"),
    path("apply/<slug:slug>/check/", applying.check, name="portal-apply-check"),
    path("mine/", mine.home, name="portal-mine"),
    path("mine/<int:request_id>/", mine.one, name="portal-mine-one"),
    path("mine/<int:request_id>/answer/", mine.answer, name="portal-mine-answer"),
    path("mine/<int:request_id>/place/", mine.place, name="portal-mine-place"),
    path("mine/<int:request_id>/cancel/", mine.cancel, name="portal-mine-cancel"),
    path("mine/files/<int:attachment_id>/", mine.file, name="portal-mine-file"),
    path("privacy/", views.privacy, name="portal-privacy"),
]
