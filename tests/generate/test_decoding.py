"""Sampling from the base writer."""

from dataclasses import replace

import pytest

from adwright.backbone import load_base_writer
from adwright.generate.backends.decoding import Decoder, Job, retired
from adwright.generate.delexical import SLOT_TOKENS, control_prompt, fill
from adwright.text.width import display_width

VALUES = {
    "name": "Nova",
    "this": "this pan",
    "a": "a pan",
    "noun": "pan",
    "price": "$40",
    "s": "s",
    "it": "it",
}


def job(seed: int, *, slots: dict[str, int] | None = None, angle: str = "ease") -> Job:
    prompt = control_prompt(
        language="en",
        unit="push",
        fit="tight",
        category="kitchen",
        angle=angle,
        tone="plain",
        name_width=4,
        facts=VALUES,
    )
    return Job("en", prompt, "kitchen", slots or {"title": 28, "body": 80}, VALUES, seed)


@pytest.fixture(scope="module")
def decoder() -> Decoder:
    return Decoder(*load_base_writer(), batch_size=16)


def test_a_text_does_not_depend_on_what_is_written_beside_it(decoder: Decoder) -> None:
    jobs = [job(seed, angle=angle) for seed in range(4) for angle in ("ease", "gift", "price")]
    together = [a.slots for a in decoder.write(jobs)]
    alone = [decoder.write([j])[0].slots for j in jobs]
    assert sum(a == b for a, b in zip(together, alone, strict=True)) >= len(jobs) - 1  # rounding may tip one


def test_only_facts_that_are_known_are_named_and_widths_are_kept(decoder: Decoder) -> None:
    for answer in decoder.write([job(seed) for seed in range(30)]):
        assert answer.slots is not None
        for slot, text in answer.slots.items():
            named = {name for token, name in SLOT_TOKENS.items() if token in text}
            assert named <= VALUES.keys()
            assert display_width(fill(text, VALUES)) <= {"title": 28, "body": 80}[slot]


def test_a_slot_too_narrow_for_any_sentence_is_given_up_rather_than_cut(decoder: Decoder) -> None:
    (answer,) = decoder.write([job(1, slots={"title": 2, "body": 80})])
    assert answer.slots is None
    assert answer.n_tokens > 0


def test_words_to_avoid_never_stand_in_a_text(decoder: Decoder) -> None:
    jobs = [replace(job(seed), avoid=("Nova", "the ")) for seed in range(12)]
    for answer in decoder.write(jobs):
        text = " ".join((answer.slots or {}).values()).casefold()
        assert "the " not in text
        assert not any(phrase in text for phrase in retired("en"))


def test_other_seeds_give_other_texts(decoder: Decoder) -> None:
    texts = {str(a.slots) for a in decoder.write([job(seed) for seed in range(12)])}
    assert len(texts) >= 6
