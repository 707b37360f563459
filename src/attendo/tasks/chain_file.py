"""What a chain of tags has learned, in a file of the model folder beside weights that any library can read."""

from __future__ import annotations

from pathlib import Path

from attendo.errors import ModelFolderError
from attendo.files import written_whole
from attendo.nn import Chain

CHAIN = "chain.safetensors"


def save_chain(folder: Path, chain: Chain, *, learned: bool) -> list[str]:
    """Write the file, and return its name; where the chain did not learn there is none, nor is an old one left."""
    from safetensors.torch import save_file

    if not learned:
        (folder / CHAIN).unlink(missing_ok=True)
        return []
    with written_whole(folder / CHAIN) as temporary:
        save_file({name: each.cpu() for name, each in chain.state_dict().items()}, temporary)
    return [CHAIN]


def load_chain(folder: Path, chain: Chain) -> None:
    """Give a chain what the file says, if there is one.

    Raises:
        ModelFolderError: if it is damaged.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    path = folder / CHAIN
    if not path.exists():
        return
    try:
        chain.load_state_dict(load_file(path))
    except (SafetensorError, OSError, RuntimeError) as error:
        raise ModelFolderError(f"{path} is damaged ({str(error).splitlines()[0]}). Copy the model again.") from None
