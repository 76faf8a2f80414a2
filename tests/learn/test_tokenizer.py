"""The bundled writer's tokenizer."""

from typing import Any

import pytest

from adwright.generate.delexical import special_tokens
from adwright.learn.base_corpus import document
from adwright.learn.tokenizer import train_tokenizer


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    documents = (document(1, i) for i in range(150))
    return train_tokenizer((d.prompt + d.text for d in documents), vocab_size=6000)


@pytest.mark.parametrize(
    "text", ["Wörld, 你好龘 — ¥129.00  two  spaces", "<brand> <attr:colour>!", "🙂 emoji", ""]
)
def test_every_text_survives_a_round_trip(tokenizer: Any, text: str) -> None:
    assert tokenizer.decode(tokenizer(text, add_special_tokens=False).input_ids) == text


def test_slot_and_control_tokens_are_one_token_each(tokenizer: Any) -> None:
    for token in special_tokens():
        assert len(tokenizer(token, add_special_tokens=False).input_ids) == 1, token


def test_common_chinese_characters_have_a_token_of_their_own(tokenizer: Any) -> None:
    rare_in_the_corpus = "癌砷锈"
    for character in rare_in_the_corpus:
        assert len(tokenizer(character, add_special_tokens=False).input_ids) == 1


def test_no_token_runs_across_punctuation_or_digits(tokenizer: Any) -> None:
    special = set(special_tokens())
    for token in tokenizer.get_vocab():
        if len(token) > 1 and token not in special and not token.startswith("<0x"):
            assert not any(c in ".,!?，。！？：0123456789" for c in token), token
