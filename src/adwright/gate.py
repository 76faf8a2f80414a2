"""The gate: is a content good enough to publish, does a person have to look, or does it go back to learning?

Order matters: what a guard blocks is never published; what a guard wants looked at, or what the model knows
too little about, goes to a person; what is worth too little goes back; the rest may go out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from adwright.schema import Finding, Language

Verdict = Literal["publish", "review", "learn", "reject"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GateConfig:
    """The recipe's `[gate]`.

    Args:
        min_value_lower: Least lower bound (5 %) of the value per exposure, minor units (a rate for goals
            that are rates). Below it, back to learning.
        require_in_domain: Hand contents unlike the training texts to a person.
        auto_approve: What passes the gate is approved without a person.
    """

    min_value_lower: float = 0.0
    require_in_domain: bool = True
    auto_approve: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GateResult:
    """The verdict, and why, in a sentence a language."""

    verdict: Verdict
    reason: Mapping[Language, str]


def judge(
    findings: Sequence[Finding], *, value_low: float | None, in_domain: bool | None, config: GateConfig
) -> GateResult:
    """What happens to a content.

    Args:
        findings: Of the guards.
        value_low: Lower bound of its value per exposure; None or NaN where nothing could be predicted.
        in_domain: Whether the model was trained on texts like it; None where there is no model.
        config: The recipe's `[gate]`.

    >>> judge([], value_low=3.0, in_domain=True, config=GateConfig()).verdict
    'publish'
    """
    low = None if value_low is None or math.isnan(value_low) else value_low
    blocking = sorted({f.rule_id for f in findings if f.severity == "block" and f.exemption is None})
    if blocking:
        rules = ", ".join(blocking)
        return _result("reject", f"Blocked by {rules}.", f"被规则 {rules} 拦下。")
    if low is not None and low < config.min_value_lower:
        return _result(
            "learn",
            "Its value may be too low: back to learning.",
            "预测价值的下限低于要求，退回学习。",
        )
    doubtful = sorted({f.rule_id for f in findings if f.severity == "review" and f.exemption is None})
    if doubtful:
        rules = ", ".join(doubtful)
        return _result("review", f"A person should look: {rules}.", f"需要人工确认：{rules}。")
    if low is None or in_domain is None:
        return _result(
            "review",
            "No model has learned from this shop yet: a person decides.",
            "还没有可用的预测模型，由人工决定。",
        )
    if config.require_in_domain and not in_domain:
        return _result(
            "review",
            "Unlike the texts that the model learned from: a person decides.",
            "与模型学过的文案差别较大，由人工决定。",
        )
    return _result("publish", "Passed all guards and the value it needs.", "通过全部检查，预测价值达标。")


def _result(verdict: Verdict, en: str, zh: str) -> GateResult:
    return GateResult(verdict=verdict, reason={"en": en, "zh": zh})
