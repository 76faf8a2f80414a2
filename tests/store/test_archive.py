import json

import numpy as np
import pytest

from adwright.errors import DataError, StoreError
from adwright.store.archive import FORMAT, MANIFEST, read_archive, read_card, write_archive


def save(folder):
    write_archive(folder, values={"a": 1.5, "t": "纯棉"}, arrays={"x": np.arange(3.0)}, card={"seed": 7})


def test_what_was_written_is_read(tmp_path):
    save(tmp_path / "m")
    values, arrays, card = read_archive(tmp_path / "m")
    assert values == {"a": 1.5, "t": "纯棉"}
    assert arrays["x"].tolist() == [0, 1, 2]
    assert card == read_card(tmp_path / "m") == {"seed": 7}


def test_nothing_in_it_is_pickled(tmp_path):
    save(tmp_path / "m")
    assert {p.suffix for p in (tmp_path / "m").iterdir()} == {".json", ".npz"}
    with pytest.raises(ValueError, match="allow_pickle"):
        write_archive(tmp_path / "m", values={}, arrays={"x": np.array([object()])}, card={})


@pytest.mark.parametrize("name", ["arrays.npz", "values.json"])
def test_a_truncated_file_is_a_clear_error(tmp_path, name):
    save(tmp_path / "m")
    path = tmp_path / "m" / name
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(DataError, match=f"damaged: {name}"):
        read_archive(tmp_path / "m")
    path.unlink()
    with pytest.raises(DataError, match=f"damaged: {name}"):
        read_archive(tmp_path / "m")


def test_a_newer_format_says_to_upgrade(tmp_path):
    save(tmp_path / "m")
    manifest = json.loads((tmp_path / "m" / MANIFEST).read_text())
    (tmp_path / "m" / MANIFEST).write_text(json.dumps({**manifest, "format": FORMAT + 1}))
    with pytest.raises(DataError, match="newer Adwright"):
        read_archive(tmp_path / "m")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 1}'])
def test_a_damaged_manifest_is_a_clear_error(tmp_path, text):
    save(tmp_path / "m")
    (tmp_path / "m" / MANIFEST).write_text(text)
    with pytest.raises(DataError, match="manifest is damaged"):
        read_archive(tmp_path / "m")


def test_a_save_that_fails_leaves_no_model(tmp_path, monkeypatch):
    save(tmp_path / "m")

    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("adwright.store.archive.np.savez_compressed", full)
    with pytest.raises(StoreError, match="No space left"):
        save(tmp_path / "m")
    with pytest.raises(DataError, match="no complete model"):
        read_archive(tmp_path / "m")


def test_an_empty_folder_holds_no_model(tmp_path):
    with pytest.raises(DataError, match="no complete model"):
        read_card(tmp_path)
