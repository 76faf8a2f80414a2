from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy import stats

from adwright.errors import DataError, NotFoundError, UsageError
from adwright.experiment import MetricSpec, UnitColumn, analyse_metrics, summarise_units
from adwright.schema import Arm, Experiment

DATA = Path(os.environ.get("ADWRIGHT_DATA", Path(__file__).parents[3] / "shared" / "data"))


def data(name: str) -> pl.DataFrame:
    if not (DATA / name).exists():
        pytest.skip(f"no {name} in {DATA}; set ADWRIGHT_DATA")
    return pl.read_csv(DATA / name)


def experiment(n_per_arm: int, *arms: str) -> Experiment:
    shares = [1.0 / len(arms)] * (len(arms) - 1)
    shares.append(1.0 - sum(shares))
    return Experiment(
        id="t",
        arms=tuple(
            Arm(content_id=a, share=s, is_control=i == 0)
            for i, (a, s) in enumerate(zip(arms, shares, strict=True))
        ),
        metric="click",
        starts_at=datetime(2026, 1, 1, tzinfo=UTC),
        n_per_arm=n_per_arm,
        minimum_effect=0.1,
    )


def column(name: str, kind: str = "proportion", role: str = "secondary", **more: object) -> UnitColumn:
    spec = MetricSpec(name=name, kind=kind, role=role)  # type: ignore[arg-type]
    return UnitColumn(spec=spec, column=str(more.pop("column", name)), **more)  # type: ignore[arg-type]


def test_hillstroms_mails_have_the_effects_that_its_rows_have() -> None:
    frame = data("hillstrom/email_rct.csv")
    test = experiment(14_000, "No E-Mail", "Mens E-Mail", "Womens E-Mail")
    columns = [column("visit", role="deciding"), column("conversion"), column("spend", "mean")]
    made = summarise_units(test, frame, columns, arm="segment", rng=np.random.default_rng(0))
    card = analyse_metrics(test, made.metrics, made.summaries, design="fixed")
    assert (card.verdict.decision, card.verdict.winner) == ("ship", "Mens E-Mail")
    spend = {
        arm: frame.filter(pl.col("segment") == arm)["spend"].to_numpy()
        for arm in ("No E-Mail", "Mens E-Mail")
    }
    reference = stats.ttest_ind(spend["Mens E-Mail"], spend["No E-Mail"], equal_var=False)
    result = card.result("spend", "Mens E-Mail")
    assert result is not None
    interval = reference.confidence_interval()
    assert result.absolute[1:] == pytest.approx((interval.low, interval.high), rel=1e-9)
    visit = card.result("visit", "Womens E-Mail")
    assert visit is not None
    assert visit.mean - visit.control_mean == pytest.approx(0.0452, abs=0.01)  # the whole set: .1514 - .1062


def test_starbucks_promotion_raises_purchases_and_its_split_is_sound() -> None:
    frame = data("starbucks/promotion_rct.csv")
    test = experiment(40_000, "No", "Yes")
    made = summarise_units(
        test,
        frame,
        [column("purchase", role="deciding")],
        arm="Promotion",
        unit="ID",
        rng=np.random.default_rng(0),
    )
    card = analyse_metrics(test, made.metrics, made.summaries, findings=made.findings)
    rates = dict(frame.group_by("Promotion").agg(pl.col("purchase").mean()).iter_rows())
    assert card.verdict.decision == "ship"
    assert card.results[0].relative[0] == pytest.approx(rates["Yes"] / rates["No"] - 1)
    assert card.sample_ratio is not None
    assert not card.sample_ratio.broken


def test_adsmart_shows_no_difference_that_can_be_told_from_none() -> None:
    frame = data("ab/adsmart.csv").filter(pl.col("yes") + pl.col("no") == 1)
    test = experiment(500, "control", "exposed")
    made = summarise_units(
        test,
        frame,
        [column("yes", role="deciding")],
        arm="experiment",
        unit="auction_id",
        rng=np.random.default_rng(0),
    )
    card = analyse_metrics(test, made.metrics, made.summaries, design="fixed")
    assert card.verdict.decision == "stop"
    assert card.results[0].relative[1] < 0 < card.results[0].relative[2]


def rows(n: int = 4000) -> pl.DataFrame:
    rng = np.random.default_rng(0)
    views = rng.integers(1, 9, n)
    return pl.DataFrame(
        {
            "id": np.arange(n),
            "arm": np.where(np.arange(n) % 2, "new", "old"),
            "views": views,
            "clicks": rng.binomial(views, 0.2),
            "load": rng.exponential(2.0, n),
            "before": rng.normal(size=n),
            "device": np.where(rng.random(n) < 0.5, "phone", "desktop"),
        }
    )


def test_ratios_and_quantiles_are_summed_up() -> None:
    test = experiment(2000, "old", "new")
    columns = [
        column("ctr", "ratio", "deciding", column="clicks", denominator="views"),
        column("load", "quantile", level=0.9),
    ]
    made = summarise_units(test, rows(), columns, segments=["device"], rng=np.random.default_rng(0))
    card = analyse_metrics(test, made.metrics, made.summaries, design="fixed")
    ctr, load = card.result("ctr", "new"), card.result("load", "new")
    assert ctr is not None
    assert load is not None
    assert ctr.control_mean == pytest.approx(0.2, abs=0.02)
    assert load.mean == pytest.approx(2.0 * np.log(10), rel=0.1)
    assert load.relative[1] < 0 < load.relative[2]
    assert card.segments["ctr", "new", "device"][0] == ("device=desktop", "device=phone")


def test_units_in_two_arms_or_twice_and_strangers_are_findings() -> None:
    test, frame = experiment(2000, "old", "new"), rows(200)
    both = pl.concat([frame, frame.head(1).with_columns(pl.lit("new").alias("arm"))])
    twice = pl.concat([frame, frame.head(1)])
    other = frame.with_columns(
        pl.when(pl.col("id") == 3).then(pl.lit("x")).otherwise(pl.col("arm")).alias("arm")
    )
    found = [
        [
            f.name
            for f in summarise_units(
                test, f, [column("load", "mean", "deciding")], unit="id", rng=np.random.default_rng(0)
            ).findings
        ]
        for f in (both, twice, other)
    ]
    assert found == [["unit_in_two_arms"], ["duplicate_exposure"], ["unknown_arm"]]


def test_wrong_columns_are_named() -> None:
    test, frame, rng = experiment(2000, "old", "new"), rows(200), np.random.default_rng(0)
    with pytest.raises(NotFoundError, match="loads"):
        summarise_units(test, frame, [column("loads", "mean", "deciding")], rng=rng)
    with pytest.raises(DataError, match="counts 0 and 1"):
        summarise_units(test, frame, [column("views", role="deciding")], rng=rng)
    with pytest.raises(UsageError, match="denominator"):
        summarise_units(test, frame, [column("clicks", "ratio", "deciding")], rng=rng)
    gap = frame.with_columns(pl.when(pl.col("id") == 1).then(None).otherwise(pl.col("load")).alias("load"))
    with pytest.raises(DataError, match="gap"):
        summarise_units(test, gap, [column("load", "mean", "deciding")], rng=rng)
