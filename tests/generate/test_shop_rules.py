from datetime import date

import pytest

from adwright.errors import ConfigError, NotFoundError
from adwright.generate.guards import check, create_guards
from adwright.generate.guards.shop_rules import ShopRules, shop_guards

RULES = """
version = "2026-11-25"

[voice]
avoid = ["bargain", "便宜货"]

[competitors]
names = ["Rivalia", "对手牌"]

[[rule]]
id = "shop.season"
severity = "warn"
source = "style guide, page 4"
as_of = 2026-11-01
evidence = { zh = "不写圣诞", en = "no Christmas before December" }
find = ["christmas*", "圣诞"]

[[severity]]
rule = "law.absolute"
severity = "warn"
reason = "The award is on file: Guild of Potters 2026."
by = "A. Counsel"
date = 2026-11-20
"""


def _found(text, rules, make_content, now, *, language="en", guards=("law", "limits")):
    content = make_content({"headline": "A mug", "description": text}, language=language)
    return check(content, now=now, guards=rules.apply(create_guards(guards)))


def test_words_competitors_and_rules_of_the_shop_are_found(make_content, now):
    rules = ShopRules.parse(RULES)
    found = _found("A bargain, says Rivalia. Merry Christmas!", rules, make_content, now)
    assert [(f.rule_id, f.severity, f.text) for f in found] == [
        ("shop.voice", "review", "bargain"),
        ("shop.competitor", "block", "Rivalia"),
        ("shop.season", "warn", "Christmas"),
    ]
    assert [f.rule_id for f in _found("不是便宜货", rules, make_content, now, language="zh")] == [
        "shop.voice"
    ]


def test_a_lowered_severity_shows_who_lowered_it_and_why(make_content, now):
    (found,) = _found("The finest mug.", ShopRules.parse(RULES), make_content, now)
    assert (found.rule_id, found.severity) == ("law.absolute", "warn")
    assert found.evidence.endswith(
        "[lowered from review by A. Counsel, 2026-11-20: The award is on file: Guild of Potters 2026.]"
    )


def test_a_severity_is_never_raised_and_other_rules_keep_theirs(make_content, now):
    raised = ShopRules.parse(RULES.replace('severity = "warn"\nreason', 'severity = "block"\nreason'))
    (found,) = _found("The finest mug.", raised, make_content, now)
    assert found.severity == "review"
    (found,) = _found("Heals eczema.", ShopRules.parse(RULES), make_content, now)
    assert (found.rule_id, found.severity) == ("law.health", "block")


@pytest.mark.parametrize("key", ["reason", "by", "date"])
def test_a_severity_is_not_lowered_without(key):
    text = "\n".join(line for line in RULES.splitlines() if not line.startswith(key))
    with pytest.raises(ConfigError, match=key):
        ShopRules.parse(text)


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ('reason = "The award is on file: Guild of Potters 2026."', 'reason = "ok"', ConfigError),
        ("[voice]", "[vioce]", NotFoundError),
        ("avoid", "avoids", NotFoundError),
        ('"bargain"', '"bar(gain"', ConfigError),
        ('id = "shop.season"', 'id = "law.season"', ConfigError),
        ('severity = "warn"\nreason', 'severity = "low"\nreason', ConfigError),
        ("[voice]", "[voice", ConfigError),
    ],
)
def test_a_wrong_file_says_what_is_wrong(old, new, error):
    with pytest.raises(error):
        ShopRules.parse(RULES.replace(old, new))


def test_a_folder_without_the_file_has_the_built_in_guards(tmp_path):
    assert [g.name for g in shop_guards(tmp_path)] == [g.name for g in create_guards()]
    (tmp_path / "guards.toml").write_text(RULES, encoding="utf-8")
    assert [g.name for g in shop_guards(tmp_path)] == [*(g.name for g in create_guards()), "shop"]
    assert ShopRules.read(tmp_path / "guards.toml").lowered[0].on == date(2026, 11, 20)
