"""Supervised fine-tuning of any causal model on pairs of prompt and text, resumably.

The loss is the mean negative log-likelihood of the text's tokens; none is taken on the prompt.

Holds when: the same seed, data, configuration and number of threads are used; then a run that was killed and
resumed ends with the weights of one that was not, for batch i is a function of the seed and i alone.

Does not cover: preferences and rewards; how good a text is at selling. A low loss says that texts like the
references are likely, no more.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from adwright.backbone.adapters import AdapterConfig, add_adapter, save_adapter, trained_weights
from adwright.backbone.chat import PLAIN_TEMPLATE, chat_text
from adwright.backbone.loading import load_causal_lm
from adwright.errors import ConfigError, UsageError
from adwright.learn.curves import Curve, open_curve
from adwright.learn.pairs import Pair

CHECKPOINT = "checkpoint.pt"
SETTINGS = "sft.json"
CURVE = "loss.jsonl"
ADAPTER = "adapter"
CARD = "card.json"
_IGNORED = -100


@dataclass(frozen=True)
class SftConfig:
    """What is trained on what, and for how long.

    Args:
        model: A folder or id of a causal model.
        adapter: Which part of it is trained.
        steps: Optimiser steps.
        batch: Pairs a step.
        learning_rate: Its greatest value, after `warmup` steps; then it falls to zero on a straight line.
        warmup: Steps.
        weight_decay, clip: Of AdamW, and the greatest norm of a gradient.
        max_tokens: Longest pair; a longer one is cut at its end.
        seed: Of the order of the pairs and of new weights.
        log_every, eval_every, checkpoint_every: In steps.
        device: As PyTorch names it.
    """

    model: str
    adapter: AdapterConfig = field(default_factory=AdapterConfig)
    steps: int = 300
    batch: int = 16
    learning_rate: float = 1e-3
    warmup: int = 20
    weight_decay: float = 0.0
    clip: float = 1.0
    max_tokens: int = 256
    seed: int = 0
    log_every: int = 10
    eval_every: int = 100
    checkpoint_every: int = 50
    device: str = "cpu"

    def __post_init__(self) -> None:
        for name in ("steps", "batch", "max_tokens", "log_every", "eval_every", "checkpoint_every"):
            if getattr(self, name) < 1:
                raise ConfigError(
                    "must be positive", argument=name, value=getattr(self, name), allowed="1 or more"
                )
        if self.learning_rate <= 0 or self.warmup < 0:
            raise ConfigError(
                "cannot learn so", argument="learning_rate, warmup", value=(self.learning_rate, self.warmup)
            )


@dataclass(frozen=True, slots=True)
class SftResult:
    """What a run ended with.

    Args:
        folder: The adapter with tokenizer and chat template; None where the run was stopped before its end.
        step: How far it came.
        n_trained, n_parameters: Weights that are trained, and all of the model's.
        dev_loss_before, dev_loss: On the held-out pairs, per token; None without such pairs.
        seconds: Of training, over all parts of a resumed run.
    """

    folder: Path | None
    step: int
    n_trained: int
    n_parameters: int
    dev_loss_before: float | None
    dev_loss: float | None
    seconds: float


def fine_tune(
    pairs: Sequence[Pair],
    out: Path,
    config: SftConfig,
    *,
    dev: Sequence[Pair] = (),
    stop_after: int | None = None,
    wandb_project: str | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> SftResult:
    """Fine-tunes a model in a folder; a folder that was begun with the same configuration is gone on with.

    The folder gets a checkpoint, the loss curve (JSON lines, and TensorBoard where that is installed) and at
    the end `adapter/`: the trained part, the tokenizer and the chat template, which `load_causal_lm` and the
    backend `hf` take as `adapter`. Its card is written last.

    Args:
        pairs: To learn from.
        out: The folder.
        config: What is trained, and for how long.
        dev: Held-out pairs for the loss.
        stop_after: Stop at this step with a checkpoint, as if interrupted.
        wandb_project: Also log to this Weights & Biases project.
        progress: Called with one line now and then.

    Raises:
        UsageError: no pairs, or the folder was begun with another configuration or other pairs.
        BackendError: the model cannot be loaded.
    """
    if not pairs:
        raise UsageError("nothing to learn from", argument="pairs", value=(), allowed="at least one pair")
    _claim(out, config, pairs)
    run = _Run(config, pairs)
    first = run.load(out / CHECKPOINT) if (out / CHECKPOINT).exists() else 0
    held_out = run.encode_all(dev)
    if first == 0 and held_out:
        run.dev_loss_before = run.loss_on(held_out)
    curve = open_curve(out, name=CURVE, first=first, wandb_project=wandb_project, progress=progress)
    last = min(config.steps, stop_after or config.steps)
    try:
        dev_loss = _train(run, curve, out, first=first, last=last, held_out=held_out, progress=progress)
    finally:
        curve.close()
    if last == config.steps:
        run.finish(out, dev_loss)
    return SftResult(
        folder=out / ADAPTER if last == config.steps else None,
        step=last,
        n_trained=run.n_trained,
        n_parameters=run.n_parameters,
        dev_loss_before=run.dev_loss_before,
        dev_loss=dev_loss,
        seconds=run.seconds,
    )


def _train(
    run: _Run,
    curve: Curve,
    out: Path,
    *,
    first: int,
    last: int,
    held_out: Sequence[_Encoded],
    progress: Callable[[str], None],
) -> float | None:
    """Steps `first` to `last`; the last loss on the held-out pairs."""
    config = run.config
    dev_loss = run.loss_on(held_out) if first >= last and held_out else None
    for step in range(first, last):
        started = time.monotonic()
        loss = run.step(step)
        run.seconds += time.monotonic() - started
        done = step + 1
        if done % config.log_every == 0 or done == last:
            curve.add(done, loss=loss, learning_rate=run.learning_rate(step))
        if held_out and (done % config.eval_every == 0 or done == config.steps):
            dev_loss = run.loss_on(held_out)
            curve.add(done, dev_loss=dev_loss)
            progress(f"step {done} of {config.steps}: loss {loss:.3f}, held out {dev_loss:.3f}")
        if done % config.checkpoint_every == 0 or done == last:
            run.save(out / CHECKPOINT, done)
    return dev_loss


def _claim(out: Path, config: SftConfig, pairs: Sequence[Pair]) -> None:
    """Writes down what the folder is for, or checks that it is for this."""
    import hashlib

    digest = hashlib.blake2b("\x1e".join(f"{p.prompt}\x1f{p.text}" for p in pairs).encode(), digest_size=8)
    mine = {**asdict(config), "pairs": digest.hexdigest(), "n_pairs": len(pairs)}
    file = out / SETTINGS
    if not file.exists():
        if out.exists() and any(out.iterdir()):
            raise UsageError(
                "the folder is not empty", argument="out", value=str(out), allowed="an empty one"
            )
        out.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(mine, indent=1), encoding="utf-8")
        return
    begun = json.loads(file.read_text(encoding="utf-8"))
    differing = [name for name, value in mine.items() if begun.get(name) != value]
    if differing:
        raise UsageError(
            "the folder was begun with something else",
            argument=", ".join(differing),
            value=[mine[name] for name in differing],
            allowed=str([begun.get(name) for name in differing]),
            hint="Take another folder, or the same configuration and data to go on",
        )


@dataclass(frozen=True, slots=True)
class _Encoded:
    """A pair in tokens; no loss is taken on the first `n_prompt`."""

    ids: list[int]
    n_prompt: int


class _Run:
    """The state of a run: model, optimiser, and where in the data it is."""

    def __init__(self, config: SftConfig, pairs: Sequence[Pair]) -> None:
        import torch

        self.config = config
        torch.manual_seed(config.seed)
        model, self.tokenizer = load_causal_lm(config.model, device=config.device)
        if self.tokenizer.chat_template is None:
            self.tokenizer.chat_template = PLAIN_TEMPLATE
        self.n_parameters = sum(weight.numel() for weight in model.parameters())
        self.model = add_adapter(model, config.adapter, n_steps=config.steps)
        self.trained = trained_weights(self.model)
        self.n_trained = sum(weight.numel() for weight in self.trained.values())
        self.optimiser = torch.optim.AdamW(
            self.trained.values(), lr=config.learning_rate, weight_decay=config.weight_decay
        )
        self.pairs = self.encode_all(pairs)
        self.dev_loss_before: float | None = None
        self.seconds = 0.0

    def encode_all(self, pairs: Sequence[Pair]) -> list[_Encoded]:
        """The pairs in tokens, each text with its end."""
        end = self.tokenizer.eos_token or ""
        prompts = [chat_text(self.tokenizer, pair.prompt) for pair in pairs]
        asked = [self.tokenizer(p, add_special_tokens=False).input_ids for p in prompts]
        told = [self.tokenizer(pair.text + end, add_special_tokens=False).input_ids for pair in pairs]
        most = self.config.max_tokens
        return [_Encoded((a + t)[:most], min(len(a), most - 1)) for a, t in zip(asked, told, strict=True)]

    def learning_rate(self, step: int) -> float:
        """Up over the warm-up, then down to zero on a straight line."""
        config = self.config
        up = min(1.0, (step + 1) / max(config.warmup, 1))
        down = (config.steps - step) / max(config.steps - config.warmup, 1)
        return config.learning_rate * min(up, down)

    def step(self, step: int) -> float:
        """One step of the optimiser; its loss."""
        import torch

        for group in self.optimiser.param_groups:
            group["lr"] = self.learning_rate(step)
        torch.manual_seed(self.config.seed * 1_000_003 + step)  # of the drop-out
        self.model.train()
        loss, _ = self._forward([self.pairs[i] for i in self._rows(step)])
        self.optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.trained.values(), self.config.clip)
        self.optimiser.step()
        if self.config.adapter.method == "adalora":
            self.model.base_model.update_and_allocate(step)
        return float(loss.item())

    def _rows(self, step: int) -> list[int]:
        """Which pairs make a step: each epoch has an order of its own, and no step depends on another."""
        n, batch = len(self.pairs), self.config.batch
        rows: list[int] = []
        for i in range(step * batch, (step + 1) * batch):
            epoch, place = divmod(i, n)
            rows.append(int(_order(n, self.config.seed, epoch)[place]))
        return rows

    def loss_on(self, encoded: Sequence[_Encoded]) -> float:
        """The loss per token of text, over all pairs."""
        import torch

        self.model.eval()
        total, n_all = 0.0, 0
        with torch.no_grad():
            for batch in _by_length(encoded, self.config.batch):
                n = sum(len(pair.ids) - pair.n_prompt for pair in batch)
                total += float(self._forward(batch)[1].item()) * n
                n_all += n
        return total / max(n_all, 1)

    def _forward(self, batch: Sequence[_Encoded]) -> tuple[Any, Any]:
        """The loss that is minimised (adalora adds how far its factors are from orthogonal), and the plain one."""
        import torch
        from torch.nn.functional import cross_entropy

        width = max(len(pair.ids) for pair in batch)
        ids = torch.full((len(batch), width), self.tokenizer.pad_token_id)
        labels = torch.full((len(batch), width), _IGNORED)
        mask = torch.zeros((len(batch), width), dtype=torch.long)
        for i, pair in enumerate(batch):
            n = len(pair.ids)
            ids[i, :n] = torch.tensor(pair.ids)
            labels[i, pair.n_prompt : n] = torch.tensor(pair.ids[pair.n_prompt :])
            mask[i, :n] = 1
        device = self.config.device
        out = self.model(
            input_ids=ids.to(device),
            attention_mask=mask.to(device),
            labels=labels.to(device),
            use_cache=False,
        )
        told = out.logits[:, :-1].flatten(0, 1).float()
        plain = cross_entropy(told, labels[:, 1:].flatten().to(device), ignore_index=_IGNORED)
        return out.loss, plain

    def save(self, path: Path, step: int) -> None:
        """Writes the checkpoint whole, or not at all."""
        import torch

        half = path.with_suffix(".half")
        torch.save(
            {
                "step": step,
                "weights": self._state(),
                "optimiser": self.optimiser.state_dict(),
                "allocator": self._allocator(),
                "dev_loss_before": self.dev_loss_before,
                "seconds": self.seconds,
            },
            half,
        )
        half.replace(path)

    def load(self, path: Path) -> int:
        """Goes on from a checkpoint; its step."""
        import torch

        held = torch.load(path, map_location=self.config.device, weights_only=True)
        self.model.load_state_dict(held["weights"], strict=False)
        self.optimiser.load_state_dict(held["optimiser"])
        for name, values in held["allocator"].items():
            getattr(self.model.base_model.rankallocator, name).update(values)
        self.dev_loss_before, self.seconds = held["dev_loss_before"], held["seconds"]
        return int(held["step"])

    def finish(self, out: Path, dev_loss: float | None) -> None:
        """Saves adapter, tokenizer and chat template; the card, written last, says what they are."""
        folder = out / ADAPTER
        save_adapter(self.model, self.config.adapter, folder)
        self.tokenizer.save_pretrained(str(folder))
        card = {
            "config": asdict(self.config),
            "n_trained": self.n_trained,
            "n_parameters": self.n_parameters,
            "n_pairs": len(self.pairs),
            "dev_loss_before": self.dev_loss_before,
            "dev_loss": dev_loss,
            "seconds": round(self.seconds, 1),
        }
        (folder / CARD).write_text(json.dumps(card, indent=1), encoding="utf-8")

    def _state(self) -> dict[str, Any]:
        """What is trained, and what adalora keeps beside it."""
        return {
            name: weight.detach()
            for name, weight in self.model.named_parameters()
            if weight.requires_grad or "ranknum" in name
        }

    def _allocator(self) -> dict[str, dict[str, Any]]:
        if self.config.adapter.method != "adalora":
            return {}
        allocator = self.model.base_model.rankallocator
        return {name: dict(getattr(allocator, name)) for name in ("ipt", "exp_avg_ipt", "exp_avg_unc")}


def _order(n: int, seed: int, epoch: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.random.default_rng([seed, epoch]).permutation(n)


def _by_length(encoded: Sequence[_Encoded], batch: int) -> Iterator[list[_Encoded]]:
    """Batches of pairs of like length, for less padding."""
    ordered = sorted(encoded, key=lambda pair: len(pair.ids))
    for start in range(0, len(ordered), batch):
        yield ordered[start : start + batch]
