"""Where the figures of a training run go."""

import importlib.util
import json
from pathlib import Path

import pytest

from adwright.learn.curves import open_curve


def test_every_entry_is_a_json_line(tmp_path: Path) -> None:
    curve = open_curve(tmp_path, name="loss.jsonl", first=0)
    curve.add(1, loss=2.5)
    curve.add(2, loss=2.0, learning_rate=0.1)
    curve.close()
    lines = [json.loads(line) for line in (tmp_path / "loss.jsonl").read_text().splitlines()]
    assert [(e["step"], e["loss"]) for e in lines] == [(1, 2.5), (2, 2.0)]
    assert curve.first_loss == 2.5


def test_a_resumed_curve_drops_what_comes_again(tmp_path: Path) -> None:
    for first, steps in ((0, (1, 2, 3)), (2, (3, 4))):
        curve = open_curve(tmp_path, name="loss.jsonl", first=first)
        for step in steps:
            curve.add(step, loss=1.0)
        curve.close()
    steps_written = [json.loads(line)["step"] for line in (tmp_path / "loss.jsonl").read_text().splitlines()]
    assert steps_written == [1, 2, 3, 4]


def test_without_tensorboard_a_line_says_where_the_curve_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    said: list[str] = []
    open_curve(tmp_path, name="loss.jsonl", first=0, progress=said.append).close()
    assert len(said) == 1
    assert "loss.jsonl" in said[0]
