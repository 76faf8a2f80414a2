import json
from datetime import UTC, datetime

import numpy as np
import pytest

from adwright.report import ArmFigures, Estimate, TrafficFigures, as_json
from report.sample import sample_figures


def test_a_whole_run_goes_to_json_and_back_as_plain_objects():
    figures = sample_figures("zh")
    read = json.loads(json.dumps(as_json(figures), allow_nan=False))
    assert read["shop"] == "青禾衣橱"
    assert read["at"] == "2026-03-09T08:30:00+00:00"
    assert read["contents"][0]["content"]["slots"]["headline"] == "夏天也干爽的纯棉衬衫"
    assert read["tests"][0]["arms"][1]["difference"]["mean"] == pytest.approx(19.3)


def test_numpy_numbers_and_missing_ones_become_json():
    arm = ArmFigures(
        content_id="c",
        share=np.float64(0.5),
        n_exposures=np.int64(7),
        measured=Estimate(mean=float("nan"), low=np.float32("inf")),
    )
    read = as_json(arm)
    assert json.dumps(read, allow_nan=False)
    assert (read["share"], read["n_exposures"], read["measured"]["mean"], read["measured"]["low"]) == (
        0.5,
        7,
        None,
        None,
    )


def test_times_become_iso_8601():
    traffic = TrafficFigures(at=(datetime(2026, 1, 2, tzinfo=UTC),))
    assert as_json(traffic)["at"] == ["2026-01-02T00:00:00+00:00"]
