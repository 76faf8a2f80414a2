"""Loading a masked language model, BERT and its like."""

from __future__ import annotations

from typing import Any

from adwright.backbone.quiet import no_progress_bars
from adwright.errors import BackendError


def load_masked_lm(path_or_id: str, *, device: str = "cpu") -> tuple[Any, Any]:
    """A masked language model in evaluation mode, and its tokenizer.

    Args:
        path_or_id: A local folder, or an id of the Hugging Face hub.
        device: As PyTorch names it.

    Raises:
        BackendError: nothing there, no masked model, or a tokenizer without a mask.
    """
    from transformers import AutoModelForMaskedLM, AutoTokenizer

    try:
        with no_progress_bars():
            tokenizer = AutoTokenizer.from_pretrained(path_or_id)
            model = AutoModelForMaskedLM.from_pretrained(path_or_id)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        first = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        raise BackendError(
            f"cannot load the masked model {path_or_id}: {first}",
            retryable=False,
            hint="Look whether the folder holds what save_pretrained writes",
        ) from error
    if tokenizer.mask_token_id is None:
        raise BackendError(f"the tokenizer of {path_or_id} has no mask", retryable=False)
    model.to(device)
    model.eval()
    return model, tokenizer
