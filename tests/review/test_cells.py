import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwright.review.cells import neutralise, restore

hostile = st.text(alphabet="='+-@\t\r\n＝＋－＠ab 0", max_size=12)


@given(text=st.one_of(st.text(), hostile))
def test_restoring_a_neutralised_cell_gives_the_text_back(text):
    assert restore(neutralise(text)) == text


@given(text=st.one_of(st.text(), hostile))
def test_no_neutralised_cell_begins_as_a_formula_does(text):
    assert not neutralise(text).startswith(tuple("=+-@\t\r\n＝＋－＠"))


@pytest.mark.parametrize(
    "typed", ["=SUM(A1)", "-20% today", "+1", "@home", "'Tis the season", "'", "''", "007"]
)
def test_what_a_person_types_stays_as_typed(typed):
    assert restore(typed) == typed


def test_a_known_attack_is_disarmed():
    attack = "=cmd|' /C calc'!A0"  # OWASP's example
    row = io.StringIO()
    csv.writer(row).writerow([neutralise(attack)])
    assert row.getvalue().startswith("'=")
