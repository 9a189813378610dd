"""The verbs of this room: those of who asks (`asking`), those of the staff (`deciding`), and
erasing who asked (`erasing`)."""

from onthaal.central.lockers.requests.asking import ask, confirm, withdraw
from onthaal.central.lockers.requests.deciding import accept, complete, is_settled, prepared, refuse
from onthaal.central.lockers.requests.erasing import erase

__all__ = ["accept", "ask", "complete", "confirm", "erase", "is_settled", "prepared", "refuse", "withdraw"]
