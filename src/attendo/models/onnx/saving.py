"""A network as model.onnx: what goes in, what comes out, and the tensors in it or, where they are many, beside it."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from attendo.errors import UnsupportedError
from attendo.files import written_whole
from attendo.models.encoder import TokenModel
from attendo.models.folder import FamilyModel
from attendo.models.onnx.graph import IR, OPSET, Graph
from attendo.models.onnx.outputs import BATCH, LENGTH, write_outputs
from attendo.models.onnx.parts import reads_segments, write_part
from attendo.models.onnx.texts import IDS, MASK, SEGMENTS, Texts

ONNX = "model.onnx"
LARGEST = 2**31 - 2**24
"""Bytes of tensors that a file can hold, with room for all else; what has more keeps them in a file beside."""
_ALIGNED = 4096
"""Tensors in a file of their own begin at multiples of this, so that they can be mapped into memory."""


def save_onnx(model: FamilyModel, folder: Path | str, *, marked: bool = True, largest: int = LARGEST) -> list[str]:
    """Write a model as an ONNX graph for padded batches of any size and length, and name its files.

    It takes `input_ids`, `attention_mask` and, where the model tells two texts apart, `token_type_ids`, all (B, T).

    Args:
        marked: whether the tokenizer tells second texts from first ones; where it does not, the graph does not ask.
        largest: bytes of tensors up to which there is one file.
    Raises:
        UnsupportedError: if a part of the model has no counterpart, or its weights are not float32.
        InputError: if the `onnx` package is not installed.
        StorageError: if the disk refuses a file.
    """
    network, folder = model.network, Path(folder)
    if not isinstance(network, TokenModel):
        architecture = model.family.heads[model.head].architecture
        raise UnsupportedError(
            f"A {architecture} cannot be written as ONNX: it has two towers. `--to hf` is to be had."
        )
    dtypes = {parameter.dtype for parameter in network.parameters()}
    if dtypes != {torch.float32}:
        raise UnsupportedError(f"ONNX is written in float32, but the model holds {', '.join(map(str, dtypes))}.")
    graph = Graph()
    marked = marked and reads_segments(network.encoder.embedding)
    outputs = _write_network(graph, network, model.head, marked)
    beside = graph.num_bytes > largest
    files = [f"{ONNX}_data", ONNX] if beside else [ONNX]
    with contextlib.ExitStack() as stack:
        places = [stack.enter_context(written_whole(folder / name)) for name in reversed(files)]
        proto = _proto(graph, marked, outputs)
        if beside:
            _add_tensors_beside(proto, graph, places[1], files[0])
        else:
            _add_tensors(proto, graph)
        places[0].write_bytes(proto.SerializeToString())
    return files


def _write_network(graph: Graph, network: TokenModel, head: str, marked: bool) -> dict[str, list[str]]:
    """Add all nodes; what comes out, with the axes of each."""
    texts = Texts(graph, marked=marked)
    x = write_part(network.encoder.stack, texts, write_part(network.encoder.embedding, texts, IDS))
    found = {}
    for name, value, axes in write_outputs(head, network, texts, x):
        graph.name(value, name)
        found[name] = axes
    return found


def _proto(graph: Graph, marked: bool, outputs: dict[str, list[str]]) -> Any:
    """The file's content, but for the tensors."""
    from onnx import TensorProto, helper

    names = [IDS, MASK, *([SEGMENTS] if marked else [])]
    given = [helper.make_tensor_value_info(name, TensorProto.INT64, [BATCH, LENGTH]) for name in names]
    found = [helper.make_tensor_value_info(name, TensorProto.FLOAT, axes) for name, axes in outputs.items()]
    body = helper.make_graph(graph.nodes, "attendo", given, found)
    operators = [helper.make_opsetid("", OPSET)]
    return helper.make_model(body, producer_name="attendo", opset_imports=operators, ir_version=IR)


def _add_tensors(proto: Any, graph: Graph) -> None:
    """Put all tensors in, one after the other, so that none is copied more often than it must be."""
    for name, tensor in graph.weights.items():
        _add_tensor(proto, name, tensor).raw_data = _bytes(tensor)


def _add_tensors_beside(proto: Any, graph: Graph, path: Path, location: str) -> None:
    """Put all tensors in, the large ones as places in a file that is called `location` in the end."""
    with path.open("wb") as file:
        for name, tensor in graph.weights.items():
            made, content = _add_tensor(proto, name, tensor), _bytes(tensor)
            if len(content) < _ALIGNED:
                made.raw_data = content
                continue
            file.seek(-(-file.tell() // _ALIGNED) * _ALIGNED)
            place = {"location": location, "offset": file.tell(), "length": file.write(content)}
            made.data_location = made.EXTERNAL
            for key, value in place.items():
                made.external_data.add(key=key, value=str(value))


def _add_tensor(proto: Any, name: str, tensor: Tensor) -> Any:
    """A tensor without its numbers."""
    from onnx import TensorProto

    kind = TensorProto.FLOAT if tensor.is_floating_point() else TensorProto.INT64
    return proto.graph.initializer.add(name=name, data_type=kind, dims=tensor.shape)


def _bytes(tensor: Tensor) -> bytes:
    return tensor.detach().cpu().contiguous().numpy().tobytes()
