"""The verbs of this room: those of who asks (`asking`) and those of the staff (`deciding`)."""

from onthaal.central.lockers.requests.asking import ask, confirm, withdraw
from onthaal.central.lockers.requests.deciding import accept, complete, prepared, refuse

__all__ = ["accept", "ask", "complete", "confirm", "prepared", "refuse", "withdraw"]
