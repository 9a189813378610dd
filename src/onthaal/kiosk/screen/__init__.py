"""The screen of the wall: fragments made on this side, shown by a browser on this same machine."""
