import csv
from dataclasses import replace

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adwright.errors import DataError, StoreError, UsageError
from adwright.report import ContentFigures
from adwright.review import read_table, write_table
from report.sample import make_content
from review.workbench import edition

NASTY = [
    "two\nlines", "windows\r\nlines", "old\rmac", 'say "hello"', "a,b;c\td", "=1+1", "+86 10", "-20%", "@home",
    "＝1+1", "'=x", "'Tis", "007", "1e5", "2026-03-09", "TRUE", "😀👨‍👩‍👧", "舒适纯棉，夏天也干爽", "_x000D_",
    "_x0041_", " padded ", "<b>&amp;</b>", "\ufeffbom", "a\x0bb\x1fc", "\u2028line", "#N/A", "{=A1}",
]  # fmt: skip


def _round_trip(folder, suffix, texts):
    items = [ContentFigures(content=make_content(text, f"description {i}")) for i, text in enumerate(texts)]
    path = folder / f"sheet{suffix}"
    write_table(path, items, edition=edition())
    return [row.cells["slot.headline"] for row in read_table(path)]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_no_text_changes_on_the_way_out_and_back(tmp_path, suffix):
    assert _round_trip(tmp_path, suffix, NASTY) == NASTY


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), min_size=1, max_size=3))
def test_no_text_at_all_changes_on_the_way_out_and_back(tmp_path, suffix, texts):
    assert _round_trip(tmp_path, suffix, texts) == texts


def _decided(path, column, text):
    """The sheet as a person would save it: through a spreadsheet, one cell of the second row filled."""
    book = openpyxl.load_workbook(path)
    page = book["review"]
    names = [cell.value for cell in page[1]]
    page.cell(row=2, column=names.index(column) + 1).value = text
    book.save(path)


def test_a_workbook_edited_and_saved_again_keeps_the_other_texts(tmp_path):
    items = [ContentFigures(content=make_content(text, "d")) for text in NASTY]
    path = tmp_path / "sheet.xlsx"
    write_table(path, items, edition=edition())
    _decided(path, "decision", "approve")
    rows = read_table(path)
    assert [row.cells["slot.headline"] for row in rows] == NASTY
    assert rows[0].cells["decision"] == "approve"
    assert rows[0].line == 2


@pytest.mark.parametrize(("typed", "read"), [(199, "199"), (199.0, "199"), (1.5, "1.5"), (True, "TRUE")])
def test_a_number_typed_into_a_text_cell_comes_back_plain(tmp_path, typed, read):
    path = tmp_path / "sheet.xlsx"
    write_table(path, [ContentFigures(content=make_content("h", "d"))], edition=edition())
    _decided(path, "slot.headline", typed)
    assert read_table(path)[0].cells["slot.headline"] == read


def test_no_cell_of_a_workbook_is_a_formula_and_all_are_text(tmp_path):
    path = tmp_path / "sheet.xlsx"
    write_table(path, [ContentFigures(content=make_content(t, t)) for t in NASTY], edition=edition())
    page = openpyxl.load_workbook(path)["review"]
    cells = [cell for row in page.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.number_format for cell in cells} == {"@"}


def test_the_decision_has_a_drop_down_and_the_columns_their_widths(tmp_path):
    path = tmp_path / "sheet.xlsx"
    write_table(path, [ContentFigures(content=make_content("h", "d"))] * 3, edition=edition())
    page = openpyxl.load_workbook(path)["review"]
    (validation,) = page.data_validations.dataValidation
    assert (validation.formula1, str(validation.sqref)) == ('"approve,reject"', "K2:K4")
    assert page["K1"].value == "decision"
    assert page.column_dimensions["G"].width > page.column_dimensions["B"].width
    assert page.freeze_panes == "B2"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_separators_of_other_countries_are_understood(tmp_path, delimiter):
    path = tmp_path / "sheet.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerows(
            [["content_id", "slot.headline", "decision", "reason"], ["c_1", "a, b; c\td", "approve", ""]]
        )
    assert read_table(path)[0].cells["slot.headline"] == "a, b; c\td"


def test_lines_are_counted_where_a_row_begins(tmp_path):
    path = tmp_path / "sheet.csv"
    path.write_text('content_id,decision,reason\nc_1,approve,"two\nlines"\n,,\nc_2,,\n', encoding="utf-8")
    assert [(row.line, row.cells["content_id"]) for row in read_table(path)] == [(2, "c_1"), (5, "c_2")]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "lacks the columns content_id, decision, reason"),
        ("a.csv", b"content_id,decision\nc_1,approve\n", "lacks the column reason"),
        ("a.csv", b"content_id,decision,reason,reason\n", "a column twice: reason"),
        ("a.csv", "content_id,decision,reason\nc_1,拒绝,不好\n".encode("gb18030"), "not in UTF-8"),
        ("a.csv", b'content_id,decision,reason\nc_1,"approve"x,\n', "not CSV"),
        ("a.xlsx", b"PK not really", "not an XLSX workbook"),
        ("a.xlsx", b"", "not an XLSX workbook"),
        ("a.ods", b"", "not a kind of sheet"),
    ],
)
def test_a_broken_sheet_is_one_error_in_one_line(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UsageError, match=message) as caught:
        read_table(path)
    assert "\n" not in str(caught.value)


def test_a_missing_sheet_is_our_error(tmp_path):
    with pytest.raises(DataError, match="cannot read the sheet"):
        read_table(tmp_path / "absent.csv")


def test_a_place_that_cannot_be_written_is_our_error(tmp_path):
    with pytest.raises(StoreError, match="cannot write"):
        write_table(tmp_path / "absent" / "a.csv", [], edition=edition())


def test_a_text_too_long_for_a_spreadsheet_is_refused_and_not_cut(tmp_path):
    item = ContentFigures(content=replace(make_content("h", "d"), slots={"headline": "x" * 40_000}))
    with pytest.raises(DataError, match="longer than a spreadsheet cell"):
        write_table(tmp_path / "a.xlsx", [item], edition=edition())
    write_table(tmp_path / "a.csv", [item], edition=edition())
    assert read_table(tmp_path / "a.csv")[0].cells["slot.headline"] == "x" * 40_000
