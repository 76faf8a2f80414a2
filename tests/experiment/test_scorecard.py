from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import polars as pl
import pytest

from adwright.errors import DataError, UsageError
from adwright.experiment.inference import NormalPrior
from adwright.experiment.metrics import MetricSpec
from adwright.experiment.scorecard import analyse_metrics
from adwright.schema import Arm, Experiment

CLICK = MetricSpec(
    name="click", kind="proportion", role="deciding", label={"zh": "点击率", "en": "click rate"}
)
RETURNS = MetricSpec(name="returns", kind="proportion", role="guardrail", lower_is_better=True)


def experiment(n_per_arm: int = 10_000, *names: str, minimum_effect: float = 0.1) -> Experiment:
    arms = names or ("old", "new")
    shares = [1.0 / len(arms)] * len(arms)
    return Experiment(
        id="t",
        arms=tuple(
            Arm(content_id=a, share=s, is_control=i == 0)
            for i, (a, s) in enumerate(zip(arms, shares, strict=True))
        ),
        metric="click",
        starts_at=datetime(2026, 1, 1, tzinfo=UTC),
        n_per_arm=n_per_arm,
        minimum_effect=minimum_effect,
    )


def rows(metric: str, looks: list[tuple[int, int, int, int]], **more: Any) -> list[dict[str, Any]]:
    """(n_old, k_old, n_new, k_new) at each look."""
    out = []
    for i, (n_a, k_a, n_b, k_b) in enumerate(looks, start=1):
        for arm, n, k in (("old", n_a, k_a), ("new", n_b, k_b)):
            out.append({"metric": metric, "arm": arm, "look": i, "n": n, "successes": k} | more)
    return out


def test_a_clear_effect_ships_before_the_end_and_the_path_says_when() -> None:
    looks = [(2500, 120, 2500, 130), (5000, 250, 5000, 390), (5500, 280, 5500, 420)]
    card = analyse_metrics(experiment(), [CLICK], pl.DataFrame(rows("click", looks)))
    result = card.result("click", "new")
    assert card.design == "group_sequential"
    assert (card.verdict.decision, card.verdict.winner) == ("ship", "new")
    assert result is not None
    assert result.path is not None
    assert result.path.crossed == 1
    assert card.verdict.reasons["en"][0].startswith("Ship new: its click rate is +50.0%")
    assert card.verdict.reasons["zh"][0].startswith("上线 new：点击率比对照组 +50.0%")


def test_a_small_difference_goes_on_and_at_the_end_the_control_stays() -> None:
    early = pl.DataFrame(rows("click", [(5000, 250, 5000, 280)]))
    late = pl.DataFrame(rows("click", [(5000, 250, 5000, 280), (10_000, 500, 10_000, 540)]))
    assert analyse_metrics(experiment(), [CLICK], early).verdict.decision == "go on"
    assert analyse_metrics(experiment(), [CLICK], late).verdict.decision == "stop"


def test_a_fixed_test_waits_for_its_size_whatever_it_looks_like() -> None:
    looks = pl.DataFrame(rows("click", [(5000, 250, 5000, 390)]))
    assert analyse_metrics(experiment(), [CLICK], looks, design="fixed").verdict.decision == "go on"
    done = pl.DataFrame(rows("click", [(10_000, 500, 10_000, 780)]))
    assert analyse_metrics(experiment(), [CLICK], done, design="fixed").verdict.decision == "ship"


def test_without_a_largest_size_the_test_is_read_anytime() -> None:
    looks = pl.DataFrame(rows("click", [(2000, 100, 2000, 220)]))
    card = analyse_metrics(experiment(0), [CLICK], looks)
    assert (card.design, card.verdict.decision) == ("anytime", "ship")
    few = analyse_metrics(experiment(0), [CLICK], pl.DataFrame(rows("click", [(200, 3, 200, 4)])))
    assert "fewer than ten conversions" in few.verdict.reasons["en"][1]


def test_a_guardrail_that_is_broken_stops_the_winner() -> None:
    table = rows("click", [(10_000, 500, 10_000, 780)]) + rows("returns", [(10_000, 300, 10_000, 450)])
    card = analyse_metrics(experiment(), [CLICK, RETURNS], pl.DataFrame(table))
    assert card.verdict.decision == "stop"
    assert any("does harm" in line for line in card.verdict.reasons["en"])


def test_a_margin_asks_for_proof_of_no_loss() -> None:
    strict = MetricSpec(
        name="returns", kind="proportion", role="guardrail", lower_is_better=True, margin=0.05
    )
    table = rows("click", [(10_000, 500, 10_000, 780)]) + rows("returns", [(10_000, 300, 10_000, 305)])
    card = analyse_metrics(experiment(), [CLICK, strict], pl.DataFrame(table))
    assert card.verdict.decision == "stop"
    assert any("not shown to lose less than 5%" in line for line in card.verdict.reasons["en"])
    loose = MetricSpec(name="returns", kind="proportion", role="guardrail", lower_is_better=True, margin=0.5)
    assert analyse_metrics(experiment(), [CLICK, loose], pl.DataFrame(table)).verdict.decision == "ship"


def test_a_broken_split_is_invalid() -> None:
    card = analyse_metrics(experiment(), [CLICK], pl.DataFrame(rows("click", [(10_000, 500, 11_000, 780)])))
    assert card.verdict.decision == "invalid"
    assert "not split as planned" in card.verdict.reasons["en"][1]


@pytest.mark.parametrize(
    ("look", "name"),
    [
        ((10_000, -5, 10_000, 700), "negative_count"),
        ((10_000, 500, 700, 701), "more_clicks_than_impressions"),
        ((10_000, 500, 0, 0), "arm_without_data"),
    ],
)
def test_faulty_data_are_invalid_by_name(look: tuple[int, int, int, int], name: str) -> None:
    card = analyse_metrics(experiment(), [CLICK], pl.DataFrame(rows("click", [look])))
    assert card.verdict.decision == "invalid"
    assert name in [f.name for f in card.findings]


def test_segments_are_shrunk_and_their_split_is_checked() -> None:
    table = rows("click", [(10_000, 500, 10_000, 600)])
    table += rows("click", [(5000, 250, 5000, 290)], segment="device=phone")
    table += rows("click", [(5000, 250, 5000, 310)], segment="device=desktop")
    card = analyse_metrics(experiment(), [CLICK], pl.DataFrame(table))
    names, effects = card.segments["click", "new", "device"]
    assert names == ("device=phone", "device=desktop")
    assert np.ptp(effects.shrunk) <= np.ptp(effects.own)
    assert [c.broken for c in card.dimensions] == [False, False]


def test_many_secondary_metrics_are_corrected_together() -> None:
    rng = np.random.default_rng(0)
    metrics, table = [CLICK], rows("click", [(10_000, 500, 10_000, 500)])
    for i in range(20):
        metrics.append(MetricSpec(name=f"m{i}", kind="proportion"))
        table += rows(
            f"m{i}", [(10_000, *rng.binomial(10_000, 0.05, 1), 10_000, *rng.binomial(10_000, 0.05, 1))]
        )
    card = analyse_metrics(experiment(), metrics, pl.DataFrame(table), design="fixed")
    secondary = [r for r in card.results if r.metric != "click"]
    assert min(r.p for r in secondary) < min(r.p_adjusted for r in secondary)


def test_three_arms_share_the_level() -> None:
    table = rows("click", [(10_000, 500, 10_000, 570)])
    table.append({"metric": "click", "arm": "third", "look": 1, "n": 10_000, "successes": 510})
    test = experiment(10_000, "old", "new", "third")
    card = analyse_metrics(test, [CLICK], pl.DataFrame(table))
    two = analyse_metrics(experiment(), [CLICK], pl.DataFrame(table[:2]))
    assert two.verdict.decision == "ship"  # p = .028
    assert card.verdict.decision == "stop"


def test_the_prior_is_shown_and_does_not_decide() -> None:
    sure = MetricSpec(
        name="click", kind="proportion", role="deciding", prior=NormalPrior(mean=0.5, variance=1e-4)
    )
    table = pl.DataFrame(rows("click", [(5000, 250, 5000, 255)]))
    card = analyse_metrics(experiment(), [sure], table)
    assert card.verdict.decision == "go on"
    line = next(line for line in card.verdict.reasons["en"] if "what decides" in line)
    assert "the prediction weighs 9" in line


def test_means_ratios_and_quantiles_go_the_same_way() -> None:
    metric = MetricSpec(name="revenue", kind="mean", role="deciding")
    table = pl.DataFrame(
        {
            "metric": ["revenue"] * 2,
            "arm": ["old", "new"],
            "n": [10_000] * 2,
            "total": [100_000.0, 120_000.0],
            "squares": [1.0e7, 1.2e7],
        }
    )
    card = analyse_metrics(experiment(), [metric], table)
    assert card.verdict.decision == "ship"
    result = card.result("revenue", "new")
    assert result is not None
    assert result.relative[0] == pytest.approx(0.2)


def test_false_positives_of_the_whole_reading_keep_the_level() -> None:
    rng = np.random.default_rng(1)
    shipped = 0
    for _ in range(300):
        k = rng.binomial(500, 0.05, (2, 10)).cumsum(axis=1)
        looks = [(500 * (i + 1), int(k[0, i]), 500 * (i + 1), int(k[1, i])) for i in range(10)]
        card = analyse_metrics(experiment(5000), [CLICK], pl.DataFrame(rows("click", looks)))
        path = card.results[0].path
        assert path is not None
        shipped += path.crossed is not None
    assert shipped / 300 < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 300)


def test_wrong_metrics_and_tables_are_named() -> None:
    table = pl.DataFrame(rows("click", [(100, 5, 100, 6)]))
    with pytest.raises(UsageError, match="one metric decides"):
        analyse_metrics(experiment(), [RETURNS], table)
    with pytest.raises(DataError, match="two rows"):
        analyse_metrics(experiment(), [CLICK], pl.concat([table, table]))
    with pytest.raises(UsageError, match="unknown kind"):
        MetricSpec(name="x", kind="sum")  # type: ignore[arg-type]
    with pytest.raises(DataError, match="a column is absent"):
        analyse_metrics(experiment(), [CLICK], table.drop("n"))
