from __future__ import annotations

import csv
import json
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from typer.testing import CliRunner, Result

from adwright.cli.review import app
from adwright.errors import UsageError
from adwright.store.columns import PRODUCTS
from adwright.workspace import Workspace
from report.sample import make_content


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("ADWRIGHT_DATABASE_URL", raising=False)
    product = {"id": "p-001", "title": "Cotton shirt", "price_minor": 2900, "currency": "USD"}
    with Workspace.init(tmp_path / "shop") as shop:
        shop.tables.upsert("products", pl.DataFrame([product], schema=PRODUCTS), key="id")
        drafts = [
            make_content("A cotton shirt", "For warm days."),
            make_content("Only $29 today", "A cotton shirt."),
        ]
        shop.contents.save(drafts, {draft.id: () for draft in drafts})
        (shop.reports / "cohorts.json").write_text(
            json.dumps(
                {"cohorts": [{"id": "k_comfort", "description": {"en": "Comfort seekers", "zh": "讲究舒适"}}]}
            )
        )
    return tmp_path / "shop"


def run(folder: Path, *arguments: str) -> Result:
    result = CliRunner().invoke(app, [*arguments, "--workspace", str(folder)])
    if isinstance(result.exception, UsageError):
        raise result.exception
    return result


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write_rows(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def test_the_page_is_written_into_the_reports_by_default(folder: Path) -> None:
    result = run(folder)
    assert result.exit_code == 0, result.output
    html = (folder / "reports" / "review.html").read_text(encoding="utf-8")
    assert "A cotton shirt" in html
    assert "Comfort seekers" in html
    assert "2 pieces of content wait" in result.stdout


def test_a_sheet_goes_out_and_comes_back_with_decisions(folder: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    out = json.loads(run(folder, "--out", str(sheet), "--json").stdout)
    assert (out["waiting"], out["format"]) == (2, "csv")
    rows = rows_of(sheet)
    rows[0] |= {"decision": "approve", "slot.description": "For cool evenings."}
    rows[1] |= {"decision": "reject", "reason": "too loud"}
    write_rows(sheet, rows)
    done = json.loads(run(folder, "--read", str(sheet), "--by", "Li Lei", "--json").stdout)
    assert done["rejected"] == [rows[1]["content_id"]]
    assert done["edited"] == {rows[0]["content_id"]: done["approved"][0]}
    assert done["problems"] == []
    with Workspace.open(folder) as shop:
        assert shop.contents.get(done["approved"][0]).slots["description"] == "For cool evenings."


def test_an_edit_against_the_catalogue_is_refused_with_line_and_reason(folder: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    run(folder, "--format", "csv", "--out", str(sheet))
    rows = rows_of(sheet)
    rows[1] |= {"decision": "approve", "slot.headline": "Only $9 today"}
    write_rows(sheet, rows)
    result = run(folder, "--read", str(sheet), "--by", "Li Lei")
    assert result.exit_code == 0
    assert "1 row not applied" in result.stdout
    assert "line 3" in result.stdout
    assert "facts.price" in result.stdout


def test_a_workbook_speaks_the_language_asked_for(folder: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.xlsx"
    run(folder, "--out", str(sheet), "--language", "zh")
    book = openpyxl.load_workbook(sheet)
    assert book["review"]["F2"].value == "讲究舒适"
    assert "批准" in "".join(str(cell.value) for cell in book["how to"]["A"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--read", "sheet.csv"), "cannot read the sheet"),
        (("--read", "sheet.csv", "--out", "x.csv"), "stands alone"),
        (("--out", "x.pdf"), "not a form of the review"),
        (("--out", "x.csv", "--format", "xlsx"), "ending differ"),
    ],
)
def test_wrong_use_is_one_line(folder: Path, arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        run(folder, *arguments)


def test_reading_needs_a_name(folder: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    run(folder, "--out", str(sheet))
    with pytest.raises(UsageError, match="--by NAME"):
        run(folder, "--read", str(sheet))
