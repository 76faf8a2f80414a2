from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from adwright.demo import DemoResult, run_demo
from adwright.demo.show import REVIEWER, DemoConfig
from adwright.errors import AdwrightError, StoreError, UsageError
from adwright.report import as_json
from adwright.workspace import Workspace
from demo.small import NOW, small_demo


@pytest.fixture(params=["ordinary", "null"])
def demo(request: pytest.FixtureRequest) -> DemoResult:
    found: DemoResult = request.getfixturevalue(request.param)
    return found


def held(demo: DemoResult) -> dict[str, Any]:
    assert demo.figures_file is not None
    found: dict[str, Any] = json.loads(demo.figures_file.read_text(encoding="utf-8"))
    return found


def workspace_of(demo: DemoResult) -> Workspace:
    assert demo.report is not None
    return Workspace.open(demo.report.parent / "workspace", env={})


# --- what it ends with ----------------------------------------------------------------------------


def test_it_ends_with_a_report_and_its_figures(demo: DemoResult) -> None:
    assert demo.report is not None
    page = demo.report.read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>") or page.startswith("<!doctype html>")
    assert f'lang="{demo.run.language}' in page
    for link in ('src="http', "src='http", 'rel="stylesheet" href="http'):
        assert link not in page  # the page needs no network
    found = held(demo)
    assert found == json.loads(json.dumps(as_json(demo.figures)))
    assert found["demo"] is True
    assert found["tests"]
    assert found["predictor"]["model_version"] == "effect@1"


def test_the_shops_files_were_ingested_and_their_six_bad_rows_told_with_a_reason(demo: DemoResult) -> None:
    files = held(demo)["data"]["files"]
    assert [f["table"] for f in files] == ["products", "customers", "contents", "events"]
    assert [f["n_quarantined"] for f in files] == [0, 0, 0, 6]
    assert [f["n_added"] for f in files[:2]] == [20, 300]
    assert sum(r["count"] for r in files[3]["reasons"]) == 6
    for reason in files[3]["reasons"]:
        assert all(reason["reason"].values())
        assert set(reason["reason"]) == {"en", "zh"}


def test_contents_are_in_the_shops_language(ordinary: DemoResult, null: DemoResult) -> None:
    for demo, language in ((ordinary, "en"), (null, "zh")):
        assert demo.run.language == language
        for item in held(demo)["contents"]:
            has_han = any("一" <= x <= "鿿" for x in item["content"]["slots"]["headline"])
            assert has_han == (language == "zh")


def test_a_reviewer_approved_what_went_live_and_nothing_that_a_guard_blocks(demo: DemoResult) -> None:
    with workspace_of(demo) as workspace:
        for judged in demo.run.judged:
            approvals = workspace.contents.approvals(judged.content.id)
            blocked = any(f.severity == "block" and f.exemption is None for f in judged.findings)
            if judged.content.status == "live":
                assert not blocked
                assert [(a.approved, a.by, a.text) for a in approvals] == [
                    (True, REVIEWER, judged.content.text)
                ]
            else:
                assert approvals == ()


def test_every_decision_was_logged_with_the_vector_that_it_was_drawn_from(demo: DemoResult) -> None:
    with workspace_of(demo) as workspace:
        decisions = workspace.ledger.decisions()
    assert decisions.height > 2000
    assert not decisions["degraded"].any()
    for row in decisions.head(500).to_dicts():
        vector = json.loads(row["propensities"])
        assert sum(vector.values()) == pytest.approx(1.0)
        assert row["propensity"] == vector[row["content_id"]] > 0


def test_the_truth_stands_beside_what_was_measured(ordinary: DemoResult) -> None:
    for test in held(ordinary)["tests"]:
        truths = [arm["truth"] for arm in test["arms"]]
        assert all(0 < t < 1 for t in truths)
        assert len(set(truths)) == len(truths)
        assert test["achieved_share"]["mean"] <= 1.0
        for arm in test["arms"]:
            assert arm["n_exposures"] > 0
            assert arm["measured"]["low"] <= arm["measured"]["mean"] <= arm["measured"]["high"]
    gain = held(ordinary)["achieved_share"]
    assert gain["mean"] == pytest.approx(
        np.mean([t["achieved_share"]["mean"] for t in held(ordinary)["tests"]])
    )


def test_where_texts_have_no_effect_all_are_equally_true_and_nothing_is_achieved(null: DemoResult) -> None:
    for test in held(null)["tests"]:
        (first, *others) = (arm["truth"] for arm in test["arms"])
        assert others == pytest.approx([first] * len(others), rel=1e-9)
        assert test["achieved_share"] is None
        assert test["decision"] != "ship"
    assert held(null)["achieved_share"] is None


def test_values_are_told_per_exposure_in_the_worlds_currency(ordinary: DemoResult, null: DemoResult) -> None:
    assert (held(ordinary)["currency"], held(null)["currency"]) == ("USD", "CNY")
    truth = ordinary.truth
    (item, *_) = ordinary.run.launches
    ids = [c.id for c in item.contents]
    clicks, orders, revenue, margin = (
        np.array([truth(item.campaign, ids, unit)[i] for i in ids])
        for unit in ("click", "conversion", "revenue", "margin")
    )
    assert (orders < clicks).all()
    assert (revenue > 0).all()
    np.testing.assert_allclose(margin, revenue * item.campaign.goal.margin_share)


# --- the same again, and what it refuses ----------------------------------------------------------


def test_the_same_seed_shows_the_same_figures(ordinary: DemoResult, tmp_path: Path) -> None:
    again = small_demo(tmp_path / "again", write_report=False)
    assert (again.report, again.figures_file) == (None, None)
    assert as_json(again.figures) == as_json(ordinary.figures)


@pytest.mark.slow
def test_another_process_shows_the_same_figures(ordinary: DemoResult, tmp_path: Path) -> None:
    """Whatever its seed of hashes: sets and dictionaries do not decide."""
    code = "import sys; from pathlib import Path; from demo.small import small_demo; small_demo(Path(sys.argv[1]))"
    path = os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])
    for seed in ("1", "2"):
        subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / seed)],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path},
            check=True,
        )
        found = json.loads((tmp_path / seed / "figures.json").read_text(encoding="utf-8"))
        assert found == held(ordinary)


def only_prepare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ends the demo where it would begin to ingest."""
    monkeypatch.setattr("adwright.demo.show._ingest", lambda *arguments, **options: 1 / 0)


def test_an_earlier_demo_is_replaced_and_any_other_folder_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    with pytest.raises(UsageError, match=r"no demo made it.*--out DIR"):
        small_demo(mine)
    assert (mine / "thesis.txt").read_text() == "years of work"
    with pytest.raises(UsageError, match="not a folder"):
        small_demo(mine / "thesis.txt")
    earlier = tmp_path / "earlier"
    earlier.mkdir()
    (earlier / ".adwright-demo").touch()
    (earlier / "left over.txt").write_text("from an earlier demo")
    only_prepare(monkeypatch)
    with pytest.raises(ZeroDivisionError):
        small_demo(earlier)
    assert not (earlier / "left over.txt").exists()
    assert (earlier / ".adwright-demo").exists()  # and what it left can be replaced in its turn


def test_an_unknown_world_or_language_touches_nothing(tmp_path: Path) -> None:
    for change in ({"kind": "bates"}, {"language": "fr"}):
        with pytest.raises(AdwrightError):
            small_demo(tmp_path / "demo", **change)  # type: ignore[arg-type]
        assert not (tmp_path / "demo").exists()


def test_the_demo_never_writes_to_the_database_of_production(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADWRIGHT_DATABASE_URL", f"sqlite:///{tmp_path / 'production.db'}")
    only_prepare(monkeypatch)
    with pytest.raises(ZeroDivisionError):
        small_demo(tmp_path / "demo")
    assert not (tmp_path / "production.db").exists()
    assert (tmp_path / "demo" / "workspace" / "adwright.db").exists()


def test_a_full_disk_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, *rest: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "mkdir", full)
    with pytest.raises(StoreError, match="No space left on device") as caught:
        run_demo(tmp_path / "demo", now=NOW, progress=lambda line: None, config=DemoConfig(n_customers=10))
    assert len(str(caught.value).splitlines()) == 1
