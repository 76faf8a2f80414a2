"""Any causal language model of transformers, by path or id, with an optional PEFT adapter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from adwright.backbone import load_causal_lm
from adwright.backbone.loading import Dtype
from adwright.errors import ConfigError
from adwright.generate.backends.attempts import Attempt, Writing, plan_attempts, with_fault
from adwright.generate.prompt import Prompt
from adwright.generate.requests import Draft, WriteRequest


@dataclass(frozen=True)
class HfConfig:
    """Which model, and how it is sampled.

    Args:
        model: A local folder or an id of the hub.
        adapter: A PEFT adapter for it.
        device, dtype: As PyTorch names them.
        batch_size: Prompts that are generated at once.
        max_new_tokens: Longest answer.
        temperature: 0 takes the likeliest token.
        top_p: Share of the probability mass that is sampled from.
        max_tries: How often one variant is asked for.
    """

    model: str
    adapter: str | None = None
    device: str = "cpu"
    dtype: Dtype = "float32"
    batch_size: int = 8
    max_new_tokens: int = 256
    temperature: float = 0.8
    top_p: float = 0.95
    max_tries: int = 3

    def __post_init__(self) -> None:
        for name in ("batch_size", "max_new_tokens", "max_tries"):
            if getattr(self, name) < 1:
                raise ConfigError(
                    "must be positive", argument=name, value=getattr(self, name), allowed="1 or more"
                )
        if self.temperature < 0 or not 0 < self.top_p <= 1:
            raise ConfigError(
                "cannot sample so", argument="temperature, top_p", value=(self.temperature, self.top_p)
            )


class HfBackend:
    """Writes with a transformers model on this machine; the model is loaded at the first request."""

    name = "hf"
    config_type = HfConfig
    learns_from_findings = True

    def __init__(self, config: HfConfig) -> None:
        self.config = config
        self._loaded: tuple[Any, Any] | None = None

    def write(self, requests: Sequence[WriteRequest]) -> list[list[Draft]]:
        """For each request up to n drafts; an answer that cannot be read is asked for again."""
        attempts = plan_attempts(requests)
        for _ in range(self.config.max_tries):
            open_ = [a for a in attempts if a.slots is None]
            for start in range(0, len(open_), self.config.batch_size):
                self._generate(open_[start : start + self.config.batch_size])
        writing = Writing(self.name, self.config.model, self.config.adapter)
        return writing.drafts(attempts, len(requests))

    def _generate(self, attempts: Sequence[Attempt]) -> None:
        import torch

        config = self.config
        model, tokenizer = self._model()
        texts = [_chat(tokenizer, with_fault(a.prompt, a.fault)) for a in attempts]
        inputs = tokenizer(texts, return_tensors="pt", padding=True, add_special_tokens=False).to(
            model.device
        )
        sampling = (
            {"do_sample": True, "temperature": config.temperature, "top_p": config.top_p, "top_k": 0}
            if config.temperature > 0
            else {"do_sample": False}
        )
        with torch.no_grad(), torch.random.fork_rng(devices=_cuda_devices(model)):
            torch.manual_seed(attempts[0].seed + attempts[0].n_tries)
            answers = model.generate(
                **inputs,
                **sampling,
                max_new_tokens=config.max_new_tokens,
                pad_token_id=tokenizer.pad_token_id,
            )
        width = inputs.input_ids.shape[1]
        ends = _end_tokens(model, tokenizer)
        for attempt, mask, answer in zip(attempts, inputs.attention_mask, answers, strict=True):
            tokens = answer[width:].tolist()
            n_tokens = next((i + 1 for i, t in enumerate(tokens) if t in ends), len(tokens))
            attempt.n_tries += 1
            attempt.n_prompt_tokens += int(mask.sum())
            attempt.n_completion_tokens += n_tokens
            attempt.take(tokenizer.decode(tokens[:n_tokens], skip_special_tokens=True))

    def _model(self) -> tuple[Any, Any]:
        if self._loaded is None:
            config = self.config
            self._loaded = load_causal_lm(
                config.model, config.adapter, device=config.device, dtype=config.dtype
            )
        return self._loaded


def _chat(tokenizer: Any, prompt: Prompt) -> str:
    """The prompt in the model's own chat template, or as plain text where it has none."""
    if tokenizer.chat_template is None:
        return f"{tokenizer.bos_token or ''}{prompt.system}\n\n{prompt.user}\n"
    messages = [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}]
    return str(tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True))


def _end_tokens(model: Any, tokenizer: Any) -> set[int]:
    configured = model.generation_config.eos_token_id
    ends = set(configured if isinstance(configured, list) else [configured]) | {tokenizer.eos_token_id}
    return {end for end in ends if end is not None}


def _cuda_devices(model: Any) -> list[int]:
    return [model.device.index or 0] if model.device.type == "cuda" else []
