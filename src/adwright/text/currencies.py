"""The currencies of ISO 4217, and how they are written in Chinese and in English."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from adwright.errors import unknown_name
from adwright.schema import Language

_TWO_DIGITS = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE
CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL
HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR
MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK
SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD
XCG YER ZAR ZMW ZWG
"""
_NO_DIGITS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND"
_FOUR_DIGITS = "CLF UYW"

CURRENCIES: Mapping[str, int] = MappingProxyType(
    {
        code: exponent
        for exponent, codes in ((2, _TWO_DIGITS), (0, _NO_DIGITS), (3, _THREE_DIGITS), (4, _FOUR_DIGITS))
        for code in codes.split()
    }
)
"""ISO 4217 code -> number of decimal digits of its minor unit (ISO 4217:2015, list one of 2025)."""

SYMBOLS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"),
        "US$": ("USD",),
        "C$": ("CAD",),
        "CA$": ("CAD",),
        "A$": ("AUD",),
        "AU$": ("AUD",),
        "NZ$": ("NZD",),
        "S$": ("SGD",),
        "HK$": ("HKD",),
        "NT$": ("TWD",),
        "R$": ("BRL",),
        "€": ("EUR",),
        "£": ("GBP",),
        "¥": ("CNY", "JPY"),
        "CN¥": ("CNY",),
        "JP¥": ("JPY",),
        "₹": ("INR",),
        "₩": ("KRW",),
        "₽": ("RUB",),
        "₺": ("TRY",),
        "₫": ("VND",),
        "฿": ("THB",),
        "RMB": ("CNY",),
    }
)
"""Sign before an amount -> the currencies that it can mean, the likeliest first."""

WORDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "人民币": ("CNY",),
        "美元": ("USD",),
        "美金": ("USD",),
        "欧元": ("EUR",),
        "英镑": ("GBP",),
        "日元": ("JPY",),
        "日圆": ("JPY",),
        "港元": ("HKD",),
        "港币": ("HKD",),
        "新台币": ("TWD",),
        "台币": ("TWD",),
        "韩元": ("KRW",),
        "加元": ("CAD",),
        "澳元": ("AUD",),
        "新西兰元": ("NZD",),
        "新加坡元": ("SGD",),
        "瑞士法郎": ("CHF",),
        "卢布": ("RUB",),
        "印度卢比": ("INR",),
        "泰铢": ("THB",),
        "令吉": ("MYR",),
        "块钱": ("CNY",),
        "元": ("CNY",),
        "圆": ("CNY",),
        "dollars": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD"),
        "dollar": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD"),
        "euros": ("EUR",),
        "euro": ("EUR",),
        "pounds sterling": ("GBP",),
        "yuan": ("CNY",),
        "renminbi": ("CNY",),
        "yen": ("JPY",),
        "rupees": ("INR",),
        "rmb": ("CNY",),
        "quid": ("GBP",),
        "bucks": ("USD", "CAD", "AUD", "NZD"),
    }
)
"""Word after an amount -> the currencies that it can mean. `pounds` alone is left out: it may be a weight."""

_ENGLISH_WORDS = {
    "ALL",
    "BAM",
    "BOB",
    "COP",
    "CUP",
    "GEL",
    "LAK",
    "MAD",
    "MOP",
    "PEN",
    "RON",
    "SOS",
    "TOP",
    "TRY",
}
READABLE_CODES = tuple(sorted(CURRENCIES.keys() - _ENGLISH_WORDS))
"""The codes that stand for money wherever they are read; TOP 10 and TRY 2 are no prices."""

_EN_SIGN = {
    "USD": "$",
    "EUR": "€",
    "GBP": "£",
    "JPY": "¥",
    "CNY": "CN¥",
    "INR": "₹",
    "KRW": "₩",
    "CAD": "CA$",
    "AUD": "A$",
    "NZD": "NZ$",
    "HKD": "HK$",
    "TWD": "NT$",
    "BRL": "R$",
    "SGD": "S$",
}
_ZH_NAME = {codes[0]: word for word, codes in reversed(list(WORDS.items())) if not word.isascii()} | {
    "CNY": "元",
    "HKD": "港元",
    "TWD": "新台币",
}


def minor_exponent(currency: str) -> int:
    """The number of decimal digits of the currency's minor unit.

    Raises:
        NotFoundError: (a `UsageError`) where the code is not in ISO 4217.

    >>> minor_exponent("USD"), minor_exponent("JPY"), minor_exponent("KWD")
    (2, 0, 3)
    """
    if currency not in CURRENCIES:
        raise unknown_name("currency", currency, CURRENCIES)
    return CURRENCIES[currency]


def format_money(amount_minor: int, currency: str, language: Language) -> str:
    """The amount as a shop of that language writes it; whole amounts carry no decimals.

    Args:
        amount_minor: Minor units of the currency.
        currency: ISO 4217.
        language: `zh` puts the name after the amount, `en` the sign, or else the code, before it.

    >>> format_money(2999999, "USD", "en"), format_money(9900, "CNY", "zh"), format_money(1500, "KWD", "en")
    ('$29,999.99', '99元', 'KWD 1.500')
    """
    exponent = minor_exponent(currency)
    whole, rest = divmod(abs(amount_minor), int(10**exponent))
    sign = "-" if amount_minor < 0 else ""
    if language == "zh":
        digits = f"{whole}.{rest:0{exponent}d}" if rest else str(whole)
        return sign + digits + _ZH_NAME.get(currency, f" {currency}")
    digits = f"{whole:,}.{rest:0{exponent}d}" if rest else f"{whole:,}"
    return sign + _EN_SIGN.get(currency, f"{currency} ") + digits
