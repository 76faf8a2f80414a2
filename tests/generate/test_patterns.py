from adwright.generate.backends.patterns import compile_pattern, phrasebook

KNOWN = {
    "name", "noun", "this", "a", "brand", "material", "colour", "capacity", "size", "weight", "price", "was", "off",
    "code", "code_off", "rating", "stock", "deadline", "benefit", "scene", "fact", "cta", "title",
    "hashtags", "interest",
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
    # the number of a title is not known, so no pattern may put a finite verb right behind it
    for pattern in phrasebook("en").all_patterns():
        after = [
            pattern.pieces[i + 1] for i in range(1, len(pattern.pieces), 2) if pattern.pieces[i] == "name"
        ]
        assert not any(
            piece.split(" ")[1:2] in ([v] for v in ("is", "are", "has", "helps", "makes")) for piece in after
        )
