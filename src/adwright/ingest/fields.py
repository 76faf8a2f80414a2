"""One value of one row: checked for its type and range, and refused with a reason in plain words.

Nothing is repaired on the way. Three things are changed, and each is counted for the quality report:
invisible characters are stripped from text, a time without a zone is read as UTC, and fields that
identify a person are left out.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from adwright.ingest.amounts import known_currency, to_minor
from adwright.ingest.personal import without_personal
from adwright.ingest.report import RowError
from adwright.ingest.times import TimeReader
from adwright.text.normalise import clean

TEXT_LIMIT = 20_000
"""Characters that one text field, and the attributes of one row together, may have."""

_ID_LIMIT = 1_000
_ENCODER = json.JSONEncoder(ensure_ascii=False, default=str)
_INT64 = 2**63 - 1
_DIGITS = re.compile(r"[+-]?[0-9]+(?:\.0*)?")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9-_.@]*)?")


class FieldReader:
    """Reads the values of rows.

    Args:
        now: The present; aware.
        currency: ISO 4217 for amounts that come without one; None refuses such amounts.
        time_format: As `TimeReader` takes it.
        text_numbers: Whether numbers come as text, as in CSV. In JSON a number in quotes is a wrong type.
    """

    def __init__(
        self,
        *,
        now: datetime,
        currency: str | None = None,
        time_format: str = "iso",
        text_numbers: bool = False,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self.withheld: Counter[str] = Counter()
        self._times = TimeReader(now, time_format, self.counts)
        self._currency = currency
        self._text_numbers = text_numbers

    def text(self, value: object, name: str) -> str | None:
        """The text, cleaned; None where it is absent or empty."""
        if value is None:
            return None
        if type(value) is not str:
            raise RowError("wrong_type", name, f"{name} is not a text")
        if len(value) > TEXT_LIMIT:
            raise RowError("text_too_long", name, f"{name} has more than {TEXT_LIMIT} characters")
        return self._clean(value) or None

    def identifier(self, value: object, name: str) -> str | None:
        """An id as text; a whole number is written out. None where it is absent or empty."""
        if value is None:
            return None
        if type(value) is int:
            return str(value)
        text = self.text(value, name)
        if text is None:
            return None
        if len(text) > _ID_LIMIT:
            raise RowError("text_too_long", name, f"{name} has more than {_ID_LIMIT} characters")
        return text.strip() or None

    def required(self, value: object, name: str) -> str:
        """An id that has to be there."""
        found = self.identifier(value, name)
        if found is None:
            raise RowError("missing_value", name, f"{name} is missing")
        return found

    def integer(self, value: object, name: str, *, minimum: int | None = 0) -> int | None:
        """A whole number of at least `minimum`."""
        if value is None or (self._text_numbers and value == ""):
            return None
        number = self._whole(value, name)
        if minimum is not None and number < minimum:
            code = "negative_value" if minimum == 0 else "out_of_range"
            reason = f"{name} is negative" if minimum == 0 else f"{name} is below {minimum}"
            raise RowError(code, name, reason)
        if abs(number) > _INT64:
            raise RowError("number_overflow", name, f"{name} is too large a number")
        return number

    def number(self, value: object, name: str, *, low: float, high: float) -> float | None:
        """A finite number in [low, high]."""
        if value is None or (self._text_numbers and value == ""):
            return None
        if self._text_numbers and isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
            value = float(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise RowError("wrong_type", name, f"{name} is not a number")
        if not low <= value <= high:
            raise RowError("out_of_range", name, f"{name} is not between {low:g} and {high:g}")
        return float(value)

    def time(self, value: object, name: str) -> int | None:
        """Microseconds since 1970 in UTC."""
        return None if value is None or value == "" else self._times.read(value, name)

    def required_time(self, value: object, name: str) -> int:
        """A time that has to be there."""
        found = self.time(value, name)
        if found is None:
            raise RowError("missing_value", name, f"{name} is missing")
        return found

    def any_time(self, value: object, name: str) -> int:
        """A time that may lie in the future."""
        return self._times.read(value, name, may_be_ahead=True)

    def currency(self, value: object) -> str | None:
        """The row's currency, else the one given for the file."""
        if value is None or value == "":
            return self._currency
        if type(value) is not str:
            raise RowError("wrong_type", "currency", "currency is not a text")
        return known_currency(value.strip())

    def money(self, value: object, name: str, currency: str | None) -> int | None:
        """An amount in minor units of `currency`; an amount without any currency is refused."""
        if value is None or (self._text_numbers and value == ""):
            return None
        if currency is None:
            raise RowError("missing_currency", name, f"{name} has no currency; name one with --currency")
        if type(value) is str and not self._text_numbers:
            raise RowError("wrong_type", name, f"{name} is a text, not a number")
        return to_minor(value, name, currency)

    def language(self, value: object, name: str) -> str | None:
        """The language of a locale: "zh" of "zh-Hans-CN"; None where it is absent."""
        text = self.text(value, name)
        if text is None:
            return None
        match = _LANGUAGE.fullmatch(text.strip())
        if match is None:
            raise RowError("wrong_type", name, f"{name} is not a language such as zh or en-US")
        return match[1].lower()

    def attributes(self, values: Mapping[str, Any]) -> str | None:
        """What is left of a row as one JSON object, without personal fields; None where nothing is left."""
        names: list[str] = []
        kept = without_personal(values, names)
        self.withheld.update(names)
        kept = {self._clean(k): self._plain(v) for k, v in kept.items() if v is not None and v != ""}
        if not kept:
            return None
        text = _ENCODER.encode(kept)
        if len(text) > TEXT_LIMIT:
            raise RowError("text_too_long", "attributes", f"the other fields exceed {TEXT_LIMIT} characters")
        return text

    def _clean(self, text: str) -> str:
        if text.isascii() and text.isprintable():
            return text
        cleaned = clean(text)
        if len(cleaned) != len(text):
            self.counts["invisible_characters"] += 1
        return cleaned

    def _plain(self, value: Any) -> Any:
        if type(value) is str:
            return self._clean(value)
        if type(value) is dict:
            return {self._clean(str(k)): self._plain(v) for k, v in value.items()}
        if type(value) is list:
            return [self._plain(v) for v in value]
        if type(value) is float and not math.isfinite(value):
            raise RowError("number_overflow", "attributes", "a field holds a number that is not finite")
        return value

    def _whole(self, value: object, name: str) -> int:
        if type(value) is int:
            return value
        if type(value) is float:
            if not math.isfinite(value):
                raise RowError("number_overflow", name, f"{name} is not a finite number")
            if value.is_integer():
                return int(value)
        if self._text_numbers and type(value) is str and _DIGITS.fullmatch(value.strip()):
            digits = value.strip().split(".")[0]
            return int(digits) if len(digits) < 30 else 10**30
        raise RowError("wrong_type", name, f"{name} is not a whole number")
