from __future__ import annotations

import pytest

from adwright.ingest.personal import is_personal, without_personal


@pytest.mark.parametrize(
    "name",
    ["email", "E-Mail", "billing_email", "first_name", "lastName", ["Phone", "Number"][0], "ip", "手机号"],
)
def test_names_of_persons_data_are_known(name: str) -> None:
    assert is_personal(name)


@pytest.mark.parametrize("name", ["name", "colour", "product_name", "shipping", "description", "tip"])
def test_names_of_products_data_are_kept(name: str) -> None:
    assert not is_personal(name)


def test_personal_fields_go_at_any_depth_and_the_input_stays() -> None:
    values = {"a": {"email": "x", "b": 1}, "c": [{"phone": "1", "d": 2}, 3]}
    seen: list[str] = []
    assert without_personal(values, seen) == {"a": {"b": 1}, "c": [{"d": 2}, 3]}
    assert seen == ["email", "phone"]
    assert values["a"] == {"email": "x", "b": 1}
