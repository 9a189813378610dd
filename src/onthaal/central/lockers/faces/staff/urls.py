"""The desk's addresses."""

from __future__ import annotations

from django.urls import path

from onthaal.central.lockers.faces.staff.views import requests, worklist

urlpatterns = [
    path("", worklist.home, name="desk"),
    path("requests/", worklist.request_list, name="desk-requests"),
    path("requests/<int:request_id>/", requests.detail, name="desk-request"),
    path("requests/<int:request_id>/act/", requests.act, name="desk-request-act"),
    path("requests/<int:request_id>/label/", requests.label, name="desk-label"),
]
