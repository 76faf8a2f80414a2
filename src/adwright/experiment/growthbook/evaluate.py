"""The evaluation itself: the rules of a feature in order, and the steps by which an experiment picks an arm.

Source: GrowthBook SDK specification 0.8, sections "Evaluating a feature" and "Running an experiment".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adwright.experiment.bucketing import bucket_ranges, buckets, choose_arm, in_namespace, namespace_of
from adwright.experiment.growthbook.conditions import matches
from adwright.experiment.growthbook.context import Context
from adwright.experiment.growthbook.javascript import truthy
from adwright.experiment.growthbook.results import FeatureResult, RunResult
from adwright.experiment.growthbook.sticky import experiment_key
from adwright.experiment.growthbook.urls import forced_by_url, url_matches

_RULE_KEYS = (
    "coverage",
    "weights",
    "hashAttribute",
    "fallbackAttribute",
    "disableStickyBucketing",
    "bucketVersion",
    "minBucketVersion",
    "namespace",
    "meta",
    "ranges",
    "name",
    "phase",
    "seed",
    "hashVersion",
    "filters",
    "condition",
)
_CYCLE = "cyclicPrerequisite"


def evaluate_feature(name: str, context: Context) -> FeatureResult:
    """The value of a feature for this customer: the first rule that applies, else the default.

    >>> features = {"headline": {"defaultValue": "old", "rules": [{"condition": {"country": "DE"}, "force": "neu"}]}}
    >>> evaluate_feature("headline", Context(attributes={"country": "DE"}, features=features)).value
    'neu'
    """
    return _feature(name, context, frozenset())


def run_experiment(experiment: Mapping[str, Any], context: Context) -> RunResult:
    """The arm that this customer sees in an experiment with the SDK's keys.

    >>> run_experiment({"key": "my-test", "variations": [0, 1]}, Context(attributes={"id": "1"})).value
    1
    """
    return _run(experiment, context, feature=None, seen=frozenset())


def _feature(name: str, context: Context, seen: frozenset[str]) -> FeatureResult:
    if name in seen:
        return FeatureResult(value=None, source=_CYCLE)
    if name in context.forced_features:
        return FeatureResult(value=context.forced_features[name], source="override")
    feature = context.features.get(name)
    if not isinstance(feature, Mapping):
        return FeatureResult(value=None, source="unknownFeature")
    for rule in feature.get("rules") or ():
        found = _rule(rule, name, context, seen | {name})
        if found is not None:
            return found
    return FeatureResult(value=feature.get("defaultValue"), source="defaultValue")


def _rule(rule: Mapping[str, Any], name: str, context: Context, seen: frozenset[str]) -> FeatureResult | None:
    """What a rule gives; None where it does not apply."""
    for parent in rule.get("parentConditions") or ():
        state = _prerequisite(parent, context, seen)
        if state == _CYCLE:
            return FeatureResult(value=None, source=_CYCLE)
        if state == "failed":
            return FeatureResult(value=None, source="prerequisite") if truthy(parent.get("gate")) else None
    if rule.get("filters") and _filtered_out(rule["filters"], context):
        return None
    if "force" in rule:
        if rule.get("condition") and not context.meets(rule["condition"]):
            return None
        if not _in_rollout(rule, name, context):
            return None
        return FeatureResult(value=rule["force"], source="force", rule=rule.get("id") or "")
    if not rule.get("variations") and not rule.get("contextualVariations"):
        return None
    experiment = _experiment_of(rule, name, context)
    result = _run(experiment, context, feature=name, seen=seen)
    if not result.in_experiment or result.passthrough:
        return None
    if not result.hash_used:  # forced: no leaf was at work
        experiment.pop("contextualBandit", None)
    return FeatureResult(
        value=result.value,
        source="experiment",
        rule=rule.get("id") or "",
        experiment=experiment,
        result=result,
    )


def _experiment_of(rule: Mapping[str, Any], name: str, context: Context) -> dict[str, Any]:
    out = {
        "variations": rule.get("contextualVariations") or rule["variations"],
        "key": rule.get("key") or name,
    }
    out |= {
        key: rule[key] for key in _RULE_KEYS if (key == "coverage" and key in rule) or truthy(rule.get(key))
    }
    for version in ("bucketVersion", "minBucketVersion"):
        if rule.get(version) is not None:
            out[version] = rule[version]
    bandit = context.contextual_bandits.get(rule.get("contextualBanditRef") or "")
    if isinstance(bandit, Mapping):
        out |= _leaf(bandit, out, context)
    return out


def _leaf(bandit: Mapping[str, Any], experiment: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """The weights of the first leaf whose condition is met; the experiment's own where none is (leaf -1)."""
    for leaf in bandit.get("contexts") or ():
        if context.meets(leaf.get("condition") or {}):
            number, weights = leaf["leafId"], leaf["weights"]
            break
    else:
        number, weights = -1, experiment.get("weights")
    chosen = {"leafId": number, "variationWeights": weights}
    if bandit.get("banditVersion") is not None:
        chosen["banditVersion"] = bandit["banditVersion"]
    return {"weights": weights, "contextualBandit": chosen}


def _prerequisite(parent: Mapping[str, Any], context: Context, seen: frozenset[str]) -> str:
    found = _feature(parent["id"], context, seen)
    if found.source == _CYCLE:
        return _CYCLE
    met = matches({"value": found.value}, parent.get("condition") or {}, groups=context.saved_groups)
    return "met" if met else "failed"


def _run(
    experiment: Mapping[str, Any], context: Context, *, feature: str | None, seen: frozenset[str]
) -> RunResult:
    key, n_arms = experiment["key"], len(experiment["variations"])
    here = _Run(experiment, context, feature)
    if n_arms < 2 or not context.enabled:
        return here.outside()
    if experiment.get("urlPatterns") and not url_matches(context.url, experiment["urlPatterns"]):
        return here.outside()
    forced = forced_by_url(key, context.url, n_arms)
    forced = context.forced_variations.get(key) if forced is None else forced
    if forced is not None:
        return here.forced(forced)
    if experiment.get("status") == "draft" or experiment.get("active") is False or not here.value:
        return here.outside()
    arm, blocked = here.sticky_arm()
    kept = arm >= 0
    if not kept and not _eligible(experiment, context, here.value, seen):
        return here.outside()
    version = experiment.get("hashVersion") or 1
    if version not in (1, 2):
        return here.outside()
    bucket = float(buckets([here.value], seed=experiment.get("seed") or key, version=version)[0])
    ranges = here.ranges()
    if not kept:
        arm = int(choose_arm([bucket], ranges)[0])
    if blocked:
        return here.outside(sticky=True)
    if arm < 0:
        return here.outside()
    if "force" in experiment:
        return here.forced(-1 if experiment["force"] is None else experiment["force"])
    if context.qa_mode or experiment.get("status") == "stopped":
        return here.outside()
    return here.assigned(arm, bucket=bucket, kept=kept)


def _eligible(experiment: Mapping[str, Any], context: Context, value: str, seen: frozenset[str]) -> bool:
    if experiment.get("filters"):
        if _filtered_out(experiment["filters"], context):
            return False
    elif experiment.get("namespace") and not in_namespace([value], namespace_of(experiment["namespace"]))[0]:
        return False
    if experiment.get("condition") and not context.meets(experiment["condition"]):
        return False
    parents = experiment.get("parentConditions") or ()
    return all(_prerequisite(parent, context, seen) == "met" for parent in parents)


def _filtered_out(filters: Sequence[Mapping[str, Any]], context: Context) -> bool:
    for one in filters:
        value, version = context.hashed(one.get("attribute")), one.get("hashVersion") or 2
        if not value or version not in (1, 2):
            return True
        bucket = buckets([value], seed=one["seed"], version=version)
        if choose_arm(bucket, [(r[0], r[1]) for r in one["ranges"]])[0] < 0:
            return True
    return False


def _in_rollout(rule: Mapping[str, Any], name: str, context: Context) -> bool:
    window, coverage = rule.get("range"), rule.get("coverage")
    if not window and coverage is None:
        return True
    if not window and coverage == 0:
        return False
    sticky = context.sticky is not None and not truthy(rule.get("disableStickyBucketing"))
    value = context.hashed(rule.get("hashAttribute"), rule.get("fallbackAttribute") if sticky else None)
    version = rule.get("hashVersion") or 1
    if not value or version not in (1, 2):
        return False
    bucket = float(buckets([value], seed=rule.get("seed") or name, version=version)[0])
    return bool(window[0] <= bucket < window[1]) if window else bucket <= float(coverage or 0.0)


class _Run:
    """One experiment for one customer: the attribute that is hashed, and the results that can come of it."""

    def __init__(self, experiment: Mapping[str, Any], context: Context, feature: str | None) -> None:
        self.experiment, self.context, self.feature = experiment, context, feature
        self.sticky = context.sticky if not truthy(experiment.get("disableStickyBucketing")) else None
        fallback = experiment.get("fallbackAttribute") if self.sticky is not None else None
        self.attribute, self.raw = context.attribute(experiment.get("hashAttribute"), fallback)
        self.value = context.hashed(experiment.get("hashAttribute"), fallback)

    def ranges(self) -> list[tuple[float, float]]:
        """The buckets of each arm."""
        given = self.experiment.get("ranges")
        if given:
            return [(r[0], r[1]) for r in given]
        coverage = self.experiment.get("coverage")
        return bucket_ranges(
            len(self.experiment["variations"]),
            coverage=1.0 if coverage is None else coverage,
            weights=self.experiment.get("weights"),
        )

    def sticky_arm(self) -> tuple[int, bool]:
        """The arm of an earlier assignment (-1 for none), and whether an outdated one bars the customer."""
        if self.sticky is None:
            return -1, False
        key = self.experiment["key"]
        owners = []
        fallback = self.experiment.get("fallbackAttribute")
        name, value = self.context.attribute(fallback)
        if truthy(value):
            owners.append((name, value))
        owners.append(self.context.attribute(self.experiment.get("hashAttribute")))
        found = self.sticky.assignments(*owners)
        for version in range(self.experiment.get("minBucketVersion") or 0):
            if experiment_key(key, version) in found:
                return -1, True
        kept = found.get(experiment_key(key, self.experiment.get("bucketVersion")))
        names = [meta.get("key") for meta in self.experiment.get("meta") or ()]
        return (names.index(kept) if kept is not None and kept in names else -1), False

    def outside(self, *, sticky: bool = False) -> RunResult:
        """The control, not in the experiment."""
        return self._result(-1, hash_used=False, sticky=sticky)

    def forced(self, arm: int) -> RunResult:
        """An arm that was forced; no exposure."""
        return self._result(arm, hash_used=False)

    def assigned(self, arm: int, *, bucket: float, kept: bool) -> RunResult:
        """An arm by hash or by an earlier assignment, which is recorded."""
        result = self._result(arm, hash_used=True, bucket=bucket, sticky=kept)
        if self.sticky is not None:
            name = experiment_key(self.experiment["key"], self.experiment.get("bucketVersion"))
            self.sticky.keep(self.attribute, self.raw, experiment=name, arm=result.key)
        return result

    def _result(
        self, arm: int, *, hash_used: bool, bucket: float | None = None, sticky: bool = False
    ) -> RunResult:
        inside = 0 <= arm < len(self.experiment["variations"])
        index = arm if inside else 0
        metas = self.experiment.get("meta") or ()
        meta = metas[index] if index < len(metas) else {}
        extra = {key: meta[key] for key in ("name", "passthrough") if truthy(meta.get(key))}
        if inside and hash_used:
            extra |= self.experiment.get("contextualBandit") or {}
        widths = [end - start for start, end in self.ranges()]
        return RunResult(
            key=meta.get("key") or str(index),
            variation=index,
            value=self.experiment["variations"][index],
            in_experiment=inside,
            hash_used=hash_used,
            hash_attribute=self.attribute,
            hash_value=self.raw,
            bucket=bucket,
            sticky_used=sticky,
            propensity=widths[index] / sum(widths) if hash_used and sum(widths) > 0 else None,
            feature=self.feature,
            extra=extra,
        )
