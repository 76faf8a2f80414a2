from __future__ import annotations

import pytest

from adwright.errors import DataError, NotFoundError
from adwright.experiment.uplift.other_definitions import (
    causalml_auuc,
    causalml_qini,
    scikit_uplift_auc,
    scikit_uplift_qini,
    uplift_at,
    weighted_average_uplift,
)
from experiment.vectors import load


def test_all_figures_of_the_reference_vectors() -> None:
    toy = load("uplift_toy.json")
    data, expected = (toy["y"], toy["treatment"], toy["uplift"]), toy["metrics"]
    found = {
        "qini_auc": scikit_uplift_qini(*data),
        "uplift_auc": scikit_uplift_auc(*data),
        "uplift_at_30_overall": uplift_at(*data, share=0.3),
        "uplift_at_30_bygroup": uplift_at(*data, share=0.3, strategy="by group"),
        "wau": weighted_average_uplift(*data),
        "causalml_auuc": causalml_auuc(*data),
        "causalml_qini": causalml_qini(*data),
        "causalml_auuc_raw": causalml_auuc(*data, normalize=False),
        "causalml_qini_raw": causalml_qini(*data, normalize=False),
    }
    for name, value in found.items():
        assert value == pytest.approx(expected[name], rel=1e-9), name


def test_a_handful_by_hand() -> None:
    # Ordered: treated buyer, control non-buyer, treated non-buyer, control buyer.
    data = ([1, 0, 0, 1], [1, 0, 1, 0], [4.0, 3.0, 2.0, 1.0])
    assert uplift_at(*data, share=0.5) == 1.0
    # Without a control the first height is unknown and lies halfway to the second.
    assert causalml_qini(*data, normalize=False) == pytest.approx((0 + 0.5 + 1 + 1 + 0) / 5)


def test_bad_input_is_named() -> None:
    with pytest.raises(DataError, match="control and a treatment"):
        scikit_uplift_qini([1, 0], [1, 1], [0.1, 0.2])
    with pytest.raises(DataError, match="lengths"):
        causalml_auuc([1, 0], [1, 0, 1], [0.1, 0.2])
    with pytest.raises(NotFoundError):
        uplift_at([1, 0], [1, 0], [0.1, 0.2], share=0.5, strategy="both")  # type: ignore[arg-type]
    with pytest.raises(DataError, match="empty"):
        uplift_at([1, 0], [1, 0], [0.2, 0.1], share=0.5)
