"""`observe`: watch the attention of a model for as long as a `with` block lasts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from attendo.attention import Observe, Observed, listen
from attendo.errors import InputError, UnsupportedError
from attendo.nn import Block, MultiHeadAttention, StateAttention
from attendo.observation.calls import Calls, Heads
from attendo.observation.looks import Glance, Kind
from attendo.observation.places import Places
from attendo.observation.seen import Seen

USUAL = Observe(entropy=True, distance=True, received=True)
"""What is observed where nobody says what."""


@contextmanager
def observe(
    model: Any,
    ask: Observe | None = None,
    *,
    layers: Sequence[str] | Callable[[str], bool] | None = None,
    heads: Sequence[int] | None = None,
    mask: Tensor | None = None,
) -> Iterator[Seen]:
    """Watch what a model's attention looks at; what the model computes stays what it is, to the last bit.

    Works on attendo's models, on `nn.MultiheadAttention` and what is made of it, and on whatever calls
    `scaled_dot_product_attention`. Whole weights are never held unless they are asked for.

    Args:
        model: a module, or a model of a task of attendo.
        ask: what to find out about the weights; by default entropy, distance and what each key receives.
        layers: paths of modules, or parts of paths, that are watched; or a function that says so of a path.
        heads: numbers of the heads that are watched.
        mask: (B, T), false or 0 at padding, where the model is not told so by an argument `attention_mask`.
    Raises:
        InputError: if nothing is asked for, or no module has such a path; and at the end, if an attention ran that
            could not be seen, or that was asked for never ran.
        UnsupportedError: if the model is compiled.
    """
    network = network_of(model)
    ask = USUAL if ask is None else ask
    if not ask.fields:
        raise InputError("Nothing is asked for: give `Observe` at least one field, such as `entropy=True`.")
    watch = _Watch(network, ask, layers, heads, mask)
    with ExitStack() as stack:
        for handle in watch.places.hooks(network):
            stack.callback(handle.remove)
        stack.enter_context(listen(watch))
        stack.enter_context(watch.calls)
        yield watch.seen
    watch.check()


def network_of(model: Any) -> nn.Module:
    """The module that is to be watched.

    Raises:
        InputError: if it is none.
        UnsupportedError: if its code is hidden behind a compiler.
    """
    network = getattr(model, "network", model)
    if not isinstance(network, nn.Module):
        raise InputError(f"`model` must be a PyTorch module or a model of attendo, but is a {type(model).__name__}.")
    if isinstance(network, torch.jit.ScriptModule):
        raise UnsupportedError("A scripted model cannot be watched. Watch the model that it was made from.")
    if hasattr(network, "_orig_mod"):
        raise UnsupportedError("A compiled model cannot be watched. Watch the model that it was made from.")
    return network


def _named(network: nn.Module, layers: Sequence[str] | str) -> list[str]:
    """Paths that are asked for, each of which the model has."""
    names = [layers] if isinstance(layers, str) else list(layers)
    paths = [name for name, _ in network.named_modules()]
    for name in names:
        if not any(_within(path, name) for path in paths):
            raise InputError(f"No module of the model has the path `{name}`, or one that begins with it.")
    return names


def _within(path: str, name: str) -> bool:
    return path == name or path.startswith(f"{name}.")


class _Watch:
    """Hears attendo's own attentions, and is told of all others."""

    def __init__(
        self,
        network: nn.Module,
        ask: Observe,
        layers: Sequence[str] | Callable[[str], bool] | None,
        heads: Sequence[int] | None,
        mask: Tensor | None,
    ) -> None:
        self.seen, self.places = Seen(), Places(mask)
        self._ask, self._layers, self._heads = ask, layers, heads
        self._asked = [] if layers is None or callable(layers) else _named(network, layers)
        self._names = {id(module): name for name, module in network.named_modules()}
        self._cross = {id(each.cross.part) for each in network.modules() if isinstance(each, Block) and each.cross}
        self._own = {id(each) for each in network.modules() if isinstance(each, MultiHeadAttention | StateAttention)}
        self.calls = Calls(self._wanted, self._note)

    def request(self, module: nn.Module) -> Observe | None:
        known = id(module) in self._names and self._chosen(self._names[id(module)])
        return self._ask if known else None

    def report(self, module: nn.Module, observed: Observed) -> None:
        crossed = id(module) in self._cross or isinstance(module, StateAttention)
        self._keep(self._names[id(module)], "cross" if crossed else "self", observed.texts())

    def check(self) -> None:
        """Make sure that whatever attends was seen.

        Raises:
            InputError: if something was not.
        """
        unseen = [name for name in self.places.attentions if self._chosen(name) and not self._was_seen(name)]
        if unseen:
            raise InputError(
                f"Attention ran that could not be seen: {', '.join(f'`{name}`' for name in unseen[:3])}"
                f"{f' and {len(unseen) - 3} more' if len(unseen) > 3 else ''}. It computes its weights in a way of its "
                "own; let it call `scaled_dot_product_attention`, or leave it out of `layers`."
            )
        if not self.seen and self.places.ran:
            raise InputError("The model ran, but nothing in it attends, or nothing that `layers` speaks of.")
        missing = [name for name in self._asked if not self._was_seen(name)]
        if missing and self.places.ran:
            raise InputError(
                f"The model ran, but no attention did within {', '.join(f'`{name}`' for name in missing)}."
            )

    def _wanted(self) -> tuple[Observe, Heads, Places] | None:
        """What to find out about a call that is not attendo's own."""
        place = self.places.innermost
        if id(place.module) in self._own or not self._chosen(place.path):
            return None
        return self._ask, self._heads, self.places

    def _note(self, kind: Kind, texts: Sequence[Observed], heads: tuple[int, ...]) -> None:
        self._keep(self.places.innermost.path, kind, texts, heads)

    def _keep(self, name: str, kind: Kind, texts: Sequence[Observed], heads: tuple[int, ...] | None = None) -> None:
        if heads is None and texts:
            heads = tuple(range(texts[0].num_heads) if self._heads is None else self._heads)
            texts = texts if self._heads is None else [each.of_heads(self._heads) for each in texts]
        look = self.seen.look(name, kind, heads or ())
        call = look.calls
        look.glances += [Glance(call, text, observed) for text, observed in enumerate(texts)]

    def _chosen(self, path: str) -> bool:
        """Whether the module of a path is watched."""
        if callable(self._layers):
            return self._layers(path)
        return self._layers is None or any(_within(path, name) for name in self._asked)

    def _was_seen(self, name: str) -> bool:
        return any(_within(seen, name) for seen in self.seen)
