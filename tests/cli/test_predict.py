import json

import polars as pl
import pytest
from plotly import graph_objects
from typer.testing import CliRunner

from adwright.cli.predict import app
from adwright.errors import ConfigError, DataError, NotFoundError, UsageError
from adwright.workspace import Workspace
from predict.synthetic_table import draw_table

RECIPE = """
[columns]
text = ["text"]
time = "day"
time_format = "ordinal"
content = "content"
group = "test"
[targets.click]
trials = "n"
successes = "y"
[model]
n_members = 2
ridges = [10.0, 100.0]
"""


def call(*arguments):
    found = CliRunner().invoke(app, [str(a) for a in arguments])
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    return found


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("predict")
    frame, _ = draw_table(n_groups=60)
    frame.write_parquet(folder / "data.parquet")
    (folder / "recipe.toml").write_text(RECIPE)
    found = call(
        "fit", "--data", folder / "data.parquet", "--recipe", folder / "recipe.toml",
        "--model", folder / "model", "--json",
    )  # fmt: skip
    return folder, json.loads(found.stdout), found.stderr


def test_fit_prints_one_object_and_progress_on_standard_error(place):
    folder, found, progress = place
    assert found["model"] == str(folder / "model")
    assert sum(found["n_rows"].values()) == 360
    assert found["warnings"] == []
    assert "member 2 of 2" in progress


@pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl"])
def test_score_keeps_the_rows_order_and_adds_the_columns(place, ending):
    folder, _, _ = place
    out = folder / f"scored.{ending}"
    found = call(
        "score", "--data", folder / "data.parquet", "--model", folder / "model", "--out", out, "--json"
    )
    assert json.loads(found.stdout)["n_rows"] == 360
    read = {"parquet": pl.read_parquet, "csv": pl.read_csv, "jsonl": pl.read_ndjson}[ending]
    scored = read(out)
    assert scored["content"].to_list() == pl.read_parquet(folder / "data.parquet")["content"].to_list()
    assert {"p", "p_low", "p_high", "alpha", "beta", "k_content", "k_low", "k_high"} <= set(scored.columns)


def test_score_without_out_prints_the_rows(place):
    folder, _, _ = place
    arguments = ("score", "--data", folder / "data.parquet", "--model", folder / "model")
    rows = json.loads(call(*arguments, "--json").stdout)["rows"]
    assert len(rows) == 360
    lines = call(*arguments).stdout.splitlines()
    assert lines[0].startswith("p,p_low,p_high,alpha,beta,k_content")
    assert len(lines) == 361


def test_evaluate_says_split_interval_and_n(place):
    folder, _, _ = place
    arguments = ("evaluate", "--data", folder / "data.parquet", "--model", folder / "model")
    found = json.loads(call(*arguments, "--json").stdout)
    assert found["split"].startswith("test block")
    assert set(found["targets"]["click"]["auc"]) >= {"value", "low", "high", "n"}
    shown = call(*arguments).stdout
    assert "auc: " in shown
    assert "(n = " in shown


def test_another_recipe_than_the_models_is_an_error(place):
    folder, _, _ = place
    (folder / "other.toml").write_text(RECIPE.replace('content = "content"\n', ""))
    arguments = ("--data", folder / "data.parquet", "--model", folder / "model")
    with pytest.raises(ConfigError, match=r"\[columns\] differs"):
        call("score", *arguments, "--recipe", folder / "other.toml")
    assert call("score", *arguments, "--recipe", folder / "recipe.toml").exit_code == 0


def test_a_model_lives_in_the_workspace_too(place, tmp_path):
    folder, _, _ = place
    Workspace.init(tmp_path / "shop").close()
    shared = ("--data", folder / "data.parquet", "--workspace", tmp_path / "shop")
    found = call("fit", *shared, "--recipe", folder / "recipe.toml", "--model", "click", "--json")
    assert json.loads(found.stdout)["model"] == "click@1"
    scored = json.loads(call("score", *shared, "--model", "click@1", "--json").stdout)
    assert scored["model"] == "click@1"
    assert json.loads(call("score", *shared, "--model", "click", "--json").stdout) == scored
    with pytest.raises(NotFoundError, match="click@7"):
        call("score", *shared, "--model", "click@7")


def test_faults_are_one_line(place, tmp_path):
    folder, _, _ = place
    data, model = ("--data", folder / "data.parquet"), ("--model", folder / "model")
    for error, arguments in (
        (DataError, ("score", *data, "--model", tmp_path / "none")),
        (DataError, ("score", "--data", tmp_path / "none.csv", *model)),
        (UsageError, ("score", *data, *model, "--out", tmp_path / "a.xlsx")),
        (UsageError, ("fit", *data, *model, "--workspace", tmp_path)),
        (ConfigError, ("fit", *data, *model, "--recipe", tmp_path / "none.toml")),
    ):
        with pytest.raises(error) as caught:
            call(*arguments)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_evaluate_writes_a_page_with_curves_and_coverage_by_segment(place, tmp_path, language):
    folder, _, _ = place
    frame = pl.read_parquet(folder / "data.parquet").with_columns(slot=pl.Series(["<top>", "side"] * 180))
    frame.write_parquet(tmp_path / "other.parquet")
    recipe = RECIPE + '[calibration]\nsegments = ["slot"]\nconformal = true\n'
    (tmp_path / "recipe.toml").write_text(recipe)
    data, model = tmp_path / "other.parquet", tmp_path / "model"
    call("fit", "--data", data, "--recipe", tmp_path / "recipe.toml", "--model", model)
    out = tmp_path / "page.html"
    found = call(
        "evaluate", "--data", data, "--model", model, "--page", out, "--language", language, "--json"
    )
    judged = json.loads(found.stdout)["targets"]["click"]
    assert set(judged["by_segment"]) == {"<top>", "side"}
    page = out.read_text(encoding="utf-8")
    plots = json.loads(page.split('<script id="plots" type="application/json">')[1].split("</script>")[0])
    assert [p["id"] for p in plots] == [
        "plot-curves-click", "plot-curves-click-segments", "plot-coverage-click",
    ]  # fmt: skip
    assert {trace["name"] for trace in plots[1]["data"][1:]} == {"&lt;top&gt;", "side"}
    for plot in plots:
        graph_objects.Figure(data=plot["data"], layout=plot["layout"])  # Plotly knows every key and value
    covered = plots[2]["data"]
    assert len(covered) == 2
    assert covered[0]["x"][0] == judged["coverage_90"]["all"]["value"]
    assert covered[1]["x"][0] == judged["coverage_90_conformal"]["all"]["value"]
    assert "<top>" not in page
    title = {"en": "Do the predictions come true?", "zh": "预测应验了吗？"}[language]
    assert f"<h1>{title}</h1>" in page


def test_evaluate_says_what_segments_are_like(place):
    folder, _, _ = place
    found = call("evaluate", "--data", folder / "data.parquet", "--model", folder / "model", "--by", "test")
    assert "by_segment" in found.stdout
    assert "by_domain" in found.stdout


def test_a_page_in_another_language_is_an_error(place, tmp_path):
    folder, _, _ = place
    with pytest.raises(UsageError, match="zh, en"):
        call(
            "evaluate", "--data", folder / "data.parquet", "--model", folder / "model",
            "--page", tmp_path / "page.html", "--language", "fr",
        )  # fmt: skip


def test_a_parquet_table_is_fitted_judged_and_scored_in_batches(place, tmp_path):
    data = place[0] / "data.parquet"
    arguments = ("--data", data, "--model", tmp_path / "m", "--stream")
    found = json.loads(call("fit", *arguments, "--recipe", place[0] / "recipe.toml", "--json").stdout)
    assert found["streamed"]["n_rows_in_memory"]["train"] == found["n_rows"]["train"]
    judged = json.loads(call("evaluate", *arguments, "--json").stdout)
    assert "test block" in judged["split"]
    whole, parts = tmp_path / "scored.parquet", tmp_path / "parts"
    for out in (whole, parts):
        scored = json.loads(call("score", *arguments, "--out", out, "--json").stdout)
        assert scored["n_rows"] == pl.read_parquet(data).height
    assert pl.read_parquet(parts / "*.parquet").equals(pl.read_parquet(whole))


def test_only_parquet_is_read_in_batches(place, tmp_path):
    (tmp_path / "data.csv").write_text("a\n1\n")
    with pytest.raises(UsageError, match="Parquet"):
        call(
            "fit",
            "--data",
            tmp_path / "data.csv",
            "--model",
            tmp_path / "m",
            "--stream",
            "--recipe",
            place[0] / "recipe.toml",
        )
