"""Language models as a backbone: loading them, with or without an adapter."""

from adwright.backbone.loading import load_causal_lm

__all__ = ["load_causal_lm"]
