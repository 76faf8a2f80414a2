"""Units of measure in Chinese and English, and how they convert to one another."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# canonical unit -> (dimension, factor to the dimension's base unit, ways to write it)
_TABLE: tuple[tuple[str, str, float, str], ...] = (
    ("mcg", "mass", 1e-6, "mcg μg µg ug microgram micrograms 微克"),
    ("mg", "mass", 0.001, "mg milligram milligrams 毫克"),
    ("g", "mass", 1.0, "g gram grams gramme grammes 克"),
    ("kg", "mass", 1000.0, "kg kgs kilo kilos kilogram kilograms 千克 公斤"),
    ("jin", "mass", 500.0, "斤 市斤"),
    ("oz", "mass", 28.349523125, "oz ounce ounces 盎司"),
    ("lb", "mass", 453.59237, "lb lbs pound pounds 磅"),
    ("t", "mass", 1e6, "tonne tonnes 吨"),
    ("ml", "volume", 1.0, "ml millilitre millilitres milliliter milliliters 毫升"),
    ("cl", "volume", 10.0, "cl"),
    ("l", "volume", 1000.0, "l litre litres liter liters 升 公升"),
    ("fl oz", "volume", 29.5735295625, "floz"),
    ("gallon", "volume", 3785.411784, "gallon gallons gal"),
    ("quart", "volume", 946.352946, "quart quarts qt"),
    ("mm", "length", 0.001, "mm millimetre millimetres millimeter millimeters 毫米"),
    ("cm", "length", 0.01, "cm centimetre centimetres centimeter centimeters 厘米 公分"),
    ("m", "length", 1.0, "m metre metres meter meters 米"),
    ("km", "length", 1000.0, "km kilometre kilometres kilometer kilometers 公里 千米"),
    ("in", "length", 0.0254, "inch inches 英寸 吋 寸"),
    ("ft", "length", 0.3048, "ft foot feet 英尺"),
    ("yard", "length", 0.9144, "yd yds yard yards"),
    ("mile", "length", 1609.344, "mile miles 英里"),
    ("m2", "area", 1.0, "sqm m² m2 ㎡ 平方米 平米"),
    ("ft2", "area", 0.09290304, "sqft ft²"),
    ("acre", "area", 4046.8564224, "acre acres 英亩"),
    ("hectare", "area", 10_000.0, "ha hectare hectares 公顷"),
    ("mu", "area", 666.6667, "亩"),
    ("kb", "data", 1.0, "kb"),
    ("mb", "data", 1e3, "mb"),
    ("gb", "data", 1e6, "gb"),
    ("tb", "data", 1e9, "tb"),
    ("mp", "pixels", 1.0, "mp megapixel megapixels"),
    ("w", "power", 1.0, "w watt watts 瓦"),
    ("kw", "power", 1000.0, "kw kilowatt kilowatts 千瓦"),
    ("hp", "horsepower", 1.0, "hp bhp horsepower 马力"),
    ("v", "voltage", 1.0, "v volt volts 伏"),
    ("mah", "charge", 1.0, "mah 毫安时 毫安"),
    ("ah", "charge", 1000.0, "ah"),
    ("hz", "frequency", 1.0, "hz 赫兹"),
    ("khz", "frequency", 1e3, "khz"),
    ("mhz", "frequency", 1e6, "mhz"),
    ("ghz", "frequency", 1e9, "ghz"),
    ("lm", "light", 1.0, "lm lumen lumens 流明"),
    ("nit", "brightness", 1.0, "nit nits 尼特"),
    ("rpm", "turns", 1.0, "rpm"),
    ("pa", "pressure", 1.0, "pa 帕"),
    ("kpa", "pressure", 1e3, "kpa 千帕"),
    ("momme", "momme", 1.0, "momme 姆米"),
    ("thread count", "thread count", 1.0, "支纱"),
    ("wh", "charge wh", 1.0, "wh"),
    ("kwh", "charge wh", 1e3, "kwh"),
    ("db", "loudness", 1.0, "db decibel decibels 分贝"),
    ("°c", "temperature", 1.0, "°c ℃ 摄氏度"),
    ("°f", "temperature f", 1.0, "°f ℉ 华氏度"),
    ("kj", "energy", 0.239005736, "kj kilojoule kilojoules 千焦"),
    ("kcal", "energy", 1.0, "kcal 大卡 千卡 calories calorie"),
    ("carat", "carat", 1.0, "carat carats ct 克拉"),
    ("karat", "karat", 1.0, "karat karats k金 开金"),
    ("spf", "spf", 1.0, "spf"),
    ("second", "time", 1.0, "second seconds sec secs 秒 秒钟"),
    ("minute", "time", 60.0, "minute minutes min mins 分钟"),
    ("hour", "time", 3600.0, "hour hours hr hrs h 小时 个小时 钟头"),
    ("day", "time", 86400.0, "day days 天 日"),
    ("week", "time", 604800.0, "week weeks 周 星期 个星期"),
    ("month", "month", 1.0, "month months 个月"),
    ("year", "month", 12.0, "year years yr yrs 年"),
    ("people", "people", 1.0, "people persons person guests 人 位"),
    (
        "piece",
        "count",
        1.0,
        "piece pieces pc pcs pack packs packet packets set sets pair pairs item items bottle bottles box "
        "boxes bag bags capsule capsules tablet tablets sheet sheets roll rolls "
        "件 个 只 双 瓶 包 盒 支 枝 片 条 套 把 张 台 份 杯 袋 罐 卷 颗 粒 枚 箱 对 "
        "副 块 本 辆 部 朵 组 根 顶 床 盏 幅 盆 株 束 捆 桶 管 贴 抽 尊 听 讲 集 页 首 课时",
    ),
    ("star", "star", 1.0, "star stars 星 颗星"),
    ("layer", "layer", 1.0, "layer layers ply 层"),
    ("compartment", "compartment", 1.0, "compartment compartments 隔层"),
    ("size", "size", 1.0, "码"),
    ("process", "process", 1.0, "道工序 道工艺 窨 重防护 重保护 遍 道质检"),
    ("time", "times", 1.0, "times x 倍 次"),
    ("colour", "colour", 1.0, "colours colors colour color 色 种颜色"),
    ("style", "style", 1.0, "款 种"),
    ("speed", "speed", 1.0, "speed speeds 档 挡"),
    ("season", "season", 1.0, "seasons"),
    ("bit", "bit", 1.0, "bit bits"),
    ("core", "core", 1.0, "core cores 核"),
)

UNITS: Mapping[str, str] = MappingProxyType(
    {spelling: canonical for canonical, _, _, spellings in _TABLE for spelling in spellings.split()}
    | {
        "fl oz": "fl oz",
        "sq m": "m2",
        "square metres": "m2",
        "square meters": "m2",
        "sq ft": "ft2",
        "square feet": "ft2",
        "fluid ounces": "fl oz",
    }
)
"""Case-folded spelling -> canonical unit."""

_BASE = {canonical: (dimension, factor) for canonical, dimension, factor, _ in _TABLE}


def to_base(value: float, unit: str) -> tuple[float, str]:
    """The value in the base unit of its dimension, and that dimension's name.

    A unit that is not in the table is a dimension of its own.

    >>> to_base(1.5, "kg"), to_base(2, "year"), to_base(4, "K")
    ((1500.0, 'mass'), (24.0, 'month'), (4, 'K'))
    """
    if unit not in _BASE:
        return value, unit
    dimension, factor = _BASE[unit]
    return value * factor, dimension
