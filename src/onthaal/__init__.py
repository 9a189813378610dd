"""Onthaal: a municipality that serves its people when the town hall is closed."""

__version__ = "0.1.0"
