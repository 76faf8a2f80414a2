"""Loading a MarianMT translation model, and translating with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adwright.backbone.quiet import no_progress_bars
from adwright.errors import BackendError


class MarianTranslator:
    """Translates in the one direction that a MarianMT model was trained for; loaded at the first text.

    Args:
        path_or_id: A local folder, or an id of the Hugging Face hub.
        batch_size: Texts at once.
        max_new_tokens: Longest translation.
        n_beams: Of the search; 1 takes the likeliest token each time.
        device: As PyTorch names it.
    """

    def __init__(
        self,
        path_or_id: str,
        *,
        batch_size: int = 16,
        max_new_tokens: int = 200,
        n_beams: int = 1,
        device: str = "cpu",
    ) -> None:
        self.path_or_id = path_or_id
        self.batch_size = batch_size
        self.max_new_tokens = max_new_tokens
        self.n_beams = n_beams
        self.device = device
        self._loaded: tuple[Any, Any] | None = None

    def translate(self, texts: Sequence[str]) -> list[str]:
        """The texts in the other language, in order.

        Raises:
            BackendError: nothing there, or no MarianMT model.
        """
        import torch

        model, tokenizer = self._model()
        translated: list[str] = []
        for start in range(0, len(texts), self.batch_size):
            batch = list(texts[start : start + self.batch_size])
            inputs = tokenizer(batch, return_tensors="pt", padding=True, truncation=True).to(self.device)
            with torch.no_grad():
                out = model.generate(
                    **inputs, num_beams=self.n_beams, do_sample=False, max_new_tokens=self.max_new_tokens
                )
            translated += tokenizer.batch_decode(out, skip_special_tokens=True)
        return translated

    def _model(self) -> tuple[Any, Any]:
        if self._loaded is None:
            from transformers import AutoTokenizer, MarianMTModel

            try:
                with no_progress_bars():
                    tokenizer = AutoTokenizer.from_pretrained(self.path_or_id)
                    model: Any = MarianMTModel.from_pretrained(self.path_or_id)
            except (OSError, ValueError, KeyError, TypeError, RuntimeError, ImportError) as error:
                first = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
                raise BackendError(
                    f"cannot load the translation model {self.path_or_id}: {first}",
                    retryable=False,
                    hint="Look whether the folder holds what save_pretrained writes; published Marian models "
                    "need: pip install sentencepiece",
                ) from error
            model.to(self.device)
            model.eval()
            self._loaded = model, tokenizer
        return self._loaded
