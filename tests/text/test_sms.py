"""The numbers are those of 3GPP TS 23.038 and 23.040: 140 octets, six of them the header of a part."""

import pytest

from adwright.text.sms import sms_length


@pytest.mark.parametrize(
    ("text", "alphabet", "n_units", "n_segments"),
    [
        ("", "GSM-7", 0, 0),
        ("a", "GSM-7", 1, 1),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("€" * 80, "GSM-7", 160, 1),
        ("€" * 81, "GSM-7", 162, 2),
        ("[x] {y} ~|^\\", "GSM-7", 20, 1),
        ("Ñandú", "UCS-2", 5, 1),  # Ñ is in the alphabet, ú is not
        ("çà", "UCS-2", 2, 1),  # only the capital Ç is
        ("好" * 70, "UCS-2", 70, 1),
        ("好" * 71, "UCS-2", 71, 2),
        ("好" * 134, "UCS-2", 134, 2),
        ("好" * 135, "UCS-2", 135, 3),
        ("😀" * 35, "UCS-2", 70, 1),
        ("😀" * 36, "UCS-2", 72, 2),
    ],
)
def test_alphabet_units_and_segments(text, alphabet, n_units, n_segments):
    length = sms_length(text)
    assert (length.alphabet, length.n_units, length.n_segments) == (alphabet, n_units, n_segments)


def test_no_character_is_torn_between_two_parts():
    # 152 + an escaped character would end at 154: it moves to the next part, so 306 units no longer fit two
    assert sms_length("a" * 152 + "€" + "a" * 152).n_segments == 3
    assert sms_length("a" * 151 + "€" + "a" * 153).n_segments == 2
    # a part holds 33 pairs of surrogates and an empty unit
    assert sms_length("😀" * 66).n_segments == 2
    assert sms_length("😀" * 67).n_segments == 3


def test_the_character_that_asks_for_ucs2_is_named():
    assert sms_length("It’s “new”").forced_by == "’"
    assert sms_length("It's new").forced_by is None


def test_every_printable_ascii_character_but_the_grave_accent_is_in_the_alphabet():
    outside = [chr(c) for c in range(0x20, 0x7F) if sms_length(chr(c)).alphabet == "UCS-2"]
    assert outside == ["`"]


def test_a_long_text_is_counted_in_time():
    assert sms_length("好" * 1_000_000).n_segments == -(-1_000_000 // 67)
