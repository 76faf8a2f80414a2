from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats

from adwright.cli.output import plain
from adwright.errors import DataError
from adwright.experiment import analyse
from adwright.schema import Arm, Experiment, GoalKind
from experiment.vectors import load

START = datetime(2026, 1, 1, tzinfo=UTC)


def experiment(
    metric: GoalKind = "click", *, n_per_arm: int = 1000, shares: tuple[float, ...] = (0.5, 0.5)
) -> Experiment:
    names = ["old", "new", "newer", "newest"]
    arms = tuple(
        Arm(content_id=name, share=share, is_control=name == "old")
        for name, share in zip(names[: len(shares)], shares, strict=True)
    )
    return Experiment(
        id="t", arms=arms, metric=metric, starts_at=START, n_per_arm=n_per_arm, minimum_effect=0.1
    )


def totals(**columns: list[Any]) -> pl.DataFrame:
    n = len(next(iter(columns.values())))
    return pl.DataFrame({"content_id": ["old", "new", "newer", "newest"][:n], **columns})


CLICKS = totals(n_exposures=[10_000, 10_000], n_clicks=[500, 570])


def test_a_better_arm_ships_with_its_interval_and_p_value() -> None:
    result = analyse(experiment(), CLICKS)
    difference = result.difference("new", "click")
    assert (result.decision, result.winner) == ("ship", "new")
    assert difference is not None
    # statsmodels 0.15: proportions_ztest and Newcombe's interval
    assert difference.p == pytest.approx(0.0278345207643267, rel=1e-9)
    assert (difference.low, difference.high) == pytest.approx((0.0007607498034799326, 0.013250390770048349))
    assert difference.relative == pytest.approx(0.14)


def test_relative_effects_agree_with_gbstats_to_first_order() -> None:
    cases = [
        v
        for v in load("gbstats.json")["vectors"]
        if v["name"] == "prop_relative" and v["test"] == "TwoSidedTTest"
    ]
    for case in cases:
        a, b = case["input"]["a"], case["input"]["b"]
        frame = totals(n_exposures=[a["n"], b["n"]], n_clicks=[a["sum"], b["sum"]])
        difference = analyse(experiment(), frame).difference("new", "click")
        assert difference is not None
        assert difference.relative == pytest.approx(case["output"]["expected"], rel=1e-9)
        # Theirs is the delta method on the ratio; on the logarithm the standard error is that over the ratio.
        se = np.log((1 + difference.relative_high) / (1 + difference.relative_low)) / (2 * 1.959964)
        theirs = case["output"]["uplift"]["stddev"] / (1 + case["output"]["expected"])
        assert se == pytest.approx(theirs, rel=0.02)


def test_the_value_agrees_with_gbstats() -> None:
    case = next(
        v for v in load("gbstats.json")["vectors"] if v["name"] == "mean_absolute" and "Greater" in v["test"]
    )
    a, b = case["input"]["a"], case["input"]["b"]
    frame = totals(
        n_exposures=[a["n"], b["n"]],
        value_minor=[a["sum"], b["sum"]],
        value_squares=[a["sum_squares"], b["sum_squares"]],
    )
    difference = analyse(experiment("revenue"), frame).difference("new", "value")
    assert difference is not None
    assert difference.absolute == pytest.approx(case["output"]["expected"])
    assert difference.p / 2 == pytest.approx(case["output"]["pValue"], rel=1e-6)


def test_the_value_is_compared_by_welchs_t_test() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.gamma(0.5, 100, 300), rng.gamma(0.5, 150, 200)
    frame = totals(
        n_exposures=[300, 200],
        value_minor=[a.sum(), b.sum()],
        value_squares=[(a**2).sum(), (b**2).sum()],
    )
    test = experiment("revenue", n_per_arm=10, shares=(0.6, 0.4))
    difference = analyse(test, frame).difference("new", "value")
    expected = stats.ttest_ind(b, a, equal_var=False)
    interval = expected.confidence_interval(0.95)
    assert difference is not None
    assert difference.p == pytest.approx(expected.pvalue, rel=1e-9)
    assert (difference.low, difference.high) == pytest.approx((interval.low, interval.high), rel=1e-9)


def test_before_the_planned_size_the_answer_is_go_on_whatever_the_numbers() -> None:
    frame = totals(n_exposures=[9_000, 9_000], n_clicks=[100, 900])
    result = analyse(experiment(n_per_arm=10_000), frame)
    assert (result.decision, result.winner, result.n_reached) == ("go on", None, 9000)
    assert "9,000 of 10,000" in result.reasons["en"][0]
    assert "once" in result.reasons["en"][1]


def test_no_difference_stops_and_keeps_the_control() -> None:
    result = analyse(experiment(), totals(n_exposures=[10_000, 10_000], n_clicks=[500, 505]))
    assert (result.decision, result.winner) == ("stop", None)


def test_a_worse_arm_stops() -> None:
    result = analyse(experiment(), totals(n_exposures=[10_000, 10_000], n_clicks=[570, 480]))
    assert result.decision == "stop"
    assert any("worse" in reason for reason in result.reasons["en"])


def test_a_broken_split_is_invalid_whatever_the_numbers() -> None:
    result = analyse(experiment(), totals(n_exposures=[10_000, 11_000], n_clicks=[500, 900]))
    assert (result.decision, result.winner) == ("invalid", None)
    assert result.sample_ratio.p < 0.001


def test_the_split_is_checked_on_customers_where_they_are_given() -> None:
    frame = totals(n_exposures=[10_000, 11_000], n_clicks=[500, 600], n_units=[5000, 5020])
    assert analyse(experiment(), frame).decision != "invalid"


def test_clicks_that_lower_the_value_are_not_shipped() -> None:
    frame = totals(
        n_exposures=[20_000, 20_000],
        n_clicks=[1000, 1300],
        n_conversions=[200, 130],
        value_minor=[1_000_000, 600_000],
        value_squares=[6e9, 4e9],
    )
    result = analyse(experiment(), frame)
    assert (result.decision, result.winner) == ("stop", None)
    assert "loses" in " ".join(result.reasons["en"])


def test_several_arms_are_corrected_by_holm() -> None:
    frame = totals(n_exposures=[10_000] * 4, n_clicks=[500, 570, 540, 600])
    result = analyse(experiment(shares=(0.25,) * 4), frame)
    by_arm = {d.content_id: d for d in result.differences}
    p = sorted((d.p, name) for name, d in by_arm.items())
    assert by_arm[p[0][1]].p_adjusted == pytest.approx(3 * p[0][0])
    assert by_arm[p[1][1]].p_adjusted == pytest.approx(2 * p[1][0])
    assert result.winner == "newest"
    assert by_arm["new"].level == pytest.approx(1 - 0.05 / 3)


def test_the_null_ships_an_arm_no_more_often_than_alpha() -> None:
    rng = np.random.default_rng(8)
    shipped = 0
    n_tests = 1000
    for _ in range(n_tests):
        clicks = rng.binomial(3000, 0.04, 3)
        frame = totals(n_exposures=[3000] * 3, n_clicks=clicks.tolist())
        shipped += analyse(experiment(shares=(1 / 3, 1 / 3, 1 / 3)), frame).decision == "ship"
    # One-sided reading of a two-sided family: at most alpha / 2 of winners, plus sampling error.
    assert shipped / n_tests < 0.025 + 4 * np.sqrt(0.025 / n_tests)


def test_days_beyond_chance_widen_the_intervals() -> None:
    rng = np.random.default_rng(9)
    n_days, n = 30, 2000
    rate = 0.05 * rng.gamma(20, 1 / 20, (2, n_days))  # an arm's own days, relative sd 0.22
    rows = {
        "content_id": ["old"] * n_days + ["new"] * n_days,
        "at": [START + timedelta(days=d) for d in range(n_days)] * 2,
        "n_exposures": [n] * (2 * n_days),
        "n_clicks": rng.binomial(n, rate).ravel().tolist(),
    }
    result = analyse(experiment(), pl.DataFrame(rows))
    # Var of the count over the binomial one: 1 + n p / 20 / (1 - p), up to sampling error in 29 days.
    assert result.dispersion["click"] == pytest.approx(1 + 2000 * 0.05 / 20 / 0.95, rel=0.6)
    assert result.notes["en"]


def test_days_shared_by_all_arms_do_not_widen_anything() -> None:
    rng = np.random.default_rng(10)
    n_days, n = 30, 2000
    rate = np.tile(0.05 * rng.gamma(4, 1 / 4, n_days), (2, 1))
    rows = {
        "content_id": ["old"] * n_days + ["new"] * n_days,
        "at": [START + timedelta(days=d) for d in range(n_days)] * 2,
        "n_exposures": [n] * (2 * n_days),
        "n_clicks": rng.binomial(n, rate).ravel().tolist(),
    }
    assert analyse(experiment(), pl.DataFrame(rows)).dispersion["click"] < 1.8


def test_a_value_without_squares_is_compared_by_days() -> None:
    rng = np.random.default_rng(12)
    n_days = 20
    rows = pl.DataFrame(
        {
            "content_id": ["old"] * n_days + ["new"] * n_days,
            "at": [START + timedelta(days=d) for d in range(n_days)] * 2,
            "n_exposures": [1000] * (2 * n_days),
            "value_minor": np.concatenate(
                [rng.normal(1e5, 1e4, n_days), rng.normal(1.3e5, 1e4, n_days)]
            ).round(),
        }
    )
    result = analyse(experiment("revenue"), rows)
    difference = result.difference("new", "value")
    a, b = (rows.filter(content_id=name)["value_minor"].to_numpy() / 1000 for name in ("old", "new"))
    assert difference is not None
    # With equal exposures the ratio of sums is the mean of days, and Welch's test on days the reference.
    assert difference.p == pytest.approx(stats.ttest_ind(b, a, equal_var=False).pvalue, rel=1e-6)
    assert result.winner == "new"


def test_far_tails_keep_their_logarithm() -> None:
    difference = analyse(
        experiment(), totals(n_exposures=[10**6] * 2, n_clicks=[10_000, 40_000])
    ).differences[0]
    assert difference.p == 0.0
    assert -1e5 < difference.log_p < -700


def test_reasons_are_given_in_both_languages_and_notes_too() -> None:
    frames = [
        CLICKS,
        totals(n_exposures=[10_000, 11_000], n_clicks=[500, 600]),
        totals(n_exposures=[900, 900], n_clicks=[5, 9]),
        totals(n_exposures=[2000, 2000], n_clicks=[0, 1], value_minor=[0, 10]),
    ]
    for frame in frames:
        result = analyse(experiment(), frame)
        for said in (result.reasons, result.notes):
            assert len(said["zh"]) == len(said["en"])
        assert any("一" <= c <= "鿿" for c in result.reasons["zh"][0])
        json.dumps(plain(result), allow_nan=False)


def test_money_is_written_in_its_currency() -> None:
    frame = totals(
        n_exposures=[10_000, 10_000],
        value_minor=[1_000_000, 1_500_000],
        value_squares=[4e9, 5e9],
        currency=["CNY", "CNY"],
    )
    assert "1500" in analyse(experiment("revenue"), frame).reasons["zh"][0]


def test_an_arm_without_data_is_said_and_cannot_win() -> None:
    result = analyse(experiment(n_per_arm=10), totals(n_exposures=[20, 0], n_clicks=[2, 0]))
    assert result.decision in {"invalid", "go on"}
    assert "no data" in result.notes["en"][0]
    assert result.differences == ()


def test_an_arm_of_share_0_neither_counts_nor_holds_up() -> None:
    frame = totals(n_exposures=[10_000, 10_000], n_clicks=[500, 600])
    result = analyse(experiment(shares=(0.5, 0.5, 0.0)), frame)
    assert (result.decision, result.sample_ratio.degrees_of_freedom) == ("ship", 1)


def test_rows_from_before_the_start_are_left_out_and_said() -> None:
    early = CLICKS.with_columns(at=pl.lit(START - timedelta(days=3)))
    during = CLICKS.with_columns(at=pl.lit(START + timedelta(days=1)))
    result = analyse(experiment(), pl.concat([early, during]))
    assert result.arms[0].n_exposures == 10_000
    assert "2 rows" in result.notes["en"][0]


@pytest.mark.parametrize(
    ("frame", "named"),
    [
        (totals(n_exposures=[100, 100], n_clicks=[-1, 5]), "n_clicks"),
        (totals(n_exposures=[-100, 100], n_clicks=[1, 5]), "n_exposures"),
        (totals(n_exposures=[100, 100], n_clicks=[101, 5]), "n_clicks = 101"),
        (totals(n_exposures=[100, 100], n_clicks=[None, 5]), "n_clicks"),
        (totals(n_exposures=[100, 100]), "metric click"),
        (totals(n_clicks=[1, 5]), "n_exposures"),
        (pl.DataFrame({"content_id": ["old", "who"], "n_exposures": [9, 9], "n_clicks": [1, 1]}), "who"),
        (totals(n_exposures=[9, 9], n_clicks=[1, 1], currency=["CNY", "USD"]), "currenc"),
        (
            totals(n_exposures=[9, 9], n_clicks=[1, 1], value_minor=[900, 900], value_squares=[1, 1]),
            "value_squares",
        ),
        (
            pl.concat([CLICKS, CLICKS]).with_columns(
                at=pl.lit(START), channel=pl.lit("ads"), cohort_id=pl.lit("x")
            ),
            "twice",
        ),
    ],
)
def test_bad_totals_name_what_is_wrong(frame: pl.DataFrame, named: str) -> None:
    with pytest.raises(DataError, match=named):
        analyse(experiment(n_per_arm=5), frame)


def test_a_value_without_variance_is_refused_as_the_metric() -> None:
    with pytest.raises(DataError, match="value_squares"):
        analyse(experiment("revenue"), totals(n_exposures=[100, 100], value_minor=[5, 9]))
