"""Feature flags and experiments as GrowthBook's SDKs evaluate them, without a network call.

A shop that already runs GrowthBook gets the same arm for the same customer here: hashing, buckets, namespaces and
filters, targeting conditions, prerequisites, forced values, sticky buckets, contextual bandits.

    context = Context(attributes={"id": "7", "country": "DE"}, features={...})
    evaluate_feature("headline", context).to_sdk()
    run_experiment({"key": "headline", "variations": ["a", "b"]}, context).to_sdk()

The keys of features, rules and experiments are those of GrowthBook's payload (SDK specification 0.8).
"""

from adwright.experiment.growthbook.conditions import matches
from adwright.experiment.growthbook.context import Context
from adwright.experiment.growthbook.evaluate import evaluate_feature, run_experiment
from adwright.experiment.growthbook.results import FeatureResult, RunResult
from adwright.experiment.growthbook.sticky import StickyBuckets
from adwright.experiment.growthbook.urls import forced_by_url, url_matches
from adwright.experiment.growthbook.versions import padded_version

__all__ = [
    "Context",
    "FeatureResult",
    "RunResult",
    "StickyBuckets",
    "evaluate_feature",
    "forced_by_url",
    "matches",
    "padded_version",
    "run_experiment",
    "url_matches",
]
