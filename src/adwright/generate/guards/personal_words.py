"""The data of `rules/personal_data.toml`, read once and made into patterns."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files

_NOTHING = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class Personal:
    """What names a person in a text, and what only looks like it.

    Args:
        phone: A number's shape that is a phone number.
        line: A number's shape that only organisations have.
        contact, service, person, other_number: Words near a number.
        role_address: The local part of a mailbox that belongs to a role.
        shop_place, customer_place: Words near a postal address.
        surnames, compound_surnames, no_given_name: Of Chinese names.
        not_names: What begins like a Chinese name and is none.
        not_names_en: Capitalised words that are no name.
        roles: Words near a name that is named in public.
        ids: The ids of the exemptions, by table of the file.
    """

    phone: re.Pattern[str]
    line: re.Pattern[str]
    contact: re.Pattern[str]
    service: re.Pattern[str]
    person: re.Pattern[str]
    other_number: re.Pattern[str]
    role_address: re.Pattern[str]
    shop_place: re.Pattern[str]
    customer_place: re.Pattern[str]
    surnames: str
    compound_surnames: tuple[str, ...]
    no_given_name: str
    not_names: re.Pattern[str]
    not_names_en: frozenset[str]
    roles: re.Pattern[str]
    ids: dict[str, str]


@functools.cache
def personal_words() -> Personal:
    """The rules of personal data."""
    path = files("adwright.generate.guards.rules").joinpath("personal_data.toml")
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    names = data["names"]
    ids = {key: data[key]["id"] for key in ("service", "masked", "catalogue", "role_address", "place")}
    return Personal(
        phone=re.compile("|".join(f"(?:{row['pattern']})" for row in data["phone"])),
        line=re.compile("|".join(f"(?:{row['pattern']})" for row in data["line"])),
        contact=_words(data["contact"]["words"]),
        service=_words(data["service"]["words"]),
        person=_words(data["person"]["words"]),
        other_number=_words(w for row in data["other_number"] for w in row["words"]),
        role_address=re.compile("|".join(data["role_address"]["local_parts"])),
        shop_place=_words(data["place"]["words"]),
        customer_place=_words(data["place"]["customer_words"]),
        surnames=names["surnames"],
        compound_surnames=tuple(names["compound_surnames"]),
        no_given_name=names["no_given_name"],
        not_names=_words(names["not_names"]),
        not_names_en=frozenset(names["not_names_en"].split()),
        roles=_words(names["roles"]),
        ids=ids | {"line": data["line"][0]["id"], "other_number": data["other_number"][0]["id"]},
    )


def _words(words: Iterable[str]) -> re.Pattern[str]:
    """One pattern for all; a word that begins with a Latin letter begins a word of the text."""
    parts = [rf"(?<![a-z]){w}" if w[0].isascii() and w[0].isalpha() else w for w in words]
    return re.compile("|".join(parts), re.IGNORECASE) if parts else _NOTHING
