"""Networks as ONNX graphs, written part by part from a table; nothing is traced, so every axis may vary.

A graph reads an ordinary padded batch with its mask, on whichever side the padding stands. Not for reading graphs.
"""

from attendo.models.onnx.checking import check_graph
from attendo.models.onnx.parts import reads_segments
from attendo.models.onnx.saving import ONNX, save_onnx

__all__ = ["ONNX", "check_graph", "reads_segments", "save_onnx"]
