"""The desk's addresses."""

from __future__ import annotations

from django.urls import path

from onthaal.central.lockers.faces.staff.views import badges, requests, walls, worklist

urlpatterns = [
    path("", worklist.home, name="desk"),
    path("requests/", worklist.request_list, name="desk-requests"),
    path("requests/<int:request_id>/", requests.detail, name="desk-request"),
    path("requests/<int:request_id>/act/", requests.act, name="desk-request-act"),
    path("requests/<int:request_id>/label/", requests.label, name="desk-label"),
    path("walls/", walls.walls, name="desk-walls"),
    path("walls/<int:kiosk_id>/", walls.wall, name="desk-wall"),
    path("walls/<int:kiosk_id>/doors/<int:number>/", walls.door, name="desk-door"),
    path("walls/<int:kiosk_id>/doors/<int:number>/act/", walls.door_act, name="desk-door-act"),
    path("walls/<int:kiosk_id>/enrolment/", walls.enrolment, name="desk-enrolment"),
    path("walls/<int:kiosk_id>/release/", walls.release_qr_only, name="desk-qr-only"),
    path("badge/", badges.own, name="desk-badge"),
    path("badge/new/", badges.issue, name="desk-badge-new"),
]
