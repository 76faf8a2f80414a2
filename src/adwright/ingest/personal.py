"""Which fields name a person: they are counted and left out, because customers exist only as pseudonyms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

_NAMES = frozenset(
    """
    email emails mail phone phones telephone mobile mobilephone firstname lastname middlename fullname
    givenname familyname surname username nickname birthday birthdate dateofbirth dob address street
    addressline address1 address2 zip zipcode postalcode postcode ip ipaddress useragent deviceid
    advertisingid idfa gaid imei ssn passport idcard creditcard cardnumber iban taxid vat traits
    reviewername revieweremail customername customeremail customerphone contactname recipient
    shippingaddress billingaddress userid anonymousid wechat weixin openid unionid qq latitude longitude
    """.split()  # noqa: SIM905
)
_CHINESE = ("姓名", "手机", "电话", "邮箱", "地址", "身份证", "生日", "微信")
_SEPARATORS = re.compile(r"[\W_]+")
_EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@]{1,190}\.[^\s@.]{2,24}")


@lru_cache(maxsize=4096)
def is_personal(name: str) -> bool:
    """Whether a field of this name identifies a person.

    >>> is_personal("reviewerEmail"), is_personal("billing_address"), is_personal("colour")
    (True, True, False)
    """
    bare = _SEPARATORS.sub("", name).lower()
    return bare in _NAMES or bare.endswith(("email", "phone")) or any(word in name for word in _CHINESE)


def without_personal(values: Mapping[str, Any], seen: list[str]) -> dict[str, Any]:
    """`values` without fields that identify a person, at any depth; their names are added to `seen`.

    A text that is nothing but an e-mail address is left out too, whatever its field is called.
    """
    kept: dict[str, Any] = {}
    for name, value in values.items():
        if is_personal(name) or (type(value) is str and "@" in value and _EMAIL.fullmatch(value.strip())):
            seen.append(name)
        elif type(value) is dict:
            kept[name] = without_personal(value, seen)
        elif type(value) is list:
            kept[name] = [without_personal(v, seen) if type(v) is dict else v for v in value]
        else:
            kept[name] = value
    return kept
