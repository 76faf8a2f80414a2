"""Language models as a backbone: the bundled base writer, and any other, with or without an adapter."""

from adwright.backbone.loading import WEIGHTS, load_base_writer, load_causal_lm

__all__ = ["WEIGHTS", "load_base_writer", "load_causal_lm"]
