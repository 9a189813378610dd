"""Below `device/v1/`. The event stream is answered by a process of its own (`stream_asgi`)."""

from django.urls import path

from onthaal.central.lockers.devices import views

urlpatterns = [
    path("enrol", views.enrol, name="device-enrol"),
    path("facts", views.facts, name="device-facts"),
    path("wishes", views.wishes, name="device-wishes"),
    path("state", views.state, name="device-state"),
    path("identifications", views.identifications, name="device-identifications"),
    path("identifications/<int:number>/digits", views.identification_digits, name="device-identification-digits"),
    path("identifications/<int:number>/over", views.identification_over, name="device-identification-over"),
]
