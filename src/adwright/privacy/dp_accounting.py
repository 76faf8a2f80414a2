"""Differential privacy's accounts: how much noise a budget asks for, and what was spent.

The mechanism is the subsampled Gaussian: in each step every unit takes part with probability `sample_rate`, its
gradient is clipped, and Gaussian noise of `noise_multiplier` times the clip is added. Opacus' Rényi accountant
(the extra `dp`) composes the steps.

Source: Abadi et al. (2016), CCS, algorithm 1; Mironov, Talwar and Zhang (2019), arXiv:1908.10530.
Holds when: units take part independently, and nothing else is learned from them. Does not cover: an adversary who
knows the noise: it comes from PyTorch's generator, which is no cryptographic one.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from adwright.errors import ConfigError


@dataclass(frozen=True, slots=True)
class NoisySteps:
    """Steps of one training run.

    Args:
        noise_multiplier: Standard deviation of the noise over the clip.
        sample_rate: Chance of a unit to take part in a step, in (0, 1].
        n_steps: How many.
    """

    noise_multiplier: float
    sample_rate: float
    n_steps: int


def check_installed() -> None:
    """Raises `ConfigError` where the extra `dp` is not installed."""
    if find_spec("opacus") is None:
        raise ConfigError(
            "differential privacy needs Opacus, which is not installed",
            argument="privacy",
            hint="pip install 'adwright[dp]'",
        )


def epsilon_spent(runs: Sequence[NoisySteps], delta: float) -> float:
    """Epsilon of all the runs together at that delta.

    Args:
        runs: All that was learned from the same units.
        delta: In (0, 1).
    """
    check_installed()
    from opacus.accountants import RDPAccountant

    accountant = RDPAccountant()
    accountant.history = [(run.noise_multiplier, run.sample_rate, run.n_steps) for run in runs]
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # the best order may be the last one tried: the bound holds, if loosely
        return float(accountant.get_epsilon(delta))


def noise_for(epsilon: float, delta: float, *, sample_rate: float, n_steps: int) -> float:
    """The noise multiplier with which so many steps spend at most epsilon.

    Raises:
        ConfigError: no noise that Opacus can name is enough.
    """
    check_installed()
    from opacus.accountants.utils import get_noise_multiplier

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = get_noise_multiplier(
                target_epsilon=epsilon,
                target_delta=delta,
                sample_rate=sample_rate,
                steps=n_steps,
                epsilon_tolerance=min(0.01, epsilon / 20),
            )
        except ValueError as error:
            raise ConfigError(
                "the budget is too small for any noise",
                argument="privacy.epsilon",
                value=epsilon,
                hint="Raise epsilon or delta, or take fewer epochs",
            ) from error
    return float(found)
