"""The bundled writer's tokenizer: byte-pair merges of both languages, with single bytes for the rest."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from adwright.generate.delexical import BEGIN, END, special_tokens

_GB2312_LEVEL_1 = (range(0xB0, 0xD8), range(0xA1, 0xFF))
"""Lead and trail bytes of the 3,755 most common Chinese characters, as GB 2312 orders them."""

_LONGEST_TOKEN = 24
"""Merges run across spaces, so that common turns of phrase are one token; none runs across punctuation."""


def train_tokenizer(texts: Iterable[str], *, vocab_size: int) -> Any:
    """A fast transformers tokenizer for texts with slot and control tokens, which are one token each.

    Common Chinese characters have a token of their own even where the texts lack them; what else is unknown
    falls back to bytes, so that every text survives a round trip.

    Args:
        texts: The training texts, control tokens included.
        vocab_size: All tokens together.
    """
    from tokenizers import (
        AddedToken,
        Regex,
        Tokenizer,
        decoders,
        models,
        normalizers,
        pre_tokenizers,
        trainers,
    )
    from transformers import PreTrainedTokenizerFast

    control = special_tokens()
    byte_tokens = [f"<0x{b:02X}>" for b in range(256)]
    tokenizer = Tokenizer(models.BPE(byte_fallback=True))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(r"<[a-z_:0-9]+>"), "isolated"),
            pre_tokenizers.Split(Regex(r"(?!▁)[\p{P}\p{S}]|\d"), "isolated"),
        ]
    )
    tokenizer.decoder = decoders.Sequence(
        [decoders.ByteFallback(), decoders.Replace("▁", " "), decoders.Fuse()]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=[*control, *byte_tokens],
        initial_alphabet=[*_common_characters()],
        max_token_length=_LONGEST_TOKEN,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in control])
    fast: Any = PreTrainedTokenizerFast
    return fast(
        tokenizer_object=tokenizer,
        bos_token=BEGIN,
        eos_token=END,
        pad_token=END,
        padding_side="left",
        clean_up_tokenization_spaces=False,
    )


def _common_characters() -> list[str]:
    leads, trails = _GB2312_LEVEL_1
    han = [bytes((a, b)).decode("gb2312", "ignore") for a in leads for b in trails]
    ascii_ = [chr(c) for c in range(33, 127)]
    return [c for c in (*han, *ascii_, *"▁，。！？：；、“”‘’（）《》…—·￥¥€£%°") if len(c) == 1]
