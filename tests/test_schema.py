from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from adwright.errors import UsageError
from adwright.schema import (
    Arm,
    Brief,
    Cohort,
    Content,
    Decision,
    Effect,
    Experiment,
    OrderValue,
    Product,
    Provenance,
    Rate,
    content_id,
)

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def content(**changes: object) -> Content:
    values: dict[str, object] = {
        "id": "",
        "kind": "ad_copy",
        "product_ids": ("p1",),
        "cohort_id": "everyone",
        "channel": "onsite",
        "language": "en",
        "slots": {"headline": "Warm socks", "description": "For cold floors."},
        "provenance": Provenance(backend="compose"),
    }
    made = Content(**(values | changes))  # type: ignore[arg-type]
    return replace(made, id=content_id(made))


def rate(n: int = 3, *, k: float = 20.0, level_sd: float = 0.5, mean: float = 0.02) -> Rate:
    return Rate(mean=np.full(n, mean), k=np.full(n, k), level_sd=np.full(n, level_sd))


def effect(n: int = 3) -> Effect:
    return Effect(
        content_ids=tuple("abcdef"[:n]),
        click=Rate(mean=np.linspace(0.01, 0.03, n), k=np.full(n, 20.0), level_sd=np.full(n, 0.5)),
        order_value=OrderValue(mean_minor=np.arange(n) * 100.0, sd_minor=np.ones(n), currency="CNY"),
        in_domain=np.arange(n) % 2 == 0,
        model_version="effect@1",
        trained_through=NOW,
    )


# --- contents -----------------------------------------------------------------------------------


def test_the_text_of_a_content_is_its_slots_one_a_line() -> None:
    assert content().text == "Warm socks\nFor cold floors."


def test_equal_words_for_the_same_people_at_the_same_place_are_one_content() -> None:
    later = Provenance(backend="openai", seed=9, created_at=NOW)
    assert content().id == content(provenance=later, status="live", why="x", angle="gift").id


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "product_description"},
        {"product_ids": ("p2",)},
        {"product_ids": ("p1", "p2")},
        {"cohort_id": "c1"},
        {"channel": "email"},
        {"language": "zh"},
        {"offer_id": "o1"},
        {"slots": {"headline": "Warm socks", "description": "For cold floors"}},
        {"slots": {"headline": "Warm socks\nFor cold floors."}},
        {"slots": {"title": "Warm socks", "description": "For cold floors."}},
    ],
)
def test_other_words_people_or_places_are_another_content(change: dict[str, object]) -> None:
    assert content(**change).id != content().id


def test_with_other_words_a_content_has_another_id_and_the_rest_stays() -> None:
    old = content(status="approved", angle="gift")
    new = old.with_slots({"headline": "Warm feet", "description": "For cold floors."})
    assert new.id == content_id(new) != old.id
    assert (new.angle, new.status, new.slots["headline"]) == ("gift", "approved", "Warm feet")
    assert old.slots["headline"] == "Warm socks"


def test_the_product_of_a_brief_is_its_first() -> None:
    products = (Product(id="a", title="A"), Product(id="b", title="B"))
    assert Brief(kind="ad_copy", products=products, channel="email", language="en").product.id == "a"


def test_the_name_of_a_cohort_is_what_stands_before_its_figures() -> None:
    described = {"en": "Parents, middle prices: 120 people", "zh": "年轻父母：120 人"}
    assert Cohort(id="a", size=1, description=described).name == {
        "en": "Parents, middle prices",
        "zh": "年轻父母",
    }
    assert Cohort(id="a", size=1, description={}).name == {"en": "", "zh": ""}


# --- effects ------------------------------------------------------------------------------------


@pytest.mark.parametrize("mean", [-0.01, 1.01, float("nan")])
def test_a_rate_outside_0_to_1_is_refused(mean: float) -> None:
    with pytest.raises(UsageError, match="outside"):
        rate(mean=mean)


@pytest.mark.parametrize(("k", "level_sd"), [(0.0, 0.1), (-3.0, 0.1), (1.0, -0.1)])
def test_spreads_have_their_sign(k: float, level_sd: float) -> None:
    with pytest.raises(UsageError, match="k must be positive and level_sd not negative"):
        rate(k=k, level_sd=level_sd)


def test_what_cannot_be_known_is_nan_and_allowed() -> None:
    assert len(rate(k=float("nan"), level_sd=float("nan"))) == 3


def test_parts_of_another_length_are_refused() -> None:
    with pytest.raises(UsageError, match="differ in length"):
        Rate(mean=np.zeros(3), k=np.ones(2), level_sd=np.zeros(3))
    for name, part in (
        ("click", rate(2)),
        ("conversion", rate(2)),
        ("order_value", OrderValue(mean_minor=np.ones(2), sd_minor=np.ones(2), currency="USD")),
        ("in_domain", np.ones(2, np.bool_)),
    ):
        with pytest.raises(UsageError, match=f"{name} has another length"):
            Effect(content_ids=("a", "b", "c"), **{name: part})  # type: ignore[arg-type]


@pytest.mark.parametrize("correlation", [-1.01, 1.01, float("nan")])
def test_a_correlation_lies_between_minus_one_and_one(correlation: float) -> None:
    with pytest.raises(UsageError, match="not a correlation"):
        Effect(content_ids=(), correlation=correlation)


@pytest.mark.parametrize(
    "rows", [[2, 0], np.array([2, 0]), np.array([True, False, True]), [True, False, True]]
)
def test_taking_rows_takes_them_of_every_part(rows: object) -> None:
    whole = effect()
    index = np.arange(3)[np.asarray(rows)]
    part = whole.take(rows)  # type: ignore[arg-type]
    assert part.content_ids == tuple("abc"[i] for i in index)
    assert part.click is not None
    assert part.order_value is not None
    assert part.in_domain is not None
    assert np.array_equal(part.click.mean, whole.click.mean[index])  # type: ignore[union-attr]
    assert np.array_equal(part.order_value.mean_minor, index * 100.0)
    assert np.array_equal(part.in_domain, index % 2 == 0)
    assert part.conversion is None
    assert (part.model_version, part.trained_through) == ("effect@1", NOW)


def test_an_empty_effect_is_an_effect() -> None:
    assert len(Effect(content_ids=(), click=rate(0))) == 0


# --- decisions and tests ------------------------------------------------------------------------


def test_the_propensity_of_a_decision_is_the_entry_of_what_was_drawn() -> None:
    decision = Decision(
        id="d",
        customer_id="p_1",
        content_id="b",
        propensities={"a": 0.3, "b": 0.7},
        policy="thompson",
        model_version="effect@1",
        at=NOW,
        channel="onsite",
    )
    assert decision.propensity == 0.7


def experiment(shares: tuple[float, ...], controls: tuple[bool, ...]) -> Experiment:
    arms = tuple(
        Arm(content_id=f"c{i}", share=share, is_control=is_control)
        for i, (share, is_control) in enumerate(zip(shares, controls, strict=True))
    )
    return Experiment(id="x", arms=arms, metric="click", starts_at=NOW, n_per_arm=10, minimum_effect=0.1)


def test_an_experiment_has_shares_that_sum_to_one_and_one_control() -> None:
    assert len(experiment((1 / 3, 1 / 3, 1 / 3), (True, False, False)).arms) == 3
    for shares, controls in (
        ((1.0,), (True,)),
        ((0.5, 0.4), (True, False)),
        ((0.5, 0.5), (False, False)),
        ((0.5, 0.5), (True, True)),
    ):
        with pytest.raises(UsageError, match="exactly one control"):
            experiment(shares, controls)
