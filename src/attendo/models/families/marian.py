"""Marian (arXiv 1804.00344), the translators of OPUS-MT: BART with sinusoids for positions, and no norm before them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from attendo.models.encoder import HeadKind
from attendo.models.families import bart
from attendo.models.naming import Key, KeyTable
from attendo.models.shapes import Count
from attendo.nn import SinusoidalPositions, TokenEmbedding


@dataclass(frozen=True, kw_only=True)
class Shape(bart.Shape):
    """The numbers in config.json, by their names there."""

    vocab_size: Count = 58101
    decoder_vocab_size: Count | None = None
    share_encoder_decoder_embeddings: bool = True
    decoder_start_token_id: int | None = 58100

    @property
    def target_vocab_size(self) -> int:
        """Words that can be written."""
        return self.decoder_vocab_size or self.vocab_size

    @property
    def shared(self) -> bool:
        """Whether both sides read words with the same vectors."""
        return self.share_encoder_decoder_embeddings and self.tie_word_embeddings

    def embedding(self, vocab_size: int) -> TokenEmbedding:
        """Words and where they stand; all sines come before all cosines."""
        return TokenEmbedding(
            vocab_size,
            self.d_model,
            positions=SinusoidalPositions(self.d_model, interleaved=False),
            dropout=self.dropout,
            scale=self.d_model**0.5 if self.scale_embedding else 1.0,
        )


build = bart.build


def keys(shape: Shape, head: str) -> KeyTable:
    """What a checkpoint calls the weights; some hold the sinusoids too."""
    table = bart.keys(shape, head)
    base = table.base if shape.share_encoder_decoder_embeddings else (*APART, *bart.TOWERS)
    return replace(table, base=base, head=HEADS[head].keys, ignored=(*table.ignored, *STALE))


APART = tuple(Key(f"{side}.embedding.tokens", f"{side}.embed_tokens") for side in ("encoder", "decoder"))
STALE = ("encoder.embed_positions.weight", "decoder.embed_positions.weight")
HEADS = {
    "bare": HeadKind("MarianModel"),
    "seq2seq": HeadKind("MarianMTModel", bart.heads("Marian")["seq2seq"].build, bart.SCORES),
}
