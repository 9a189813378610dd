"""What we measure, one command each: `python -m bench`."""
