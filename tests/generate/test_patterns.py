from adwright.generate.backends.patterns import compile_pattern, compile_patterns, phrasebook

KNOWN = {
    "name", "noun", "this", "a", "brand", "material", "colour", "capacity", "size", "weight", "price", "was", "off",
    "code", "code_off", "rating", "stock", "deadline", "benefit", "scene", "fact", "cta", "title",
    "hashtags", "likes", "own", "spec", "hook", "line", "people", "greet", "opening", "middle",
    "fact2", "fact3", "tag1", "tag2", "tag3", "s", "s1", "is", "is1", "it", "its", "them",
    "style", "pattern", "fit", "collar", "sleeve", "length", "waist", "closure", "detail", "hem", "silhouette",
    "scent",
}  # fmt: skip


def test_patterns_use_known_placeholders_only():
    for language in ("zh", "en"):
        for pattern in phrasebook(language).all_patterns():
            assert pattern.needs <= KNOWN, pattern.source


def test_both_languages_have_the_same_shape():
    zh, en = phrasebook("zh"), phrasebook("en")
    assert {k: {s: set(a) for s, a in v.items()} for k, v in zh.slots.items()} == {
        k: {s: set(a) for s, a in v.items()} for k, v in en.slots.items()
    }
    assert set(zh.cta) == set(en.cta)
    assert set(zh.facts) == set(en.facts)


def test_a_capital_placeholder_capitalises_its_value():
    assert compile_pattern("{This}, {this}").fill({"this": "these jeans"}) == "These jeans, these jeans"


def test_an_english_name_never_governs_a_verb():
    # the number of a title is not known, so no pattern may put a finite verb right behind it, but for those that
    # agree with it by {s1} and {is1}, and where a clause ends or the name is no subject
    allowed = {"looks like", "is worth a look"}
    for pattern in phrasebook("en").all_patterns():
        after = [
            pattern.pieces[i + 1] for i in range(1, len(pattern.pieces), 2) if pattern.pieces[i] == "name"
        ]
        assert not any(
            piece.split(" ")[1:2] in ([v] for v in ("is", "are", "has", "helps", "makes"))
            and not any(piece.strip().startswith(phrase) for phrase in allowed)
            for piece in after
        )


def test_a_choice_in_brackets_is_one_pattern_for_each_way():
    assert [p.source for p in compile_patterns("[Meet|Try] {name}[.|!]")] == [
        "Meet {name}.",
        "Meet {name}!",
        "Try {name}.",
        "Try {name}!",
    ]


def test_a_bank_holds_the_patterns_of_the_angle_and_those_for_any():
    book = phrasebook("en")
    bank = book.bank("recommendation", "reason", "price")
    banks = book.slots["recommendation"]["reason"]
    assert bank == banks["price"] + banks["any"]
