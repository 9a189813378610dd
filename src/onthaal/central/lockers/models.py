"""Gathers the rooms' models for Django."""

from onthaal.central.lockers.access.models import Badge, Grant, Identification
from onthaal.central.lockers.catalogue.models import Clearance, Custody, Item, Product, Promise
from onthaal.central.lockers.devices.models import (
    Command,
    Device,
    EnrolmentCode,
    HeardFact,
    KioskState,
    Log,
    OpeningAsked,
)
from onthaal.central.lockers.handovers.models import Finding, Handover, Incident, Stay, StockCount
from onthaal.central.lockers.places.models import Block, Compartment, Kiosk, Site
from onthaal.central.lockers.requests.models import Attachment, Dossier, Request

__all__ = [
    "Attachment",
    "Badge",
    "Block",
    "Clearance",
    "Command",
    "Compartment",
    "Custody",
    "Device",
    "Dossier",
    "EnrolmentCode",
    "Finding",
    "Grant",
    "Handover",
    "HeardFact",
    "Identification",
    "Incident",
    "Item",
    "Kiosk",
    "KioskState",
    "Log",
    "OpeningAsked",
    "Product",
    "Promise",
    "Request",
    "Site",
    "Stay",
    "StockCount",
]
