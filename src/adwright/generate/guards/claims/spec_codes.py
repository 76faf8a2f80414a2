"""Numbers that stand in the name of a specification: SPF50, Ra98, Bluetooth 6.0, Wi-Fi 7, USB 3.2.

The catalogue has to give the same number under the same name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from adwright.generate.guards.claims.claim import Claim, Reading
from adwright.generate.guards.support import Support
from adwright.generate.lexicon.cues import cue

_CODE = cue("spec_codes.code")


def spec_code_claims(reading: Reading, support: Support) -> Iterator[Claim]:
    """Each specification with its number; one that the catalogue gives has no severity."""
    for match in _CODE.finditer(reading.folded):
        name = next(v for k, v in match.groupdict().items() if k.startswith("name") and v)
        known = {
            float(n) for n in re.findall(rf"{_spelled(name)}{_TO_NUMBER}(\d+(?:\.\d+)?)", support.catalogue)
        }
        fine = float(match["number"]) in known or reading.denies(*match.span())
        shown = ", ".join(f"{n:g}" for n in sorted(known)) or "—"
        yield Claim("facts.number", None if fine else "block", *match.span(), "measure", shown)


_TO_NUMBER = r"[ -]?(?:index|rating|factor|version|of|指数|系数|值|认证)?[ :：为达]{0,3}"
_SPELLINGS = {
    "wifi": "wi-?fi",
    "wi-fi": "wi-?fi",
    "factor": "(?:factor|spf)",
    "bluetooth": "(?:bluetooth|蓝牙)",
    "蓝牙": "(?:bluetooth|蓝牙)",
}


def _spelled(name: str) -> str:
    return rf"(?<![a-z]){_SPELLINGS.get(name, re.escape(name))}"
