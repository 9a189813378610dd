"""The law of the house: pure rules and message types, shared by centre and kiosk. No I/O."""
