import json

import pytest
from typer.testing import CliRunner

from adwright.cli.learn import app
from adwright.errors import AdwrightError
from backbone.tiny_model import build_model, build_tokenizer, save

COLOURS = ("红色", "白色", "蓝色")
ROWS = [
    {"content": f"类型#裙*颜色#{c}", "summary": f"{c}的裙子，柔软舒适，日常搭配很实用。"} for c in COLOURS
]


@pytest.fixture
def pairs(tmp_path):
    path = tmp_path / "pairs.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS), encoding="utf-8")
    return path


@pytest.fixture
def model(tmp_path):
    tokenizer = build_tokenizer([r["content"] + r["summary"] for r in ROWS])
    return save(tmp_path / "m", tokenizer, build_model(tokenizer))


def _run(*arguments):
    result = CliRunner().invoke(app, [str(a) for a in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_a_model_is_fine_tuned_and_says_what_it_took(pairs, model, tmp_path):
    small = ["--steps", 4, "--batch", 2, "--method", "bottleneck", "--bottleneck-size", 4]
    common = ["sft", "--data", pairs, "--dev", pairs, "--model", model, "--out", tmp_path / "run", *small]
    result = json.loads(_run(*common, "--json").stdout)
    assert result["step"] == 4
    assert 0 < result["n_trained"] < result["n_parameters"]
    assert (tmp_path / "run" / "adapter" / "card.json").exists()
    assert "held-out loss" in _run(*common).stdout  # done already: nothing is trained again


def test_more_pairs_are_made_with_the_same_facts(pairs, tmp_path):
    out = tmp_path / "more.jsonl"
    ways = ["--way", "synonyms", "--way", "shuffle"]
    result = json.loads(
        _run("augment", "--data", pairs, "--out", out, "--language", "zh", *ways, "-n", 2, "--json").stdout
    )
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == result["n_made"] >= 6
    assert result["n_changed_facts"] == 0
    assert {"颜色#红色*类型#裙"} <= {row["prompt"] for row in rows}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--way", "masked"), "--bert"),
        (("--way", "back_translation"), "THERE,BACK"),
        (("--way", "magic"), "unknown way"),
        (("--language", "fr"), "zh, en"),
    ],
)
def test_what_is_missing_is_named(arguments, message, pairs, tmp_path):
    with pytest.raises(AdwrightError, match=message):
        _run("augment", "--data", pairs, "--out", tmp_path / "x", "--language", "zh", *arguments)


def test_fields_are_two_names(pairs, tmp_path):
    with pytest.raises(AdwrightError, match="PROMPT,TEXT"):
        _run("sft", "--data", pairs, "--model", "m", "--out", tmp_path / "r", "--fields", "one")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((), "--data, --copy"),
        (("--data", "COPY", "--copy", "COPY"), "--data, --copy"),
        (("--data", "COPY"), "--model"),
        (("--copy", "COPY", "--fields", "a,b"), "--fields"),
        (("--copy", "COPY", "--model", "TINY"), "vocabulary"),
    ],
)
def test_copy_is_for_the_writer_that_knows_its_tokens(arguments, named, model, tmp_path):
    copy = tmp_path / "copy.jsonl"
    copy.write_text(
        '{"product": {"id": "1", "title": "Lamp"}, "slots": {"description": "x"}, "language": "en"}\n'
    )
    given = [{"COPY": copy, "TINY": model}.get(a, a) for a in arguments]
    with pytest.raises(AdwrightError, match=named):
        _run("sft", *given, "--out", tmp_path / "r")
    assert not (tmp_path / "r").exists()
