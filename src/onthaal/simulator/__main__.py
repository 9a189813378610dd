"""`python -m onthaal.simulator`: the simulator alone, without the rest of the house."""

from onthaal.simulator.command import app

if __name__ == "__main__":
    app()
