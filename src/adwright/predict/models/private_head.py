"""A linear head on frozen features, learned with differential privacy: Poisson-sampled, clipped, noisy steps.

The unit is a contrast: all rows of one group, or one row where there are no groups.

Source: Abadi et al. (2016), CCS, algorithm 1, by Opacus. Holds when: the encoder never saw the outcomes, and
targets are centred by a rate that may be known. Does not cover: what is learned from the same rows elsewhere.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from adwright.errors import ConfigError
from adwright.predict.encoder_config import EncoderConfig, PrivacyConfig
from adwright.predict.models.contrasts import Contrast
from adwright.predict.models.torch_settings import torch_settings
from adwright.privacy.dp_accounting import NoisySteps, noise_for
from adwright.schema import F64


@dataclass(frozen=True, slots=True)
class PrivatePlan:
    """Noise for a budget.

    Args:
        steps: Of each run.
        max_grad_norm: To which a unit's gradient is clipped.
    """

    steps: NoisySteps
    max_grad_norm: float

    @classmethod
    def of(cls, privacy: PrivacyConfig, *, n_units: int, n_runs: int) -> PrivatePlan:
        """The plan with which so many runs on so many units spend at most the budget.

        Raises:
            ConfigError: delta is not below 1 / n_units, Opacus is missing, or the budget is too small.
        """
        check_delta(privacy, n_units)
        rate = min(1.0, privacy.units_per_step / max(n_units, 1))
        n_steps = max(1, math.ceil(privacy.n_epochs / rate))
        noise = noise_for(privacy.epsilon, privacy.delta, sample_rate=rate, n_steps=n_runs * n_steps)
        return cls(NoisySteps(noise, rate, n_steps), privacy.max_grad_norm)


def check_delta(privacy: PrivacyConfig, n_units: int) -> None:
    """Raises `ConfigError` where delta is not below one over the number of units."""
    if not privacy.delta * n_units < 1:
        raise ConfigError(
            "delta promises nothing",
            argument="model.encoder.privacy.delta",
            value=privacy.delta,
            allowed=f"below 1 / {n_units}, the number of units",
        )


def train_private_head(
    features: F64,
    learned: Sequence[Contrast],
    config: EncoderConfig,
    plan: PrivatePlan,
    *,
    seed: int,
    progress: Callable[[str], None],
    watch: Callable[[Any], None] | None = None,
) -> F64:
    """(d,) weights of the features.

    Args:
        features: (n_texts, d) of the texts that contrasts number.
        learned: Contrasts, one a unit.
        config: Its head's learning rate is used; per feature of unit norm.
        plan: Noise, clip and steps.
        seed: Of the sampling and the noise.
        progress: Takes a line at the end.
        watch: Called with Opacus' optimiser before each step; for tests.
    """
    from opacus import GradSampleModule
    from opacus.optimizers import DPOptimizer

    scale = math.sqrt(features.shape[1])
    x, target, precision = _padded(features / scale, learned)
    rng, steps = np.random.default_rng(seed), plan.steps
    with torch_settings(seed, config.n_threads), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Full backward hook is firing")
        head = torch.nn.Linear(x.shape[2], 1, bias=False)
        torch.nn.init.zeros_(head.weight)
        module = GradSampleModule(head)
        optimiser = DPOptimizer(
            torch.optim.Adam(module.parameters(), lr=config.head_learning_rate),
            noise_multiplier=steps.noise_multiplier,
            max_grad_norm=plan.max_grad_norm,
            expected_batch_size=max(1, round(steps.sample_rate * len(learned))),
            loss_reduction="sum",
            generator=torch.Generator().manual_seed(seed),
        )
        if watch is not None:
            optimiser.attach_step_hook(watch)
        average = torch.zeros_like(head.weight)
        for step in range(steps.n_steps):
            chosen = torch.from_numpy(np.flatnonzero(rng.random(len(learned)) < steps.sample_rate))
            gap = module(x[chosen]).squeeze(2) - target[chosen]
            loss = torch.einsum("nc,ncd,nd->", gap, precision[chosen], gap) / 2
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            with torch.no_grad():
                average.lerp_(
                    head.weight, 2 / (step + 2)
                )  # later iterates weigh more; no more is spent by it
    progress(f"private head: {steps.n_steps} steps, noise {steps.noise_multiplier:.2f}")
    return np.asarray(average.detach().numpy()[0], np.float64) / scale


def _padded(features: F64, learned: Sequence[Contrast]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """(n, c, d) features, (n, c) targets, (n, c, c) precisions; zero beyond a contrast's cells."""
    most = max(len(c.text) for c in learned)
    x = torch.zeros(len(learned), most, features.shape[1])
    target, precision = torch.zeros(len(learned), most), torch.zeros(len(learned), most, most)
    for place, contrast in enumerate(learned):
        size = len(contrast.text)
        x[place, :size] = torch.from_numpy(features[contrast.text].astype(np.float32))
        target[place, :size] = torch.from_numpy(contrast.target.astype(np.float32))
        precision[place, :size, :size] = torch.from_numpy(contrast.precision.astype(np.float32))
    return x, target, precision
