from __future__ import annotations

from adwright.simulate.package_data import read_table


def test_both_languages_have_the_same_categories_nouns_and_values_in_the_same_places() -> None:
    english, chinese = read_table("catalogue_en"), read_table("catalogue_zh")
    assert list(english) == list(chinese) == list(read_table("categories"))
    for key, row in english.items():
        other = chinese[key]
        assert len(row["nouns"]) == len(other["nouns"]), key
        assert len(row["brands"]) == len(other["brands"]), key
        lengths = {name: len(values) for name, values in row["attributes"].items()}
        assert lengths == {name: len(values) for name, values in other["attributes"].items()}, key


def test_sensible_facts_name_places_that_exist() -> None:
    english = read_table("catalogue_en")
    for key, nouns in read_table("sensible_facts").items():
        for place, rules in nouns.items():
            assert int(place) < len(english[key]["nouns"])
            for name, places in rules.items():
                assert places, (key, name)
                assert max(places) < len(english[key]["attributes"][name]), (key, name)


def test_copywriters_of_both_languages_know_the_same_facts_and_concepts() -> None:
    english, chinese = read_table("copywriter_en"), read_table("copywriter_zh")
    assert list(english) == list(chinese)
    assert set(english["facts"]) == set(chinese["facts"])
