import gc
import json
import tracemalloc
from datetime import UTC, datetime

import polars as pl
import pytest
from typer.testing import CliRunner

from adwright.cli.check import app
from adwright.cli.check_rows import Checker, judge_rows
from adwright.cli.slot_tables import TableRow
from adwright.errors import AdwrightError, DataError, NotFoundError
from adwright.generate import get_kind
from adwright.generate.guards import create_guards
from adwright.store.columns import PRODUCTS
from adwright.workspace import Workspace

ROWS = [
    {"id": "a", "headline": "A gift with heart", "description": "Give a shirt, get a smile."},
    {"id": "b", "headline": "x" * 31, "description": "fine"},
    {"id": "c", "headline": "The best shirt", "description": "fine"},
]
FORMS = {
    "csv": lambda frame, path: frame.write_csv(path),
    "parquet": lambda frame, path: frame.write_parquet(path),
    "jsonl": lambda frame, path: frame.write_ndjson(path),
}


def _run(*arguments):
    base = ["--kind", "ad_copy", "--channel", "google_ads", "--language", "en"]
    result = CliRunner().invoke(app, [*base, *map(str, arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.mark.parametrize("form", FORMS)
def test_each_row_has_its_verdict_in_order(form, tmp_path):
    path = tmp_path / f"copy.{form}"
    FORMS[form](pl.DataFrame(ROWS), path)
    result = _run(path, "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert [(r["row"], r["id"], r["verdict"]) for r in found["rows"]] == [
        (1, "a", "clean"), (2, "b", "blocked"), (3, "c", "for review")
    ]  # fmt: skip
    assert found["n_rows"] == 3
    assert found["verdicts"] == {"blocked": 1, "for review": 1, "warned": 0, "clean": 1, "unreadable": 0}
    assert found["rules"]["limits.too_long"] == 1
    assert all(0 < r["plainness"]["score"] <= 1 for r in found["rows"])


def test_people_see_what_is_wrong_and_the_sum(tmp_path):
    pl.DataFrame(ROWS).write_csv(tmp_path / "copy.csv")
    lines = _run(tmp_path / "copy.csv").stdout.splitlines()
    assert lines[0] == "row 2 (b): blocked"
    assert lines[-1] == "3 rows: 1 blocked, 1 for review, 0 warned, 1 clean, 0 unreadable"


def test_a_table_without_a_fault_exits_with_zero(tmp_path):
    pl.DataFrame(ROWS[:1]).write_csv(tmp_path / "copy.csv")
    result = _run(tmp_path / "copy.csv")
    assert (result.exit_code, result.stdout) == (
        0,
        "1 rows: 0 blocked, 0 for review, 0 warned, 1 clean, 0 unreadable\n",
    )


def test_a_row_may_name_its_channel_language_and_product(tmp_path):
    with Workspace.init(tmp_path / "shop") as shop:
        row = dict.fromkeys(PRODUCTS) | {
            "id": "p1", "title": "Shirt", "price_minor": 4900, "currency": "USD", "attributes": "{}"
        }  # fmt: skip
        shop.tables.upsert("products", pl.DataFrame([row], schema=PRODUCTS), key="id")
    rows = [
        {"headline": "Yours for $49", "description": "A shirt", "product_id": "p1"},
        {"headline": "Yours for $48", "description": "A shirt", "product_id": "p1"},
        {"headline": "A shirt", "description": "Soft", "product_id": "p2"},
        {"headline": "x" * 31, "description": "Soft", "channel": "email"},
        {"headline": "x", "description": "Soft", "channel": "fax"},
        {"headline": "x", "description": "Soft", "language": "fr"},
        {"body": "x"},
    ]
    path = tmp_path / "copy.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)) + "\n\nno json\n[1]\n", encoding="utf-8")
    found = json.loads(_run(path, "--json", "--workspace", tmp_path / "shop").stdout)["rows"]
    assert [r["verdict"] for r in found] == ["clean", "blocked", "unreadable", "clean"] + ["unreadable"] * 5
    assert found[0]["relevance"]["score"] > 0.5
    reasons = [r["reason"] for r in found if r["verdict"] == "unreadable"]
    for reason, part in zip(
        reasons,
        (
            "unknown product p2",
            "email",
            "unknown language",
            "none of the columns",
            "not JSON",
            "not an object",
        ),
        strict=True,
    ):
        assert part in reason


def test_what_concerns_the_whole_table_is_one_error(tmp_path):
    pl.DataFrame(ROWS).write_csv(tmp_path / "copy.csv")
    with pytest.raises(NotFoundError, match="channel"):
        CliRunner().invoke(
            app,
            [str(tmp_path / "copy.csv"), "--kind", "ad_copy", "--channel", "fax", "--language", "en"],
            catch_exceptions=False,
        )
    with pytest.raises(AdwrightError, match="cannot read"):
        _run(tmp_path / "none.csv")
    (tmp_path / "bad.parquet").write_bytes(b"no parquet at all")
    with pytest.raises(AdwrightError, match="not Parquet"):
        _run(tmp_path / "bad.parquet")
    (tmp_path / "bad.csv").write_bytes(b"headline\n\xff\xfe\n")
    with pytest.raises(AdwrightError, match="cannot read"):
        _run(tmp_path / "bad.csv")


def test_a_csv_row_with_too_many_fields_is_unreadable(tmp_path):
    (tmp_path / "copy.csv").write_text("headline,description\na,b,c\nA mug,For tea\n", encoding="utf-8")
    found = json.loads(_run(tmp_path / "copy.csv", "--json").stdout)
    assert [r["verdict"] for r in found["rows"]] == ["unreadable", "clean"]


def test_nothing_is_kept_of_a_row():
    checker = Checker(
        kind=get_kind("ad_copy"),
        channel="email",
        language="en",
        guards=create_guards(),
        now=datetime(2026, 11, 20, tzinfo=UTC),
    )

    def judge(n_rows):
        rows = (TableRow(i, {"headline": f"A mug {i}", "description": "For tea."}) for i in range(n_rows))
        for _ in judge_rows(rows, checker, products=[], find_products=lambda ids: {}):
            pass
        gc.collect()

    tracemalloc.start()
    judge(600)  # what is read once
    before = tracemalloc.get_traced_memory()[0]
    judge(1000)
    n_bytes = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert n_bytes < 1000 * 200  # a verdict that is kept takes more than 1000 bytes


@pytest.mark.parametrize(
    ("name", "text"),
    [("a.csv", ""), ("a.csv", "headline,description\n"), ("a.jsonl", ""), ("a.jsonl", "\n\n")],
)
@pytest.mark.parametrize("flags", [(), ("--json",)])
def test_an_empty_table_is_an_error_that_says_what_to_put_there(name, text, flags, tmp_path):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="no row") as raised:
        _run(path, *flags)
    assert "a column a slot" in str(raised.value)
    options = ["--kind", "ad_copy", "--channel", "google_ads", "--language", "en"]
    assert CliRunner().invoke(app, [*options, str(path), *flags]).stdout == ""


def test_an_empty_parquet_table_is_an_error_too(tmp_path):
    path = tmp_path / "a.parquet"
    pl.DataFrame({"headline": []}, schema={"headline": pl.String}).write_parquet(path)
    with pytest.raises(DataError, match="no row"):
        _run(path)
