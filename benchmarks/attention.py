"""`attend` against PyTorch's own function, and observing against materialising the weights.

python benchmarks/attention.py [--rounds 7] [--threads 2]
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import gc
import threading
import time
from pathlib import Path

import torch
from torch.nn import functional as F

from attendo.attention import Causal, Lengths, Observe, attend
from measuring import in_turn, milliseconds, show


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    plain(arguments.rounds)
    dropout(max(3, arguments.rounds // 2))
    observed(max(3, arguments.rounds // 2))


def plain(rounds: int) -> None:
    """Without observing: `auto` against F.scaled_dot_product_attention."""
    for batch, heads, length, calls in ((8, 12, 128, 20), (8, 12, 512, 3), (2, 8, 2048, 3)):
        print(f"\n{batch} texts, {heads} heads, {length} tokens, width 64")
        compare_plain(batch, heads, length, calls, rounds)


def compare_plain(batch: int, heads: int, length: int, calls: int, rounds: int) -> None:
    """One size: all keys, causal, and padded."""
    query, key, value = (torch.randn(batch, heads, length, 64) for _ in range(3))
    lengths = torch.randint(length // 2, length + 1, (batch,))
    padding = (torch.arange(length) < lengths[:, None])[:, None, None, :]
    pairs = {
        "full": (lambda: attend(query, key, value), lambda: F.scaled_dot_product_attention(query, key, value)),
        "causal": (
            lambda: attend(query, key, value, mask=Causal()),
            lambda: F.scaled_dot_product_attention(query, key, value, is_causal=True),
        ),
        "padded": (
            lambda: attend(query, key, value, mask=Lengths(lengths)),
            lambda: F.scaled_dot_product_attention(query, key, value, attn_mask=padding),
        ),
    }
    for name, (ours, theirs) in pairs.items():
        ways = {f"attend, {name}": _repeated(ours, calls), f"PyTorch, {name}": _repeated(theirs, calls)}
        show(in_turn(ways, rounds), f"attend, {name}", lambda s: milliseconds(s / calls))


def dropout(rounds: int) -> None:
    """With attention dropout, forward and backward."""
    query, key, value = (torch.randn(8, 12, 512, 64, requires_grad=True) for _ in range(3))
    print("\n8 texts, 12 heads, 512 tokens, dropout 0.1, forward and backward")
    ways = {
        "attend": lambda: attend(query, key, value, dropout=0.1).sum().backward(),
        "PyTorch": lambda: F.scaled_dot_product_attention(query, key, value, dropout_p=0.1).sum().backward(),
    }
    show(in_turn(ways, rounds), "attend", milliseconds)


def observed(rounds: int) -> None:
    """Everything observed at 4,096 tokens: `streaming` against materialising the weights and reducing them."""
    query, key, value = (torch.randn(8, 4096, 64) for _ in range(3))
    carry = torch.rand(4096)
    ask = Observe(
        entropy=True, peak=True, top=8, received=True, map=64, rows=(0, 2048), columns=(0,), distance=True, carry=carry
    )
    print("\n8 heads, 4,096 tokens, everything observed")
    ways = {
        "streaming": lambda: attend(query, key, value, backend="streaming", observe=ask),
        "materialised": lambda: materialised(query, key, value, carry),
    }
    timings = in_turn(ways, rounds)
    show(timings, "streaming", milliseconds)
    ours, theirs = (peak_extra_memory(ways[name]) for name in ("streaming", "materialised"))
    print(f"  extra memory at peak: {ours / 2**20:.0f} MiB against {theirs / 2**20:.0f} MiB, {ours / theirs:.3f} of it")


@torch.inference_mode()
def materialised(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, carry: torch.Tensor) -> tuple:
    """What one writes without attendo: the whole matrix, then one reduction after the other."""
    weights = torch.softmax(query @ key.mT * query.shape[-1] ** -0.5, -1)
    place = torch.arange(weights.shape[-1])
    return (
        weights @ value,
        torch.special.entr(weights).sum(-1),
        weights.max(-1),
        weights.topk(8, -1),
        weights.sum(-2),
        F.avg_pool2d(weights[None], 64)[0],
        weights[:, [0, 2048]],
        weights[:, :, [0]],
        (weights * (place[:, None] - place).abs()).sum(-1),
        carry @ weights,
    )


def peak_extra_memory(work) -> int:
    """Resident memory at the peak of a call, less that before it."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):  # glibc: give back what earlier calls left, or it hides ours
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    before, peak, done = _resident(), [0], threading.Event()

    def watch() -> None:
        while not done.is_set():
            peak[0] = max(peak[0], _resident())
            time.sleep(0.002)

    watcher = threading.Thread(target=watch)
    watcher.start()
    result = work()
    done.set()
    watcher.join()
    del result
    return max(peak[0] - before, 1)


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def _repeated(work, times: int):
    def run() -> None:
        with torch.inference_mode():
            for _ in range(times):
                work()

    return run


if __name__ == "__main__":
    main()
