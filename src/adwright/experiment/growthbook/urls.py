"""Targeting by page: URL patterns, and the arm that a query string forces for a look at it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import ParseResult, parse_qsl, urlparse

_ANY = "_____"


def forced_by_url(key: str, url: str, n_variations: int) -> int | None:
    """The arm that `?key=1` in the URL forces; None where it forces none that exists.

    >>> forced_by_url("test", "https://shop.example/?test=1#top", 2)
    1
    """
    _, _, search = url.partition("?")
    for pair in search.split("?")[0].split("#")[0].split("&"):
        name, _, value = pair.partition("=")
        if name == key:
            found = re.match(r"\s*([+-]?\d+)", value)
            arm = int(found.group(1)) if found else -1
            return arm if 0 <= arm < n_variations else None
    return None


def url_matches(url: str, targets: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the page is targeted: no excluding pattern met, and one including pattern if there are any.

    Args:
        url: Of the page.
        targets: Objects with `type` ("simple" or "regex"), `pattern`, and `include` (true where absent).

    >>> url_matches("https://shop.example/p/7", [{"type": "simple", "pattern": "/p/*"}])
    True
    """
    if not targets:
        return False
    including = [t for t in targets if t.get("include") is not False]
    excluding = [t for t in targets if t.get("include") is False]
    if any(_meets(url, t) for t in excluding):
        return False
    return not including or any(_meets(url, t) for t in including)


def _meets(url: str, target: Mapping[str, Any]) -> bool:
    parsed = urlparse(url if "://" in url else "https://_" + ("" if url.startswith("/") else "/") + url)
    pattern = str(target.get("pattern", ""))
    if target.get("type") == "regex":
        whole = parsed.geturl()
        local = whole[len(f"{parsed.scheme}://{parsed.netloc}") :]
        try:
            return any(re.search(pattern, part) for part in (whole, local))
        except re.error:
            return False
    return target.get("type") == "simple" and _meets_simple(parsed, pattern)


def _meets_simple(actual: ParseResult, pattern: str) -> bool:
    wanted = re.sub(r"^([^:/?]*)\.", r"https://\1.", pattern, flags=re.IGNORECASE).replace("*", _ANY)
    if "://" not in wanted:
        wanted = f"https://{_ANY}" + ("" if wanted.startswith("/") else "/") + wanted
    expected = urlparse(wanted)
    pairs = [
        (actual.netloc, expected.netloc, False),
        (actual.path or "/", expected.path or "/", True),
    ]
    if expected.fragment:
        pairs.append((actual.fragment, expected.fragment, False))
    query = dict(reversed(parse_qsl(actual.query, keep_blank_values=True)))
    for name, value in parse_qsl(expected.query, keep_blank_values=True):
        pairs.append((query.get(name, ""), value, False))
    return all(_part_meets(*pair) for pair in pairs)


def _part_meets(actual: str, pattern: str, is_path: bool) -> bool:
    escaped = re.sub(r"([*.+?^${}()|\[\]\\])", r"\\\1", pattern).replace(_ANY, ".*")
    if is_path:
        escaped = "/?" + re.sub(r"(^/|/$)", "", escaped) + "/?"
    return re.fullmatch(escaped, actual, re.IGNORECASE) is not None
