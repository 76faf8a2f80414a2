"""The whole way: fit, rules, ranking, evidence, and back from the disk."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from adwright.errors import ConfigError, DataError, UsageError
from adwright.recommend import RecommendConfig, Recommender, RulesConfig, fit_recommender, load_recommender
from adwright.store.columns import PRODUCTS
from recommend.shop_of_tastes import N_CUSTOMERS, NOW, interactions, products

FREE = RulesConfig(not_again_days=0)
CONFIG = RecommendConfig(rules=FREE)
CUSTOMERS = pl.DataFrame(
    {"id": [f"c{c}" for c in range(N_CUSTOMERS)], "cohort_id": [f"k{c % 3}" for c in range(N_CUSTOMERS)]}
)


@pytest.fixture(scope="module")
def model() -> Recommender:
    return fit_recommender(interactions(), products(), CUSTOMERS, now=NOW, config=CONFIG)


def ask(
    model: Recommender, *ids: str, rules: RulesConfig = FREE, n: int = 3, now: datetime = NOW
) -> pl.DataFrame:
    return model.recommend(interactions(), products(), ids, now=now, n=n, customers=CUSTOMERS, rules=rules)


def test_customers_get_what_their_like_bought_in_the_order_asked(model: Recommender) -> None:
    answer = ask(model, "c4", "c0")
    assert answer["customer_id"].to_list() == ["c4"] * 3 + ["c0"] * 3
    assert answer["rank"].to_list() == [1, 2, 3, 1, 2, 3]
    assert answer["product_id"].str.starts_with("1-").to_list()[:3] == [True] * 3
    assert answer["product_id"].str.starts_with("0-").to_list()[3:] == [True] * 3
    for _, own in answer.group_by("customer_id"):
        assert (np.diff(own["score"].to_numpy()) <= 0).all()


def test_every_recommendation_has_its_evidence_in_both_languages(model: Recommender) -> None:
    answer = ask(model, *(f"c{c}" for c in range(12)), "stranger", n=8)
    assert answer["evidence_en"].str.len_chars().min() > 10
    assert answer["evidence_zh"].str.contains(r"\p{Han}").all()
    assert set(answer["because"]) == {"together", "alike", "popular"}


def test_who_buys_the_same_again_is_offered_it_again() -> None:
    """The walk goes round and round: after six days the first product comes back."""
    rounds = interactions(n_bought=8)
    model = fit_recommender(rounds, products(), CUSTOMERS, now=NOW, config=CONFIG)
    assert model.seen_may_return
    answer = model.recommend(rounds, products(), ["c0"], now=NOW, n=3)
    assert answer["because"].to_list() == ["again"] * 3
    assert "Bought by this customer" in answer["evidence_en"][0]


def test_the_counts_of_the_evidence_are_those_of_the_data(model: Recommender) -> None:
    answer = ask(model, "c0", n=8).filter(pl.col("because") == "together")
    assert answer.height > 0
    bought = interactions()
    for row in answer.iter_rows(named=True):
        of = set(bought.filter(product_id=row["because_products"][0])["customer_id"])
        both = of & set(bought.filter(product_id=row["product_id"])["customer_id"])
        assert f"{len(both)} of the {len(of)} customers" in row["evidence_en"]
        assert f"{len(of)} 位顾客中有 {len(both)} 位" in row["evidence_zh"]


def test_a_stranger_gets_what_is_popular(model: Recommender) -> None:
    answer = ask(model, "stranger")
    assert answer["because"].to_list() == ["popular"] * 3
    assert "of all purchases" in answer["evidence_en"][0]


def test_what_was_just_bought_is_left_out(model: Recommender) -> None:
    own = interactions().filter(customer_id="c0")
    fresh = own.filter(pl.col("at") > NOW - timedelta(days=2))["product_id"].to_list()
    supplies = replace(model, seen_may_return=True)
    answer = ask(supplies, "c0", rules=RulesConfig(not_again_days=2), n=30)["product_id"].to_list()
    assert not set(fresh) & set(answer)
    assert set(own["product_id"]) - set(fresh) <= set(answer)


def test_who_bought_everything_is_answered_all_the_same(model: Recommender) -> None:
    everything = pl.DataFrame(
        {"customer_id": "all", "product_id": products()["id"], "at": NOW, "kind": "buy", "weight": 1.0},
        schema_overrides={"at": pl.Datetime("us", "UTC")},
    )
    answer = model.recommend(
        everything, products(), ["all"], now=NOW, n=5, rules=RulesConfig(not_again_days=9)
    )
    assert answer.height == 5
    assert answer["evidence_en"].str.contains("Bought by this customer once before, last 0 days ago").all()


def test_a_catalogue_of_one_has_one_answer() -> None:
    one = products().head(1)
    model = fit_recommender(interactions(), one, CUSTOMERS, now=NOW, config=CONFIG)
    answer = model.recommend(interactions(), one, ["c0", "stranger"], now=NOW, n=5)
    assert answer["product_id"].to_list() == ["0-0", "0-0"]
    assert answer["because"].to_list() == ["again", "popular"]


def test_without_any_sale_the_catalogue_speaks() -> None:
    rated = products().with_columns(rating=pl.when(pl.col("id") == "1-1").then(4.9).otherwise(3.0))
    model = fit_recommender(interactions().clear(), rated, None, now=NOW, config=CONFIG)
    answer = model.recommend(interactions().clear(), rated, ["c0"], now=NOW, n=2)
    assert answer["product_id"][0] == "1-1"
    assert answer["evidence_en"][0] == "No sales yet; rated 4.9 of 5."
    assert "even" in model.card["notes"][0]


def test_an_empty_catalogue_is_an_error() -> None:
    with pytest.raises(DataError, match="catalogue is empty"):
        fit_recommender(interactions(), products().clear(), None, now=NOW)


def test_a_product_that_left_the_catalogue_or_the_stock_is_never_offered(model: Recommender) -> None:
    today = (
        products()
        .filter(pl.col("id") != "0-0")
        .with_columns(availability=pl.when(pl.col("id") == "0-1").then(pl.lit("out_of_stock")))
    )
    answer = model.recommend(interactions(), today, ["stranger"], now=NOW, n=99, rules=FREE)
    assert not {"0-0", "0-1"} & set(answer["product_id"])
    assert answer.height == today.height - 1


@pytest.mark.parametrize(
    ("rules", "kept"),
    [
        (
            RulesConfig(not_again_days=0, only_categories=("Group 1",)),
            lambda r: r["product_type"] == "Group 1",
        ),
        (
            RulesConfig(not_again_days=0, not_categories=("Group 0",)),
            lambda r: r["product_type"] != "Group 0",
        ),
        (RulesConfig(not_again_days=0, max_price_minor=104), lambda r: r["price_minor"] <= 104),
        (RulesConfig(not_again_days=0, min_price_minor=104), lambda r: r["price_minor"] >= 104),
    ],
)
def test_category_and_price_limits_hold(model: Recommender, rules: RulesConfig, kept: object) -> None:
    expected = {row["id"] for row in products().iter_rows(named=True) if kept(row)}  # type: ignore[operator]
    assert set(ask(model, "stranger", rules=rules, n=99)["product_id"]) == expected


def test_a_sale_price_counts_while_the_sale_lasts(model: Recommender) -> None:
    sale = products().with_columns(
        sale_price_minor=pl.lit(1), sale_ends_at=pl.lit(NOW, dtype=PRODUCTS["sale_ends_at"])
    )
    rules = RulesConfig(not_again_days=0, max_price_minor=50)
    for now, n in ((NOW, products().height), (NOW + timedelta(seconds=1), 0)):
        assert model.recommend(interactions(), sale, ["stranger"], now=now, n=99, rules=rules).height == n


def test_a_limit_for_each_category_holds(model: Recommender) -> None:
    answer = ask(model, "c0", rules=RulesConfig(not_again_days=0, max_per_category=2), n=6)
    joined = answer.join(products(), left_on="product_id", right_on="id")
    assert joined.group_by("product_type").len()["len"].max() == 2
    assert answer.height == 6


def test_diversity_widens_the_list(model: Recommender) -> None:
    def n_categories(diversity: float) -> int:
        answer = ask(model, "c0", rules=RulesConfig(not_again_days=0, diversity=diversity), n=3)
        return answer.join(products(), left_on="product_id", right_on="id")["product_type"].n_unique()

    assert n_categories(0.0) == 1
    assert n_categories(0.7) >= 3


def test_what_happens_later_counts_without_a_new_fit(model: Recommender) -> None:
    fresh = pl.DataFrame(
        {"customer_id": "new", "product_id": ["2-0", "2-1"], "at": NOW, "kind": "buy", "weight": 1.0},
        schema_overrides={"at": pl.Datetime("us", "UTC")},
    )
    answer = model.recommend(fresh, products(), ["new"], now=NOW, n=4, rules=FREE)
    assert answer["product_id"].str.starts_with("2-").all()


def test_saved_and_loaded_it_answers_the_same(model: Recommender, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    again = load_recommender(tmp_path / "model")
    assert again.card == model.card
    assert again.config == model.config
    assert ask(again, "c0", "c1", "stranger", n=6).equals(ask(model, "c0", "c1", "stranger", n=6))
    assert "c0" not in (tmp_path / "model" / "values.json").read_text()


def test_what_comes_after_now_is_not_known() -> None:
    early = NOW - timedelta(days=1)
    first = fit_recommender(interactions(), products(), CUSTOMERS, now=early, config=CONFIG)
    known = interactions().filter(pl.col("at") <= early)
    second = fit_recommender(known, products(), CUSTOMERS, now=early, config=CONFIG)
    assert first.card == second.card
    assert ask(first, "c0", now=early).equals(ask(second, "c0", now=early))


def test_a_later_purchase_is_not_known_to_who_asks_about_an_earlier_moment(model: Recommender) -> None:
    later = pl.DataFrame(
        {"customer_id": "new", "product_id": ["2-0", "2-1"], "at": NOW, "kind": "buy", "weight": 1.0},
        schema_overrides={"at": pl.Datetime("us", "UTC")},
    )
    early = NOW - timedelta(days=1)
    answer = model.recommend(later, products(), ["new"], now=early, n=4, rules=FREE)
    assert answer["because"].to_list() == ["popular"] * 4


def test_what_was_bought_at_no_known_time_is_not_offered_again_either(model: Recommender) -> None:
    timeless = interactions().with_columns(at=pl.lit(None, dtype=pl.Datetime("us", "UTC")))
    own = timeless.filter(customer_id="c0")["product_id"]
    assert not model.seen_may_return
    answer = model.recommend(timeless, products(), ["c0"], now=NOW, n=99, rules=FREE)
    assert answer.height == products().height - own.n_unique()
    assert not set(own) & set(answer["product_id"])


def test_callers_faults_are_named(model: Recommender) -> None:
    with pytest.raises(UsageError, match="at least 1"):
        ask(model, "c0", n=0)
    with pytest.raises(UsageError, match="zone"):
        ask(model, "c0", now=NOW.replace(tzinfo=None))
    with pytest.raises(UsageError, match="zone"):
        fit_recommender(interactions(), products(), now=NOW.replace(tzinfo=None))
    with pytest.raises(DataError, match="twice"):
        ask(model, "c0", "c0")
    with pytest.raises(DataError, match="kind"):
        model.recommend(interactions().with_columns(kind=pl.lit("stole")), products(), ["c0"], now=NOW)
    with pytest.raises(ConfigError, match="no price is between"):
        RulesConfig(min_price_minor=5, max_price_minor=4)
    with pytest.raises(ConfigError, match="next basket"):
        RecommendConfig(split="rows", target="next_basket")
    with pytest.raises(ConfigError, match="diversity"):
        replace(FREE, diversity=1.0)
