import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwright.text.language import detect, han_share


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Samsung Galaxy Tab S8 Plus Grey，轻薄好带，上课开会都合适", "zh"),
        ("Apple iPhone 13 Pro 直降", "zh"),
        ("A soft cotton shirt", "en"),
        ("A 茶 cup for slow mornings", "en"),
        ("9.99 !!", None),
        ("これはすてきなシャツです", None),
        ("Это рубашка", None),
        ("", None),
    ],
)
def test_language_of_shop_texts(text, language):
    assert detect(text) == language


@given(st.text())
def test_the_share_is_a_fraction(text):
    assert 0 <= han_share(text) <= 1
