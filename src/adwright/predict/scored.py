"""Scored chunks of a table, and what they are together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from adwright.schema import F64, Bools, OrderValue, Rate


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """n scored rows.

    Args:
        rates: By target.
        order_value: The expected value of an order; None without that target.
        order_quantiles: (n, 3) the 5, 50 and 95 % quantiles of one order, minor units.
        inside: (n,) whether they are in domain.
    """

    rates: Mapping[str, Rate]
    order_value: OrderValue | None
    order_quantiles: F64
    inside: Bools


def join_rates(parts: Sequence[Rate | None]) -> Rate | None:
    """The chunks' rates as one."""
    held = [part for part in parts if part is not None]
    if not held:
        return None
    return Rate(
        mean=np.concatenate([r.mean for r in held]),
        k=np.concatenate([r.k for r in held]),
        level_sd=np.concatenate([r.level_sd for r in held]),
        family=held[0].family,
    )


def join_values(parts: Sequence[OrderValue | None]) -> OrderValue | None:
    """The chunks' order values as one."""
    held = [part for part in parts if part is not None]
    if not held:
        return None
    return OrderValue(
        mean_minor=np.concatenate([v.mean_minor for v in held]),
        sd_minor=np.concatenate([v.sd_minor for v in held]),
        currency=held[0].currency,
    )


def quantile_columns(parts: Sequence[F64]) -> dict[str, F64]:
    """The chunks' quantiles of one order, by column."""
    names = ("order_value_low_minor", "order_value_median_minor", "order_value_high_minor")
    return dict(zip(names, np.concatenate(parts).T, strict=True))
