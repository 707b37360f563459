"""Loading a BERT-base-sized folder: attendo against the reference library, in processes of their own.

    python benchmarks/loading.py [--rounds 7]

The folder is made by the reference library with random weights (440 MB) and lies in the cache of the operating system
for both. Libraries are imported before the clock starts. Memory is the peak of the process while loading and predicting
once, less what it held before (Linux only).
"""

from __future__ import annotations

import argparse
import json
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
"""
END = """
open("/proc/self/clear_refs", "w").write("5")  # the peak starts anew
before, started = peak(), time.perf_counter()
model = load(sys.argv[1])
loaded = time.perf_counter() - started
with torch.inference_mode():
    predict(model)
ready = time.perf_counter() - started
print(json.dumps({"loaded": loaded, "ready": ready, "memory": (peak() - before) / 1024}))
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder))
        found: dict[str, list[dict]] = {name: [] for name in WAYS}
        for turn in range(rounds + 1):
            for name, way in WAYS.items():
                line = [sys.executable, "-c", START + way + END, folder]
                done = subprocess.run(line, capture_output=True, text=True, check=True)
                if turn:
                    found[name].append(json.loads(done.stdout.splitlines()[-1]))
    for what, title in (("loaded", "loaded"), ("ready", "loaded, and one text of 32 tokens read")):
        print(f"\n{title}, seconds")
        timings = {name: Timing(name, tuple(each[what] for each in times)) for name, times in found.items()}
        show(timings, "attendo", "{:.3f}".format)
    print("\npeak memory beyond the imports, MiB")
    for name, times in found.items():
        print(f"  {name:14s} {max(each['memory'] for each in times):,.0f}")


def make(folder: Path) -> None:
    """A model of BERT-base's size with random weights."""
    from transformers import BertConfig, BertForSequenceClassification

    BertForSequenceClassification(BertConfig()).save_pretrained(folder)


if __name__ == "__main__":
    main()
