"""How long whole processes take to start: medians of alternating runs.

python benchmarks/start_up.py [--rounds 9]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time

WAYS = {
    "python, nothing": [sys.executable, "-c", "pass"],
    "import attendo": [sys.executable, "-c", "import attendo"],
    "attendo --help": [sys.executable, "-m", "attendo", "--help"],
    "import torch": [sys.executable, "-c", "import torch"],
    "import torch; attendo.load": [sys.executable, "-c", "import torch, attendo; attendo.load"],
    "transformers with a BERT classifier": [
        sys.executable,
        "-c",
        "from transformers import BertForSequenceClassification, pipeline",
    ],
}

ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""Modules are compiled in the first round, which does not count, as they are when a package is installed."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    seconds: dict[str, list[float]] = {name: [] for name in WAYS}
    for turn in range(rounds + 1):
        for name, command in WAYS.items():
            started = time.perf_counter()
            done = subprocess.run(command, capture_output=True, env=ENVIRONMENT)
            if turn and done.returncode == 0:
                seconds[name].append(time.perf_counter() - started)
    for name, times in seconds.items():
        if times:
            print(f"{name:40s} {statistics.median(times):.3f} s ({min(times):.3f} to {max(times):.3f})")
        else:
            print(f"{name:40s} not installed")


if __name__ == "__main__":
    main()
