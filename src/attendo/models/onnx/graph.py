"""An ONNX graph while it grows: nodes by what they compute, and tensors that are held once."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from attendo.errors import InputError

OPSET, IR = 20, 9
"""Version of the operators (the first with GELU), and of the file format that goes with it."""


class Graph:
    """Adds nodes in the order in which they are computed; a value is known by its name.

    Raises:
        InputError: if the `onnx` package is not installed.
    """

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.weights: dict[str, Tensor] = {}
        self._helper = _onnx_helper()
        self._known: dict[Any, str] = {}

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """A node with one output; a node that is there already is not added again."""
        return self.split(operator, *inputs, outputs=1, **attributes)[0]

    def split(self, operator: str, *inputs: str, outputs: int, **attributes: Any) -> tuple[str, ...]:
        """A node with several outputs."""
        key = operator, inputs, outputs, repr(sorted(attributes.items()))
        if key not in self._known:
            name = f"{operator.lower()}_{len(self.nodes)}"
            names = [name] if outputs == 1 else [f"{name}_{number}" for number in range(outputs)]
            self.nodes.append(self._helper.make_node(operator, list(inputs), names, name=name, **attributes))
            self._known[key] = " ".join(names)
        return tuple(self._known[key].split(" "))

    def name(self, value: str, name: str) -> None:
        """Give a value the name of an output."""
        self.nodes.append(self._helper.make_node("Identity", [value], [name], name=name))

    def whole(self, *numbers: int) -> str:
        """A list of whole numbers, such as a shape or axes."""
        return self._constant(np.array(numbers, dtype=np.int64))

    def place(self, number: int) -> str:
        """A whole number alone."""
        return self._constant(np.array(number, dtype=np.int64))

    def number(self, number: float) -> str:
        """A number with a fraction."""
        return self._constant(np.array(number, dtype=np.float32))

    def numbers(self, numbers: Tensor) -> str:
        """Numbers with a fraction that are no weights; equal ones are kept once."""
        return self._constant(numbers.float().numpy())

    def weight(self, tensor: Tensor, name: str = "weight") -> str:
        """A tensor of the model, kept once however often it is used."""
        key = id(tensor)
        if key not in self._known:
            self._known[key] = f"{name}_{len(self.weights)}"
            self.weights[self._known[key]] = tensor  # as it is: while it lives, no other has its id
        return self._known[key]

    def linear(self, layer: nn.Linear, x: str) -> str:
        """A projection; a matrix that an embedding shares is turned where it is used, any other as it is written."""
        matrix = layer.weight
        shared = id(matrix) in self._known
        turned = self.add("Transpose", self.weight(matrix), perm=[1, 0]) if shared else self._turned(matrix)
        product = self.add("MatMul", x, turned)
        return product if layer.bias is None else self.add("Add", product, self.weight(layer.bias, "bias"))

    def _turned(self, matrix: Tensor) -> str:
        key = "turned", id(matrix)
        if key not in self._known:
            self._known[key] = self.weight(matrix.detach().mT, "matrix")
        return self._known[key]

    def _constant(self, array: np.ndarray) -> str:
        key = str(array.dtype), array.shape, array.tobytes()
        if key not in self._known:
            self._known[key] = f"constant_{len(self.weights)}"
            self.weights[self._known[key]] = torch.from_numpy(array)
        return self._known[key]

    @property
    def num_bytes(self) -> int:
        """Room that the tensors take."""
        return sum(math.prod(tensor.shape) * tensor.element_size() for tensor in self.weights.values())


def _onnx_helper() -> Any:
    try:
        from onnx import helper
    except ImportError:
        raise InputError("Writing ONNX needs the package `onnx`, which is not installed: pip install onnx") from None
    return helper
