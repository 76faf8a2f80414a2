"""Loading a causal language model, and proving that its adapter does something."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, Literal

from adwright.backbone.adapters import is_own_adapter, load_own_adapter
from adwright.backbone.quiet import no_progress_bars
from adwright.errors import BackendError, ConfigError

Dtype = Literal["float32", "bfloat16", "float16"]

WEIGHTS = Path(__file__).parent / "weights"
"""The bundled base writer, as transformers saves a model, with its tokenizer and its card."""

_PROBE = "Hello, 你好: a b c 1 2 3"


def load_causal_lm(
    path_or_id: str, adapter: str | None = None, *, device: str = "cpu", dtype: Dtype = "float32"
) -> tuple[Any, Any]:
    """A causal language model in evaluation mode, and its tokenizer, padded on the left.

    Args:
        path_or_id: A local folder, or an id of the Hugging Face hub.
        adapter: An adapter for it, PEFT's or one of `backbone.adapters`, a local folder or an id. One that
            does not fit the model, or that leaves its output as it was, is an error: it would be mistaken for
            a trained one. Where it brings a tokenizer, that one, with its chat template, is taken.
        device: As PyTorch names it, for example "cpu" or "cuda:0".
        dtype: Of the weights.

    Raises:
        BackendError: nothing there, not a causal model, or the adapter changes nothing.
        ConfigError: an unknown device or dtype.
    """
    tokenizer = load_tokenizer(adapter if adapter and _has_tokenizer(adapter) else path_or_id)
    model = _load_model(path_or_id, dtype)
    if adapter is not None:
        model = _load_adapter(model, tokenizer, adapter)
    try:
        model.to(device)
    except (RuntimeError, AssertionError) as error:
        raise ConfigError(
            f"cannot use the device: {_first_line(error)}",
            argument="device",
            value=device,
            allowed="cpu, cuda, mps",
        ) from error
    model.eval()
    return model, tokenizer


def load_base_writer(adapter: str | None = None, *, device: str = "cpu") -> tuple[Any, Any]:
    """The bundled base writer and its tokenizer, as `load_causal_lm` gives them.

    Raises:
        BackendError: the weights are not there, or the adapter does not fit.
    """
    if not (WEIGHTS / "config.json").exists():
        raise BackendError(
            "the bundled writer is not in this installation",
            retryable=False,
            hint="Train it: adwright learn pretrain --out DIR, and name DIR/writer as the model",
        )
    return load_causal_lm(str(WEIGHTS), adapter, device=device)


def load_tokenizer(path_or_id: str) -> Any:
    """The tokenizer of a folder or an id of the hub, padded on the left; raises `BackendError`."""
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(path_or_id, padding_side="left")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _not_loadable("tokenizer", path_or_id, error) from error
    if tokenizer.pad_token_id is None:
        if tokenizer.eos_token is None:
            raise BackendError(
                f"the tokenizer of {path_or_id} has neither pad nor end token", retryable=False
            )
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def _load_model(path_or_id: str, dtype: Dtype) -> Any:
    import torch
    from transformers import AutoModelForCausalLM

    kinds = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
    if dtype not in kinds:
        raise ConfigError("unknown dtype", argument="dtype", value=dtype, allowed=", ".join(kinds))
    try:
        with no_progress_bars():
            return AutoModelForCausalLM.from_pretrained(path_or_id, dtype=kinds[dtype])
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise _not_loadable("model", path_or_id, error) from error


def _has_tokenizer(adapter: str) -> bool:
    """Whether an adapter's folder brings the tokenizer, and the chat template, that it was trained with."""
    return (Path(adapter) / "tokenizer_config.json").is_file()


def _load_adapter(model: Any, tokenizer: Any, adapter: str) -> Any:
    import torch

    probe = tokenizer(_PROBE, return_tensors="pt", add_special_tokens=False).input_ids
    probe = probe.clamp(max=model.get_input_embeddings().num_embeddings - 1)
    model.eval()
    with torch.no_grad():
        without = model(probe).logits
    adapted = load_own_adapter(model, adapter) if is_own_adapter(adapter) else _load_peft(model, adapter)
    adapted.eval()
    with torch.no_grad():
        with_adapter = adapted(probe).logits
    if torch.equal(with_adapter, without):
        raise BackendError(
            f"the adapter {adapter} changes nothing",
            retryable=False,
            hint="It is untrained, or its weights were not found; train it, or leave it out",
        )
    return adapted


def _load_peft(model: Any, adapter: str) -> Any:
    from peft import PeftModel

    try:
        with warnings.catch_warnings():
            warnings.filterwarnings(
                "error", message=".*(missing|unexpected) adapter keys.*", category=UserWarning
            )
            warnings.filterwarnings(  # AdaLoRA's ranks are read apart, after PEFT has looked for LoRA's
                "ignore", message=".*rank_pattern keys did not match.*lora_E.*", category=RuntimeWarning
            )
            return PeftModel.from_pretrained(model, adapter)
    except (OSError, ValueError, RuntimeError, KeyError, UserWarning) as error:
        raise _not_loadable("adapter", adapter, error) from error


def _not_loadable(what: str, path_or_id: str, error: Exception) -> BackendError:
    local = Path(path_or_id).exists()
    hint = (
        "Look whether the folder holds what save_pretrained writes"
        if local
        else "No such folder; for an id of the hub the network or a cached copy is needed (HF_HUB_OFFLINE=0)"
    )
    return BackendError(
        f"cannot load the {what} {path_or_id}: {_first_line(error)}", retryable=False, hint=hint
    )


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
