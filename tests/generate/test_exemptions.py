"""Exemptions excuse what they name, and nothing that only resembles it.

`look_alikes.tsv` (family, language, text) holds plain violations that exemptions once let through by accident: a word
inside another ("no risk" in Chinese holds "there is a risk"), a denial that boasts, a notice beside the claim.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from adwright.generate.guards import create_guards
from adwright.generate.guards.meaning import READS_HARMLESS
from generate.judged import findings_of

GUARDS = create_guards(["law", "safety"])
LOOK_ALIKES = [
    tuple(line.split("\t"))
    for line in (Path(__file__).parent / "look_alikes.tsv").read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize("family", sorted({family for family, _, _ in LOOK_ALIKES}))
def test_a_look_alike_of_an_exemption_is_stopped(family):
    texts = [(language, text) for of, language, text in LOOK_ALIKES if of == family]
    passed = [text for language, text in texts if not _stops(family, language, text)]
    assert texts
    assert passed == []


def _stops(family, language, text):
    """Whether a rule or the stage of meaning speaks and nothing in a rule's file excuses it."""
    found = findings_of(text, language, GUARDS, product={"title": "Item"})
    return any(f.rule_id.startswith(family) and f.exemption in (None, READS_HARMLESS) for f in found)
