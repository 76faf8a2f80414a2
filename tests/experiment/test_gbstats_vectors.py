"""All results of GrowthBook's statistics engine that the vectors hold, by the entry point a reader would use."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from adwright.experiment.inference import (
    AdjustedSummary,
    MeanSummary,
    NormalPrior,
    ProportionSummary,
    QuantileSummary,
    RatioSummary,
    bayesian_reading,
    lift,
    one_sided_sequence,
    sequence_halfwidth,
    sequence_rho,
    t_test,
    two_sided_sequence,
)
from experiment.vectors import load


def summary(kind: str, x: dict[str, Any]) -> Any:
    if kind == "mean":
        return MeanSummary(n=x["n"], total=x["sum"], squares=x["sum_squares"])
    if kind == "proportion":
        return ProportionSummary(n=x["n"], successes=x["sum"])
    if kind == "ratio":
        return RatioSummary(
            n=x["n"],
            numerator=x["m_sum"],
            numerator_squares=x["m_sq"],
            denominator=x["d_sum"],
            denominator_squares=x["d_sq"],
            products=x["md"],
        )
    if kind == "cuped":
        return AdjustedSummary(
            n=x["n"],
            total=x["post_sum"],
            squares=x["post_sq"],
            covariate_total=x["pre_sum"],
            covariate_squares=x["pre_sq"],
            products=x["cross"],
        )
    return QuantileSummary(
        n=x["n"],
        level=x["nu"],
        quantile=x["quantile_hat"],
        low=x["quantile_lower"],
        high=x["quantile_upper"],
        n_used=x["n_star"],
    )


def test_every_result_agrees() -> None:
    for case in load("gbstats.json")["vectors"]:
        config, given, wanted = case["config"], case["input"], case["output"]
        kind, test = given["kind"], case["test"]
        effect = lift(summary(kind, given["a"]), summary(kind, given["b"]), scale=config["difference_type"])
        where = f"{case['name']} {test}"
        if test == "EffectBayesianABTest":
            prior = NormalPrior(**config["prior_effect"], scale=config["prior_type"])
            read = bayesian_reading(
                effect, prior=prior, alpha=config["alpha"], lower_is_better=config["inverse"]
            )
            found = [
                read.mean,
                read.low,
                read.high,
                read.chance_to_win,
                read.risk_control,
                read.risk_treatment,
            ]
            hoped = [wanted["expected"], *wanted["ci"], wanted["chanceToWin"], *wanted["risk"]]
            assert [float(x) for x in found] == pytest.approx(hoped, rel=1e-9, abs=1e-12), where
            continue
        side: Any = "greater" if "Greater" in test else "lesser" if "Lesser" in test else "two-sided"
        if not test.startswith("Sequential"):
            result = t_test(effect, alternative=side, alpha=config["alpha"], null=config["test_value"])
        elif side == "two-sided":
            tuning = config["sequential_tuning_parameter"]
            result = two_sided_sequence(effect, alpha=config["alpha"], tuning=tuning, rho=config["rho"])
        else:
            tuning = config["sequential_tuning_parameter"]
            result = one_sided_sequence(
                effect, alternative=side, alpha=config["alpha"], tuning=tuning, rho=config["rho"]
            )
        assert float(effect.se) == pytest.approx(wanted["uplift"]["stddev"], rel=1e-10), where
        assert [float(result.low), float(result.high)] == pytest.approx(wanted["ci"], rel=1e-9), where
        assert float(result.p) == pytest.approx(wanted["pValue"], rel=1e-8, abs=1e-13), where


def test_half_widths_agree() -> None:
    for case in load("gbstats.json")["sequential_halfwidth"]:
        rho = sequence_rho(case["alpha"], case["tuning"])
        assert rho == pytest.approx(case["rho"], rel=1e-12)
        half = sequence_halfwidth(case["s2"], case["n"], alpha=case["alpha"], rho=rho)
        assert float(half) == pytest.approx(case["halfwidth"], rel=1e-12)


def test_known_results_hold_without_the_vectors() -> None:
    effect = lift(ProportionSummary(n=10_000, successes=500), ProportionSummary(n=10_000, successes=570))
    assert float(t_test(effect).p) == pytest.approx(0.03942344118539198, rel=1e-9)
    ratio = RatioSummary(
        n=[4000, 4100],
        numerator=[4673.0, 5038.0],
        numerator_squares=[9719.0, 10978.0],
        denominator=[15840.0, 16580.0],
        denominator_squares=[74236.0, 79420.0],
        products=[21890.0, 24138.0],
    )
    moments = ratio.moments()
    assert float(np.diff(moments.mean)[0] / moments.mean[0]) == pytest.approx(0.029990059157178603)
