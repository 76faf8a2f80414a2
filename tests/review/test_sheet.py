from dataclasses import replace

from adwright.report import ContentFigures
from adwright.review.sheet import make_sheet
from report.sample import make_content, sample_figures
from review.workbench import edition


def test_every_slot_of_any_content_has_a_column():
    advert = ContentFigures(content=make_content("h", "d"))
    page = ContentFigures(
        content=replace(make_content("h", "d"), slots={"title": "t", "description": "long"})
    )
    sheet = make_sheet((advert, page), edition())
    assert sheet.header == (
        "content_id", "kind", "channel", "language", "product", "cohort",
        "slot.headline", "slot.description", "slot.title",
        "findings", "predicted_value", "decision", "reason",
    )  # fmt: skip
    assert sheet.rows[0][6:9] == ("h", "d", "")
    assert sheet.rows[1][6:9] == ("", "long", "t")


def test_findings_and_values_are_in_words():
    figures = sample_figures("en")
    sheet = make_sheet(figures.contents, edition(contents=figures.contents))
    row = dict(zip(sheet.header, sheet.rows[4], strict=True))
    assert row["findings"].splitlines()[1] == (
        "must not be published: Description “$9”, the catalogue says $29 [facts.price]"
    )
    assert row["predicted_value"] == "$137 ($76 to $220)"
    assert row["decision"] == row["reason"] == ""


def test_the_columns_are_named_the_same_in_every_language():
    figures = sample_figures("zh")
    assert (
        make_sheet(figures.contents, edition("zh")).header
        == make_sheet(figures.contents, edition("en")).header
    )
