from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest

from adwright.config import build, read_toml, secret, to_mapping
from adwright.errors import ConfigError

TREASURE = "sk-9f8e7d6c5b4a"


@dataclass(frozen=True)
class Inner:
    rate: float = 0.5
    n_rows: int = 3


@dataclass(frozen=True)
class Outer:
    name: str
    mode: Literal["fast", "slow", 1] = "fast"
    is_on: bool = False
    limit: int | None = None
    either: int | str = 0
    folder: Path = Path()
    languages: tuple[Literal["zh", "en"], ...] = ("en",)
    weights: dict[str, float] = field(default_factory=dict)
    free: dict[str, Any] = field(default_factory=dict)
    inner: Inner = field(default_factory=Inner)
    parts: tuple[Inner, ...] = ()
    digest: str = field(default="", init=False)


def fault(values: Mapping[str, Any]) -> str:
    with pytest.raises(ConfigError) as caught:
        build(Outer, {"name": "x", **values}, where="shop")
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_every_sort_of_field_is_read() -> None:
    made = build(
        Outer,
        {
            "name": "x",
            "mode": 1,
            "is_on": True,
            "limit": 4,
            "either": "seven",
            "folder": "a/b",
            "languages": ["zh", "en"],
            "weights": {"a": 1},
            "free": {"anything": [1, {"deep": None}]},
            "inner": {"rate": 2},
            "parts": [{"n_rows": 1}, {}],
        },
    )
    assert made == Outer(
        name="x",
        mode=1,
        is_on=True,
        limit=4,
        either="seven",
        folder=Path("a/b"),
        languages=("zh", "en"),
        weights={"a": 1.0},
        free={"anything": [1, {"deep": None}]},
        inner=Inner(rate=2.0),
        parts=(Inner(n_rows=1), Inner()),
    )
    assert isinstance(made.inner.rate, float)


def test_absent_keys_have_their_defaults() -> None:
    assert build(Outer, {"name": "x"}) == Outer(name="x")


def test_an_unknown_key_names_its_place_and_the_nearest_key() -> None:
    message = fault({"inner": {"n_row": 1}})
    assert "unknown key 'shop.inner.n_row'" in message
    assert "Did you mean 'n_rows'?" in message
    assert "allowed: n_rows, rate" in message


def test_an_unknown_key_that_is_near_nothing_lists_what_there_is() -> None:
    message = fault({"zzz": 1})
    assert "unknown key 'shop.zzz'" in message
    assert "Did you mean" not in message
    assert "languages" in message


def test_what_is_computed_is_no_key() -> None:
    assert "unknown key 'shop.digest'" in fault({"digest": "x"})


def test_a_missing_key_is_named_with_its_type() -> None:
    with pytest.raises(ConfigError, match=r"missing key 'shop\.name'; allowed: str"):
        build(Outer, {}, where="shop")


@pytest.mark.parametrize(
    ("values", "place", "allowed"),
    [
        ({"limit": "4"}, "shop.limit = '4'", "int"),
        ({"limit": True}, "shop.limit = True", "int"),
        ({"limit": 4.0}, "shop.limit = 4.0", "int"),
        ({"is_on": 1}, "shop.is_on = 1", "bool"),
        ({"mode": "medium"}, "shop.mode = 'medium'", "'fast' | 'slow' | 1"),
        ({"mode": True}, "shop.mode = True", "'fast' | 'slow' | 1"),
        ({"mode": ["fast"]}, "shop.mode = ['fast']", "'fast' | 'slow' | 1"),
        ({"either": 1.5}, "shop.either = 1.5", "int | str"),
        ({"either": True}, "shop.either = True", "int | str"),
        ({"folder": 3}, "shop.folder = 3", "Path"),
        ({"languages": "zh"}, "shop.languages = 'zh'", "tuple"),
        ({"languages": ["zh", "fr"]}, "shop.languages[1] = 'fr'", "'zh' | 'en'"),
        ({"weights": {"a": "heavy"}}, "shop.weights.a = 'heavy'", "float"),
        ({"weights": [1]}, "shop.weights = [1]", "dict"),
        ({"inner": 3}, "shop.inner = 3", "Inner"),
        ({"inner": {"rate": True}}, "shop.inner.rate = True", "float"),
        ({"inner": {"rate": "0.5"}}, "shop.inner.rate = '0.5'", "float"),
        ({"parts": [{}, {"rate": None}]}, "shop.parts[1].rate = None", "float"),
    ],
)
def test_a_wrong_type_names_the_place_the_value_and_what_is_allowed(
    values: dict[str, Any], place: str, allowed: str
) -> None:
    message = fault(values)
    assert message.startswith("wrong type or value; ")
    assert place in message
    assert allowed in message


@pytest.mark.parametrize("table", [3, "text", [1, 2], None])
def test_a_value_where_a_table_has_to_be_is_our_error(table: Any) -> None:
    with pytest.raises(ConfigError, match=r"wrong type or value; shop = .*; allowed: a table"):
        build(Outer, table, where="shop")


def test_a_long_value_is_cut() -> None:
    assert len(fault({"limit": "4" * 10_000})) < 300


def test_to_mapping_is_the_inverse_of_build() -> None:
    made = Outer(name="x", folder=Path("a"), parts=(Inner(rate=0.1),), weights={"a": 1.0})
    plain = to_mapping(made)
    assert plain["folder"] == "a"
    assert plain["parts"] == [{"rate": 0.1, "n_rows": 3}]
    assert "digest" not in plain
    assert build(Outer, plain) == made


def test_a_recipe_is_read(tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text("[shop]\nname = '丝路'\n", encoding="utf-8")
    assert read_toml(path) == {"shop": {"name": "丝路"}}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[shop\nname = 1", "cannot read the recipe"),
        (b"a = 1\na = 2", "cannot read the recipe"),
        (b"name = '\xff\xfe'", "cannot read the recipe"),
    ],
)
def test_a_broken_recipe_is_one_line_with_its_path(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "r.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        read_toml(path)
    assert message in str(caught.value)
    assert "r.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_recipe_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no such recipe; path = '.*none\.toml'"):
        read_toml(tmp_path / "none.toml")
    with pytest.raises(ConfigError, match="cannot read the recipe"):
        read_toml(tmp_path)


def test_a_secret_comes_from_the_environment() -> None:
    assert secret("SHOP_KEY", {"SHOP_KEY": TREASURE}) == TREASURE


@pytest.mark.parametrize("env", [{}, {"SHOP_KEY": ""}, {"OTHER": TREASURE}])
def test_an_unset_secret_says_how_to_set_it_and_prints_no_other(env: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="export SHOP_KEY=") as caught:
        secret("SHOP_KEY", env)
    assert TREASURE not in str(caught.value)


def test_a_secret_that_stands_in_a_recipe_is_refused_and_not_repeated() -> None:
    from adwright.generate import create_backend

    with pytest.raises(ConfigError, match=r"generate\.openai\.api_key") as caught:
        create_backend("openai", {"model": "m", "api_key": TREASURE})
    assert TREASURE not in str(caught.value)
