"""`python -m onthaal …`."""

from onthaal.cli import app

if __name__ == "__main__":
    app()
