from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adwright.errors import UsageError
from adwright.profile import Cohorts, build_cohorts
from adwright.schema import EVERYONE
from adwright.store.columns import CUSTOMERS, EVENTS, ORDER_LINES, PRODUCTS

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LINES = pl.DataFrame(schema=dict(ORDER_LINES))
NOBODY = pl.DataFrame(schema=dict(CUSTOMERS))
CATALOGUE = pl.DataFrame(
    [
        dict.fromkeys(PRODUCTS) | {"id": f"{c}{i}", "product_type": c, "price_minor": 100 * (i + 1)}
        for c in ("Home > Tea", "Home > Cups", "Sport")
        for i in range(6)
    ],
    schema=dict(PRODUCTS),
)


def viewers(groups: dict[tuple[str, str, int], int]) -> pl.DataFrame:
    """Events of customers who each viewed one product: {(language, category, which product): how many}."""
    rows = []
    for (language, category, which), n in groups.items():
        for i in range(n):
            name = f"{language}-{category}-{which}-{i}"
            rows.append(
                dict.fromkeys(EVENTS)
                | {
                    "message_id": name,
                    "customer_id": name,
                    "event": "Product Viewed",
                    "product_id": f"{category}{which}",
                    "language": language,
                    "at": NOW - timedelta(days=1),
                }
            )
    return pl.DataFrame(rows, schema=dict(EVENTS))


def build(groups: dict[tuple[str, str, int], int], k: int = 50) -> Cohorts:
    return build_cohorts(viewers(groups), LINES, CATALOGUE, NOBODY, now=NOW, k=k)


def sizes(found: Cohorts) -> dict[str, int]:
    return {cohort.id: cohort.size for cohort in found.cohorts}


def test_large_groups_stand_alone_by_language_category_and_price() -> None:
    found = build({("zh", "Sport", 0): 60, ("zh", "Sport", 5): 70, ("en", "Home > Tea", 0): 80})
    assert sizes(found) == {"en-home-tea-low": 80, "zh-sport-high": 70, "zh-sport-low": 60}
    dear = found.cohorts[1]
    assert (dear.language, dear.top_categories, dear.price_level) == ("zh", ("Sport",), "high")
    assert dear.share == pytest.approx(70 / 210)


def test_small_categories_stay_together_in_their_area() -> None:
    found = build({("zh", "Home > Tea", 0): 30, ("zh", "Home > Cups", 0): 30, ("zh", "Sport", 0): 60})
    assert sizes(found) == {"zh-home-low": 60, "zh-sport-low": 60}


def test_a_rest_that_is_too_small_takes_the_smallest_of_the_others_in() -> None:
    found = build({("zh", "Sport", 0): 90, ("zh", "Home > Tea", 0): 60, ("zh", "Home > Tea", 5): 10})
    assert sum(sizes(found).values()) == 160
    assert min(sizes(found).values()) >= 50
    assert "zh-home-tea" in "".join(sizes(found))


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(
        st.tuples(
            st.sampled_from(["zh", "en", "fr"]),
            st.sampled_from(["Home > Tea", "Home > Cups", "Sport"]),
            st.integers(0, 5),
        ),
        st.integers(1, 25),
        min_size=1,
        max_size=12,
    ),
    st.integers(1, 40),
)
def test_every_cohort_has_k_members_and_every_customer_one_cohort(
    groups: dict[tuple[str, str, int], int], k: int
) -> None:
    found, n = build(groups, k), sum(groups.values())
    counted = dict(found.membership["cohort_id"].value_counts().iter_rows())
    assert counted == sizes(found)
    assert found.membership["customer_id"].n_unique() == n == found.membership.height
    assert min(counted.values()) >= min(k, n)
    assert len(counted) <= 12
    assert sum(cohort.share for cohort in found.cohorts) == pytest.approx(1.0)


def test_fewer_than_k_customers_and_no_behaviour_give_everyone() -> None:
    assert sizes(build({("zh", "Sport", 0): 20, ("en", "Sport", 0): 10})) == {EVERYONE: 30}
    customers = pl.DataFrame(
        [dict.fromkeys(CUSTOMERS) | {"id": f"c{i}", "language": "zh"} for i in range(200)],
        schema=dict(CUSTOMERS),
    )
    nothing = pl.DataFrame(schema=dict(EVENTS))
    found = build_cohorts(nothing, LINES, CATALOGUE, customers, now=NOW, k=50)
    assert sizes(found) == {EVERYONE: 200}
    assert sizes(build_cohorts(nothing, LINES, CATALOGUE, NOBODY, now=NOW, k=50)) == {EVERYONE: 0}


def test_the_order_of_rows_changes_nothing() -> None:
    groups = {("zh", "Sport", 0): 60, ("en", "Home > Tea", 3): 70, ("zh", "Home > Cups", 5): 55}
    events = viewers(groups)
    shuffled = events.sample(fraction=1.0, shuffle=True, seed=1)
    one = build_cohorts(events, LINES, CATALOGUE, NOBODY, now=NOW, k=50)
    two = build_cohorts(shuffled, LINES, CATALOGUE.reverse(), NOBODY, now=NOW, k=50)
    assert one.cohorts == two.cohorts
    assert one.membership.equals(two.membership)


def test_cohorts_at_an_earlier_time_do_not_know_what_came_later() -> None:
    past = viewers({("zh", "Sport", 0): 60})
    later = viewers({("en", "Home > Tea", 0): 60}).with_columns(at=pl.lit(NOW + timedelta(days=1)))
    alone = build_cohorts(past, LINES, CATALOGUE, NOBODY, now=NOW, k=50)
    both = build_cohorts(pl.concat([past, later]), LINES, CATALOGUE, NOBODY, now=NOW, k=50)
    assert alone.cohorts == both.cohorts


def test_descriptions_name_what_all_share_in_both_languages() -> None:
    found = build({("zh", "Sport", 5): 60, ("en", "Home > Tea", 0): 60})
    by_id = {cohort.id: cohort.description for cohort in found.cohorts}
    assert "Chinese-speaking" in by_id["zh-sport-high"]["en"]
    assert "Sport" in by_id["zh-sport-high"]["en"]
    assert "upper price range: 60 people, 50% of all" in by_id["zh-sport-high"]["en"]
    assert "中文" in by_id["zh-sport-high"]["zh"]
    assert "偏高" in by_id["zh-sport-high"]["zh"]


def test_a_median_over_few_buyers_is_not_told() -> None:
    events = viewers({("zh", "Sport", 0): 60})
    rng = np.random.default_rng(0)

    def with_buyers(n: int) -> str:
        orders = events.head(n).with_columns(
            event=pl.lit("Order Completed"),
            message_id=pl.col("message_id") + "o",
            order_id=pl.col("message_id"),
            value_minor=pl.Series(rng.integers(100, 900, n)),
            currency=pl.lit("USD"),
        )
        found = build_cohorts(pl.concat([events, orders]), LINES, CATALOGUE, NOBODY, now=NOW, k=50)
        return found.cohorts[0].description["en"]

    assert "a typical order" in with_buyers(10)
    assert "a typical order" not in with_buyers(9)


@pytest.mark.parametrize("options", [{"k": 0}, {"max_cohorts": 0}])
def test_impossible_sizes_are_the_callers_fault(options: dict[str, int]) -> None:
    with pytest.raises(UsageError, match="at least 1"):
        build_cohorts(viewers({("zh", "Sport", 0): 5}), LINES, CATALOGUE, NOBODY, now=NOW, **options)
