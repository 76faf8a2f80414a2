"""Any causal language model of transformers, by path or id, with an optional PEFT adapter."""

from __future__ import annotations

import copy
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from adwright.backbone import load_causal_lm
from adwright.backbone.chat import chat_text
from adwright.backbone.loading import Dtype
from adwright.errors import ConfigError
from adwright.generate.backends.attempts import Attempt, Writing, plan_attempts
from adwright.generate.backends.meter import Meter, call_key
from adwright.generate.prompt import Prompt
from adwright.generate.requests import Draft, WriteRequest
from adwright.store.call_records import CallEnd


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
    """Writes with a transformers model on this machine; the model is loaded at the first request.

    Args:
        config: Which model, and how it is sampled.
        meter: Where calls are written down: they cost nothing but time.

    Attributes:
        last_fault: Why the last `write` gave fewer drafts than it was asked for; empty where it did not.
    """

    name = "hf"
    config_type = HfConfig
    learns_from_findings = True

    def __init__(self, config: HfConfig, *, meter: Meter | None = None) -> None:
        self.config = config
        self.meter = meter or Meter()
        self.last_fault = ""
        self._loaded: list[Any] = []  # model and tokenizer, shared with metered copies

    def with_meter(self, meter: Meter) -> Self:
        """The same backend with the same model, its calls written down there."""
        other = copy.copy(self)
        other.meter = meter
        return other

    def write(self, requests: Sequence[WriteRequest]) -> list[list[Draft]]:
        """For each request up to n drafts; an answer that cannot be read is asked for again."""
        attempts = plan_attempts(requests)
        for _ in range(self.config.max_tries):
            open_ = [a for a in attempts if a.slots is None and not self._recall(a)]
            for start in range(0, len(open_), self.config.batch_size):
                self._ask(open_[start : start + self.config.batch_size])
        lost = [a for a in attempts if a.slots is None]
        self.last_fault = lost[0].fault if lost else ""
        return Writing(self.name, self.config.model, self.config.adapter).drafts(attempts, len(requests))

    def _recall(self, attempt: Attempt) -> bool:
        """Takes what an earlier run wrote for this try; whether there was anything."""
        known = self.meter.recall(self._key(attempt))
        if known is None or known.answer is None:
            return False
        attempt.count(known)
        attempt.take(known.answer, complete=known.is_whole)
        return True

    def _key(self, attempt: Attempt) -> str:
        signature = _signature(self.config.model), _signature(self.config.adapter or "")
        return call_key(
            self.name, self.config, signature, attempt.asked.digest, attempt.seed, attempt.n_answers
        )

    def _ask(self, attempts: Sequence[Attempt]) -> None:
        """One batch, each of its calls written down before and after."""
        begin = self.meter.begin
        model = self.config.adapter or self.config.model
        numbers = [begin(self._key(a), backend=self.name, endpoint="", model=model) for a in attempts]
        started = time.monotonic()
        answers = self._generate(attempts)
        seconds = (time.monotonic() - started) / len(attempts)
        for number, attempt, (text, n_prompt, n_completion) in zip(numbers, attempts, answers, strict=True):
            attempt.take(text)
            end = CallEnd(
                status="unreadable" if attempt.fault else "answered",
                n_prompt_tokens=n_prompt,
                n_completion_tokens=n_completion,
                seconds=seconds,
                cost_micro=0,
                fault=attempt.fault,
                answer=text,
            )
            self.meter.end(number, end)
            attempt.count(end)

    def _generate(self, attempts: Sequence[Attempt]) -> list[tuple[str, int, int]]:
        """For each its answer and how many tokens were read and written."""
        import torch

        config = self.config
        model, tokenizer = self._model()
        texts = [_chat(tokenizer, a.asked) for a in attempts]
        inputs = tokenizer(texts, return_tensors="pt", padding=True, add_special_tokens=False).to(
            model.device
        )
        sampling = (
            {"do_sample": True, "temperature": config.temperature, "top_p": config.top_p, "top_k": 0}
            if config.temperature > 0
            else {"do_sample": False}
        )
        with torch.no_grad(), torch.random.fork_rng(devices=_cuda_devices(model)):
            torch.manual_seed(attempts[0].seed + attempts[0].n_answers)
            answers = model.generate(
                **inputs,
                **sampling,
                max_new_tokens=config.max_new_tokens,
                pad_token_id=tokenizer.pad_token_id,
            )
        width = inputs.input_ids.shape[1]
        ends = _end_tokens(model, tokenizer)
        found: list[tuple[str, int, int]] = []
        for mask, answer in zip(inputs.attention_mask, answers, strict=True):
            tokens = answer[width:].tolist()
            n_tokens = next((i + 1 for i, t in enumerate(tokens) if t in ends), len(tokens))
            text = tokenizer.decode(tokens[:n_tokens], skip_special_tokens=True).replace("\x00", "")
            found.append((text, int(mask.sum()), n_tokens))
        return found

    def _model(self) -> tuple[Any, Any]:
        if not self._loaded:
            config = self.config
            self._loaded += load_causal_lm(
                config.model, config.adapter, device=config.device, dtype=config.dtype
            )
        model, tokenizer = self._loaded
        return model, tokenizer


def _chat(tokenizer: Any, prompt: Prompt) -> str:
    """The prompt in the model's own chat template, or as plain text where it has none."""
    return chat_text(tokenizer, prompt.user, system=prompt.system)


def _signature(path: str) -> tuple[tuple[str, int, int], ...]:
    """Names, sizes and times of a folder's files: trained again, a model is another one."""
    folder = Path(path)
    if not path or not folder.is_dir():
        return ()
    found = ((f.name, f.stat()) for f in sorted(folder.iterdir()) if f.is_file())
    return tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in found)


def _end_tokens(model: Any, tokenizer: Any) -> set[int]:
    configured = model.generation_config.eos_token_id
    ends = set(configured if isinstance(configured, list) else [configured]) | {tokenizer.eos_token_id}
    return {end for end in ends if end is not None}


def _cuda_devices(model: Any) -> list[int]:
    return [model.device.index or 0] if model.device.type == "cuda" else []
