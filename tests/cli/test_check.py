import json

import polars as pl
import pytest
from typer.testing import CliRunner

from adwright.cli.check import app, read_slots
from adwright.errors import AdwrightError, DataError, UsageError
from adwright.generate import get_kind
from adwright.store.columns import PRODUCTS
from adwright.workspace import Workspace


def _run(*arguments, text=None, channel="google_ads"):
    base = ["--kind", "ad_copy", "--channel", channel, "--language", "en"]
    result = CliRunner().invoke(app, [*base, *arguments], input=text)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_a_clean_text_needs_no_workspace():
    result = _run("-", text="A gift with heart\nGive a shirt, get a smile.\n")
    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, "clean")
    assert "plainness 1.00 (1 appeal (giving it as a present)" in result.stdout
    assert "relevance" not in result.stdout  # to what, nobody knows


def test_a_blocked_text_exits_with_one():
    result = _run("-", "--json", text="x" * 31 + "\nfine")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert found["verdict"] == "blocked"
    assert found["findings"][0]["rule_id"] == "limits.too_long"


def test_a_review_finding_does_not_block():
    result = _run("-", text="The best shirt\nfine")
    assert result.exit_code == 0
    assert result.stdout.startswith("for review\n")


def test_what_is_let_through_says_by_what():
    text = "A drawer\nKeep the spare key in the drawer, and never lose a morning to looking for it.\n"
    result = _run("-", text=text, channel="email")
    assert result.exit_code == 0
    assert result.stdout.startswith("warned\n")
    assert "'never lose'" in result.stdout
    assert result.stdout.rstrip().endswith("[let through: law.reads_harmless]")


def test_facts_are_held_against_the_product(tmp_path):
    with Workspace.init(tmp_path / "shop") as shop:
        row = dict.fromkeys(PRODUCTS) | {
            "id": "p1", "title": "Shirt", "price_minor": 4900, "currency": "USD", "attributes": "{}"
        }  # fmt: skip
        shop.tables.upsert("products", pl.DataFrame([row], schema=PRODUCTS), key="id")
    text = tmp_path / "copy.json"
    text.write_text('{"headline": "Yours for $49", "description": "In linen"}', encoding="utf-8")
    result = _run(str(text), "--product", "p1", "--workspace", str(tmp_path / "shop"), "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert [f["rule_id"] for f in found["findings"]] == ["facts.material"]
    assert 0 <= found["relevance"]["score"] <= 1
    assert found["plainness"]["why"]["zh"]


def test_text_becomes_slots_line_by_line():
    kind = get_kind("ad_copy")
    assert read_slots("a\nb\nc", kind) == {"headline": "a", "description": "b\nc"}
    assert read_slots("a", kind) == {"headline": "a", "description": ""}
    assert read_slots('{"description": "b"}', kind) == {"headline": "", "description": "b"}
    with pytest.raises(UsageError, match="headline, description"):
        read_slots('{"body": "b"}', kind)
    for wrong in ('{"headline": 3}', "{broken", '{"headline": ["a"]}'):
        with pytest.raises(DataError):
            read_slots(wrong, kind)


def test_an_unreadable_file_is_one_line(tmp_path):
    with pytest.raises(AdwrightError, match="cannot read"):
        _run(str(tmp_path / "none.txt"))
    (tmp_path / "bad.txt").write_bytes(b"\xff\xfe\x00bad")
    with pytest.raises(AdwrightError, match="cannot read"):
        _run(str(tmp_path / "bad.txt"))


def test_a_text_of_100_kb_is_answered():
    result = _run("-", text="最好的 $5 linen " * 7000)
    assert result.exit_code == 1
