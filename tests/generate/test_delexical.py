"""Texts without their facts."""

import pytest

from adwright.generate.delexical import (
    LINE,
    SLOT_TOKENS,
    UNITS,
    WIDTHS,
    control_prompt,
    fill,
    join_slots,
    slot_token,
    special_tokens,
)


def test_no_token_has_two_meanings() -> None:
    tokens = special_tokens()
    assert len(set(tokens)) == len(tokens)
    assert set(SLOT_TOKENS) <= set(tokens)


def test_every_unit_has_the_widths_of_its_slots() -> None:
    assert {unit: tuple(widths) for unit, widths in WIDTHS.items()} == dict(UNITS)
    assert all(tight < normal for widths in WIDTHS.values() for tight, normal in widths.values())


def test_a_value_is_never_read_for_tokens() -> None:
    """A title that looks like a token is a title."""
    assert fill("Meet <name>.", {"name": "<price> mug", "price": "$5"}) == "Meet <price> mug."


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("<this> fit<s> in. <it> last<s>.", "This pan fits in. It lasts."),
        (f"Hi,{LINE}<colour> it is", "Hi,\nBlack it is"),
        ("For <name>: <this>", "For iPod: this pan"),
        ("<name> rings", "iPod rings"),
    ],
)
def test_sentences_begin_with_a_capital_but_names_stay_as_they_are(text: str, filled: str) -> None:
    values = {"this": "this pan", "s": "s", "it": "it", "colour": "black", "name": "iPod"}
    assert fill(text.replace("<colour>", "<attr:colour>"), values) == filled


def test_the_prompt_lists_what_is_known_and_leaves_out_what_says_nothing() -> None:
    prompt = control_prompt(
        language="en",
        unit="push",
        fit="tight",
        category="shoes",
        angle="ease",
        tone="warm",
        readers="new",
        name_width=20,
        facts={"name": "x", "price": "x", "material": "x", "s": "s"},
    )
    assert prompt == (
        "<begin><lang:en><unit:push><fit:tight><cat:shoes><angle:ease><tone:warm>"
        "<width:medium><readers:new><price><attr:material><write>"
    )


def test_joined_slots_stand_in_order_with_their_line_breaks() -> None:
    assert join_slots({"title": "A", "body": "B\nC"}, category="shoes") == (
        f"<slot:title><cat:shoes>A<slot:body><cat:shoes>B{LINE}C<end>"
    )
    assert slot_token("price") == "<price>"
