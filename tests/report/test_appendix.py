from dataclasses import replace

import pytest

from adwright.report import RunFigures
from adwright.report.appendix import method_rows
from adwright.report.edition import Edition
from report.sample import sample_figures


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_number_names_its_data(language):
    rows = method_rows(Edition.of(sample_figures(language), language))
    assert all(row.name and row.value and row.data for row in rows)


def test_measures_and_differences_state_block_size_and_interval():
    rows = {row.name: row for row in method_rows(Edition.of(sample_figures("en"), "en"))}
    auc = rows["AUC, click"]
    assert (auc.split, auc.n, auc.interval) == ("judge", "135", "90% interval: bootstrap over campaigns")
    gain = rows["Difference to the control, No. 1 A cotton shirt that stays cool"]
    assert gain.n == "7,985 + 8,010"
    assert gain.interval == "90% interval $54 to $330; Welch, corrected for 3 comparisons"


def test_what_is_missing_has_no_line():
    bare = RunFigures(shop="s", at=sample_figures("en").at)
    assert method_rows(Edition.of(bare, "en")) == ()
    no_predictor = replace(sample_figures("en"), predictor=None)
    names = [row.name for row in method_rows(Edition.of(no_predictor, "en"))]
    assert "AUC, click" not in names
    assert "Predicted revenue per 1,000 exposures" in names
