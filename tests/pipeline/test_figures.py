from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import polars as pl
import pytest

from adwright.pipeline.figures import run_figures
from adwright.pipeline.job import RunResult
from adwright.pipeline.report_files import save_report
from adwright.report import as_json
from adwright.report.figures import FileFigures, RunFigures
from adwright.schema import Language, Product
from adwright.store.quarantine import QuarantinedRow
from adwright.workspace import Workspace
from pipeline.test_job import live_shop
from pipeline.workbench import RECIPE, approve_all, open_shop, run_job

MakeShop = Callable[..., Workspace]
BOTH = {"en", "zh"}
ONE_TEXT_FOR_BOTH = {"why", "interval_method", "split", "product", "title", "label", "evidence", "method"}
"""Fields whose text is a name, or is in the language of the content."""


def figures_of(result: RunResult, shop: Workspace, **options: Any) -> RunFigures:
    return run_figures(result, shop, rng=np.random.default_rng(0), **options)


def words(value: Any, place: str = "") -> Iterator[tuple[str, Mapping[str, str]]]:
    """Every mapping from language to text in the figures."""
    if isinstance(value, Mapping) and set(value) & BOTH and all(isinstance(v, str) for v in value.values()):
        yield place, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from words(inner, f"{place}.{key}")
    elif isinstance(value, tuple | list):
        for i, inner in enumerate(value):
            yield from words(inner, f"{place}[{i}]")
    elif isinstance(value, Product):
        return
    elif dataclasses.is_dataclass(value):
        for f in dataclasses.fields(value):
            yield from words(getattr(value, f.name), f"{place}.{f.name}")


@pytest.fixture(scope="module", params=["first", "learned", "approved", "served"])
def seen(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[RunResult, Workspace]]:
    """A run at each stage of a shop's life."""
    folder = tmp_path_factory.mktemp(request.param) / "shop"
    with open_shop(folder, n_groups=0 if request.param == "first" else 80) as shop:
        if request.param == "served":
            live_shop(shop)
        reviewer = None if request.param in ("first", "learned") else approve_all
        yield run_job(shop, reviewer=reviewer), shop


def test_figures_are_what_json_can_hold(seen: tuple[RunResult, Workspace]) -> None:
    text = json.dumps(as_json(figures_of(*seen)), allow_nan=False, ensure_ascii=False)
    assert json.loads(text)["shop"] == "Toy"


def test_everything_said_is_said_in_both_languages(seen: tuple[RunResult, Workspace]) -> None:
    said = list(words(figures_of(*seen)))
    assert len(said) > 10
    for place, texts in said:
        assert set(texts) == BOTH, place
        assert all(texts.values()) or not any(texts.values()), place


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_report_is_written_in_either_language(
    seen: tuple[RunResult, Workspace], tmp_path: Any, language: Language
) -> None:
    files = save_report(tmp_path / "report", figures_of(*seen), language)
    page = files.page.read_text(encoding="utf-8")
    assert "<html" in page
    assert "nan" not in page.split("<script")[0].lower().replace("finance", "")
    assert json.loads(files.figures.read_text(encoding="utf-8"))["version"]


def test_a_weak_prior_is_flagged_before_anything_else(shop: Workspace) -> None:
    (warning,) = figures_of(run_job(shop), shop).warnings
    assert isinstance(warning, Mapping)
    assert "weak prior" in warning["en"]
    assert "0 past contents with results; a model needs 200" in warning["en"]
    assert "先验" in warning["zh"]


def test_a_model_of_other_texts_is_flagged(make_shop: MakeShop) -> None:
    shop = make_shop(n_groups=80)
    result = run_job(shop)
    assert any(j.in_domain is False for j in result.judged)
    figures = figures_of(result, shop)
    (warning,) = figures.warnings
    assert isinstance(warning, Mapping)
    assert "unlike" in warning["en"]
    assert {c.in_domain for c in figures.contents} <= {True, False}
    assert figures.predictor is not None


def test_what_is_not_there_yet_is_said(shop: Workspace) -> None:
    first = figures_of(run_job(shop), shop)
    assert "adwright review" in str(first.absent["test"])
    approved = figures_of(run_job(shop, reviewer=approve_all), shop)
    assert "no decision" in str(approved.absent["test"])
    assert [t.decision for t in approved.tests] == ["planned"]
    assert approved.tests[0].sample_ratio_p is None


def test_the_test_is_shown_with_its_counts_once_there_are_outcomes(shop: Workspace) -> None:
    live_shop(shop)
    result = run_job(shop)
    figures = figures_of(result, shop)
    assert "test" not in figures.absent
    (test,) = figures.tests
    analysis = result.analyses[test.experiment_id]
    assert test.decision == analysis.decision
    assert [a.n_exposures for a in test.arms] == [a.n_exposures for a in analysis.arms]
    assert sum(a.is_control for a in test.arms) == 1
    control, *others = test.arms
    assert control.difference is None
    for arm in others:
        assert arm.difference is not None
        assert arm.measured is not None
        assert arm.difference.mean == pytest.approx(arm.measured.mean - _mean(control.measured))
    assert test.achieved_share is None  # only a simulated shop knows the truth
    assert not figures.demo


def _mean(estimate: Any) -> float:
    return float(estimate.mean)


def test_probabilities_are_those_of_the_running_choice(shop: Workspace) -> None:
    live_shop(shop)
    result = run_job(shop)
    decision = figures_of(result, shop).decision
    assert decision is not None
    (choice,) = decision.choices
    assert sum(choice.probabilities.values()) == pytest.approx(1.0)
    assert set(choice.probabilities) == {c.id for c in result.launches[0].contents}
    assert (
        max(choice.probabilities, key=choice.probabilities.__getitem__) == result.launches[0].contents[-1].id
    )
    assert decision.test_share + decision.adaptive_share + decision.holdout_share == pytest.approx(1.0)


def test_every_content_is_shown_with_its_status_and_verdict(shop: Workspace) -> None:
    result = run_job(shop, reviewer=lambda waiting: approve_all(waiting[:1]))
    figures = figures_of(result, shop)
    assert [(c.content.id, c.content.status) for c in figures.contents] == [
        (j.content.id, j.content.status) for j in result.judged
    ]
    assert {c.content.status for c in figures.contents} == {"live", "draft"}
    for item in figures.contents:
        assert item.value is not None
        assert item.value.low is not None
        assert item.value.high is not None
        assert item.value.low < item.value.mean < item.value.high


def test_a_shop_without_goods_in_stock_has_a_report(shop: Workspace, tmp_path: Any) -> None:
    products = shop.tables.read("products").with_columns(pl.lit(0, pl.Int64).alias("quantity"))
    shop.tables.upsert("products", products, key="id")
    figures = figures_of(run_job(shop), shop)
    assert figures.contents == ()
    assert "stock" in str(figures.absent["contents"])
    assert save_report(tmp_path, figures, "zh").page.stat().st_size > 1000


def test_the_tables_stand_in_for_files_whose_reports_are_gone(make_shop: MakeShop) -> None:
    shop = make_shop(n_groups=5)
    bad = [QuarantinedRow(line=i, reason_code="price", reason="negative price", raw="x") for i in (3, 4)]
    shop.quarantine.add("catalog.csv", bad)
    data = figures_of(run_job(shop), shop).data
    assert data is not None
    assert [(f.name, f.n_added, f.n_quarantined) for f in data.files] == [
        ("products", 3, 0),
        ("contents", 15, 0),
        ("quarantine", 0, 2),
    ]
    assert data.files[-1].reasons[0].count == 2
    given = figures_of(
        run_job(shop), shop, files=[FileFigures(name="a.csv", table="products", n_read=1, n_added=1)]
    )
    assert given.data is not None
    assert [f.name for f in given.data.files] == ["a.csv"]


def test_the_blocks_are_those_that_the_model_was_fitted_on(make_shop: MakeShop) -> None:
    shop = make_shop(n_groups=80)
    result = run_job(shop)
    figures = figures_of(result, shop)
    assert figures.data is not None
    sizes = {b.name: b.n_rows for b in figures.data.blocks}
    assert list(sizes) == ["train", "tune", "calibrate", "test"]
    assert sum(sizes.values()) == 240
    assert figures.predictor is not None
    assert figures.predictor.n_train == sizes["train"]
    assert figures.predictor.targets[0].n == sizes["test"]


@pytest.mark.parametrize(
    ("currencies", "shown"),
    [(("USD",), "USD"), (("CNY", "CNY"), "CNY"), (("CNY", "EUR"), "USD"), ((None,), "USD")],
)
def test_the_currency_is_the_catalogues_or_else_the_shops(
    make_shop: MakeShop, currencies: tuple[str | None, ...], shown: str
) -> None:
    shop = make_shop(RECIPE, n_products=len(currencies))
    products = shop.tables.read("products").with_columns(pl.Series("currency", currencies, pl.String))
    shop.tables.upsert("products", products, key="id")
    assert figures_of(run_job(shop), shop).currency == shown
