"""`python -m attendo` is `attendo`."""

import sys

from attendo.cli.main import run

if __name__ == "__main__":
    sys.exit(run())
