import re
import string
from importlib import resources

import pytest

from adwright.errors import UsageError
from adwright.report.words import LANGUAGES, Messages, catalogue


def _holes(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys():
    assert set(catalogue("zh")) == set(catalogue("en"))


def test_both_languages_fill_in_the_same_values():
    differing = {key for key, text in catalogue("en").items() if _holes(text) != _holes(catalogue("zh")[key])}
    assert not differing


def test_no_message_is_empty_or_left_in_the_other_language():
    han = re.compile(r"[\u4e00-\u9fff]")
    assert all(text.strip() for language in LANGUAGES for text in catalogue(language).values())
    assert not [key for key, text in catalogue("en").items() if han.search(text)]
    latin_by_nature = {"metric.auc", "unit.day", "headline.kpi_of", "appendix.metric_name", "appendix.n"}
    latin = re.compile(r"[A-Za-z]{3}")
    spoken = {key: re.sub(r"\{.*?\}", "", text) for key, text in catalogue("zh").items()}
    assert {
        key for key, text in spoken.items() if latin.search(text) and not han.search(text)
    } <= latin_by_nature


def test_chinese_messages_use_chinese_punctuation():
    ascii_after_han = {
        key for key, text in catalogue("zh").items() if re.search(r"[\u4e00-\u9fff][,;:?!]", text)
    }
    assert not ascii_after_han


def test_every_message_that_the_templates_name_exists():
    known = catalogue("en")
    named = set()
    for package in ("adwright.report", "adwright.review"):
        for path in _files(resources.files(package)):
            named |= set(
                re.findall(
                    r"""\bsay\(\s*["']([a-z_]+\.[a-z_]+)["']\s*[,)]""", path.read_text(encoding="utf-8")
                )
            )
    assert len(named) > 80
    assert named <= set(known)


def _files(folder):
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _files(entry)
        elif entry.name.endswith((".py", ".j2")):
            yield entry


def test_one_and_many_are_told_apart():
    english = Messages("en")
    values = {"published": 1, "waiting": 1, "rejected": 2}
    assert english.say("headline.status", values) == (
        "1 is approved or published, 1 waits for approval, and 2 were stopped."
    )
    assert english.say("cohorts.size", {"n": 12345}) == "12,345 customers"


def test_a_text_in_the_other_language_only_is_shown_rather_than_nothing():
    assert Messages("zh").pick({"en": "only English"}) == "only English"
    assert Messages("zh").pick({"en": "both", "zh": "都有"}) == "都有"
    assert Messages("en").pick("one for both") == "one for both"
    assert Messages("en").pick({}) == ""


def test_a_word_without_a_name_stands_for_itself():
    assert Messages("zh").name("channel", "billboard") == "billboard"
    assert Messages("zh").name("channel", "email") == "电子邮件"


def test_another_language_is_refused():
    with pytest.raises(UsageError, match="allowed: zh, en"):
        Messages("fr")
