"""A bottleneck adapter: a small two-layer network after the feed-forward part of each layer.

h + up(gelu(down(h))), with `up` zero at first, so that an untrained adapter changes nothing.

Source: Houlsby et al. (2019), Parameter-efficient transfer learning for NLP, ICML; placed once a layer as in
Pfeiffer et al. (2021), AdapterFusion, EACL.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from adwright.errors import ConfigError

_FEED_FORWARD_ENDS = ("mlp", "output.dense", "ffn")
"""Where a layer's feed-forward part ends, before the residual is added: llama's and qwen's, BERT's, DistilBERT's."""


class Bottleneck(nn.Module):
    """Wraps a module and adds the adapter to what it returns.

    Args:
        inner: What is wrapped; it gives (..., hidden_size).
        hidden_size: Of the model.
        size: Of the bottleneck, 1 or more.
    """

    def __init__(self, inner: nn.Module, *, hidden_size: int, size: int) -> None:
        super().__init__()
        weight = next(inner.parameters())
        self.inner = inner
        self.down = nn.Linear(hidden_size, size, dtype=weight.dtype, device=weight.device)
        self.up = nn.Linear(size, hidden_size, dtype=weight.dtype, device=weight.device)
        nn.init.normal_(self.down.weight, std=0.02)
        nn.init.zeros_(self.down.bias)
        nn.init.zeros_(self.up.weight)
        nn.init.zeros_(self.up.bias)

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        """What the wrapped module returns, and the adapter's part."""
        out: torch.Tensor = self.inner(hidden)
        added: torch.Tensor = self.up(nn.functional.gelu(self.down(out)))
        return out + added


def add_bottlenecks(model: Any, *, size: int) -> Any:
    """The model, in place, with an adapter in each layer and all of its own weights frozen.

    Raises:
        ConfigError: a size below 1, or a model whose feed-forward parts are not known by their name.
    """
    if size < 1:
        raise ConfigError("no bottleneck", argument="size", value=size, allowed="1 or more")
    for weight in model.parameters():
        weight.requires_grad_(False)
    n_added = 0
    for layer in decoder_layers(model):
        for place in _FEED_FORWARD_ENDS:
            held, _, name = place.rpartition(".")
            owner = getattr(layer, held, None) if held else layer
            inner = getattr(owner, name, None)
            if owner is not None and isinstance(inner, nn.Module):
                setattr(owner, name, Bottleneck(inner, hidden_size=model.config.hidden_size, size=size))
                n_added += 1
                break
    if not n_added:
        raise ConfigError(
            "this model has no feed-forward parts by a known name",
            argument="model",
            value=model.config.model_type,
            allowed="llama, qwen3, bert, roberta, electra, distilbert and their like; or another method",
        )
    return model


def decoder_layers(model: Any) -> list[nn.Module]:
    """The layers of a causal model or an encoder, the lowest first: its longest list of modules."""
    lists = [list(m) for m in model.modules() if isinstance(m, nn.ModuleList)]
    return max(lists, key=len, default=[])


def adapter_weights(model: nn.Module) -> Iterator[tuple[str, nn.Parameter]]:
    """Name and weight of all that the adapters brought."""
    for name, module in model.named_modules():
        if isinstance(module, Bottleneck):
            for part in ("down", "up"):
                for kind, weight in getattr(module, part).named_parameters():
                    yield f"{name}.{part}.{kind}", weight
