"""Loading a BERT-base-sized folder: attendo against the reference library, in processes of their own.

    python benchmarks/loading.py [--rounds 11]

The folder is made by the reference library with random weights (418 MiB) and lies in the cache of the operating system
for both. PyTorch is imported before any clock starts. Each process imports its library, loads the folder, reads one
text of 32 tokens, and loads the folder once more; who goes first alternates. Memory is what the process holds at its
peak while it loads and reads the text, less what it held before (Linux only).
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from measuring import Timing, show

START = """
import json, sys, time
import torch
torch.set_num_threads(2)
ids = torch.arange(1000, 1032)
def peak():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
started = time.perf_counter()
"""
END = """
found = {"imported": time.perf_counter() - started}
open("/proc/self/clear_refs", "w").write("5")  # the peak starts anew
before, busy, started = peak(), time.process_time(), time.perf_counter()
model = load(sys.argv[1])
found["loaded"] = time.perf_counter() - started
found["busy"] = time.process_time() - busy
with torch.inference_mode():
    predict(model)
found["ready"] = time.perf_counter() - started
found["memory"] = (peak() - before) / 1024
found["both"] = found["imported"] + found["loaded"]
del model
started = time.perf_counter()
model = load(sys.argv[1])
found["again"] = time.perf_counter() - started
print(json.dumps(found))
"""
OURS = """
from attendo.attention import Layout
from attendo.models import TokenBatch, load_model as load
def predict(model): model.network(TokenBatch(layout=Layout((32,)), ids=ids))
"""
THEIRS = """
from transformers import BertForSequenceClassification
from transformers.utils.logging import disable_progress_bar
disable_progress_bar()
def load(folder): return BertForSequenceClassification.from_pretrained(folder).eval()
def predict(model): model(ids[None])
"""
WAYS = {"attendo": OURS, "transformers": THEIRS}
TIMES = {
    "loaded": "loaded, the library imported before",
    "busy": "the same in seconds of processors, which a busy machine changes less",
    "both": "library imported and folder loaded",
    "ready": "loaded, and one text of 32 tokens read",
    "again": "loaded a second time",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=11)
    rounds = parser.parse_args().rounds
    found: dict[str, list[dict]] = {name: [] for name in WAYS}
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder))
        for turn in range(rounds + 1):
            for name in list(WAYS)[:: 1 if turn % 2 else -1]:
                measured = measure(WAYS[name], folder)
                if turn:
                    found[name].append(measured)
    for what, title in TIMES.items():
        print(f"\n{title}, seconds")
        timings = {name: Timing(name, tuple(each[what] for each in times)) for name, times in found.items()}
        show(timings, "attendo", "{:.3f}".format)
    print("\npeak memory beyond the imports, MiB: median, least and most")
    for name, times in found.items():
        held = [each["memory"] for each in times]
        print(f"  {name:14s} {statistics.median(held):,.1f} ({min(held):,.1f} to {max(held):,.1f})")


def measure(way: str, folder: str) -> dict[str, float]:
    """What one process says of itself."""
    line = [sys.executable, "-c", START + way + END, folder]
    done = subprocess.run(line, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def make(folder: Path) -> None:
    """A model of BERT-base's size with random weights."""
    from transformers import BertConfig, BertForSequenceClassification

    BertForSequenceClassification(BertConfig()).save_pretrained(folder)


if __name__ == "__main__":
    main()
