import json

import polars as pl
import pytest
from typer.testing import CliRunner

from adwright.cli.generate import app
from adwright.errors import AdwrightError
from adwright.store.columns import PRODUCTS
from adwright.workspace import Workspace


@pytest.fixture
def shop(tmp_path):
    rows = [
        {
            "id": f"p{i}",
            "title": title,
            "price_minor": 4900,
            "currency": "USD",
            "attributes": '{"material": "cotton"}',
        }
        for i, title in enumerate(["Harbour Shirt", "Canvas Tote", "纯棉T恤", "Desk Lamp", "Mug", "Scarf"])
    ]
    empty = dict.fromkeys(PRODUCTS)
    with Workspace.init(tmp_path / "shop") as opened:
        opened.tables.upsert(
            "products", pl.DataFrame([empty | row for row in rows], schema=PRODUCTS), key="id"
        )
    return tmp_path / "shop"


def _run(shop, *arguments):
    base = ["--workspace", str(shop), "--kind", "ad_copy", "--channel", "email"]
    result = CliRunner().invoke(app, [*base, *arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_variants_are_printed_as_json_and_saved(shop):
    result = _run(shop, "--language", "zh", "--product", "p1", "--product", "p0", "-n", "3", "--json")
    written = json.loads(result.stdout)
    assert (written["n_written"], written["n_new"], written["n_rejected"]) == (6, 6, 0)
    assert [c["product_ids"] for c in written["contents"]] == [["p1"]] * 3 + [["p0"]] * 3
    assert all(c["findings"] == [] and c["provenance"]["backend"] == "compose" for c in written["contents"])
    with Workspace.open(shop) as opened:
        assert {c.id for c in opened.contents.by_status("draft")} == {c["id"] for c in written["contents"]}


def test_writing_the_same_again_adds_nothing(shop):
    _run(shop, "--language", "en", "--product", "p0", "--json")
    again = json.loads(_run(shop, "--language", "en", "--product", "p0", "--json").stdout)
    assert (again["n_written"], again["n_new"]) == (4, 0)


def test_without_products_the_first_five_are_written_for(shop):
    written = json.loads(_run(shop, "--language", "en", "-n", "1", "--json").stdout)
    assert len({c["product_ids"][0] for c in written["contents"]}) == 5


def test_people_read_slots_and_reasons(shop):
    result = _run(shop, "--language", "en", "--product", "p4", "-n", "1", "--angle", "gift", "--tone", "warm")
    assert "headline: " in result.stdout
    assert "Leads with giving it as a present in a warm tone" in result.stdout
    assert "1 variants, 1 new, 0 rejected" in result.stdout


def test_a_cohort_of_the_last_profile_is_written_for(shop):
    cohort = {
        "id": "c1",
        "size": 90,
        "description": {"en": "city walkers", "zh": "都市漫步者"},
        "top_categories": [],
    }
    (shop / "reports" / "cohorts.json").write_text(json.dumps({"cohorts": [cohort]}), encoding="utf-8")
    written = json.loads(_run(shop, "--language", "en", "--product", "p0", "--cohort", "c1", "--json").stdout)
    assert all(c["cohort_id"] == "c1" and "city walkers" in c["why"] for c in written["contents"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--language", "fr"), "allowed: zh, en"),
        (("--language", "en", "--product", "p9"), "allowed: p0, p1"),
        (("--language", "en", "--cohort", "c9"), "adwright profile"),
        (("--language", "en", "--backend", "compos"), "Did you mean 'compose'"),
        (("--language", "en", "-n", "0"), "n = 0"),
        (("--language", "en", "--angle", "gitf"), "Did you mean 'gift'"),
        (("--language", "en", "--backend", "hf"), "missing key 'generate.hf.model'"),
    ],
)
def test_mistakes_are_one_line_with_a_way_out(arguments, message, shop):
    with pytest.raises(AdwrightError, match=message) as caught:
        _run(shop, *arguments)
    assert "\n" not in str(caught.value)


def test_an_empty_catalogue_says_how_to_fill_it(tmp_path):
    Workspace.init(tmp_path / "bare").close()
    with pytest.raises(AdwrightError, match="adwright ingest catalog"):
        _run(tmp_path / "bare", "--language", "en")


def _append(shop, text):
    recipe = shop / "adwright.toml"
    recipe.write_text(recipe.read_text() + text)


def test_a_service_reply_rests_on_the_policies_of_the_recipe(shop):
    _append(
        shop, '\n[[policy]]\nid = "ret"\ntopic = "returns"\ntext = { en = "Send it back within 30 days." }\n'
    )
    base = ["--workspace", str(shop), "--kind", "service_reply", "--channel", "email", "--language", "en"]
    result = CliRunner().invoke(app, [*base, "-n", "1", "--message", "Can I return it?", "--json"])
    (content,) = json.loads(result.stdout)["contents"]
    assert "within 30 days" in content["slots"]["reply"]
    assert (content["status"], content["slots"]["handover"], content["product_ids"]) == ("draft", "no", [])


def test_a_campaign_plan_splits_the_budget_that_is_given(shop):
    base = ["--workspace", str(shop), "--kind", "campaign_plan", "--channel", "email", "--language", "zh"]
    plan = [
        "--plan-channel",
        "email",
        "--plan-channel",
        "push",
        "--budget",
        "100001",
        "--start",
        "2026-12-01",
    ]
    result = CliRunner().invoke(app, [*base, *plan, "-n", "1", "--json"])
    (content,) = json.loads(result.stdout)["contents"]
    assert "2026-12-14" in content["slots"]["calendar"]  # two weeks where no end is given
    assert "500.01美元" in content["slots"]["budget"]
    assert "平均分配" in content["slots"]["sources"]


@pytest.mark.parametrize("wrong", [["--start", "soon"], ["--customer", "ann"]])
def test_wrong_wishes_are_named(wrong, shop, monkeypatch):
    monkeypatch.setenv("ADWRIGHT_PSEUDONYM_KEY", "k" * 32)
    with pytest.raises(AdwrightError, match=r"YYYY-MM-DD|personalisation:email"):
        _run(shop, "--language", "en", *wrong)


def test_the_whole_catalogue_is_written_for_where_that_is_asked(shop):
    written = json.loads(_run(shop, "--language", "en", "--all-products", "-n", "1", "--json").stdout)
    assert len({c["product_ids"][0] for c in written["contents"]}) == 6
    assert written["costs"] == []  # rules cost nothing
