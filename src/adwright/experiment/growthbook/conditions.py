"""Targeting: whether a customer's attributes meet a condition in MongoDB's notation.

Source: GrowthBook SDK specification 0.8, section "Targeting conditions".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import adwright.experiment.growthbook.javascript as js
from adwright.experiment.growthbook.versions import padded_version

Groups = Mapping[str, Sequence[Any]]


def matches(attributes: Any, condition: Mapping[str, Any], *, groups: Groups | None = None) -> bool:
    """Whether the attributes meet the condition.

    Args:
        attributes: A JSON object; nested values are reached by a path with dots.
        condition: Paths with values or operators, and $and, $or, $nor, $not over conditions.
        groups: Saved groups by name, for $inGroup and $notInGroup.

    An unknown operator is never met.

    >>> matches({"country": "DE", "age": 31}, {"country": {"$in": ["DE", "AT"]}, "age": {"$gte": 18}})
    True
    """
    return _matches(attributes, condition, {} if groups is None else groups)


def path_value(attributes: Any, path: str) -> Any:
    """The value at a path with dots; None where there is none.

    >>> path_value({"a": {"b": 1}}, "a.b"), path_value({"a": 1}, "a.b")
    (1, None)
    """
    current = attributes
    for part in path.split("."):
        if isinstance(current, Mapping) and part in current:
            current = current[part]
        elif isinstance(current, list) and part.isdigit() and int(part) < len(current):
            current = current[int(part)]
        else:
            return None
    return current


def _matches(attributes: Any, condition: Mapping[str, Any], groups: Groups) -> bool:
    for key, value in condition.items():
        if key == "$or":
            met = _any(attributes, value, groups)
        elif key == "$nor":
            met = not _any(attributes, value, groups)
        elif key == "$and":
            met = all(_matches(attributes, part, groups) for part in value)
        elif key == "$not":
            met = not _matches(attributes, value, groups)
        else:
            met = _value_meets(path_value(attributes, key), value, groups)
        if not met:
            return False
    return True


def _any(attributes: Any, conditions: Sequence[Mapping[str, Any]], groups: Groups) -> bool:
    return not conditions or any(_matches(attributes, part, groups) for part in conditions)


def _value_meets(value: Any, condition: Any, groups: Groups, *, fold: bool = False) -> bool:
    if isinstance(condition, str):
        found = js.text(value)
        return found.lower() == condition.lower() if fold else found == condition
    if isinstance(condition, bool):
        return value is not None and js.truthy(value) == condition
    if js.is_number(condition):
        return js.number(value) == js.number(condition)
    if condition is None:
        return value is None
    if not _has_operators(condition):
        return js.stringify(value) == js.stringify(condition)
    return all(_operator_meets(op, value, wanted, groups) for op, wanted in condition.items())


def _has_operators(condition: Any) -> bool:
    return isinstance(condition, Mapping) and bool(condition) and all(k.startswith("$") for k in condition)


def _operator_meets(operator: str, value: Any, wanted: Any, groups: Groups) -> bool:
    if operator in _PLAIN:
        return _PLAIN[operator](value, wanted)
    if operator == "$inGroup":
        return _is_in(value, groups.get(wanted, ()))
    if operator == "$notInGroup":
        return not _is_in(value, groups.get(wanted, ()))
    if operator == "$not":
        return not _value_meets(value, wanted, groups)
    if operator == "$size":
        return isinstance(value, list) and _value_meets(len(value), wanted, groups)
    if operator == "$elemMatch":
        return _some_element(value, wanted, groups)
    if operator in ("$all", "$alli"):
        return _has_all(value, wanted, groups, fold=operator == "$alli")
    return False


def _is_in(value: Any, wanted: Any, *, fold: bool = False) -> bool:
    def folded(one: Any) -> Any:
        return one.lower() if fold and isinstance(one, str) else one

    values = value if isinstance(value, list) else [value]
    return any(js.same(folded(one), folded(other)) for one in values for other in wanted)


def _some_element(value: Any, wanted: Any, groups: Groups) -> bool:
    if not isinstance(value, list):
        return False
    check = _value_meets if _has_operators(wanted) else _matches
    return any(js.truthy(one) and check(one, wanted, groups) for one in value)


def _has_all(value: Any, wanted: Any, groups: Groups, *, fold: bool) -> bool:
    if not isinstance(value, list) or not isinstance(wanted, list):
        return False
    return all(any(_value_meets(one, part, groups, fold=fold) for one in value) for part in wanted)


def _regex(value: Any, pattern: Any, *, flags: int = 0) -> bool:
    try:
        return re.search(pattern, js.text(value), re.ASCII | flags) is not None
    except (re.error, TypeError):
        return False


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    names = ((str, "string"), (list, "array"), (dict, "object"))
    return next((name for kind, name in names if isinstance(value, kind)), "number")


_PLAIN: Mapping[str, Callable[[Any, Any], bool]] = {
    "$eq": js.same,
    "$ne": lambda a, b: not js.same(a, b),
    "$lt": js.less,
    "$lte": js.at_most,
    "$gt": lambda a, b: js.less(b, a),
    "$gte": lambda a, b: js.at_most(b, a),
    "$exists": lambda a, b: (a is not None) if js.truthy(b) else (a is None),
    "$in": lambda a, b: isinstance(b, list) and _is_in(a, b),
    "$ini": lambda a, b: isinstance(b, list) and _is_in(a, b, fold=True),
    "$nin": lambda a, b: isinstance(b, list) and not _is_in(a, b),
    "$nini": lambda a, b: isinstance(b, list) and not _is_in(a, b, fold=True),
    "$regex": _regex,
    "$regexi": lambda a, b: _regex(a, b, flags=re.IGNORECASE),
    "$type": lambda a, b: _kind(a) == b,
    "$veq": lambda a, b: padded_version(a) == padded_version(b),
    "$vne": lambda a, b: padded_version(a) != padded_version(b),
    "$vgt": lambda a, b: padded_version(a) > padded_version(b),
    "$vgte": lambda a, b: padded_version(a) >= padded_version(b),
    "$vlt": lambda a, b: padded_version(a) < padded_version(b),
    "$vlte": lambda a, b: padded_version(a) <= padded_version(b),
}
