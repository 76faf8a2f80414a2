"""Training the bundled base writer from nothing: corpus, tokenizer, model, loss curve, checkpoints.

Holds when: the same seed, configuration and number of threads are used; then a run that was killed and resumed
ends with the weights of one that was not, for batch i is a function of the seed and i alone.

Does not cover: training on a shop's own texts; that is fine-tuning, and starts from what this writes.
"""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from adwright.backbone.chat import BARE_TEMPLATE
from adwright.backbone.quiet import no_progress_bars
from adwright.errors import ConfigError, UsageError
from adwright.generate.delexical import special_tokens
from adwright.learn.base_corpus import document
from adwright.learn.curves import Curve, open_curve
from adwright.learn.tokenizer import train_tokenizer

CHECKPOINT = "checkpoint.pt"
SETTINGS = "pretrain.json"
CURVE = "loss.jsonl"
FINAL = "writer"

_DEV_SEED = 1_000_003
_TOKENIZER_SEED = 2_000_003
_IGNORED = -100


@dataclass(frozen=True)
class PretrainConfig:
    """How large the writer is, and how long it learns.

    Args:
        steps: Optimiser steps.
        batch: Documents a step.
        seed: Of the corpus and the weights.
        vocab_size, hidden_size, intermediate_size, n_layers, n_heads, n_kv_heads, head_dim: The shape of the
            Qwen3 model.
        n_positions: The longest sequence, in tokens.
        learning_rate: Its greatest value, after `warmup` steps; over the last `decay` share of the steps it
            falls to zero on a straight line.
        weight_decay, clip: Of AdamW, and the greatest norm of a gradient.
        n_tokenizer_documents: On how many documents the tokenizer is trained.
        n_dev: Held-out documents that the loss is measured on every `eval_every` steps.
        log_every, eval_every, checkpoint_every: In steps.
        device: As PyTorch names it.
        bfloat16: Whether products of matrices are computed in bfloat16; the weights stay in float32.
    """

    steps: int = 5_400
    batch: int = 32
    seed: int = 0
    vocab_size: int = 12_288
    hidden_size: int = 256
    intermediate_size: int = 768
    n_layers: int = 4
    n_heads: int = 4
    n_kv_heads: int = 2
    head_dim: int = 64
    n_positions: int = 512
    learning_rate: float = 2.5e-3
    warmup: int = 80
    decay: float = 0.3
    weight_decay: float = 0.05
    clip: float = 1.0
    n_tokenizer_documents: int = 8_000
    n_dev: int = 192
    log_every: int = 10
    eval_every: int = 100
    checkpoint_every: int = 50
    device: str = "cpu"
    bfloat16: bool = True

    def __post_init__(self) -> None:
        for name in ("steps", "batch", "n_layers", "n_dev", "log_every", "eval_every", "checkpoint_every"):
            if getattr(self, name) < 1:
                raise ConfigError(
                    "must be positive", argument=name, value=getattr(self, name), allowed="1 or more"
                )


def pretrain(
    out: Path,
    config: PretrainConfig | None = None,
    *,
    resume: bool = False,
    stop_after: int | None = None,
    wandb_project: str | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Trains the base writer in a folder and returns its figures.

    The folder gets `tokenizer.json`, a checkpoint, the loss curve and, at the end, `writer/`: the model as
    transformers saves it, weights in half precision.

    Args:
        out: The folder; empty or absent, unless it is resumed.
        config: Left out, the defaults, or when resuming what the folder was begun with.
        resume: Go on from the folder's checkpoint; only `steps` may then differ from what it was begun with.
        stop_after: Stop at this step with a checkpoint, as if interrupted.
        wandb_project: Also log to this Weights & Biases project.
        progress: Called with one line now and then.

    Raises:
        UsageError: the folder is not empty, or there is nothing to resume.
        ConfigError: it was begun with another configuration, or the device is not there.
    """
    settings = _settings(out, config, resume=resume)
    tokenizer = _tokenizer(out, settings)
    run = _Run(settings, tokenizer)
    first = run.load(out / CHECKPOINT) if (out / CHECKPOINT).exists() else 0
    dev = _dev_documents(settings, tokenizer)
    curve = open_curve(out, name=CURVE, first=first, wandb_project=wandb_project, progress=progress)
    last = min(settings.steps, stop_after or settings.steps)
    for step, batch in zip(range(first, last), _batches(settings, tokenizer, first), strict=False):
        loss = run.step(step, batch)
        done = step + 1
        if done % settings.log_every == 0 or done == last:
            curve.add(done, loss=loss, learning_rate=run.learning_rate(step), tokens=run.n_tokens)
        if done % settings.eval_every == 0 or done == settings.steps:
            dev_loss = run.loss_on(dev)
            curve.add(done, dev_loss=dev_loss)
            progress(f"step {done} of {settings.steps}: loss {loss:.3f}, held out {dev_loss:.3f}")
        if done % settings.checkpoint_every == 0 or done == last:
            run.save(out / CHECKPOINT, done)
    curve.close()
    if last < settings.steps:
        return {"step": last, "finished": False}
    return _finish(out, run, curve, dev)


def _settings(out: Path, config: PretrainConfig | None, *, resume: bool) -> PretrainConfig:
    file = out / SETTINGS
    if not resume:
        if out.exists() and any(out.iterdir()):
            raise UsageError(
                "the folder is not empty", argument="out", value=str(out), allowed="an empty one"
            )
        out.mkdir(parents=True, exist_ok=True)
        settings = config or PretrainConfig()
        file.write_text(json.dumps(asdict(settings), indent=1), encoding="utf-8")
        return settings
    if not file.exists():
        raise UsageError(
            "nothing to resume", argument="out", value=str(out), allowed=f"a folder with {SETTINGS}"
        )
    begun = PretrainConfig(**json.loads(file.read_text(encoding="utf-8")))
    if config is None:
        return begun
    if replace(config, steps=begun.steps) != begun:
        raise ConfigError(
            "begun with another configuration", argument="config", value=config, allowed=str(begun)
        )
    file.write_text(json.dumps(asdict(config), indent=1), encoding="utf-8")
    return config


def _tokenizer(out: Path, settings: PretrainConfig) -> Any:
    """The folder's tokenizer, trained where there is none yet."""
    from transformers import PreTrainedTokenizerFast

    folder = out / FINAL
    if (folder / "tokenizer.json").exists():
        return PreTrainedTokenizerFast.from_pretrained(folder)
    documents = (document(_TOKENIZER_SEED + settings.seed, i) for i in range(settings.n_tokenizer_documents))
    tokenizer = train_tokenizer((d.prompt + d.text for d in documents), vocab_size=settings.vocab_size)
    tokenizer.chat_template = BARE_TEMPLATE
    tokenizer.save_pretrained(folder)
    return tokenizer


@dataclass(frozen=True, slots=True)
class _Encoded:
    """A document in tokens; the first `n_prompt` are the brief, and no loss is taken on them."""

    ids: list[int]
    n_prompt: int


def _encode(tokenizer: Any, seed: int, index: int, n_positions: int) -> _Encoded:
    written = document(seed, index)
    prompt = tokenizer(written.prompt, add_special_tokens=False).input_ids
    text = tokenizer(written.text, add_special_tokens=False).input_ids
    return _Encoded((prompt + text)[:n_positions], len(prompt))


def _dev_documents(settings: PretrainConfig, tokenizer: Any) -> list[list[_Encoded]]:
    seed = _DEV_SEED + settings.seed
    encoded = [_encode(tokenizer, seed, i, settings.n_positions) for i in range(settings.n_dev)]
    encoded.sort(key=lambda e: len(e.ids))
    return [encoded[i : i + settings.batch] for i in range(0, len(encoded), settings.batch)]


_POOL = 16  # batches whose documents are sorted by length together


def _batches(settings: PretrainConfig, tokenizer: Any, first: int) -> Iterator[list[_Encoded]]:
    """The batches from step `first` on: documents of like length together, so that little is padded."""
    for pool in range(first // _POOL, -(-settings.steps // _POOL)):
        indices = range(pool * _POOL * settings.batch, (pool + 1) * _POOL * settings.batch)
        encoded = [_encode(tokenizer, settings.seed, i, settings.n_positions) for i in indices]
        encoded.sort(key=lambda e: len(e.ids))
        order = np.random.default_rng([settings.seed, pool]).permutation(_POOL)
        for place, i in enumerate(order):
            if pool * _POOL + place >= first:
                yield encoded[i * settings.batch : (i + 1) * settings.batch]


class _Run:
    """The model and its optimiser."""

    def __init__(self, settings: PretrainConfig, tokenizer: Any) -> None:
        import torch

        torch.manual_seed(settings.seed)
        self.settings = settings
        self.tokenizer = tokenizer
        self.model = _new_model(settings, tokenizer)
        try:
            self.model.to(settings.device)
        except (RuntimeError, AssertionError) as error:
            raise ConfigError("cannot use the device", argument="device", value=settings.device) from error
        decayed = [p for p in self.model.parameters() if p.ndim > 1]
        plain = [p for p in self.model.parameters() if p.ndim <= 1]
        self.optimiser = torch.optim.AdamW(
            [
                {"params": decayed, "weight_decay": settings.weight_decay},
                {"params": plain, "weight_decay": 0.0},
            ],
            lr=settings.learning_rate,
            betas=(0.9, 0.98),
        )
        self.n_tokens = 0
        self.seconds = 0.0

    def learning_rate(self, step: int) -> float:
        """Of a step: a rise, a plain, a fall to zero."""
        s = self.settings
        fall = max(1, round(s.decay * s.steps))
        return s.learning_rate * min(1.0, (step + 1) / max(1, s.warmup), (s.steps - step) / fall)

    def step(self, step: int, batch: list[_Encoded]) -> float:
        """One optimiser step; returns the loss before it, in nats a token."""
        import torch

        begun = time.perf_counter()
        for group in self.optimiser.param_groups:
            group["lr"] = self.learning_rate(step)
        loss = self._loss(batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.settings.clip)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.n_tokens += sum(len(e.ids) for e in batch)
        self.seconds += time.perf_counter() - begun
        return float(loss.detach())

    def _loss(self, batch: list[_Encoded]) -> Any:
        """The mean cross-entropy on the texts; logits are computed there only."""
        import torch

        ids, labels = _padded(batch, int(self.tokenizer.pad_token_id))
        ids, labels = ids.to(self.settings.device), labels.to(self.settings.device)
        device = torch.device(self.settings.device).type
        with torch.autocast(device, torch.bfloat16, enabled=self.settings.bfloat16):
            hidden = self.model.model(input_ids=ids, use_cache=False).last_hidden_state
            asked = labels != _IGNORED
            logits = self.model.lm_head(hidden[asked])
        return torch.nn.functional.cross_entropy(logits.float(), labels[asked])

    def loss_on(self, batches: list[list[_Encoded]]) -> float:
        """The mean loss over batches, each text token alike."""
        import torch

        total = n = 0.0
        with torch.no_grad():
            for batch in batches:
                weight = sum(len(e.ids) - e.n_prompt for e in batch)
                total += float(self._loss(batch)) * weight
                n += weight
        return total / n

    def save(self, path: Path, step: int) -> None:
        """A checkpoint, whole or not at all."""
        import torch

        state = {
            "step": step,
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "n_tokens": self.n_tokens,
            "seconds": self.seconds,
        }
        part = path.with_suffix(".part")
        torch.save(state, part)
        os.replace(part, path)

    def load(self, path: Path) -> int:
        """Takes up a checkpoint; returns the steps done."""
        import torch

        state = torch.load(path, map_location=self.settings.device, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.n_tokens, self.seconds = state["n_tokens"], state["seconds"]
        return int(state["step"])


def _padded(batch: list[_Encoded], pad: int) -> tuple[Any, Any]:
    """Ids and, one place further left, the labels, both (documents, longest - 1)."""
    import torch

    longest = max(len(e.ids) for e in batch)
    ids = torch.full((len(batch), longest), pad)
    labels = torch.full((len(batch), longest), _IGNORED)
    for row, e in enumerate(batch):
        ids[row, : len(e.ids)] = torch.tensor(e.ids)
        labels[row, e.n_prompt : len(e.ids)] = torch.tensor(e.ids[e.n_prompt :])
    return ids[:, :-1], labels[:, 1:]


def _new_model(settings: PretrainConfig, tokenizer: Any) -> Any:
    from transformers import Qwen3Config, Qwen3ForCausalLM

    config = Qwen3Config(
        vocab_size=settings.vocab_size,
        hidden_size=settings.hidden_size,
        intermediate_size=settings.intermediate_size,
        num_hidden_layers=settings.n_layers,
        num_attention_heads=settings.n_heads,
        num_key_value_heads=settings.n_kv_heads,
        head_dim=settings.head_dim,
        max_position_embeddings=settings.n_positions,
        tie_word_embeddings=True,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    model = Qwen3ForCausalLM(config)
    _liken_groups(model, tokenizer)
    return model


def _liken_groups(model: Any, tokenizer: Any) -> None:
    """Gives the tokens of one group (`<cat:...>`, `<angle:...>`) a part in common, so that attention finds them."""
    import torch

    groups: dict[str, list[int]] = {}
    for token in special_tokens():
        group = token[1:].split(":")[0] if ":" in token else ""
        groups.setdefault(group, []).append(int(tokenizer.convert_tokens_to_ids(token)))
    table = model.get_input_embeddings().weight
    with torch.no_grad():
        for ids in groups.values():
            table[ids] += torch.randn(table.shape[1]) * model.config.initializer_range


def _finish(out: Path, run: _Run, curve: Curve, dev: list[list[_Encoded]]) -> dict[str, Any]:
    """Saves the writer in half precision; its figures."""
    import torch

    dev_loss = run.loss_on(dev)
    with no_progress_bars():
        run.model.to(torch.float16).save_pretrained(out / FINAL)
    figures = {
        "finished": True,
        "step": run.settings.steps,
        "n_parameters": sum(p.numel() for p in run.model.parameters()),
        "n_tokens": run.n_tokens,
        "seconds": round(run.seconds, 1),
        "first_loss": curve.first_loss,
        "dev_loss": round(dev_loss, 4),
        "perplexity": round(math.exp(dev_loss), 3),
    }
    (out / "figures.json").write_text(json.dumps(figures, indent=1), encoding="utf-8")
    return figures
