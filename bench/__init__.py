"""What we measure, one command each; `python -m bench` runs the two that have a goal."""
