"""What can be observed of weights that were not computed by `attend`, such as those of attention in a recurrent net."""

from __future__ import annotations

from dataclasses import replace

from jaxtyping import Float
from torch import Tensor

from attendo.attention.call import prepare
from attendo.attention.kernels.reference import observe
from attendo.attention.layout import Layout
from attendo.attention.masks import Segments
from attendo.attention.observed import Observe, Observed


def observe_weights(weights: Float[Tensor, "H N S"], layout: Layout, ask: Observe) -> Observed:
    """What `attend` would say of these weights, had it computed them for packed texts.

    Other than there, the whole matrix is held at once.

    Args:
        weights: of each query of the row over the whole row of keys; zero for keys of other texts.
        layout: which queries may look at which keys.
    Raises:
        ShapeError: if the weights are not those of the layout's tokens, or the request names a place outside a text.
    """
    query, key = (weights.new_empty(len(weights), size, 1) for size in weights.shape[1:])
    call = prepare(query, key, key, mask=Segments(layout), bias=None, scale=None, dropout=0.0, observe=ask)
    return replace(Observed() if call.observe is None else observe(weights[None], call), layout=layout)
