"""Version numbers as strings that sort as the versions do."""

from __future__ import annotations

import re
from typing import Any

from adwright.experiment.growthbook.javascript import is_number, text

_PARTS_OF_A_RELEASE = 3


def padded_version(value: Any) -> str:
    """The version with its numbers padded, a release after its pre-releases.

    >>> padded_version("v1.10.0") > padded_version("1.9.9"), padded_version("1.0.0") > padded_version("1.0.0-rc.1")
    (True, True)
    """
    written = text(value) if is_number(value) else value
    if not isinstance(written, str) or not written:
        written = "0"
    parts = re.split(r"[-.]", re.sub(r"(^v|\+.*$)", "", written))
    if len(parts) == _PARTS_OF_A_RELEASE:
        parts.append("~")
    return "-".join(part.rjust(5) if re.fullmatch("[0-9]+", part) else part for part in parts)
