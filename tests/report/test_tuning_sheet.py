"""The page of a study."""

import math
import re
from copy import deepcopy
from datetime import UTC, datetime

import pytest

from adwright.report.sheet import render_sheet
from adwright.report.tuning_sheet import _WORDS, tuning_sheet


def trial(number: int, ridge: float, gain: float | None, *, pruned: bool = False) -> dict:
    return {
        "number": number,
        "values": {"ridge": ridge, "word_ngrams": [1, 2]},
        "pruned": pruned,
        "loss": 0.5,
        "gain": gain,
        "gain_se": 0.001,
        "seconds": 1.0,
    }


def gain(value: float) -> dict:
    return {"value": value, "low": value - 0.001, "high": value + 0.001, "n": 90, "n_clusters": 30}


FIGURES = {
    "target": "click",
    "taken": True,
    "values": {"ridge": 12.5},
    "stopped": "time",
    "n_trials": 4,
    "n_pruned": 1,
    "seconds": 12.4,
    "tune": {"gain": 0.0123, "gain_se": 0.002, "gain_needed_se": 1.0},
    "test": {
        "n": 1234,
        "default": {"loss": 0.2, "log_loss": 0.3, "auc": 0.6},
        "tuned": {"loss": 0.19, "log_loss": 0.29, "auc": 0.62},
        "gain": {"loss": gain(0.01), "log_loss": gain(0.01), "auc": gain(0.02)},
    },
    "trials": [
        trial(0, 100.0, -0.01),
        trial(1, 1e6, -0.05, pruned=True),
        trial(2, 12.5, 0.0123),
        trial(3, 3.0, None, pruned=True),
    ],
    "importance": {"ridge": 0.8, "word_ngrams": 0.2},
    "log_scaled": ["ridge"],
}


def test_the_history_shows_every_judged_setting_and_the_best_so_far() -> None:
    sheet = tuning_sheet(FIGURES, "en")
    history = next(s for s in sheet.sections if s.title == "How the search went").plots[0]
    best, whole, pruned = history.data
    assert best["y"] == [-0.01, 0.0123]
    assert (whole["x"], whole["y"]) == ([1, 3], [-0.01, 0.0123])
    assert (pruned["x"], pruned["y"]) == ([2], [-0.05])
    assert len(history.rows) == 3


@pytest.mark.parametrize(
    ("on_test", "tone", "words_named"),
    [(0.01, "ship", None), (0.0005, "ship", "unsure"), (-0.01, "plain", "worse")],
)
def test_the_verdict_says_what_the_test_block_does_not_bear_out(on_test, tone, words_named) -> None:
    test = {**FIGURES["test"], "gain": {**FIGURES["test"]["gain"], "loss": gain(on_test)}}
    for language in ("en", "zh"):
        sheet = tuning_sheet({**FIGURES, "test": test, "failed": ["no memory"]}, language)
        told = [name for name in ("unsure", "worse") if _WORDS[language][name] in sheet.verdict]
        assert (sheet.tone, told) == (tone, [words_named] if words_named else [])
        assert "no memory" in sheet.verdict[-1]


def test_importance_and_slices_follow_the_settings() -> None:
    plots = [plot for section in tuning_sheet(FIGURES, "en").sections for plot in section.plots]
    assert [plot.id for plot in plots] == [
        "plot-tuning-history", "plot-tuning-importance", "plot-tuning-parallel", "plot-tuning-slice-0",
        "plot-tuning-slice-1",
    ]  # fmt: skip
    assert plots[1].data[0]["x"] == [0.2, 0.8]
    assert plots[3].layout["xaxis"]["type"] == "log"
    assert plots[3].data[0]["x"] == [100.0, 1e6, 12.5]
    assert plots[4].layout["xaxis"]["type"] == "category"


def test_a_log_axis_has_whole_numbers_and_no_loose_digits() -> None:
    axis = tuning_sheet(FIGURES, "en").sections[-1].plots[0].layout["xaxis"]
    assert axis["tickvals"] == [100.0, 1e3, 1e4, 1e5, 1e6]
    assert axis["ticktext"] == ["100", "1000", "10000", "1e5", "1e6"]


def test_every_judged_setting_is_a_line_through_its_values_and_its_gain() -> None:
    plots = [plot for section in tuning_sheet(FIGURES, "en").sections for plot in section.plots]
    lines = next(plot for plot in plots if plot.id == "plot-tuning-parallel").data
    assert [line["name"] for line in lines] == ["given up early", "judged on every slice", "best so far"]
    assert [line["y"][-1] for line in lines] == pytest.approx([0.0, 0.04 / 0.0623, 1.0])
    logs = [math.log(ridge / 12.5) / math.log(1e6 / 12.5) for ridge in (1e6, 100.0, 12.5)]
    assert [line["y"][0] for line in lines] == pytest.approx(logs)
    one_key = deepcopy(FIGURES)
    for held in one_key["trials"]:
        held["values"] = {"ridge": held["values"]["ridge"]}
    assert "plot-tuning-parallel" not in str(tuning_sheet(one_key, "en").sections)


def test_no_title_stands_doubled() -> None:
    page = render_sheet(tuning_sheet(FIGURES, "en"), "en", at=datetime(2026, 1, 2, tzinfo=UTC))
    body = page.split("<main", 1)[-1].split("<script", 1)[0]
    titles = re.findall(r"<(?:h2|figcaption|caption)[^>]*>([^<]*)<", body)
    assert "How the search went" in titles
    assert len(titles) == len(set(titles))


def test_the_verdict_says_what_the_test_block_said_or_why_nothing_changed() -> None:
    said = " ".join(tuning_sheet(FIGURES, "en").verdict)
    assert "the gain in loss per trial is 0.010000 [0.009000, 0.011000]" in said
    assert "1,234 rows" in said
    assert "time was up" in said
    kept = deepcopy(FIGURES) | {"taken": False, "values": {}, "stopped": "trials"}
    kept["tune"] = {"gain": 0.001, "gain_se": 0.002, "gain_needed_se": 1.0}
    sheet = tuning_sheet(kept, "en")
    assert sheet.tone == "plain"
    assert "the best gained 0.001000, and 0.002000 were needed" in " ".join(sheet.verdict)
    empty = kept | {"trials": [], "importance": {}, "test": None, "tune": {"gain": None, "gain_se": None}}
    assert tuning_sheet(empty, "en").sections == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_needs_no_network_and_escapes_what_it_shows(language) -> None:
    figures = deepcopy(FIGURES)
    figures["trials"][0]["values"] = {"<b>": 1.0}
    page = render_sheet(tuning_sheet(figures, language), language, at=datetime(2026, 1, 2, tzinfo=UTC))
    assert "<b>" not in page.split("<main", 1)[-1].split("<script", 1)[0]
    assert _WORDS[language]["taken"] in page


def test_both_languages_say_the_same_things() -> None:
    assert set(_WORDS["zh"]) == set(_WORDS["en"])
