"""Code readers that send lines of text over a serial port."""
