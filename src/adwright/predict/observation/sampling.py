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


def to_sampled(rate: F64, negative_rate: float) -> F64:
    """(n,) rates of the sample from those of the population; the inverse of `from_sampled`."""
    return np.asarray(rate / (rate + (1 - rate) * negative_rate))
