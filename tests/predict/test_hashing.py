import numpy as np
import polars as pl
import pytest

from adwright.predict.hashing import as_text, buckets, collision_rate, stable_hash


def by_hand(value, salt_state):
    """FNV-1a and fmix64 in plain integers."""
    mask = (1 << 64) - 1
    state = salt_state
    for octet in value.encode():
        state = ((state ^ octet) * 0x100000001B3) & mask
    state = ((state ^ (state >> 33)) * 0xFF51AFD7ED558CCD) & mask
    state = ((state ^ (state >> 33)) * 0xC4CEB9FE1A85EC53) & mask
    return state ^ (state >> 33)


def unmixed(state):
    """fmix64 backwards: what an empty text's number says of the salt."""
    mask = (1 << 64) - 1
    state ^= state >> 33
    state = (state * pow(0xC4CEB9FE1A85EC53, -1, 1 << 64)) & mask
    state ^= state >> 33
    state = (state * pow(0xFF51AFD7ED558CCD, -1, 1 << 64)) & mask
    return state ^ (state >> 33)


def test_it_is_fnv_1a_with_the_mixer_of_murmur3():
    texts = ["", "a", "item_17", "纯棉T恤", "x" * 64]
    found = stable_hash(pl.Series(texts), "colour")
    start = unmixed(int(found[0]))
    assert [int(h) for h in found] == [by_hand(text, start) for text in texts]


def test_a_number_does_not_hang_on_its_neighbours():
    texts = pl.Series([f"v{i}" * (i % 40) for i in range(500)])
    whole = stable_hash(texts, "s")
    assert np.array_equal(stable_hash(texts[100:200], "s"), whole[100:200])
    assert np.array_equal(stable_hash(texts.filter(texts == "v3v3v3"), "s"), whole[[3]])


def test_few_values_have_the_numbers_that_many_give_them():
    """One row is scored by another loop than a batch."""
    texts = pl.Series([*(chr(i) * (i % 90) for i in range(90)), "猫" * 21, "猫" * 22, "é\x00b"])
    whole = stable_hash(texts, "s")
    assert [int(stable_hash(texts[row : row + 1], "s")[0]) for row in range(len(texts))] == whole.tolist()
    assert len(stable_hash(texts[:0], "s")) == 0


def test_the_same_numbers_in_every_version():
    """Models are stored with them: these two must never change."""
    assert stable_hash(pl.Series(["a", "long " * 40]), "colour").tolist() == [
        4116582698767357980,
        12517257492001363692,
    ]


def test_long_values_differ_by_their_end():
    one, two = stable_hash(pl.Series(["x" * 100 + "a", "x" * 100 + "b"]), "s")
    assert one != two


def test_as_many_collisions_as_stated():
    """20,000 values in 2^16 buckets; the share that collides has a standard error near 0.3 %."""
    found = buckets(stable_hash(pl.Series([f"user_{i}" for i in range(20_000)]), "user"), 2**16)
    shared = np.mean(np.bincount(found, minlength=2**16)[found] > 1)
    assert shared == pytest.approx(collision_rate(20_000, 2**16), abs=0.012)


def test_whole_numbers_of_either_type_are_one_category():
    assert as_text(pl.Series([1.0, 2.0, None])).to_list() == as_text(pl.Series([1, 2, None])).to_list()
    assert as_text(pl.Series([1.0, 2.5])).to_list() == ["1", "2.5"]


def test_no_values_give_no_numbers():
    assert stable_hash(pl.Series([], dtype=pl.String), "s").shape == (0,)
