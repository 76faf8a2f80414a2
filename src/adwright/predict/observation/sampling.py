"""Failures that were sampled down before the table was written: rates of the sample, and of what it came from.

Where successes are all kept and failures with probability w, odds in the sample are 1 / w times those outside:

    q = p / (p + (1 - p) / w),   p of the sample, q of the population;   logit q = logit p + log w

Source: He et al. 2014, Practical Lessons from Predicting Clicks on Ads at Facebook, section 6.3.
Holds when: a failure is kept or not whatever its features. Does not cover: sampling that looks at them.
"""

from __future__ import annotations

import numpy as np

from adwright.schema import F64


def from_sampled(rate: F64, negative_rate: float) -> F64:
    """(n,) rates of the population from those of the sample.

    >>> from_sampled(np.array([0.5]), 0.1).round(4).tolist()
    [0.0909]
    """
    return np.asarray(rate / (rate + (1 - rate) / negative_rate))


def log_slope(rate: F64, negative_rate: float) -> F64:
    """(n,) d log p / d log q at the population's rates: by so much a relative spread shrinks in the sample.

    >>> log_slope(np.array([0.02]), 0.1).round(3).tolist()
    [0.847]
    """
    return np.asarray((1 - to_sampled(rate, negative_rate)) / (1 - rate))


def to_sampled(rate: F64, negative_rate: float) -> F64:
    """(n,) rates of the sample from those of the population; the inverse of `from_sampled`."""
    return np.asarray(rate / (rate + (1 - rate) * negative_rate))
