from __future__ import annotations

import errno
import json
import os
import signal
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adwright import __version__
from adwright.errors import InfeasibleError, NotFoundError, StoreError, UsageError
from adwright.store import ModelRegistry

NOW = datetime(2025, 3, 1, tzinfo=UTC)
CARD = {"config": {"c": 1.0}, "seed": 7, "data_digest": "abc", "metrics": {"auc": 0.7}}


def write(folder: Path) -> None:
    (folder / "weights.bin").write_bytes(b"w")
    (folder / "deep").mkdir()
    (folder / "deep" / "vocabulary.json").write_text("{}")


@pytest.fixture
def models(tmp_path: Path) -> ModelRegistry:
    return ModelRegistry(tmp_path / "models")


def test_a_model_is_saved_with_its_card(models: ModelRegistry) -> None:
    assert models.save("click", write, CARD, now=NOW) == "click@1"
    assert (models.path("click@1") / "weights.bin").read_bytes() == b"w"
    card = models.card("click")
    assert {name: card[name] for name in CARD} == CARD
    assert (card["stage"], card["version"], card["code_version"]) == ("click", 1, __version__)
    assert card["created_at"] == NOW.isoformat()


def test_versions_are_listed_by_stage_and_number(models: ModelRegistry) -> None:
    for _ in range(11):
        models.save("click", write, CARD)
    models.save("audience", write, CARD)
    assert [m.ref for m in models.list()] == ["audience@1", *(f"click@{i}" for i in range(1, 12))]
    assert [m.ref for m in models.list("audience")] == ["audience@1"]
    assert [m.ref for m in models.list() if m.promoted] == ["audience@1", "click@11"]


def test_the_card_is_written_last(models: ModelRegistry, tmp_path: Path) -> None:
    def look(folder: Path) -> None:
        write(folder)
        assert models.list() == []
        assert [p.name for p in models.incomplete()] == ["1"]

    models.save("click", look, CARD)
    assert models.incomplete() == ()


def test_a_save_that_fails_leaves_no_version(models: ModelRegistry) -> None:
    def fail(folder: Path) -> None:
        write(folder)
        raise KeyError("training stopped")

    with pytest.raises(KeyError):
        models.save("click", fail, CARD)
    assert models.list() == []
    assert models.incomplete() == ()
    assert models.save("click", write, CARD) == "click@1"


def test_a_killed_save_is_never_listed_and_its_number_not_given_again(models: ModelRegistry) -> None:
    def die(folder: Path) -> None:
        (folder / "weights.bin").write_bytes(b"half")
        os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if not child:
        models.save("click", die, CARD)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert models.list() == []
    with pytest.raises(NotFoundError, match="unknown model"):
        models.path("click")
    assert models.save("click", write, CARD) == "click@2"
    assert [m.ref for m in models.list()] == ["click@2"]
    assert [p.name for p in models.incomplete()] == ["1"]


def test_a_full_disk_is_one_line_and_a_rerun_completes(
    models: ModelRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr("adwright.store.durable.os.fsync", full)
        with pytest.raises(StoreError, match="free some space"):
            models.save("click", write, CARD)
    assert models.list() == []
    assert models.save("click", write, CARD) == "click@1"


def test_the_latest_version_is_in_use_until_one_is_promoted(models: ModelRegistry) -> None:
    for _ in range(3):
        models.save("click", write, CARD)
    assert models.path("click") == models.path("click@3")
    assert models.promote("click@2") == "click@2"
    models.save("click", write, CARD)
    assert models.path("click").name == "2"
    assert models.path("click@latest").name == "4"
    assert [m.ref for m in models.list() if m.promoted] == ["click@2"]


def test_rolling_back_goes_to_the_version_in_use_before(models: ModelRegistry) -> None:
    for _ in range(3):
        models.save("click", write, CARD)
    for ref in ("click@1", "click@3", "click@2"):
        models.promote(ref)
    assert models.rollback("click") == "click@3"
    assert models.path("click").name == "3"
    assert models.rollback("click") == "click@1"
    with pytest.raises(InfeasibleError, match="no version was promoted before"):
        models.rollback("click")
    assert models.path("click").name == "1"


def test_the_first_promotion_can_be_rolled_back_to_the_version_before_it(models: ModelRegistry) -> None:
    models.save("click", write, CARD)
    models.save("click", write, CARD)
    models.promote("click@2")
    assert models.rollback("click") == "click@1"


def test_promoting_the_same_version_twice_is_one_promotion(models: ModelRegistry) -> None:
    models.save("click", write, CARD)
    models.save("click", write, CARD)
    models.promote("click@1")
    models.promote("click@2")
    models.promote("click@2")
    assert models.rollback("click") == "click@1"


def test_a_rollback_skips_a_version_whose_folder_was_deleted(models: ModelRegistry) -> None:
    for _ in range(3):
        models.save("click", write, CARD)
    for ref in ("click@1", "click@2", "click@3"):
        models.promote(ref)
    (models.path("click@2") / "card.json").unlink()
    assert models.rollback("click") == "click@1"


@pytest.mark.parametrize("stage", ["", "../x", "Click", "click/..", "a b", "1st"])
def test_a_bad_stage_name_is_refused(models: ModelRegistry, stage: str) -> None:
    with pytest.raises(UsageError, match="not the name of a model"):
        models.save(stage, write, CARD)


@pytest.mark.parametrize("ref", ["click@9", "click@x", "click@-1", "click@1@1"])
def test_an_unknown_version_says_which_there_are(models: ModelRegistry, ref: str) -> None:
    models.save("click", write, CARD)
    with pytest.raises(NotFoundError, match="allowed: click@1"):
        models.path(ref)


def test_an_unknown_stage_names_the_nearest(models: ModelRegistry) -> None:
    models.save("click", write, CARD)
    with pytest.raises(NotFoundError, match="Did you mean 'click'"):
        models.card("clik")


def test_a_card_that_json_cannot_hold_is_refused(models: ModelRegistry) -> None:
    with pytest.raises(UsageError, match="JSON"):
        models.save("click", write, {"config": {1, 2}})
    assert models.list() == []


def test_the_pointer_is_one_small_file(models: ModelRegistry, tmp_path: Path) -> None:
    models.save("click", write, CARD)
    models.promote("click@1")
    assert json.loads((tmp_path / "models" / "click" / "promoted.json").read_text()) == {"history": [1]}
