"""What an evaluation knows: the customer's attributes, the page, and the payload of features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from adwright.experiment.growthbook.conditions import matches, path_value
from adwright.experiment.growthbook.javascript import text, truthy
from adwright.experiment.growthbook.sticky import StickyBuckets


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The customer and the payload.

    Args:
        attributes: Of the customer: raw ids and what conditions ask for.
        features: Name -> feature, as in GrowthBook's payload.
        url: Of the page.
        enabled: False turns every experiment off.
        qa_mode: True leaves only forced arms.
        forced_variations: Experiment key -> arm.
        forced_features: Feature -> value.
        saved_groups: Name -> members.
        contextual_bandits: Name -> its leaves, as in the payload.
        sticky: Earlier assignments, kept and extended; None where assignments are not sticky.
    """

    attributes: Mapping[str, Any] = field(default_factory=dict)
    features: Mapping[str, Any] = field(default_factory=dict)
    url: str = ""
    enabled: bool = True
    qa_mode: bool = False
    forced_variations: Mapping[str, int] = field(default_factory=dict)
    forced_features: Mapping[str, Any] = field(default_factory=dict)
    saved_groups: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    contextual_bandits: Mapping[str, Any] = field(default_factory=dict)
    sticky: StickyBuckets | None = None

    @classmethod
    def from_sdk(cls, given: Mapping[str, Any], *, sticky: StickyBuckets | None = None) -> Context:
        """The context from an object with the SDK's keys (attributes, features, url, qaMode ...)."""
        return cls(
            attributes=given.get("attributes") or {},
            features=given.get("features") or {},
            url=given.get("url") or "",
            enabled=given.get("enabled", True) is not False,
            qa_mode=truthy(given.get("qaMode")),
            forced_variations=given.get("forcedVariations") or {},
            forced_features=given.get("forcedFeatureValues") or {},
            saved_groups=given.get("savedGroups") or {},
            contextual_bandits=given.get("contextualBandits") or {},
            sticky=sticky,
        )

    def meets(self, condition: Mapping[str, Any]) -> bool:
        """Whether the customer meets a targeting condition."""
        return matches(self.attributes, condition, groups=self.saved_groups)

    def attribute(self, name: str | None, fallback: str | None = None) -> tuple[str, Any]:
        """The attribute to hash and its value; the fallback where the first one is empty.

        >>> Context(attributes={"device": "d"}).attribute("id", "device")
        ('device', 'd')
        """
        chosen = name or "id"
        value = self._value(chosen)
        if not truthy(value) and fallback:
            other = self._value(fallback)
            if truthy(other):
                return fallback, other
        return chosen, value

    def hashed(self, name: str | None, fallback: str | None = None) -> str:
        """The value to hash as text, "" where there is none."""
        value = self.attribute(name, fallback)[1]
        return text(value) if truthy(value) else ""

    def _value(self, name: str) -> Any:
        if name in self.attributes:
            return self.attributes[name]
        found = path_value(self.attributes, name)
        return "" if found is None else found
