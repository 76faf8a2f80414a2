"""Every case of GrowthBook's SDK conformance suite that the vectors hold."""

from __future__ import annotations

from typing import Any

import pytest

from adwright.experiment.growthbook import (
    Context,
    StickyBuckets,
    evaluate_feature,
    forced_by_url,
    matches,
    padded_version,
    run_experiment,
    url_matches,
)
from experiment.vectors import load


def cases(kind: str) -> list[Any]:
    found: list[Any] = load("growthbook_sdk_cases.json")["cases"][kind]
    return found


def test_every_run_gives_the_sdks_arm() -> None:
    for name, context, experiment, value, in_experiment, hash_used in cases("run"):
        result = run_experiment(experiment, Context.from_sdk(context))
        assert (result.value, result.in_experiment, result.hash_used) == (value, in_experiment, hash_used), (
            name
        )


def test_every_contextual_bandit_takes_its_leaf() -> None:
    for name, context, feature, expected in cases("contextualBandit"):
        assert evaluate_feature(feature, Context.from_sdk(context)).to_sdk() == expected, name


def test_every_sticky_assignment_is_kept_blocked_or_renewed() -> None:
    for name, context, documents, feature, expected, kept in cases("stickyBucket"):
        sticky = StickyBuckets(documents).of(context["attributes"])
        result = evaluate_feature(feature, Context.from_sdk(context, sticky=sticky)).result
        found = None if result is None else result.to_sdk()
        assert found == expected, name
        assert sticky.documents == kept, name


@pytest.mark.parametrize(
    ("attributes", "condition", "expected"),
    [
        ({"a": None}, {"a": 0}, True),  # null counts as 0 there
        ({}, {"a": None}, True),
        ({"a": 1}, {"a": "1"}, True),
        ({"a": True}, {"a": 1}, True),
        ({"a": True}, {"a": {"$eq": 1}}, False),
        ({"tags": ["x", "y"]}, {"tags": {"$in": ["y"]}}, True),
        ({"tags": ["x"]}, {"tags": {"$all": ["x", "y"]}}, False),
        ({"tags": ["x", "Y"]}, {"tags": {"$alli": ["y"]}}, True),
        ({"tags": [1, 2]}, {"tags": {"$size": {"$gt": 1}}}, True),
        ({"h": [{"p": 1}, {"p": 7}]}, {"h": {"$elemMatch": {"p": {"$gt": 5}}}}, True),
        ({"v": "1.10.0"}, {"v": {"$vgt": "1.9.9"}}, True),
        ({"v": "v1.0.0-beta"}, {"v": {"$vlt": "1.0.0"}}, True),
        ({"u": "shop/de"}, {"u": {"$regex": "/de$"}}, True),
        ({"u": "x"}, {"u": {"$regex": "("}}, False),
        ({"n": "a"}, {"n": {"$not": {"$in": ["b"]}}}, True),
        ({"a": {"b": 2}}, {"a.b": {"$gte": 2, "$lt": 3}}, True),
        ({"a": 1}, {"$or": []}, True),
        ({"a": 1}, {"$nor": [{"a": 2}, {"a": 3}]}, True),
        ({"a": 1}, {"a": {"$unknown": 1}}, False),
        ({"id": "4"}, {"id": {"$inGroup": "g"}}, True),
        ({"a": [1]}, {"a": [1.0]}, True),
        ({"a": "x"}, {"a": {"$type": "string"}}, True),
        ({"a": "10"}, {"a": {"$gt": 9}}, True),
    ],
)
def test_conditions_mean_what_javascript_means(attributes: Any, condition: Any, expected: bool) -> None:
    assert matches(attributes, condition, groups={"g": ["4"]}) is expected


def test_a_prerequisite_that_depends_on_itself_gives_nothing() -> None:
    rule = {"parentConditions": [{"id": "b", "condition": {"value": True}}], "force": 1}
    back = {"parentConditions": [{"id": "a", "condition": {"value": True}}], "force": 1}
    features = {"a": {"defaultValue": 0, "rules": [rule]}, "b": {"defaultValue": 0, "rules": [back]}}
    assert evaluate_feature("a", Context(features=features)).source == "cyclicPrerequisite"


def test_a_failed_gate_blocks_and_a_failed_condition_goes_on() -> None:
    off = {"off": {"defaultValue": False}}
    parent = {"id": "off", "condition": {"value": True}}
    gated = {"f": {"defaultValue": 1, "rules": [{"parentConditions": [parent | {"gate": True}], "force": 2}]}}
    plain = {"f": {"defaultValue": 1, "rules": [{"parentConditions": [parent], "force": 2}]}}
    assert evaluate_feature("f", Context(features=gated | off)).source == "prerequisite"
    assert evaluate_feature("f", Context(features=plain | off)).value == 1


def test_the_propensity_of_an_assignment_is_its_share() -> None:
    experiment = {"key": "t", "variations": ["a", "b"], "weights": [0.1, 0.9], "coverage": 0.5}
    results = [run_experiment(experiment, Context(attributes={"id": str(i)})) for i in range(200)]
    seen = {r.value: r.propensity for r in results if r.in_experiment}
    assert seen == {"a": pytest.approx(0.1), "b": pytest.approx(0.9)}


def test_versions_urls_and_query_strings() -> None:
    assert padded_version("1.2.3") == "    1-    2-    3-~"
    assert forced_by_url("t", "https://x.example/?a=b&t=2", 3) == 2
    assert forced_by_url("t", "https://x.example/?t=9", 3) is None
    target = {"type": "simple", "pattern": "https://x.example/p/*"}
    assert url_matches("https://x.example/p/7?q=1", [target])
    assert not url_matches("https://x.example/p/7", [target, target | {"include": False}])
    assert url_matches("https://x.example/p/7", [{"type": "regex", "pattern": "^/p/[0-9]+$"}])
