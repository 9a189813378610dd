"""Gathers the rooms' models for Django."""

from onthaal.central.lockers.access.models import Badge, Grant
from onthaal.central.lockers.catalogue.models import Custody, Item, Product, Promise
from onthaal.central.lockers.devices.models import Command, Device, EnrolmentCode, HeardFact, KioskState, Log
from onthaal.central.lockers.handovers.models import Handover, Stay
from onthaal.central.lockers.places.models import Block, Compartment, Kiosk, Site
from onthaal.central.lockers.requests.models import Request

__all__ = [
    "Badge",
    "Block",
    "Command",
    "Compartment",
    "Custody",
    "Device",
    "EnrolmentCode",
    "Grant",
    "Handover",
    "HeardFact",
    "Item",
    "Kiosk",
    "KioskState",
    "Log",
    "Product",
    "Promise",
    "Request",
    "Site",
    "Stay",
]
