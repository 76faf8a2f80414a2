from __future__ import annotations

import string

from adwright.experiment.phrases import LANGUAGES, METRICS, SENTENCES, amount, p_value, percent


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_every_sentence_says_the_same_things_in_every_language() -> None:
    english = SENTENCES["en"]
    for language in LANGUAGES:
        assert set(SENTENCES[language]) == set(english)
        assert set(METRICS[language]) == set(METRICS["en"])
        for key, template in SENTENCES[language].items():
            assert fields(template) == fields(english[key]), (language, key)


def test_numbers_are_written_for_people() -> None:
    assert (percent(0.05), percent(-0.1, signed=True)) == ("5%", "-10.0%")
    assert (p_value(0.5), p_value(0.0)) == ("= 0.5", "< 0.0001")
    assert amount(1.5, "CNY", "zh") == "15元"
