"""What an evaluation gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from adwright.experiment.growthbook.javascript import truthy


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """Which arm a customer sees.

    Args:
        key: Of the arm.
        variation: Index of the arm; 0, the control, outside the experiment.
        value: Of the arm.
        in_experiment: Whether the customer takes part.
        hash_used: Whether the arm comes from the hash; only then it is an exposure.
        hash_attribute: The attribute that was hashed.
        hash_value: Its value.
        bucket: In [0, 1); None where nothing was hashed.
        sticky_used: Whether an earlier assignment was kept.
        propensity: Probability with which this arm is assigned among those that take part; None outside.
        feature: The feature whose rule this is.
        extra: Further keys of the SDK's result: name, passthrough, and those of a contextual bandit.
    """

    key: str
    variation: int
    value: Any
    in_experiment: bool
    hash_used: bool
    hash_attribute: str
    hash_value: Any
    bucket: float | None = None
    sticky_used: bool = False
    propensity: float | None = None
    feature: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def passthrough(self) -> bool:
        """Whether the next rule is to be tried although this one applied (a holdout's inverse)."""
        return truthy(self.extra.get("passthrough"))

    def to_sdk(self) -> dict[str, Any]:
        """The result with the SDK's keys."""
        out = {
            "key": self.key,
            "featureId": self.feature,
            "inExperiment": self.in_experiment,
            "hashUsed": self.hash_used,
            "variationId": self.variation,
            "value": self.value,
            "hashAttribute": self.hash_attribute,
            "hashValue": self.hash_value,
            "stickyBucketUsed": self.sticky_used,
        }
        if self.bucket is not None:
            out["bucket"] = self.bucket
        return out | dict(self.extra)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureResult:
    """The value of a feature for a customer, and where it comes from.

    `source` is "defaultValue", "force", "experiment", "override", "prerequisite", "cyclicPrerequisite" or
    "unknownFeature".
    """

    value: Any
    source: str
    rule: str = ""
    experiment: Mapping[str, Any] | None = None
    result: RunResult | None = None

    def to_sdk(self) -> dict[str, Any]:
        """The result with the SDK's keys."""
        on = truthy(self.value)
        out = {
            "value": self.value,
            "on": on,
            "off": not on,
            "source": self.source,
            "ruleId": self.rule,
        }
        if self.experiment is not None:
            out["experiment"] = dict(self.experiment)
        if self.result is not None:
            out["experimentResult"] = self.result.to_sdk()
        return out
