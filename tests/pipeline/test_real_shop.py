"""A public catalogue and public headline tests: the main job of a shop whose past texts are of another sort."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from adwright.ingest import ingest_catalog, ingest_contents
from adwright.pipeline.figures import run_figures
from adwright.pipeline.job import RunResult
from adwright.pipeline.report_files import save_report
from adwright.stats.rates import marginal
from adwright.testing import NOW
from adwright.workspace import Workspace
from pipeline.workbench import run_job

pytestmark = pytest.mark.slow
COLUMNS = {
    "text": "headline",
    "group": "test_id",
    "at": "test_week",
    "n_exposures": "impressions",
    "n_clicks": "clicks",
}


@dataclass(frozen=True)
class Real:
    """An open workspace with real data, and its first run."""

    shop: Workspace
    result: RunResult


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Real]:
    root = Path(os.environ.get("ADWRIGHT_DATA", Path(__file__).parents[2].parent / "shared" / "data"))
    goods, headlines = (
        root / "catalog" / "dummyjson_products.json",
        root / "upworthy" / "headline_tests.parquet",
    )
    for path in (goods, headlines):
        if not path.exists():
            pytest.skip(f"needs {path.name}; set ADWRIGHT_DATA to the folder of public data")
    with Workspace.init(tmp_path_factory.mktemp("real") / "shop", env={}) as shop:
        where = (shop.tables, shop.quarantine)
        products = ingest_catalog(*where, [goods], now=NOW, currency="USD")
        past = ingest_contents(*where, [headlines], now=NOW, mapping=COLUMNS, time_format="yearweek")
        assert (products.n_quarantined, past.n_quarantined) == (0, 0)
        yield Real(shop, run_job(shop))


def test_the_run_ends_with_a_report(real: Real, tmp_path: Path) -> None:
    figures = run_figures(real.result, real.shop, rng=np.random.default_rng(0))
    files = save_report(tmp_path, figures, "zh")
    assert files.page.stat().st_size > 10_000
    assert figures.data is not None
    assert figures.data.n_products == 194
    assert sum(b.n_rows for b in figures.data.blocks) == 17_249


def test_advertisements_are_flagged_as_unlike_headlines_and_left_to_a_person(real: Real) -> None:
    figures = run_figures(real.result, real.shop, rng=np.random.default_rng(0))
    assert "unlike" in str(figures.warnings[0])
    assert len(real.result.judged) > 4
    for judged in real.result.judged:
        assert judged.in_domain is False
        assert judged.gate.verdict == "review"
        assert judged.content.status == "draft"


def test_their_intervals_are_wider_than_those_of_headlines(real: Real) -> None:
    predictor = real.result.model.predictor
    assert predictor is not None
    past = real.shop.tables.read("contents").tail(200).with_columns(category=None, price_minor=None)
    own = predictor.score(past).click
    assert own is not None
    known = marginal(own)
    for judged in real.result.judged:
        assert judged.click is not None
        _, low, high = judged.click
        assert high / low > 2 * np.max(known.p_high / known.p_low)


def test_nine_in_ten_results_of_the_last_weeks_lie_in_their_interval(real: Real) -> None:
    measured = real.result.model.metrics["targets"]["click"]
    n_tests = measured["n_rows"] / 5  # some five variants share a test's luck
    sd = np.sqrt(0.9 * 0.1 / n_tests)
    assert abs(measured["coverage_90"]["all"]["value"] - 0.9) < 4 * sd
    pairs = measured["pair_accuracy"]["all"]
    assert pairs["low"] > 0.5  # which of two headlines wins is told better than by a coin


def test_a_second_run_learns_and_writes_nothing_again(real: Real) -> None:
    again = run_job(real.shop)
    assert again.model.version == real.result.model.version == "effect@1"
    assert [j.content.id for j in again.judged] == [j.content.id for j in real.result.judged]
